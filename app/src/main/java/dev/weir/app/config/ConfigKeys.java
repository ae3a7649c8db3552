package dev.weir.app.config;

import static dev.weir.app.config.ConfigSection.CONSOLE;
import static dev.weir.app.config.ConfigSection.CONSOLE_USER;
import static dev.weir.app.config.ConfigSection.HOST;
import static dev.weir.app.config.ConfigSection.LIMITS;
import static dev.weir.app.config.ConfigSection.LISTEN;
import static dev.weir.app.config.ConfigSection.LOG;
import static dev.weir.app.config.ConfigSection.METRICS;
import static dev.weir.app.config.ConfigSection.TENANT;
import static dev.weir.app.config.ConfigSection.TLS;
import static dev.weir.app.config.ConfigSection.TOP;
import static dev.weir.app.config.ConfigSection.USER;

import dev.weir.app.config.ValueTypes.Choice;
import dev.weir.app.config.ValueTypes.OneOrList;
import dev.weir.app.config.ValueTypes.Period;
import dev.weir.app.config.ValueTypes.ReadableFile;
import dev.weir.app.config.ValueTypes.Size;
import dev.weir.app.config.ValueTypes.Truth;
import dev.weir.app.config.ValueTypes.WholeNumber;
import dev.weir.app.config.WeirConfig.LogFormat;
import dev.weir.app.config.WeirConfig.LogLevel;
import dev.weir.pool.IoKind;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.UpstreamTls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Every key of {@code weir.toml}, described once. */
final class ConfigKeys {
    static final int MAX_LANES = 256;
    static final int MAX_POOL_SIZE = 10_000;

    private static final ValueType<Integer> LISTEN_PORT = new WholeNumber(0, 65_535);
    private static final ValueType<Integer> POOL_SIZES = new WholeNumber(1, MAX_POOL_SIZE);
    private static final ValueType<Integer> STATEMENTS = new WholeNumber(1, 1_000_000);
    private static final ValueType<Duration> TIMEOUT = new Period("1ms", "1d");
    private static final ValueType<Duration> MAYBE_TIMEOUT = new Period("0s", "30d");
    private static final ValueType<Integer> RATE = new WholeNumber(0, 1_000_000);
    private static final ValueType<Integer> CONSOLE_CLIENTS = new WholeNumber(1, 100_000);
    private static final ValueType<Path> FILE = new ReadableFile();

    static final ConfigKey<TenantId> DEFAULT_TENANT = ConfigKey.optional(
            TOP,
            "default_tenant",
            ValueTypes.TENANT_ID,
            "The tenant of clients that name none. Without it, such clients are refused.");
    static final ConfigKey<IoKind> IO = ConfigKey.preset(
            TOP,
            "io",
            Choice.of(IoKind.class, ConfigKeys::lowerCase),
            "auto",
            "How Weir talks to the kernel; `auto` takes `epoll` where there is one, else `nio`.");
    static final ConfigKey<Integer> LANES = ConfigKey.optional(
                    TOP, "lanes", new WholeNumber(1, MAX_LANES), "Event loops, each with one thread.")
            .withFallbackText("the machine's processors");
    static final ConfigKey<TlsProvider> TLS_PROVIDER = ConfigKey.preset(
            TOP,
            "tls_provider",
            Choice.of(TlsProvider.class, ConfigKeys::lowerCase),
            "auto",
            "Whose TLS serves clients and server connections: `openssl` (BoringSSL, a native library that comes with Weir) or"
                    + " `jdk`; `auto` takes `openssl` where it works.");

