package dev.weir.api.metrics;

import java.util.List;

/** Every metric, described once: what is exposed and {@code docs/metrics.md} come from here. */
public enum Metric {
    POOL_SIZE("weir_pool_size", Type.GAUGE, Label.POOL, "Server connections that the pool may have: its `pool_size`."),
    POOL_SERVERS(
            "weir_pool_servers",
            Type.GAUGE,
            Label.POOL_STATE,
            "Server connections. `lent` to a client, `idle`, `opening`, `draining` (its client has left, what it asked for"
                    + " is awaited), `tested` (a cleanup or check runs), `settling` (a cancel is under way)."),
    POOL_CLIENTS("weir_pool_clients", Type.GAUGE, Label.POOL_MODE, "Clients that are logged in."),
    POOL_CLIENTS_WAITING(
            "weir_pool_clients_waiting", Type.GAUGE, Label.POOL, "Clients that wait for a server connection."),
    POOL_CLIENTS_PINNED(
            "weir_pool_clients_pinned",
            Type.GAUGE,
            Label.POOL,
            "Clients of transaction mode that keep their server connection for state that can't be moved."),
    POOL_PAUSED("weir_pool_paused", Type.GAUGE, Label.POOL, "1 while an administrator has paused it, else 0."),
    POOL_OLDEST_WAIT(
            "weir_pool_oldest_wait_seconds",
            Type.GAUGE,
            Label.POOL,
            "How long the one of them has waited who waits longest; 0 if nobody waits."),
    POOL_OLDEST_SERVER(
            "weir_pool_oldest_server_age_seconds",
            Type.GAUGE,
            Label.POOL,
            "Age of the oldest server connection; 0 if there is none."),
    POOL_SHARING_WIDTH(
            "weir_pool_sharing_width",
            Type.GAUGE,
            Label.POOL,
            "Over how many server connections shared statements are spread where there is a crowd: the pool's size, or fewer"
                    + " where it was found that more are answered so."),
    POOL_STATEMENTS(
            "weir_pool_server_statements",
            Type.GAUGE,
            Label.POOL,
            "Prepared statements on all server connections of the pool together."),

    CLIENT_WAIT(
            "weir_client_wait_seconds",
            Type.HISTOGRAM,
            Label.POOL,
            "From a client's request until it was lent a server connection; 0 if one was free. Requests that got none are"
                    + " in `weir_requests_refused_total`."),
    TRANSACTION_TIME(
            "weir_transaction_seconds",
            Type.HISTOGRAM,
            Label.POOL,
            "From the first request of a transaction to the ReadyForQuery that ends it, without the wait. A statement"
                    + " outside a transaction is one of its own."),
    QUERY_TIME(
            "weir_query_seconds",
            Type.HISTOGRAM,
            Label.POOL,
            "From a request to its ReadyForQuery: the time that the server took, and the network to it."),
    LOGIN_TIME(
            "weir_client_login_seconds",
            Type.HISTOGRAM,
            Label.POOL,
            "From accepting a client to its first ReadyForQuery."),
    CONNECT_TIME(
            "weir_server_connect_seconds",
            Type.HISTOGRAM,
            Label.POOL,
            "What it took to open a server connection: name, connect, TLS, login."),

