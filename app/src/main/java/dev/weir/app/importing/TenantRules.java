package dev.weir.app.importing;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes a tenant of the databases of one server. */
final class TenantRules {
    private final Draft draft;
    private final Accounts accounts;
    private final Names names;

    TenantRules(Draft draft, Accounts accounts, Names names) {
        this.draft = draft;
        this.accounts = accounts;
        this.names = names;
    }

    TenantDraft tenant(Database.Server server, List<Database> databases) {
        String first = server.hosts().getFirst();
        TenantDraft tenant = TenantDraft.of(names.tenant(first, server.port()), databases);
        tenant.keys().put("id", TomlText.text(tenant.id()));
        tenant.keys().put("host", TomlText.texts(server.hosts()));
        tenant.keys().put("port", Integer.toString(server.port()));
        databases.stream()
                .flatMap(database -> database.target().stream())
                .findFirst()
                .ifPresent(target -> tenant.keys().put("database", TomlText.text(target)));
        pools(tenant);
        encryption(server, tenant);
        for (Database database : databases) {
            tellDifferences(database);
        }
        for (Account account : accounts.of(databases)) {
            tenant.users().add(user(account, tenant));
        }
        return tenant;
    }

    private void pools(TenantDraft tenant) {
        int size = merged(tenant, "pool_size", database -> poolSize(database), Math::max);
        if (size != defaultPoolSize()) {
            tenant.keys().put("pool_size", Integer.toString(size));
        }
        serverConnections(tenant);
        int least = merged(
                tenant,
                "min_pool_size",
                database -> number(database, "min_pool_size", 0, draft.minPoolSize),
                Math::max);
        // Weir refuses a tenant whose own min_pool_size is above its pool_size; PgBouncer caps it.
        if (Math.min(least, size) != Math.min(draft.minPoolSize, defaultPoolSize())) {
            tenant.keys().put("min_pool_size", Integer.toString(Math.min(least, size)));
        }
        int reserve = merged(
                tenant,
                "reserve_pool_size",
                database -> number(database, "reserve_pool_size", 0, draft.reservePoolSize),
                Math::max);
        if (!draft.reserveIsOff && reserve != draft.reservePoolSize) {
            tenant.keys().put("reserve_pool_size", Integer.toString(reserve));
        }
        Duration wait = merged(
                tenant,
                "query_wait_timeout",
                database -> time(database, "query_wait_timeout", draft.queueTimeout, Rules::limit),
                (one, other) -> one.compareTo(other) >= 0 ? one : other);
        if (!wait.equals(draft.queueTimeout)) {
            tenant.keys().put("queue_timeout", TomlText.duration(wait));
        }
        Duration lifetime = merged(
                tenant,
                "server_lifetime",
                database -> time(database, "server_lifetime", draft.serverLifetime, PoolRules::lifetime),
                (one, other) -> one.compareTo(other) <= 0 ? one : other);
        if (!lifetime.equals(draft.serverLifetime)) {
            tenant.keys().put("server_lifetime", TomlText.duration(lifetime));
        }
    }

    /** Weir has no limit for a database, but one for all of a tenant's together. */
    private void serverConnections(TenantDraft tenant) {
        List<Integer> limits =
                tenant.databases().stream().map(this::maxConnections).toList();
        if (limits.stream().allMatch(most -> most == 0)) {
            return;
        }
        String who = "tenant " + tenant.id() + ": ";
        if (limits.contains(0) || tenant.databases().stream().anyMatch(Database::isForAny)) {
            draft.report.add(
                    Report.Kind.OTHERWISE,
                    who
                            + "max_db_connections is not of all its databases, so nothing limits their pools together; write"
                            + " max_server_connections if that must be");
            return;
        }
        long sum = limits.stream().mapToLong(Integer::longValue).sum();
        tenant.keys().put("max_server_connections", Long.toString(Math.min(sum, Settings.MAX_SERVER_CONNECTIONS)));
        if (limits.size() > 1) {
            draft.report.add(
                    Report.Kind.OTHERWISE,
                    who + "max_db_connections has become max_server_connections = " + sum + ", which "
                            + list(tenant.databases()) + " share");
        }
    }

