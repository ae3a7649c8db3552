package dev.weir.gateway.console;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What SHOW shows: its columns, which for PgBouncer's topics are PgBouncer's. */
public enum Topic {
    HELP("", "The commands, as a notice."),
    CONFIG(
            "text: key, value, default, changeable",
            "The limits in force, those of `[defaults]` or of one's own tenant, and whether `SET` changes them."
                    + " `max_client_conn`, which tools for PgBouncer look for, is the sum of the tenants'"
                    + " `max_clients`, or that of `[listen]` if it is less."),
    DATABASES(
            "text: name, host; int4: port; text: database, force_user; int4: pool_size, min_pool_size,"
                    + " reserve_pool_size, server_lifetime; text: pool_mode, load_balance_hosts; int4: max_connections,"
                    + " current_connections, max_client_connections, current_client_connections, paused, disabled",
            "The default database of each tenant, and those that have a pool. `max_connections` is the tenant's"
                    + " `max_server_connections` (0 is no limit), and `max_client_connections` its `max_clients`, both"
                    + " for all its databases."),
    POOLS(
            "text: database, user; int4: cl_active, cl_waiting, cl_active_cancel_req, cl_waiting_cancel_req, sv_active,"
                    + " sv_active_cancel, sv_being_canceled, sv_idle, sv_used, sv_tested, sv_login, maxwait, maxwait_us;"
                    + " text: pool_mode, load_balance_hosts",
            "A row for each pool. Session and transaction clients share one; `pool_mode` says `transaction`."),
    CLIENTS(ConnectionTables.CONNECTION, "The clients. `id` is what `KILL_CLIENT` takes."),
    SERVERS(ConnectionTables.CONNECTION, "The server connections."),
    USERS(
            "text: name, pool_size, reserve_pool_size, pool_mode; int4: max_user_connections, current_connections,"
                    + " max_user_client_connections, current_client_connections",
            "The users of tenants. The sizes are empty where the tenant's hold; `max_user_client_connections` is the"
                    + " user's `max_clients`, 0 if it has none."),
    VERSION("text: version", "Weir's version, and whose console this is."),
    LISTS("text: list; int4: items", "How many there are of what. `free_servers` are idle, `used_servers` are not."),
    MEM(
            "text: name; int4: size, used, free, memtotal",
            "Memory of the process, in units of `size` bytes; `memtotal` in bytes, 2147483647 if it is more."),
    STATE(
            "text: key, value",
            "Whether all databases are paused, and by `shutdown` whether Weir is about to end: `no`, `wait_for_clients`,"
                    + " `wait_for_servers` (SIGTERM does the same) or `immediate`."),
    SOCKETS(
            ConnectionTables.CONNECTION + ConnectionTables.BUFFERS,
            "Clients and server connections. Weir has none of PgBouncer's buffers, so the last seven are 0."),
    ACTIVE_SOCKETS(ConnectionTables.CONNECTION + ConnectionTables.BUFFERS, "The same, of those that are at work."),
    PEERS("int4: peer_id; text: host; int4: port, pool_size", "None: Weir has no peers."),
    PEER_POOLS(
            "int4: peer_id, cl_active_cancel_req, cl_waiting_cancel_req, sv_active_cancel, sv_login",
            "None: Weir has no peers."),
    DNS_HOSTS(
            "text: hostname; int8: ttl; text: addrs",
            "The hosts of tenants with the addresses that server connections have gone to. Weir keeps no names itself,"
                    + " so `ttl` is 0."),
    DNS_ZONES("text: zonename; int8: serial; int4: count", "None: Weir asks for no zones."),
    STATS(
            StatisticsTables.STATS,
            "What has happened in the pools of each database, and averages over the last `stats_period`. Times are in"
                    + " microseconds. A pool that nobody has used for long is given up, and its counts with it; `SHOW TOTALS` keeps"
                    + " them."),
    STATS_TOTALS(StatisticsTables.STATS_TOTALS, "Its totals only."),
    STATS_AVERAGES(StatisticsTables.STATS_AVERAGES, "Its averages only."),
    TOTALS("text: name; numeric: value", "The sums over all databases, since the start."),
    FDS("", "Refused: it hands out sockets and secrets."),

    TENANTS(
            "text: tenant, host; int4: port, users, pools, clients, max_clients, clients_waiting, clients_pinned,"
                    + " servers_active, servers_idle, servers_opening; text: lanes",
            "The tenants, with what is in use of each."),
    PINNED(
            "int8: id; text: user, database, reason, since; int4: seconds; int8: server",
            "Clients of transaction mode that keep their server connection, why, and since when."),
    WAITING(
            "int8: id; text: user, database, since; int4: wait, wait_us; text: reason",
            "Clients that wait for a server connection, since when, and why there is none for them: all are lent, no"
                    + " place in the budget of the tenant or its host, a rate that is used up, a server that can't be"
                    + " reached, a pause."),
    LANES(
            "int4: lane, tenants, pools, clients, clients_waiting, servers; int8: answer_us",
            "The lanes, and how long each took to answer this question. For users of all tenants only.");

    private final String columns;
    private final String about;

    Topic(String columns, String about) {
        this.columns = columns;
        this.about = about;
    }

    static Optional<Topic> named(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        for (Topic topic : values()) {
            if (topic.name().equals(upper)) {
                return Optional.of(topic);
            }
        }
        return Optional.empty();
    }

    List<Column> columns() {
        return columns.isEmpty() ? List.of() : Column.list(columns);
    }

    /** In the words of the document. */
    String about() {
        return about;
    }

    /** Whether clients have to be told one by one for it. */
    boolean needsConnections() {
        return switch (this) {
            case CLIENTS, SERVERS, SOCKETS, ACTIVE_SOCKETS, PINNED, WAITING -> true;
            default -> false;
        };
    }
}
