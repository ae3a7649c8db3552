package dev.weir.app.importing;

import static dev.weir.app.importing.Outcome.CHANGED;
import static dev.weir.app.importing.Outcome.TAKEN;
import static dev.weir.app.importing.Setting.lost;
import static dev.weir.app.importing.Setting.mapped;
import static dev.weir.app.importing.Setting.needless;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every setting of PgBouncer's section {@code [pgbouncer]}, as of its version 1.25 and what follows it, and what becomes of
 * each. Those about TLS and about who may log in are in {@link AccessSettings}.
 */
final class Settings {
    private static final String TIMED = "of `[defaults]`";
    private static final String SYSTEM_LOG = "Weir writes its log to its standard output; what started it keeps it.";
    private static final String KERNEL = "The kernel's values hold.";
    private static final String NAMES = "A name is looked up for each new server connection.";
    private static final String LOG_CLIENTS =
            "`connections` of `[log]`, which is both: `false` if `log_connections` and `log_disconnections` are 0";
    private static final String NO_UNIX = "Weir has no Unix socket for clients.";

    static final int MAX_POOL_SIZE = 10_000;
    static final int MAX_CLIENTS = 1_000_000;
    static final int MAX_SERVER_CONNECTIONS = 100_000;
    private static final int LONGEST_STATS_SECONDS = 3600;

    private static final List<Setting> POOLS = List.of(
            mapped(
                            "pool_mode",
                            "session",
                            CHANGED,
                            "`listen_port` becomes `session_port` or `transaction_port`; `statement` becomes transaction mode",
                            ListenRules::poolMode)
                    .alsoWhenUnset(),
            mapped(
                            "default_pool_size",
                            "20",
                            TAKEN,
                            "`pool_size` " + TIMED,
                            (value, draft) -> Rules.number(value, 1, MAX_POOL_SIZE, draft.report)
                                    .ifPresent(size -> draft.poolSize = size))
                    .alsoWhenUnset(),
            mapped(
                    "min_pool_size",
                    "0",
                    TAKEN,
                    "`min_pool_size` " + TIMED,
                    (value, draft) -> Rules.number(value, 0, MAX_POOL_SIZE, draft.report)
                            .ifPresent(size -> draft.minPoolSize = size)),
            mapped(
                    "reserve_pool_size",
                    "0",
                    TAKEN,
                    "`reserve_pool_size` " + TIMED,
                    (value, draft) -> Rules.number(value, 0, MAX_POOL_SIZE, draft.report)
                            .ifPresent(size -> draft.reservePoolSize = size)),
            mapped(
                    "reserve_pool_timeout",
                    "5",
                    TAKEN,
                    "`reserve_pool_timeout` " + TIMED
                            + "; 0, which turns the reserve off, becomes `reserve_pool_size = 0`",
                    PoolRules::reserveTimeout),
            mapped(
                            "max_client_conn",
                            "100",
                            CHANGED,
                            "`max_clients` of `[listen]`, for all tenants together, and " + TIMED + ", for each",
                            PoolRules::maxClients)
                    .alsoWhenUnset(),
            mapped(
                    "max_db_connections",
                    "0",
                    CHANGED,
                    "`max_server_connections` of a tenant whose databases all have it: the sum of theirs; and `pool_size` is at most that",
                    (value, draft) -> value.count().ifPresent(most -> draft.maxDatabaseConnections = most)),
            lost("max_db_client_connections", "0", "Clients are limited by tenant (`max_clients`), not by database."),
            mapped(
                    "max_user_connections",
                    "0",
                    CHANGED,
                    "`pool_size` is at most that; that a user's pools of all databases share it has no counterpart",
                    PoolRules::maxUserConnections),
            mapped(
                    "max_user_client_connections",
                    "0",
                    TAKEN,
                    "`max_clients` of each `[[tenant.user]]`",
                    (value, draft) -> Rules.number(value, 0, MAX_CLIENTS, draft.report)
                            .ifPresent(most -> draft.maxUserClients = most)),
            mapped(
                    "max_prepared_statements",
                    "200",
                    CHANGED,
                    "`max_prepared_statements` " + TIMED
                            + "; 0, which turns them off, is left out: Weir follows them always",
                    PoolRules::preparedStatements),
            needless("server_round_robin", "0", "The server connection used last is lent first."),
            mapped(
                    "server_reset_query",
                    "DISCARD ALL",
                    CHANGED,
                    "`server_reset_query` " + TIMED
                            + "; an empty one becomes `DISCARD ALL`, since Weir always cleans behind a session",
                    PoolRules::resetQuery),
            lost(
                    "server_reset_query_always",
                    "0",
                    "In transaction mode Weir moves a client's state with it instead of resetting it."),
            lost(
                    "server_fast_close",
                    "0",
                    "In session mode a client whose tenant changes keeps its server connection until it leaves."),
            needless(
                    "so_reuseport",
                    "0",
                    "One Weir uses all processors (`lanes`): start one where several PgBouncers ran, with their limits added up."),
            lost(
                    "peer_id",
                    "0",
                    "A cancel request must reach the Weir that it is for; one Weir replaces several PgBouncers on a machine."),
            lost("disable_pqexec", "0", "Weir takes simple queries always."));