    /** What a database's pools may have together; 0 is no limit. */
    private int maxConnections(Database database) {
        return number(database, "max_db_connections", 0, draft.maxDatabaseConnections);
    }

    /** What [defaults] says: PgBouncer's default, within its limits for all pools of a user or a database. */
    int defaultPoolSize() {
        return capped(capped(draft.poolSize, draft.maxUserConnections), draft.maxDatabaseConnections);
    }

    private int poolSize(Database database) {
        int size = number(database, "pool_size", 1, draft.poolSize);
        return capped(capped(size, draft.maxUserConnections), maxConnections(database));
    }

    /** @param most 0 is no limit */
    private static int capped(int size, int most) {
        return most == 0 ? size : Math.min(size, most);
    }

    private int number(Database database, String key, int least, int fallback) {
        return database.value(key)
                .map(value -> Rules.number(value, least, Settings.MAX_POOL_SIZE, draft.report))
                .orElse(OptionalInt.empty())
                .orElse(fallback);
    }

    /** Makes a limit of what is written. */
    private interface TimeRule {
        Duration of(Duration time, Value value, Report report);
    }

    private Duration time(Database database, String key, Duration fallback, TimeRule rule) {
        return database.value(key)
                .flatMap(value -> value.seconds().map(time -> rule.of(time, value, draft.report)))
                .orElse(fallback);
    }

    /** One value for all databases of a tenant; tells if they had several. */
    private <T> T merged(TenantDraft tenant, String key, Function<Database, T> ofOne, BinaryOperator<T> merge) {
        List<T> values = tenant.databases().stream().map(ofOne).toList();
        T one = values.stream().reduce(merge).orElseThrow();
        if (values.stream().distinct().count() > 1) {
            draft.report.add(
                    Report.Kind.OTHERWISE,
                    tenant.databases().getFirst().place(),
                    key + " differs between the databases of tenant " + tenant.id() + "; all have "
                            + (one instanceof Duration time ? time.toMillis() / 1000.0 + " s" : one) + " now");
        }
        return one;
    }

    private void encryption(Database.Server server, TenantDraft tenant) {
        boolean socket = server.hosts().stream().anyMatch(host -> host.startsWith("/"));
        boolean here = server.hosts().stream().allMatch(TenantRules::isOfThisMachine);
        String mode = socket
                ? "disable"
                : switch (draft.serverTls) {
                    case "require", "verify-ca", "verify-full" -> draft.serverTls;
                    case "prefer" -> here ? "disable" : "require";
                    default -> "disable";
                };
        if (!mode.equals("disable")) {
            tenant.keys().put("upstream_tls", TomlText.text(mode));
        }
        if (mode.startsWith("verify")) {
            draft.serverAuthorities.ifPresent(file -> tenant.keys().put("upstream_ca", file));
        }
        if (here || socket) {
            return;
        }
        String who = "tenant " + tenant.id() + ": ";
        if (draft.serverTls.equals("prefer")) {
            draft.report.add(
                    Report.Kind.LOOK,
                    who
                            + "upstream_tls is \"require\" for server_tls_sslmode = prefer; if the server has no TLS, write"
                            + " \"disable\"");
        } else if (mode.equals("disable")) {
            draft.report.add(
                    Report.Kind.LOOK,
                    who
                            + "server connections are not encrypted (upstream_tls); newer PgBouncers encrypt them where they"
                            + " can");
        }
    }