    static final ConfigKey<String> LISTEN_HOST = ConfigKey.preset(
            LISTEN,
            "host",
            ValueTypes.ADDRESS,
            "::",
            "Where clients are accepted. `::` takes IPv6 and IPv4 clients alike.");
    static final ConfigKey<Integer> TRANSACTION_PORT = ConfigKey.preset(
            LISTEN,
            "transaction_port",
            LISTEN_PORT,
            6543L,
            "Clients here hold a server connection for a transaction. 0 takes any free port.");
    static final ConfigKey<Integer> SESSION_PORT = ConfigKey.preset(
            LISTEN,
            "session_port",
            LISTEN_PORT,
            6542L,
            "Clients here hold a server connection until they leave. 0 takes any free port.");
    static final ConfigKey<Integer> HTTP_PORT = ConfigKey.preset(
            LISTEN, "http_port", LISTEN_PORT, 4000L, "API, metrics and dashboard. 0 takes any free port.");
    static final ConfigKey<Integer> BACKLOG = ConfigKey.preset(
            LISTEN,
            "backlog",
            new WholeNumber(1, 65_535),
            1024L,
            "Connections that the kernel keeps until Weir accepts them; the kernel may have a lower limit.");
    static final ConfigKey<Duration> LOGIN_TIMEOUT = ConfigKey.preset(
            LISTEN,
            "login_timeout",
            TIMEOUT,
            "15s",
            "From accepting a client until its login is complete; then it is disconnected.");
    static final ConfigKey<Duration> SHUTDOWN_GRACE = ConfigKey.preset(
            LISTEN,
            "shutdown_grace",
            new Period("0s", "1d"),
            "30s",
            "How long a shutdown waits for running transactions.");

    static final ConfigKey<Path> CERTIFICATE = ConfigKey.required(
            TLS, "certificate", FILE, "PEM: the server's certificate, followed by those between it and its authority.");
    static final ConfigKey<Path> KEY = ConfigKey.required(TLS, "key", FILE, "PEM: the private key of the certificate.");

    static final ConfigKey<Integer> ALL_MAX_CLIENTS = ConfigKey.optional(
                    LISTEN, "max_clients", new WholeNumber(1, 10_000_000), "Clients of all tenants together, at most.")
            .withFallbackText("no limit but the tenants'");

    static final ConfigKey<LogFormat> FORMAT = ConfigKey.preset(
            LOG,
            "format",
            Choice.of(LogFormat.class, ConfigKeys::lowerCase),
            "text",
            "Lines for people, or one JSON object a line.");
    static final ConfigKey<LogLevel> LEVEL = ConfigKey.preset(
            LOG,
            "level",
            Choice.of(LogLevel.class, ConfigKeys::lowerCase),
            "info",
            "The least severity that is written.");

    static final ConfigKey<Boolean> LOG_CONNECTIONS = ConfigKey.preset(
            LOG,
            "connections",
            new Truth(),
            true,
            "Whether there is a line for each client that comes, and for each that leaves by itself. "
                    + "Those that are refused or cut have one in any case.");
    static final ConfigKey<Duration> SLOW_CHECKOUT = ConfigKey.preset(
            LOG,
            "slow_checkout",
            MAYBE_TIMEOUT,
            "1s",
            "A client that has waited so long for a server connection has a line. `0s` never.");
    static final ConfigKey<Duration> SLOW_QUERY = ConfigKey.preset(
            LOG, "slow_query", MAYBE_TIMEOUT, "0s", "A statement that has taken so long has a line. `0s` never.");
    static final ConfigKey<Integer> MAX_POOLS = ConfigKey.preset(
            METRICS,
            "max_pools",
            new WholeNumber(1, 100_000),
            1000L,
            "Pools that have series of their own; all further ones are summed up as `(other)`. The same for tenants.");
    static final ConfigKey<Duration> STATS_PERIOD = ConfigKey.preset(
            CONSOLE,
            "stats_period",
            new Period("1s", "1h"),
            "60s",
            "Over how long the averages of `SHOW STATS` are taken. A change needs a restart.");
    static final ConfigKey<Integer> CONSOLE_MAX_CLIENTS = ConfigKey.preset(
            CONSOLE,
            "max_clients",
            CONSOLE_CLIENTS,
            100L,
            "Connections to the console of users of all tenants together, at most. Those of a `[[console.user]]` are not"
                    + " counted.");
    static final ConfigKey<Integer> CONSOLE_MAX_CLIENTS_PER_TENANT = ConfigKey.preset(
            CONSOLE,
            "max_clients_per_tenant",
            CONSOLE_CLIENTS,
            10L,
            "Connections to the console of users of one tenant, at most.");
    static final ConfigKey<String> CONSOLE_NAME = ConfigKey.required(
            CONSOLE_USER,
            "name",
            ValueTypes.NAME,
            "The whole user name, dots and all, that this user logs in with. Unique in the file.");
    static final ConfigKey<String> CONSOLE_PASSWORD = ConfigKey.optional(
                    CONSOLE_USER,
                    "password",
                    ValueTypes.NOT_EMPTY,
                    "The password, or a SCRAM verifier of it (it begins with `SCRAM-SHA-256$`).")
            .hidden()
            .withFallbackText("this or `password_file`");
    static final ConfigKey<Path> CONSOLE_PASSWORD_FILE = ConfigKey.optional(
                    CONSOLE_USER,
                    "password_file",
                    FILE,
                    "A file that holds the same; a newline at its end is left out.")
            .hidden()
            .withFallbackText("this or `password`");
    static final ConfigKey<ConsoleRole> CONSOLE_ROLE = ConfigKey.required(
            CONSOLE_USER,
            "role",
            Choice.of(ConsoleRole.class, ConfigKeys::lowerCase),
            "`admin` sees and steers all tenants, `stats` only sees them.");