    private static final List<Setting> TIMES = List.of(
            mapped(
                            "query_wait_timeout",
                            "120",
                            TAKEN,
                            "`queue_timeout` " + TIMED + "; 0 becomes `\"1d\"`",
                            PoolRules::queryWait)
                    .alsoWhenUnset(),
            lost("query_wait_notify", "5", "A client that waits is told nothing."),
            mapped(
                    "query_timeout",
                    "0",
                    TAKEN,
                    "`query_timeout` " + TIMED + ", which cancels the statement where PgBouncer cuts the connection",
                    Rules.time(draft -> draft.defaults, "query_timeout")),
            mapped(
                    "idle_transaction_timeout",
                    "0",
                    TAKEN,
                    "`idle_transaction_timeout` " + TIMED,
                    Rules.time(draft -> draft.defaults, "idle_transaction_timeout")),
            mapped(
                    "transaction_timeout",
                    "0",
                    TAKEN,
                    "`transaction_timeout` " + TIMED,
                    Rules.time(draft -> draft.defaults, "transaction_timeout")),
            mapped(
                    "client_idle_timeout",
                    "0",
                    TAKEN,
                    "`client_idle_timeout` " + TIMED,
                    Rules.time(draft -> draft.defaults, "client_idle_timeout")),
            mapped(
                            "client_login_timeout",
                            "60",
                            TAKEN,
                            "`login_timeout` of `[listen]`; 0 becomes `\"1d\"`",
                            Rules.limit(draft -> draft.listen, "login_timeout"))
                    .alsoWhenUnset(),
            mapped(
                            "server_connect_timeout",
                            "15",
                            TAKEN,
                            "`connect_timeout` " + TIMED + "; 0 becomes `\"1d\"`",
                            Rules.limit(draft -> draft.defaults, "connect_timeout"))
                    .alsoWhenUnset(),
            lost("server_login_retry", "15", "After a failure Weir tries again with growing pauses."),
            mapped(
                            "server_idle_timeout",
                            "600",
                            TAKEN,
                            "`server_idle_timeout` " + TIMED + "; 0 is never, in both",
                            Rules.time(draft -> draft.defaults, "server_idle_timeout"))
                    .alsoWhenUnset(),
            mapped(
                    "server_lifetime",
                    "3600",
                    CHANGED,
                    "`server_lifetime` " + TIMED
                            + "; 0, which is to use once, becomes `\"1ms\"`, since `\"0s\"` is never to Weir",
                    PoolRules::lifetime),
            mapped(
                    "server_check_delay",
                    "30",
                    TAKEN,
                    "`server_check_delay` " + TIMED + "; 0 is always, in both",
                    Rules.time(draft -> draft.defaults, "server_check_delay")),
            mapped(
                    "server_check_query",
                    "<empty>",
                    CHANGED,
                    "`server_check_query` " + TIMED
                            + "; an empty one, which turns the check off, becomes `server_check_delay = \"30d\"`",
                    PoolRules::checkQuery),
            mapped(
                    "cancel_wait_timeout",
                    "10",
                    CHANGED,
                    "`cancel_timeout` " + TIMED
                            + ": how long a cancel request may take to reach the server; 0 becomes `\"1d\"`",
                    Rules.limit(draft -> draft.defaults, "cancel_timeout")),
            needless(
                    "autodb_idle_timeout", "3600", "A pool without clients and server connections vanishes by itself."),
            needless("pool_idle_timeout", "0", "A pool without clients and server connections vanishes by itself."),
            lost("suspend_timeout", "10", "Weir has no SUSPEND."));