    private static boolean isOfThisMachine(String host) {
        if (host.startsWith("/") || host.equals("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException aName) {
            return false;
        }
    }

    private void tellDifferences(Database database) {
        Report report = draft.report;
        database.target()
                .filter(target -> !target.equals(database.name()))
                .ifPresent(target -> report.add(
                        Report.Kind.DO,
                        database.place(),
                        database.isForAny()
                                ? "* sent every database to " + target + "; clients must ask for " + target + " now"
                                : database.name() + " is another name of the database " + target
                                        + "; clients must ask for " + target + " now"));
        database.value("pool_mode")
                .flatMap(value -> value.word(ListenRules.MODES))
                .filter(mode -> mode.equals("session") != draft.sessions)
                .ifPresent(mode -> report.add(
                        Report.Kind.DO,
                        database.place(),
                        database.name() + " has pool_mode = " + mode + ": its clients must use port "
                                + ListenRules.port(mode, draft)));
    }

    private Map<String, String> user(Account account, TenantDraft tenant) {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("name", TomlText.text(account.name()));
        keys.put("password", password(account));
        int size = Optional.ofNullable(account.settings().get("pool_size"))
                .map(value -> Rules.number(value, 1, Settings.MAX_POOL_SIZE, draft.report))
                .orElse(OptionalInt.empty())
                .orElse(0);
        Value most = account.settings().get("max_user_connections");
        if (most != null) {
            int number =
                    Rules.number(most, 0, Settings.MAX_POOL_SIZE, draft.report).orElse(0);
            PoolRules.reportShared(most, number, "the user's pools of all databases", draft.report);
            String ofTenant = tenant.keys().getOrDefault("pool_size", Integer.toString(defaultPoolSize()));
            size = capped(size == 0 ? Integer.parseInt(ofTenant) : size, number);
        }
        if (size > 0) {
            keys.put("pool_size", Integer.toString(size));
        }
        int clients = Optional.ofNullable(account.settings().get("max_user_client_connections"))
                .map(value -> Rules.number(value, 0, Settings.MAX_CLIENTS, draft.report))
                .orElse(OptionalInt.empty())
                .orElse(draft.maxUserClients);
        if (clients > 0) {
            keys.put("max_clients", Integer.toString(clients));
        }
        limits(account, keys);
        return keys;
    }

    private String password(Account account) {
        return switch (account.secret()) {
            case StoredSecret.Plain(String password) -> TomlText.text(password);
            case StoredSecret.Verifier(String verifier) -> TomlText.text(verifier);
            case StoredSecret.Md5() ->
                missing(account, "only the MD5 of its password is known, of which no login by SCRAM can be made");
            case StoredSecret.None() -> missing(account, "no password of it is known");
        };
    }

    /** The keys of each user of the console. */
    List<Map<String, String>> consoleUsers() {
        List<Map<String, String>> users = new ArrayList<>();
        draft.consoleUsers.forEach((name, user) -> {
            Map<String, String> keys = new LinkedHashMap<>();
            keys.put("name", TomlText.text(name));
            keys.put("password", password(accounts.find(name, user.place())));
            keys.put("role", TomlText.text(user.role()));
            users.add(keys);
            if (accounts.isListed(name)) {
                draft.report.add(
                        Report.Kind.LOOK,
                        user.place(),
                        "user " + name + " of the console is a [[tenant.user]] too; take that out if Postgres does not"
                                + " know this user");
            }
        });
        return users;
    }

    private String missing(Account account, String why) {
        String variable = names.passwordVariable(account.name());
        draft.report.add(
                Report.Kind.DO,
                account.why(),
                "user " + account.name() + ": " + why
                        + "; put the password, or the verifier out of pg_authid.rolpassword, into"
                        + " the environment variable " + variable);
        return TomlText.variable(variable);
    }

    private void limits(Account account, Map<String, String> keys) {
        for (String key :
                List.of("query_timeout", "idle_transaction_timeout", "transaction_timeout", "client_idle_timeout")) {
            Optional.ofNullable(account.settings().get(key))
                    .flatMap(value ->
                            value.seconds().map(time -> Rules.atMost(time, Rules.LONGEST_TIME, value, draft.report)))
                    .ifPresent(time -> keys.put(key, TomlText.duration(time)));
        }
        Optional.ofNullable(account.settings().get("query_wait_timeout"))
                .flatMap(value -> value.seconds().map(time -> Rules.limit(time, value, draft.report)))
                .ifPresent(time -> keys.put("queue_timeout", TomlText.duration(time)));
    }

    /** The names of a tenant's databases, for a person. */
    static String list(List<Database> databases) {
        return databases.stream().map(Database::name).collect(Collectors.joining(", "));
    }

    /** Groups databases by server, in their order. */
    static Map<Database.Server, List<Database>> byServer(List<Database> databases) {
        Map<Database.Server, List<Database>> servers = new LinkedHashMap<>();
        for (Database database : databases) {
            servers.computeIfAbsent(database.server(), _ -> new ArrayList<>()).add(database);
        }
        return servers;
    }
}
