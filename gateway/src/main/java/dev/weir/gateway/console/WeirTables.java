package dev.weir.gateway.console;

import dev.weir.pool.ClientView;
import dev.weir.pool.Hindrance;
import dev.weir.pool.HomeView;
import dev.weir.pool.LaneView;
import dev.weir.pool.PoolKey;
import dev.weir.pool.PoolView;
import dev.weir.pool.ServerView;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;

/** Tables that PgBouncer does not have. */
final class WeirTables {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private WeirTables() {}

    static List<Row> tenants(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        Map<TenantId, String> lanes = snapshot.lanesByTenant();
        for (Tenant tenant : snapshot.tenants()) {
            Optional<HomeView> home = snapshot.home(tenant.id());
            List<PoolView> pools = home.map(HomeView::pools).orElse(List.of());
            rows.add(Row.of(
                    tenant.id(),
                    PoolTables.host(tenant),
                    PoolTables.port(tenant),
                    tenant.users().size(),
                    pools.size(),
                    home.map(HomeView::clientCount).orElse(0),
                    tenant.maxClients(),
                    sum(pools, PoolView::waiting),
                    sum(pools, PoolView::pinned),
                    sum(pools, pool -> pool.servers().size() - PoolTables.in(pool, ServerView.State.IDLE)),
                    sum(pools, pool -> PoolTables.in(pool, ServerView.State.IDLE)),
                    sum(pools, PoolView::opening),
                    lanes.get(tenant.id())));
        }
        return rows;
    }

    private static int sum(List<PoolView> pools, ToIntFunction<PoolView> count) {
        return pools.stream().mapToInt(count).sum();
    }

    static List<Row> pinned(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        for (HomeView home : snapshot.homes()) {
            for (ClientView client : home.clients()) {
                if (!client.pins().isEmpty()) {
                    rows.add(Row.of(
                            client.id(),
                            user(snapshot, client),
                            database(snapshot, client),
                            String.join(", ", client.pins()),
                            snapshot.timeBefore(client.inStateNanos()),
                            client.inStateNanos() / NANOS_PER_SECOND,
                            client.server()));
                }
            }
        }
        return rows;
    }

    static List<Row> waiting(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        Map<PoolKey, PoolView> pools = new HashMap<>();
        snapshot.pools().forEach(pool -> pools.put(pool.key(), pool));
        for (HomeView home : snapshot.homes()) {
            for (ClientView client : home.clients()) {
                PoolView pool = pools.get(client.pool());
                if (client.state() == ClientView.State.WAITING && pool != null) {
                    long micros = client.inStateNanos() / 1000;
                    rows.add(Row.of(
                            client.id(),
                            user(snapshot, client),
                            database(snapshot, client),
                            snapshot.timeBefore(client.inStateNanos()),
                            micros / 1_000_000,
                            micros % 1_000_000,
                            client.server() == 0 ? reason(pool) : reasonToListen(pool)));
                }
            }
        }
        return rows;
    }

    /** Why nothing is lent, with the numbers. */
    static String reason(PoolView pool) {
        if (pool.paused()) {
            return "the database is paused";
        }
        int size = pool.settings().size();
        int lent = PoolTables.active(pool);
        int tested = PoolTables.in(pool, ServerView.State.TESTED) + PoolTables.in(pool, ServerView.State.SETTLING);
        String counts = lent + " of " + size + " server connections are lent"
                + (pool.pinned() == 0 ? "" : ", " + pool.pinned() + " of them pinned")
                + (tested == 0 ? "" : ", " + tested + " are cleaned or checked")
                + (pool.opening() == 0 ? "" : ", " + pool.opening() + " are being opened");
        String hindrance = hindrance(pool.hindrance(), pool);
        if (!hindrance.isEmpty() && (lent < size || pool.hindrance() instanceof Hindrance.Rate)) {
            return hindrance;
        }
        if (lent >= size) {
            return "all " + size + " server connections (pool_size) are lent"
                    + (pool.pinned() == 0 ? "" : ", " + pool.pinned() + " of them pinned");
        }
        if (pool.opening() == 0 && tested == 0 && pool.servers().size() < size) {
            return counts + "; no more could be opened, and it is tried again in a moment";
        }
        return counts;
    }

    /** Why a client is not listened for, which keeps the server connection that it has until then. */
    private static String reasonToListen(PoolView pool) {
        return "LISTEN needs a server connection beside the pool: "
                + (pool.hindrance() instanceof Hindrance.NoPlace
                        ? hindrance(pool.hindrance(), pool)
                        : "no place for another server connection");
    }

    private static String hindrance(Hindrance hindrance, PoolView pool) {
        return switch (hindrance) {
            case Hindrance.None none -> "";
            case Hindrance.Rate(long perSecond) -> "max_transactions_per_second (" + perSecond + ") is used up";
            case Hindrance.NoPlace place ->
                "no place for another server connection: the pool has "
                        + PoolTables.connections(pool) + " of "
                        + pool.settings().size() + " (pool_size)"
                        + limit("the tenant", place.tenantHas(), place.tenantLimit(), "max_server_connections")
                        + limit("the host", place.hostHas(), place.hostLimit(), "max_connections of [[host]]");
            case Hindrance.NoServer(String reason) -> "no server connection could be opened: " + reason;
        };
    }

    private static String limit(String whose, int has, OptionalInt limit, String key) {
        return limit.isEmpty() ? "" : ", " + whose + " " + has + " of " + limit.getAsInt() + " (" + key + ")";
    }

    private static String user(Snapshot snapshot, ClientView client) {
        return snapshot.access().name(client.pool().user(), client.pool().tenant());
    }

    private static String database(Snapshot snapshot, ClientView client) {
        return snapshot.access().name(client.pool().database(), client.pool().tenant());
    }

    static List<Row> lanes(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        for (LaneView lane : snapshot.lanes()) {
            List<PoolView> pools =
                    lane.homes().stream().flatMap(home -> home.pools().stream()).toList();
            rows.add(Row.of(
                    lane.index(),
                    lane.homes().size(),
                    pools.size(),
                    lane.homes().stream().mapToInt(HomeView::clientCount).sum(),
                    sum(pools, PoolView::waiting),
                    sum(pools, pool -> pool.servers().size()),
                    snapshot.check().answerNanos(lane.index()) / 1000));
        }
        return rows;
    }
}