    ASSIGNMENTS(
            "weir_server_assignments",
            Type.COUNTER,
            Label.POOL_WAITED,
            "Server connections that were lent to clients; `waited` is `no` if one was free."),
    CLIENT_LOGINS("weir_client_logins", Type.COUNTER, Label.POOL_MODE, "Clients that have logged in."),
    CLIENT_DEPARTURES("weir_client_departures", Type.COUNTER, Label.POOL_MODE, "Clients that have left."),
    CLIENT_RECEIVED("weir_client_received_bytes", Type.COUNTER, Label.POOL, "Bytes from clients, after their login."),
    CLIENT_SENT("weir_client_sent_bytes", Type.COUNTER, Label.POOL, "Bytes to clients, after their login."),
    SERVER_RECEIVED("weir_server_received_bytes", Type.COUNTER, Label.POOL, "Bytes from servers, after the login."),
    SERVER_SENT("weir_server_sent_bytes", Type.COUNTER, Label.POOL, "Bytes to servers, after the login."),
    CLIENT_PARSES(
            "weir_client_parses",
            Type.COUNTER,
            Label.POOL,
            "Parse messages with a name from clients of transaction mode."),
    SERVER_PARSES(
            "weir_server_parses",
            Type.COUNTER,
            Label.POOL,
            "Parse messages to servers for named statements of clients of transaction mode."),
    BINDS("weir_binds", Type.COUNTER, Label.POOL, "Bind messages of clients."),
    STATEMENT_HITS(
            "weir_statement_hits",
            Type.COUNTER,
            Label.POOL,
            "How often a named statement was wanted on a server connection that had it."),
    STATEMENT_MISSES(
            "weir_statement_misses",
            Type.COUNTER,
            Label.POOL,
            "How often one was wanted on a server connection that had to prepare it first."),
    STATEMENT_EVICTIONS(
            "weir_statement_evictions",
            Type.COUNTER,
            Label.POOL,
            "Statements that were closed on a server connection because of `max_prepared_statements`."),
    STATEMENTS_SHARED(
            "weir_statements_shared",
            Type.COUNTER,
            Label.POOL,
            "Statements that were sent behind another client's on a server connection."),
    STATEMENTS_REPEATED(
            "weir_statements_repeated",
            Type.COUNTER,
            Label.POOL,
            "Of those, the ones that were sent again, since something befell the server connection that they shared."),
    REQUESTS_REFUSED(
            "weir_requests_refused",
            Type.COUNTER,
            Label.POOL_REASON,
            "Requests that got no server connection: `queue_timeout`, `no_server` (none could be opened), `canceled` while"
                    + " it waited, `closed` (the pool was)."),
    SERVER_ERRORS(
            "weir_server_errors",
            Type.COUNTER,
            Label.POOL_SQLSTATE,
            "Errors of servers that clients got. `sqlstate` is one of some forty that say something, or `other`."),
    PINS(
            "weir_pins",
            Type.COUNTER,
            Label.POOL_REASON,
            "How often a client began to keep its server connection, by the state that pins it."),
    CANCEL_REQUESTS(
            "weir_cancel_requests", Type.COUNTER, Label.POOL, "Cancel requests of clients, with a key that is right."),
    CANCELS_SENT(
            "weir_cancels_sent",
            Type.COUNTER,
            Label.POOL,
            "Cancel requests to servers, for clients and for what clients left running."),
    SERVERS_OPENED("weir_servers_opened", Type.COUNTER, Label.POOL, "Server connections that have logged in."),
    SERVER_REUSES(
            "weir_server_reuses",
            Type.COUNTER,
            Label.POOL,
            "How often a server connection was lent that had been lent before."),
    SERVER_CHECKS(
            "weir_server_checks",
            Type.COUNTER,
            Label.POOL,
            "How often a server connection was asked whether it answers."),
    SERVERS_CLOSED(
            "weir_servers_closed",
            Type.COUNTER,
            Label.POOL_REASON,
            "Server connections that were closed, by the reason that the log has in words."),
    SERVER_OPEN_FAILURES(
            "weir_server_open_failures",
            Type.COUNTER,
            Label.TENANT_SQLSTATE,
            "Server connections that could not be opened. `08006` is Weir's own: nobody answered. It is told by tenant,"
                    + " since a pool that never comes about vanishes with its client."),

    TENANT_CLIENTS(
            "weir_tenant_clients", Type.GAUGE, Label.TENANT, "Clients of the tenant, those that log in among them."),
    TENANT_MAX_CLIENTS("weir_tenant_max_clients", Type.GAUGE, Label.TENANT, "The tenant's `max_clients`."),
    TENANT_POOLS("weir_tenant_pools", Type.GAUGE, Label.TENANT, "Pools of the tenant."),
    LOGIN_FAILURES(
            "weir_client_login_failures",
            Type.COUNTER,
            Label.TENANT_REASON,
            "Logins that did not come about. `password` (or an unknown user), `too_many` clients or logins, `timeout`,"
                    + " `protocol`, `startup_message`, `tls`, `server` (no server connection, or it refused the startup"
                    + " parameters), `shutdown`, `client_left`, `other`. Where the tenant is not known, it is"
                    + " `(unknown)`."),

    HOST_SERVERS(
            "weir_host_servers",
            Type.GAUGE,
            Label.HOST,
            "Server connections of all tenants to a host that has a `[[host]]` table, those that are being opened or closed"
                    + " among them."),
    HOST_MAX_SERVERS("weir_host_max_servers", Type.GAUGE, Label.HOST, "The host's `max_connections` of `[[host]]`."),

    POOLS("weir_pools", Type.GAUGE, Label.NONE, "Pools there are."),
    POOLS_IN_OTHER(
            "weir_pools_in_other",
            Type.GAUGE,
            Label.NONE,
            "Pools without series of their own, since there are more than `max_pools`."),
    LANE_CPU(
            "weir_lane_cpu_seconds",
            Type.COUNTER,
            Label.LANE,
            "Processor time of the lane's thread. Its rate is the lane's utilisation: at 1, all its tenants wait."),
    LANE_ANSWER(
            "weir_lane_answer_seconds",
            Type.GAUGE,
            Label.LANE,
            "How long the lane took to come to a task of this scrape: what every client of it waits at times."),
    LANE_TASKS("weir_lane_pending_tasks", Type.GAUGE, Label.LANE, "Tasks that the lane has not come to."),
    LANE_TENANTS("weir_lane_tenants", Type.GAUGE, Label.LANE, "Tenants that live on the lane and were asked for."),
    LANE_CLIENTS("weir_lane_clients", Type.GAUGE, Label.LANE, "Clients of those."),
    LANE_SERVERS("weir_lane_servers", Type.GAUGE, Label.LANE, "Server connections of those."),

