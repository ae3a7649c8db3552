package dev.weir.gateway.console;

import dev.weir.pool.ClientView;
import dev.weir.pool.HomeView;
import dev.weir.pool.PoolView;
import dev.weir.pool.ServerView;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tables with a row for each connection. */
final class ConnectionTables {
    /** The columns of CLIENTS and SERVERS. PgBouncer has an int4 for the id, but does not stop counting where that ends. */
    static final String CONNECTION = "text: type, user, database, replication, state, addr; int4: port;"
            + " text: local_addr; int4: local_port; text: connect_time, request_time; int4: wait, wait_us, close_needed;"
            + " text: ptr, link; int4: remote_pid; text: tls, application_name; int4: prepared_statements; int8: id";

    /** What SOCKETS has behind them. */
    static final String BUFFERS = "; int4: recv_pos, pkt_pos, pkt_remain, send_pos, send_remain, pkt_avail, send_avail";

    private static final int BUFFER_COLUMNS = 7;

    private ConnectionTables() {}

    static List<Row> clients(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        for (HomeView home : snapshot.homes()) {
            for (ClientView client : home.clients()) {
                if (client.state() != ClientView.State.LOGGING_IN) {
                    rows.add(client(snapshot, client, state(client)));
                }
            }
        }
        snapshot.sessions().forEach(session -> rows.add(session(session, "active")));
        return rows;
    }

    private static String state(ClientView client) {
        return switch (client.state()) {
            case LINKED -> "active";
            case IDLE -> "idle";
            case WAITING -> "waiting";
            case LOGGING_IN -> "login";
        };
    }

    private static Row client(Snapshot snapshot, ClientView client, String state) {
        long waitMicros = client.state() == ClientView.State.WAITING ? client.inStateNanos() / 1000 : 0;
        return Row.of(
                "C",
                snapshot.access().name(client.pool().user(), client.pool().tenant()),
                snapshot.access().name(client.pool().database(), client.pool().tenant()),
                "none",
                state,
                address(client.remote()),
                port(client.remote()),
                address(client.local()),
                port(client.local()),
                Snapshot.time(client.connectedMillis()),
                snapshot.timeBefore(client.inStateNanos()),
                waitMicros / 1_000_000,
                waitMicros % 1_000_000,
                0,
                pointer(client.id()),
                client.server() == 0 ? "" : pointer(client.server()),
                0,
                client.tls() ? "TLS" : "",
                client.applicationName(),
                client.statements(),
                client.id());
    }

    /** PgBouncer's console is among its clients, too. */
    private static Row session(ConsoleClient session, String state) {
        return Row.of(
                "C",
                session.access()
                        .tenant()
                        .map(id -> session.access().user() + "." + id)
                        .orElse(session.access().user()),
                PoolTables.CONSOLE,
                "none",
                state,
                address(session.remote()),
                port(session.remote()),
                address(session.local()),
                port(session.local()),
                Snapshot.time(session.connectedMillis()),
                Snapshot.time(session.connectedMillis()),
                0,
                0,
                0,
                pointer(session.id()),
                "",
                0,
                session.tls() ? "TLS" : "",
                session.applicationName(),
                0,
                session.id());
    }

    static List<Row> servers(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        Map<Long, ClientView> clients = clientsById(snapshot);
        snapshot.pools()
                .forEach(pool -> pool.servers()
                        .forEach(server ->
                                rows.add(server(snapshot, pool, server, clients.get(server.client()), state(server)))));
        return rows;
    }

    private static Map<Long, ClientView> clientsById(Snapshot snapshot) {
        Map<Long, ClientView> clients = new HashMap<>();
        snapshot.homes().forEach(home -> home.clients().forEach(client -> clients.put(client.id(), client)));
        return clients;
    }

    private static String state(ServerView server) {
        return switch (server.state()) {
            case LENT, DRAINING -> "active";
            case IDLE -> "idle";
            case TESTED -> "tested";
            case SETTLING -> "being_canceled";
        };
    }

    private static Row server(
            Snapshot snapshot, PoolView pool, ServerView server, @Nullable ClientView client, String state) {
        long lentNanos = client == null ? server.idleNanos() : client.inStateNanos();
        return Row.of(
                "S",
                snapshot.user(pool),
                snapshot.database(pool),
                "none",
                state,
                address(server.remote()),
                port(server.remote()),
                address(server.local()),
                port(server.local()),
                Snapshot.time(server.connectedMillis()),
                snapshot.timeBefore(lentNanos),
                0,
                0,
                server.retiring() ? 1 : 0,
                pointer(server.id()),
                server.client() == 0 ? "" : pointer(server.client()),
                server.processId(),
                server.tls() ? "TLS" : "",
                client == null ? "" : client.applicationName(),
                server.statements(),
                server.id());
    }

    static List<Row> sockets(Snapshot snapshot) {
        return sockets(snapshot, false);
    }

    static List<Row> activeSockets(Snapshot snapshot) {
        return sockets(snapshot, true);
    }

    private static List<Row> sockets(Snapshot snapshot, boolean atWorkOnly) {
        List<Row> rows = new ArrayList<>();
        for (HomeView home : snapshot.homes()) {
            for (ClientView client : home.clients()) {
                String state = client.state() == ClientView.State.IDLE ? "active" : state(client);
                if (!atWorkOnly || client.state() == ClientView.State.LINKED) {
                    rows.add(withBuffers(client(snapshot, client, "cl_" + state)));
                }
            }
        }
        if (!atWorkOnly) {
            snapshot.sessions().forEach(session -> rows.add(withBuffers(session(session, "cl_active"))));
        }
        Map<Long, ClientView> clients = clientsById(snapshot);
        snapshot.pools()
                .forEach(pool -> pool.servers().stream()
                        .filter(server -> !atWorkOnly || server.state() != ServerView.State.IDLE)
                        .forEach(server -> rows.add(withBuffers(
                                server(snapshot, pool, server, clients.get(server.client()), "sv_" + state(server))))));
        return rows;
    }

    private static Row withBuffers(Row connection) {
        @Nullable String[] values = Arrays.copyOf(connection.values(), connection.values().length + BUFFER_COLUMNS);
        Arrays.fill(values, connection.values().length, values.length, "0");
        return new Row(values);
    }

    /** What PgBouncer has an address in memory for. */
    private static String pointer(long id) {
        return String.format(Locale.ROOT, "0x%012x", id);
    }

    private static String address(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : "unix";
    }

    private static int port(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
    }
}