    static final ConfigKey<ComputeSize> COMPUTE = ConfigKey.optional(
            LIMITS,
            "compute",
            Choice.of(ComputeSize.class, ComputeSize::word),
            "The size of the database: sets `pool_size`, `max_clients` and `max_server_connections`, unless they stand "
                    + "beside it.");
    static final ConfigKey<Integer> POOL_SIZE = ConfigKey.preset(
            LIMITS,
            "pool_size",
            POOL_SIZES,
            15L,
            "Server connections of a pool, at most. There is a pool for each database and user of a tenant.");
    static final ConfigKey<Integer> MAX_CLIENTS = ConfigKey.preset(
            LIMITS,
            "max_clients",
            new WholeNumber(1, 1_000_000),
            200L,
            "Clients of a tenant over all its pools, at most.");
    static final ConfigKey<Duration> QUEUE_TIMEOUT = ConfigKey.preset(
            LIMITS,
            "queue_timeout",
            TIMEOUT,
            "60s",
            "How long a client waits for a server connection before it gets an error.");
    static final ConfigKey<Integer> MAX_SERVER_CONNECTIONS = ConfigKey.preset(
            LIMITS,
            "max_server_connections",
            new WholeNumber(0, 100_000),
            0L,
            "Server connections of a tenant over all its pools, at most; not below `pool_size`. 0 is no limit.");
    static final ConfigKey<Integer> SHARE_WEIGHT = ConfigKey.preset(
            LIMITS,
            "share_weight",
            new WholeNumber(1, 1_000),
            1L,
            "A tenant's weight where tenants share the `max_connections` of a `[[host]]`.");
    static final ConfigKey<Integer> GUARANTEED_CONNECTIONS = ConfigKey.preset(
            LIMITS,
            "guaranteed_connections",
            new WholeNumber(0, 100_000),
            0L,
            "Server connections that a tenant gets there before all others, out of what others leave idle or give back.");
    static final ConfigKey<Integer> MAX_NEW_CONNECTIONS = ConfigKey.preset(
            LIMITS,
            "max_new_connections_per_second",
            RATE,
            0L,
            "Logins of a tenant's clients in a second, at most; more are refused. 0 is no limit.");
    static final ConfigKey<Integer> MAX_TRANSACTIONS = ConfigKey.preset(
            LIMITS,
            "max_transactions_per_second",
            RATE,
            0L,
            "Server connections lent to a tenant's clients in a second, at most, that is transactions, or sessions in session "
                    + "mode; more wait, for `queue_timeout` at most. 0 is no limit.");
    static final ConfigKey<Long> MAX_BYTES = ConfigKey.preset(
            LIMITS,
            "max_bytes_per_second",
            new Size("0KiB", "64GiB"),
            "0KiB",
            "What a tenant's clients send and get in a second, at most; beyond it, Weir reads more slowly. `0KiB` is no "
                    + "limit.");
    static final ConfigKey<Integer> MIN_POOL_SIZE = ConfigKey.preset(
            LIMITS,
            "min_pool_size",
            new WholeNumber(0, MAX_POOL_SIZE),
            0L,
            "Server connections that a pool keeps open while it has a client; not above `pool_size`. "
                    + "In a user's smaller pool, all of them at most.");
    static final ConfigKey<Integer> RESERVE_POOL_SIZE = ConfigKey.preset(
            LIMITS,
            "reserve_pool_size",
            new WholeNumber(0, MAX_POOL_SIZE),
            0L,
            "Server connections that a pool may open beyond `pool_size` when a client has waited for "
                    + "`reserve_pool_timeout`.");
    static final ConfigKey<Duration> RESERVE_POOL_TIMEOUT = ConfigKey.preset(
            LIMITS, "reserve_pool_timeout", TIMEOUT, "5s", "How long a client waits before the reserve is opened.");
    static final ConfigKey<Duration> SERVER_IDLE_TIMEOUT = ConfigKey.preset(
            LIMITS,
            "server_idle_timeout",
            MAYBE_TIMEOUT,
            "300s",
            "A server connection that nobody has used for so long is closed, unless it is one of `min_pool_size`. "
                    + "`0s` never.");
    static final ConfigKey<Duration> SERVER_LIFETIME = ConfigKey.preset(
            LIMITS,
            "server_lifetime",
            MAYBE_TIMEOUT,
            "1h",
            "A server connection that is older is closed as soon as it is not lent; up to a tenth earlier, so that "
                    + "those of a pool do not go at once. `0s` never.");
    static final ConfigKey<Duration> SERVER_CHECK_DELAY = ConfigKey.preset(
            LIMITS,
            "server_check_delay",
            MAYBE_TIMEOUT,
            "30s",
            "A server connection that was idle for longer is asked whether it answers before it is lent. "
                    + "`0s` asks always.");
    static final ConfigKey<String> SERVER_CHECK_QUERY = ConfigKey.preset(
            LIMITS,
            "server_check_query",
            ValueTypes.ANY_TEXT,
            "",
            "What it is asked. The empty text is a query that does nothing.");
    static final ConfigKey<Duration> QUERY_TIMEOUT = ConfigKey.preset(
            LIMITS,
            "query_timeout",
            MAYBE_TIMEOUT,
            "0s",
            "How long a statement may run before it is cancelled. `0s` is no limit.");
    static final ConfigKey<Duration> IDLE_TRANSACTION_TIMEOUT = ConfigKey.preset(
            LIMITS,
            "idle_transaction_timeout",
            MAYBE_TIMEOUT,
            "0s",
            "How long a client that has a transaction open may say nothing before it is disconnected. "
                    + "`0s` is no limit.");
    static final ConfigKey<Duration> TRANSACTION_TIMEOUT = ConfigKey.preset(
            LIMITS,
            "transaction_timeout",
            MAYBE_TIMEOUT,
            "0s",
            "How long a transaction may take before its client is disconnected. `0s` is no limit.");
    static final ConfigKey<Duration> CLIENT_IDLE_TIMEOUT = ConfigKey.preset(
            LIMITS,
            "client_idle_timeout",
            MAYBE_TIMEOUT,
            "0s",
            "How long a client that has no transaction open may say nothing before it is disconnected. "
                    + "`0s` is no limit.");
    static final ConfigKey<Duration> CLEANUP_TIMEOUT = ConfigKey.preset(
            LIMITS,
            "cleanup_timeout",
            TIMEOUT,
            "5s",
            "How long the cleanup of a server connection may take before it is closed instead.");
    static final ConfigKey<Duration> CANCEL_TIMEOUT = ConfigKey.preset(
            LIMITS,
            "cancel_timeout",
            TIMEOUT,
            "5s",
            "How long a cancel request may take to reach the server; and how long a statement that has exceeded "
                    + "`query_timeout` may go on after it.");
    static final ConfigKey<Duration> CONNECT_TIMEOUT = ConfigKey.preset(
            LIMITS,
            "connect_timeout",
            TIMEOUT,
            "10s",
            "From the first attempt to connect to a server until the login there is complete, over all its hosts.");
    static final ConfigKey<String> SERVER_RESET_QUERY = ConfigKey.preset(
            LIMITS,
            "server_reset_query",
            ValueTypes.NOT_EMPTY,
            "DISCARD ALL",
            "What cleans a server connection behind a session. What it leaves, the next session finds.");
    static final ConfigKey<Integer> MAX_PREPARED_STATEMENTS = ConfigKey.preset(
            LIMITS,
            "max_prepared_statements",
            STATEMENTS,
            500L,
            "Prepared statements that a server connection keeps for clients of transaction mode, at most; "
                    + "beyond it, the one used least recently goes, to be prepared again when it is used.");
    static final ConfigKey<Integer> PREPARED_STATEMENTS_PER_CLIENT = ConfigKey.preset(
            LIMITS,
            "prepared_statements_per_client",
            STATEMENTS,
            5_000L,
            "Named prepared statements that a client of transaction mode may have at once.");
    static final ConfigKey<Long> PREPARED_STATEMENT_BYTES = ConfigKey.preset(
            LIMITS,
            "prepared_statement_bytes",
            new Size("64KiB", "16GiB"),
            "64MiB",
            "What the texts of all prepared statements of a pool's clients may come to; each text counts once.");
    static final ConfigKey<Boolean> SHARED_PREPARED_STATEMENTS = ConfigKey.preset(
            LIMITS,
            "shared_prepared_statements",
            new Truth(),
            false,
            "Whether what one client of transaction mode prepares by SQL's `PREPARE` is there for all of the pool.");
    static final ConfigKey<Pinning> PINNING = ConfigKey.preset(
            LIMITS,
            "pinning",
            Choice.of(Pinning.class, ConfigKeys::lowerCase),
            "allow",
            "Whether a client of transaction mode may keep its server connection for state that can't be moved, "
                    + "such as a temporary table; else the statement is refused.");
    static final ConfigKey<Integer> MAX_PINNED = ConfigKey.optional(
                    LIMITS,
                    "max_pinned",
                    POOL_SIZES,
                    "Server connections of a pool that may be kept so at once; not above `pool_size`. "
                            + "In a user's smaller pool, all of them at most.")
            .withFallbackText("`pool_size` less 1, at least 1");

