package dev.weir.app.config;

import dev.weir.tenants.ClientLimits;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Secret;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.TenantUser;
import dev.weir.tenants.Upstream;
import dev.weir.tenants.UpstreamTls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads the {@code [[tenant]]} tables one after the other and remembers what must be unique over them. Tenants with a
 * fault may be left out of what it gives back, since the reading as a whole has failed then.
 */
final class TenantReader {
    private static final String USERS = "user";
    private static final SecretReader SECRETS = new SecretReader(ConfigKeys.PASSWORD, ConfigKeys.PASSWORD_FILE);

    /** One less than sockaddr_un holds, for the NUL at the end; Linux has 108 bytes, others 104. */
    private static final int MAX_SOCKET_PATH_BYTES = 103;

    private final Limits defaults;
    private final LimitChanges changes;
    private final ConfigSource source;
    private final HostReader hosts;
    private final Map<TenantId, Limits> limitsById = new HashMap<>();
    private final Map<TenantId, String> pathsById = new HashMap<>();
    private final Map<String, String> pathsByServerName = new HashMap<>();
    private final Map<TenantId, Map<String, ConsoleRole>> consoleRoles = new HashMap<>();

    /**
     * @param defaults the limits of tenants that say nothing of them
     * @param changes what was set meanwhile
     */
    TenantReader(Limits defaults, LimitChanges changes, ConfigSource source, HostReader hosts) {
        this.defaults = defaults;
        this.changes = changes;
        this.source = source;
        this.hosts = hosts;
    }

    /** The limits of the tenants read so far. */
    LimitTexts limitTexts() {
        return new LimitTexts(changes.over(defaults, source), limitsById);
    }

    /** Who of the tenants read so far may use the console. */
    Map<TenantId, Map<String, ConsoleRole>> consoleRoles() {
        return Map.copyOf(consoleRoles);
    }

    /** The ids of all tenants read so far, also of those with other faults. */
    Set<TenantId> ids() {
        return Set.copyOf(pathsById.keySet());
    }

    Optional<Tenant> read(ConfigTable table) {
        table.refuseUnknown(Set.of(ConfigSection.TENANT, ConfigSection.LIMITS), Set.of(USERS));
        Optional<TenantId> id = table.required(ConfigKeys.ID);
        id.ifPresent(known -> {
            String first = pathsById.putIfAbsent(known, table.path());
            if (first != null) {
                table.fault(ConfigKeys.ID, "must be unique, but " + first + " has the id \"" + known + "\" too");
            }
        });
        Limits written = defaults.overriddenBy(table);
        Limits limits = id.map(known -> changes.over(written, known, source)).orElse(written);
        id.ifPresent(known -> limitsById.put(known, limits));
        Optional<Upstream> upstream = upstream(table, limits);
        String database = table.value(ConfigKeys.DATABASE);
        List<TenantUser> users = users(table, limits, upstream);
        consoleUsers(table, users).ifPresent(roles -> id.ifPresent(known -> consoleRoles.put(known, roles)));
        Set<String> serverNames = serverNames(table);
        upstream.ifPresent(server -> hosts.refuseTooLargePools(table, server, limits));
        OptionalInt lanes = lanes(table, limits);
        return id.flatMap(known -> upstream.map(server -> new Tenant(
                known,
                server,
                database,
                limits.pool(),
                limits.maxClients(),
                lanes,
                limits.allotment(),
                users,
                serverNames)));
    }

    private static OptionalInt lanes(ConfigTable table, Limits limits) {
        Optional<Integer> written = table.written(ConfigKeys.TENANT_LANES);
        if (written.isEmpty()) {
            return OptionalInt.empty();
        }
        if (written.get() > 1 && limits.pool().sessions().sharedStatements()) {
            table.fault(
                    ConfigKeys.TENANT_LANES,
                    "must be 1 with shared_prepared_statements: what a client prepares is known on its own lane only");
        }
        return OptionalInt.of(written.get());
    }

    private static Optional<Upstream> upstream(ConfigTable table, Limits limits) {
        int port = table.value(ConfigKeys.PORT);
        List<Endpoint> endpoints = new ArrayList<>();
        for (String host : table.required(ConfigKeys.TENANT_HOST).orElse(List.of())) {
            endpoints.add(endpoint(host, port));
        }
        UpstreamTls tls = table.value(ConfigKeys.UPSTREAM_TLS);
        Optional<Path> authorities = table.written(ConfigKeys.UPSTREAM_CA);
        boolean verifies = switch (tls) {
            case VERIFY_CA, VERIFY_FULL -> true;
            case DISABLE, REQUIRE -> false;
        };
        if (!verifies && table.has(ConfigKeys.UPSTREAM_CA)) {
            table.fault(
                    ConfigKeys.UPSTREAM_CA,
                    "is without effect: upstream_tls must be \"verify-ca\" or \"verify-full\" for it");
        }
        for (Endpoint endpoint : endpoints) {
            if (endpoint instanceof Endpoint.UnixSocket socket) {
                refuseImpossibleSocket(table, socket, tls);
            }
        }
        return endpoints.isEmpty()
                ? Optional.empty()
                : Optional.of(new Upstream(endpoints, tls, authorities, limits.connectTimeout()));
    }