    private static final List<Setting> LISTENING = List.of(
            mapped(
                            "listen_addr",
                            "",
                            CHANGED,
                            "`host` of `[listen]`: `*` becomes `::`; of several the first; none becomes `127.0.0.1`",
                            ListenRules::address)
                    .alsoWhenUnset(),
            mapped(
                            "listen_port",
                            "6432",
                            CHANGED,
                            "`session_port` or `transaction_port`, by `pool_mode`",
                            ListenRules::port)
                    .alsoWhenUnset(),
            mapped(
                    "listen_backlog",
                    "128",
                    TAKEN,
                    "`backlog` of `[listen]`",
                    Rules.number(draft -> draft.listen, "backlog", 1, 65_535)),
            mapped(
                    "unix_socket_dir",
                    "/tmp",
                    CHANGED,
                    "The folder of the server's socket, for databases without `host`. " + NO_UNIX,
                    ListenRules::socketFolder),
            lost("unix_socket_mode", "0777", NO_UNIX),
            lost("unix_socket_group", "", NO_UNIX),
            needless("tcp_defer_accept", "1", KERNEL),
            lost("tcp_keepalive", "1", KERNEL),
            lost("tcp_keepcnt", "0", KERNEL),
            lost("tcp_keepidle", "0", KERNEL),
            lost("tcp_keepintvl", "0", KERNEL),
            lost("tcp_socket_buffer", "0", KERNEL),
            lost("tcp_user_timeout", "0", KERNEL),
            lost(
                    "max_packet_size",
                    "2147483647",
                    "A message may be as long as Postgres takes it; Weir passes it on in pieces."),
            needless("pkt_buf", "4096", "Weir sizes its buffers itself."),
            needless("sbuf_loopcnt", "5", "Weir bounds what it reads at once itself."),
            needless("dns_max_ttl", "15", NAMES),
            needless("dns_nxdomain_ttl", "15", NAMES),
            lost("dns_zone_check_period", "0", NAMES),
            lost("resolv_conf", "", "Names are looked up as the system does."));

    private static final List<Setting> PROCESS = List.of(
            lost("logfile", "", SYSTEM_LOG),
            lost("syslog", "0", SYSTEM_LOG),
            needless("syslog_facility", "daemon", SYSTEM_LOG),
            needless("syslog_ident", "pgbouncer", SYSTEM_LOG),
            mapped("log_connections", "1", CHANGED, LOG_CLIENTS, PoolRules::logConnections),
            mapped("log_disconnections", "1", CHANGED, LOG_CLIENTS, PoolRules::logConnections),
            lost("log_pooler_errors", "1", "Weir logs the errors that it sends."),
            lost("log_stats", "1", "Weir writes no statistics into its log."),
            mapped(
                    "verbose",
                    "0",
                    TAKEN,
                    "`level` of `[log]`: `\"debug\"` for 1, `\"trace\"` beyond",
                    PoolRules::verbose),
            mapped(
                    "stats_period",
                    "60",
                    TAKEN,
                    "`stats_period` of `[console]`",
                    (value, draft) -> Rules.number(value, 1, LONGEST_STATS_SECONDS, draft.report)
                            .ifPresent(seconds ->
                                    draft.console.put("stats_period", TomlText.duration(Duration.ofSeconds(seconds))))),
            needless("pidfile", "", "What starts Weir knows its process; send `SIGTERM` and `SIGHUP` there."),
            lost("user", "", "Weir stays who started it: start it as that user."),
            needless("conffile", "", "`weir serve -c` names the file."),
            needless("job_name", "pgbouncer", "For Windows services."),
            needless("service_name", "pgbouncer", "For Windows services."),
            lost("application_name_add_host", "0", "The client's `application_name` is passed on as it is."),
            mapped(
                    "ignore_startup_parameters",
                    "",
                    CHANGED,
                    "All startup parameters are passed on to Postgres and kept for the client, instead of ignored",
                    PoolRules::startupParameters),
            needless("track_extra_parameters", "IntervalStyle", "Weir follows every parameter, reported or not."),
            lost("login_notify_message", "", "Clients get no message at login."));

    /** By the groups above; names are unique. */
    static final List<Setting> ALL = Stream.of(POOLS, TIMES, LISTENING, AccessSettings.ALL, PROCESS)
            .flatMap(List::stream)
            .toList();

    private Settings() {}
}