    static final ConfigKey<Sharing> SHARED_PIPELINING = ConfigKey.preset(
            LIMITS,
            "shared_pipelining",
            Choice.of(Sharing.class, ConfigKeys::lowerCase),
            "auto",
            "Whether, when all server connections of a pool are busy, short reading statements of several clients of "
                    + "transaction mode may stand one behind another on one of them; where more are answered so, on a few.");
    static final ConfigKey<Integer> SHARED_PIPELINING_DEPTH = ConfigKey.preset(
            LIMITS,
            "shared_pipelining_depth",
            new WholeNumber(2, 256),
            64L,
            "Statements that may stand on a server connection at once.");
    static final ConfigKey<String> HOST_HOST = ConfigKey.required(
            HOST, "host", ValueTypes.SERVER, "As tenants write it, the first of theirs if they have several.");
    static final ConfigKey<Integer> HOST_PORT =
            ConfigKey.preset(HOST, "port", new WholeNumber(1, 65_535), 5432L, "As tenants write it.");
    static final ConfigKey<Integer> MAX_CONNECTIONS = ConfigKey.required(
            HOST,
            "max_connections",
            new WholeNumber(1, 100_000),
            "Server connections of all tenants there together, at most. Unique for a host and port.");

    static final ConfigKey<TenantId> ID = ConfigKey.required(
            TENANT,
            "id",
            ValueTypes.TENANT_ID,
            "What clients write behind the last dot of the user name. Unique in the file.");
    static final ConfigKey<List<String>> TENANT_HOST = ConfigKey.required(
            TENANT,
            "host",
            new OneOrList<>(ValueTypes.SERVER, 1),
            "Where the tenant's Postgres listens; of a list, the first that accepts is taken. "
                    + "A directory, beginning with `/`, holds its Unix socket.");
    static final ConfigKey<Integer> PORT =
            ConfigKey.preset(TENANT, "port", new WholeNumber(1, 65_535), 5432L, "The port of each of the hosts.");
    static final ConfigKey<String> DATABASE = ConfigKey.preset(
            TENANT, "database", ValueTypes.NAME, "postgres", "The database of clients that name none.");
    static final ConfigKey<UpstreamTls> UPSTREAM_TLS = ConfigKey.preset(
            TENANT,
            "upstream_tls",
            Choice.of(UpstreamTls.class, constant -> lowerCase(constant).replace('_', '-')),
            "disable",
            "How server connections are encrypted, and what of the server's certificate is verified: nothing, "
                    + "nothing, its authority, or its authority and host name.");
    static final ConfigKey<Path> UPSTREAM_CA = ConfigKey.optional(
                    TENANT,
                    "upstream_ca",
                    FILE,
                    "PEM: the authorities that may have signed the server's certificate. For the verify modes only.")
            .withFallbackText("the system's authorities");
    static final ConfigKey<List<String>> SERVER_NAMES = ConfigKey.optional(
            TENANT,
            "server_names",
            new OneOrList<>(ValueTypes.HOST_NAME, 0),
            "Host names by which TLS clients (SNI) reach this tenant, in any case. Unique in the file.");
    static final ConfigKey<Integer> TENANT_LANES = ConfigKey.optional(
                    TENANT,
                    "lanes",
                    new WholeNumber(1, MAX_LANES),
                    "Over how many lanes, that is event loops, the tenant's clients are dealt; never more than there are, "
                            + "or than the largest `pool_size`.")
            .withFallbackText("one for each 50 of the largest `pool_size`, at least 1");
    static final ConfigKey<List<String>> ADMIN_USERS = ConfigKey.optional(
            TENANT,
            "admin_users",
            new OneOrList<>(ValueTypes.NAME, 0),
            "Names of its users who may see and steer the tenant in the console.");
    static final ConfigKey<List<String>> STATS_USERS = ConfigKey.optional(
            TENANT,
            "stats_users",
            new OneOrList<>(ValueTypes.NAME, 0),
            "Names of its users who may see the tenant in the console.");