    static Endpoint endpoint(String host, int port) {
        if (!host.startsWith("/")) {
            return new Endpoint.Tcp(host, port);
        }
        return new Endpoint.UnixSocket((host.endsWith("/") ? host : host + "/") + ".s.PGSQL." + port);
    }

    private static void refuseImpossibleSocket(ConfigTable table, Endpoint.UnixSocket socket, UpstreamTls tls) {
        if (ValueTypes.bytes(socket.path()) > MAX_SOCKET_PATH_BYTES) {
            table.fault(
                    ConfigKeys.TENANT_HOST,
                    "must be shorter: the path of its socket may have at most " + MAX_SOCKET_PATH_BYTES + " bytes");
        }
        if (tls != UpstreamTls.DISABLE) {
            table.fault(
                    ConfigKeys.UPSTREAM_TLS,
                    "must be \"disable\" with a Unix socket in host: Postgres has no TLS there");
        }
    }

    private Set<String> serverNames(ConfigTable table) {
        Set<String> names = new LinkedHashSet<>();
        for (String written : table.written(ConfigKeys.SERVER_NAMES).orElse(List.of())) {
            String name = written.toLowerCase(Locale.ROOT);
            String first = pathsByServerName.putIfAbsent(name, table.path());
            if (first != null) {
                table.fault(ConfigKeys.SERVER_NAMES, "must be unique, but " + first + " has \"" + name + "\" already");
            }
            names.add(name);
        }
        return names;
    }

    private List<TenantUser> users(ConfigTable tenant, Limits limits, Optional<Upstream> upstream) {
        List<TenantUser> users = new ArrayList<>();
        Map<String, String> pathsByName = new HashMap<>();
        List<ConfigTable> tables = tenant.tables(USERS);
        if (tables.isEmpty()) {
            tenant.fault(USERS, "is missing: a tenant needs at least one [[tenant.user]]");
        }
        for (ConfigTable table : tables) {
            table.refuseUnknown(Set.of(ConfigSection.USER), Set.of());
            Optional<String> name = table.required(ConfigKeys.NAME);
            name.ifPresent(known -> {
                String first = pathsByName.putIfAbsent(known, table.path());
                if (first != null) {
                    table.fault(ConfigKeys.NAME, "must be unique in the tenant, but " + first + " has it too");
                }
            });
            Optional<Integer> poolSize = table.written(ConfigKeys.USER_POOL_SIZE);
            OptionalInt ownPoolSize = poolSize.isPresent() ? OptionalInt.of(poolSize.get()) : OptionalInt.empty();
            boolean reuse = table.value(ConfigKeys.REUSE);
            Optional<Secret> secret = SECRETS.read(table);
            Optional<Duration> queueTimeout = table.written(ConfigKeys.USER_QUEUE_TIMEOUT);
            Optional<Integer> most = table.written(ConfigKeys.USER_MAX_CLIENTS);
            OptionalInt maxClients = most.isPresent() ? OptionalInt.of(most.get()) : OptionalInt.empty();
            ClientLimits clients = limits.clientsOfUser(table);
            upstream.ifPresent(server -> hosts.refuseTooLargePool(table, server, limits, poolSize));
            name.flatMap(known -> secret.map(proof ->
                            new TenantUser(known, proof, ownPoolSize, reuse, queueTimeout, maxClients, clients)))
                    .ifPresent(users::add);
        }
        return users;
    }

    /** Empty if nobody is named. Who is in both lists is an admin. */
    private static Optional<Map<String, ConsoleRole>> consoleUsers(ConfigTable tenant, List<TenantUser> users) {
        Map<String, ConsoleRole> roles = new HashMap<>();
        List<String> known = users.stream().map(TenantUser::name).toList();
        putRole(tenant, ConfigKeys.STATS_USERS, ConsoleRole.STATS, known, roles);
        putRole(tenant, ConfigKeys.ADMIN_USERS, ConsoleRole.ADMIN, known, roles);
        return roles.isEmpty() ? Optional.empty() : Optional.of(Map.copyOf(roles));
    }

    private static void putRole(
            ConfigTable tenant,
            ConfigKey<List<String>> key,
            ConsoleRole role,
            List<String> known,
            Map<String, ConsoleRole> roles) {
        for (String name : tenant.written(key).orElse(List.of())) {
            if (known.contains(name)) {
                roles.put(name, role);
            } else {
                String nearest = NearestWord.to(name, known)
                        .map(near -> ", did you mean \"" + near + "\"?")
                        .orElse("");
                tenant.fault(key, "must name users of the tenant, but it has no \"" + name + "\"" + nearest);
            }
        }
    }
}