    READY("weir_ready", Type.GAUGE, Label.NONE, "1 while new clients are accepted, else 0."),
    BUILD("weir_build", Type.INFO, Label.BUILD, "Always 1; the labels say what runs."),
    CONFIG_RELOADS(
            "weir_config_reloads",
            Type.COUNTER,
            Label.RESULT,
            "How often the configuration was to be read again, by `SIGHUP` or `RELOAD`: `ok`, or `failed`, which says why"
                    + " in the log. After a fault the old one stays in force; if a lane does not answer, the new one is in"
                    + " force on all others."),
    CONFIG_LAST_RELOAD(
            "weir_config_last_reload_seconds",
            Type.GAUGE,
            Label.NONE,
            "When the configuration in force was read, since the epoch: by the last reload that took effect, or at the"
                    + " start."),
    LOG_LINES_LEFT_OUT(
            "weir_log_lines_left_out",
            Type.COUNTER,
            Label.NONE,
            "Lines of the log that were left out, since its reader did not keep up."),
    CERTIFICATE_END(
            "weir_tls_certificate_not_after_seconds",
            Type.GAUGE,
            Label.NONE,
            "When the certificate that clients are shown ends, since the epoch; missing without `[tls]`. Those between it"
                    + " and its authority are not looked at."),
    START_TIME("process_start_time_seconds", Type.GAUGE, Label.NONE, "When the process was started, since the epoch."),
    PROCESS_CPU("process_cpu_seconds", Type.COUNTER, Label.NONE, "Processor time of the process."),
    OPEN_FILES("process_open_fds", Type.GAUGE, Label.NONE, "Open file descriptors; each connection is one."),
    MAX_FILES("process_max_fds", Type.GAUGE, Label.NONE, "File descriptors that the process may have."),
    MEMORY_USED("jvm_memory_used_bytes", Type.GAUGE, Label.AREA, "Memory in use, `heap` and `nonheap`."),
    MEMORY_COMMITTED("jvm_memory_committed_bytes", Type.GAUGE, Label.AREA, "Memory taken from the system for it."),
    MEMORY_MAX(
            "jvm_memory_max_bytes", Type.GAUGE, Label.AREA, "How large it may become; missing if there is no limit."),
    BUFFER_MEMORY(
            "weir_buffer_memory_bytes",
            Type.GAUGE,
            Label.KIND,
            "Memory that is kept for network buffers, `direct` (outside the heap) and `heap`."),
    GC_TIME(
            "jvm_gc_collection_seconds",
            Type.SUMMARY,
            Label.GC,
            "Garbage collections and the time they took, by collector; for most collectors that is the time of pauses."),
    THREADS("jvm_threads_current", Type.GAUGE, Label.NONE, "Platform threads.");

    /** As Prometheus has them. */
    public enum Type {
        COUNTER("_total"),
        GAUGE(""),
        HISTOGRAM(""),
        SUMMARY(""),
        INFO("_info");

        private final String suffix;

        Type(String suffix) {
            this.suffix = suffix;
        }
    }

    /** Sets of labels. Each has a few values, or one for each pool, tenant or lane. */
    private static final class Label {
        static final List<String> NONE = List.of();
        static final List<String> POOL = List.of("tenant", "user", "database");
        static final List<String> POOL_MODE = List.of("tenant", "user", "database", "mode");
        static final List<String> POOL_STATE = List.of("tenant", "user", "database", "state");
        static final List<String> POOL_REASON = List.of("tenant", "user", "database", "reason");
        static final List<String> POOL_SQLSTATE = List.of("tenant", "user", "database", "sqlstate");
        static final List<String> POOL_WAITED = List.of("tenant", "user", "database", "waited");
        static final List<String> TENANT = List.of("tenant");
        static final List<String> TENANT_SQLSTATE = List.of("tenant", "sqlstate");
        static final List<String> TENANT_REASON = List.of("tenant", "reason");
        static final List<String> HOST = List.of("host");
        static final List<String> LANE = List.of("lane");
        static final List<String> AREA = List.of("area");
        static final List<String> KIND = List.of("kind");
        static final List<String> GC = List.of("gc");
        static final List<String> RESULT = List.of("result");
        static final List<String> BUILD = List.of("version", "java", "io");
    }

    private final String baseName;
    private final Type type;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> labels;

    private final String help;

    Metric(String baseName, Type type, List<String> labels, String help) {
        this.baseName = baseName;
        this.type = type;
        this.labels = labels;
        this.help = help;
    }

    /** Without the ending that its type has in the exposition. */
    String baseName() {
        return baseName;
    }

    /** As it is asked for; a histogram or summary has several series behind it. */
    public String exposedName() {
        return baseName + type.suffix;
    }

    public Type type() {
        return type;
    }

    /** Names of its labels, in their order. */
    public List<String> labels() {
        return labels;
    }

    /** What it means, in Markdown. */
    public String help() {
        return help;
    }
}