    static final ConfigKey<String> NAME = ConfigKey.required(
            USER,
            "name",
            ValueTypes.NAME,
            "The user's name, the same towards clients and towards Postgres. Unique in the tenant.");
    static final ConfigKey<String> PASSWORD = ConfigKey.optional(
                    USER,
                    "password",
                    ValueTypes.NOT_EMPTY,
                    "The password, or the SCRAM verifier of it that `pg_authid.rolpassword` holds "
                            + "(it begins with `SCRAM-SHA-256$`).")
            .hidden()
            .withFallbackText("this or `password_file`");
    static final ConfigKey<Path> PASSWORD_FILE = ConfigKey.optional(
                    USER,
                    "password_file",
                    FILE,
                    "A file that holds the same, for secrets that something mounts; a newline at its end is left out.")
            .hidden()
            .withFallbackText("this or `password`");
    static final ConfigKey<Integer> USER_POOL_SIZE = ConfigKey.optional(
                    USER, "pool_size", POOL_SIZES, "Server connections of each of this user's pools, at most.")
            .withFallbackText("the tenant's");
    static final ConfigKey<Boolean> REUSE = ConfigKey.preset(
            USER,
            "reuse",
            new Truth(),
            true,
            "Whether a server connection is kept when the session that it was lent to is over. "
                    + "`false` for users whose credentials soon end.");

