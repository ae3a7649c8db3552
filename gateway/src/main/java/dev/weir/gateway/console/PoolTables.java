package dev.weir.gateway.console;

import dev.weir.pool.HomeView;
import dev.weir.pool.PoolView;
import dev.weir.pool.ServerView;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantUser;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tables of pools, and of databases and users, which are pools looked at from two sides. */
final class PoolTables {
    private static final String MODE = "transaction";

    /** The console itself, of which PgBouncer has a pool. */
    static final String CONSOLE = "pgbouncer";

    private PoolTables() {}

    static List<Row> pools(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        snapshot.pools().forEach(pool -> rows.add(pool(snapshot, pool)));
        if (snapshot.access().seesAll()) {
            rows.add(Row.of(
                    CONSOLE,
                    CONSOLE,
                    snapshot.sessions().size(),
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    "statement",
                    null));
        }
        return rows;
    }

    private static Row pool(Snapshot snapshot, PoolView pool) {
        long waitedMicros = pool.longestWaitNanos() / 1000;
        return Row.of(
                snapshot.database(pool),
                snapshot.user(pool),
                pool.clients() - pool.waiting(),
                pool.waiting(),
                0,
                0,
                active(pool),
                0,
                in(pool, ServerView.State.SETTLING),
                in(pool, ServerView.State.IDLE),
                0,
                in(pool, ServerView.State.TESTED),
                pool.opening(),
                waitedMicros / 1_000_000,
                waitedMicros % 1_000_000,
                MODE,
                null);
    }

    /** Server connections that work for a client, or end what one has left. */
    static int active(PoolView pool) {
        return in(pool, ServerView.State.LENT) + in(pool, ServerView.State.DRAINING);
    }

    static int in(PoolView pool, ServerView.State state) {
        int count = 0;
        for (ServerView server : pool.servers()) {
            if (server.state() == state) {
                count++;
            }
        }
        return count;
    }

    static List<Row> databases(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        for (Tenant tenant : snapshot.tenants()) {
            for (String database : snapshot.databases(tenant)) {
                rows.add(database(snapshot, tenant, database));
            }
        }
        if (snapshot.access().seesAll()) {
            rows.add(Row.of(
                    CONSOLE,
                    null,
                    0,
                    CONSOLE,
                    CONSOLE,
                    2,
                    0,
                    0,
                    0,
                    "statement",
                    null,
                    0,
                    0,
                    0,
                    snapshot.sessions().size(),
                    0,
                    0));
        }
        return rows;
    }

    private static Row database(Snapshot snapshot, Tenant tenant, String database) {
        Optional<HomeView> home = snapshot.home(tenant.id());
        List<PoolView> pools = home.map(HomeView::pools).orElse(List.of()).stream()
                .filter(pool -> pool.key().database().equals(database))
                .toList();
        return Row.of(
                snapshot.access().name(database, tenant.id()),
                host(tenant),
                port(tenant),
                database,
                null,
                tenant.pool().size(),
                tenant.pool().minSize(),
                tenant.pool().reserveSize(),
                tenant.pool().life().lifetime().toSeconds(),
                null,
                null,
                tenant.allotment().maxServers().orElse(0),
                sum(pools, PoolTables::connections),
                tenant.maxClients(),
                sum(pools, PoolView::clients),
                home.map(at -> at.paused().contains(database)).orElse(false) ? 1 : 0,
                home.map(at -> at.disabled().contains(database)).orElse(false) ? 1 : 0);
    }

    /** Server connections, those that log in among them. */
    static int connections(PoolView pool) {
        return pool.servers().size() + pool.opening();
    }

    private static int sum(List<PoolView> pools, ToIntFunction<PoolView> count) {
        return pools.stream().mapToInt(count).sum();
    }

    static String host(Tenant tenant) {
        return tenant.upstream().endpoints().stream()
                .map(endpoint -> switch (endpoint) {
                    case Endpoint.Tcp tcp -> tcp.host();
                    case Endpoint.UnixSocket socket ->
                        socket.path().substring(0, socket.path().lastIndexOf('/'));
                })
                .collect(Collectors.joining(","));
    }

    static int port(Tenant tenant) {
        return switch (tenant.upstream().endpoints().getFirst()) {
            case Endpoint.Tcp tcp -> tcp.port();
            case Endpoint.UnixSocket socket ->
                Integer.parseInt(socket.path().substring(socket.path().lastIndexOf('.') + 1));
        };
    }

    static List<Row> users(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        for (Tenant tenant : snapshot.tenants()) {
            List<PoolView> all = snapshot.home(tenant.id()).map(HomeView::pools).orElse(List.of());
            for (TenantUser user : tenant.users()) {
                List<PoolView> pools = all.stream()
                        .filter(pool -> pool.key().user().equals(user.name()))
                        .toList();
                @Nullable
                String size = user.poolSize().isPresent()
                        ? String.valueOf(user.poolSize().getAsInt())
                        : "";
                rows.add(Row.of(
                        snapshot.access().name(user.name(), tenant.id()),
                        size,
                        "",
                        null,
                        0,
                        sum(pools, PoolTables::connections),
                        user.maxClients().orElse(0),
                        sum(pools, PoolView::clients)));
            }
        }
        return rows;
    }

    static List<Row> lists(Snapshot snapshot) {
        List<PoolView> pools = snapshot.pools().toList();
        List<Tenant> tenants = snapshot.tenants();
        int servers = sum(pools, pool -> pool.servers().size());
        int idle = sum(pools, pool -> in(pool, ServerView.State.IDLE));
        int clients = sum(pools, PoolView::clients);
        int known = snapshot.homes().stream().mapToInt(HomeView::clientCount).sum();
        return List.of(
                Row.of(
                        "databases",
                        tenants.stream()
                                .mapToInt(tenant -> snapshot.databases(tenant).size())
                                .sum()),
                Row.of(
                        "users",
                        tenants.stream()
                                .mapToInt(tenant -> tenant.users().size())
                                .sum()),
                Row.of("peers", 0),
                Row.of("pools", pools.size()),
                Row.of("peer_pools", 0),
                Row.of("free_clients", 0),
                Row.of("used_clients", clients + snapshot.sessions().size()),
                Row.of("login_clients", Math.max(0, known - clients)),
                Row.of("free_servers", idle),
                Row.of("used_servers", servers - idle),
                Row.of("dns_names", 0),
                Row.of("dns_zones", 0),
                Row.of("dns_queries", 0),
                Row.of("dns_pending", 0));
    }

    /** Paused is what is paused as a whole. What Weir adds to PgBouncer's rows stands behind them. */
    static List<Row> state(Snapshot snapshot) {
        Collection<HomeView> homes = snapshot.homes();
        boolean paused = !homes.isEmpty()
                && homes.size() == snapshot.tenants().size()
                && homes.stream()
                        .allMatch(home ->
                                home.paused().allBut() && home.paused().named().isEmpty());
        return List.of(
                Row.of("active", paused ? "no" : "yes"),
                Row.of("paused", paused ? "yes" : "no"),
                Row.of("suspended", "no"),
                Row.of(
                        "shutdown",
                        snapshot.shutdown()
                                .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                                .orElse("no")));
    }
}