    static final ConfigKey<Integer> USER_MAX_CLIENTS = ConfigKey.optional(
                    USER,
                    "max_clients",
                    new WholeNumber(1, 1_000_000),
                    "Clients of this user over all its pools, at most.")
            .withFallbackText("the tenant's");
    static final ConfigKey<Duration> USER_QUEUE_TIMEOUT =
            sameForUser("queue_timeout", TIMEOUT, "How long this user's clients wait for a server connection.");
    static final ConfigKey<Duration> USER_QUERY_TIMEOUT =
            sameForUser("query_timeout", MAYBE_TIMEOUT, "The same for this user's clients.");
    static final ConfigKey<Duration> USER_IDLE_TRANSACTION_TIMEOUT =
            sameForUser("idle_transaction_timeout", MAYBE_TIMEOUT, "The same for this user's clients.");
    static final ConfigKey<Duration> USER_TRANSACTION_TIMEOUT =
            sameForUser("transaction_timeout", MAYBE_TIMEOUT, "The same for this user's clients.");
    static final ConfigKey<Duration> USER_CLIENT_IDLE_TIMEOUT =
            sameForUser("client_idle_timeout", MAYBE_TIMEOUT, "The same for this user's clients.");

    /** In the order of the document. */
    static final List<ConfigKey<?>> ALL = List.of(
            DEFAULT_TENANT,
            IO,
            LANES,
            TLS_PROVIDER,
            LISTEN_HOST,
            TRANSACTION_PORT,
            SESSION_PORT,
            HTTP_PORT,
            BACKLOG,
            LOGIN_TIMEOUT,
            SHUTDOWN_GRACE,
            ALL_MAX_CLIENTS,
            CERTIFICATE,
            KEY,
            FORMAT,
            LEVEL,
            LOG_CONNECTIONS,
            SLOW_CHECKOUT,
            SLOW_QUERY,
            MAX_POOLS,
            STATS_PERIOD,
            CONSOLE_MAX_CLIENTS,
            CONSOLE_MAX_CLIENTS_PER_TENANT,
            CONSOLE_NAME,
            CONSOLE_PASSWORD,
            CONSOLE_PASSWORD_FILE,
            CONSOLE_ROLE,
            COMPUTE,
            POOL_SIZE,
            MIN_POOL_SIZE,
            RESERVE_POOL_SIZE,
            RESERVE_POOL_TIMEOUT,
            MAX_CLIENTS,
            MAX_SERVER_CONNECTIONS,
            SHARE_WEIGHT,
            GUARANTEED_CONNECTIONS,
            MAX_NEW_CONNECTIONS,
            MAX_TRANSACTIONS,
            MAX_BYTES,
            QUEUE_TIMEOUT,
            QUERY_TIMEOUT,
            IDLE_TRANSACTION_TIMEOUT,
            TRANSACTION_TIMEOUT,
            CLIENT_IDLE_TIMEOUT,
            SERVER_IDLE_TIMEOUT,
            SERVER_LIFETIME,
            SERVER_CHECK_DELAY,
            SERVER_CHECK_QUERY,
            CLEANUP_TIMEOUT,
            CANCEL_TIMEOUT,
            CONNECT_TIMEOUT,
            SERVER_RESET_QUERY,
            MAX_PREPARED_STATEMENTS,
            PREPARED_STATEMENTS_PER_CLIENT,
            PREPARED_STATEMENT_BYTES,
            SHARED_PREPARED_STATEMENTS,
            PINNING,
            MAX_PINNED,
            SHARED_PIPELINING,
            SHARED_PIPELINING_DEPTH,
            HOST_HOST,
            HOST_PORT,
            MAX_CONNECTIONS,
            ID,
            TENANT_HOST,
            PORT,
            DATABASE,
            UPSTREAM_TLS,
            UPSTREAM_CA,
            SERVER_NAMES,
            TENANT_LANES,
            ADMIN_USERS,
            STATS_USERS,
            NAME,
            PASSWORD,
            PASSWORD_FILE,
            USER_POOL_SIZE,
            REUSE,
            USER_MAX_CLIENTS,
            USER_QUEUE_TIMEOUT,
            USER_QUERY_TIMEOUT,
            USER_IDLE_TRANSACTION_TIMEOUT,
            USER_TRANSACTION_TIMEOUT,
            USER_CLIENT_IDLE_TIMEOUT);

    private ConfigKeys() {}

    private static ConfigKey<Duration> sameForUser(String name, ValueType<Duration> type, String description) {
        return ConfigKey.optional(USER, name, type, description).withFallbackText("the tenant's");
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
