package dev.weir.pool;

import dev.weir.tenants.Tenant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What there was of a tenant at one moment, on one lane or on all together.
 *
 * @param clients logged in, or awaiting the end of their login; empty if connections were not asked for
 * @param clientCount how many those are, whether asked for or not
 * @param paused databases that administrators have paused
 * @param disabled databases that administrators have disabled for new clients
 * @param past what has happened in pools that are no more; a copy
 */
public record HomeView(
        Tenant tenant,
        List<PoolView> pools,
        List<ClientView> clients,
        int clientCount,
        DatabaseSelection paused,
        DatabaseSelection disabled,
        PoolTotals past) {
    public HomeView {
        pools = List.copyOf(pools);
        clients = List.copyOf(clients);
    }

    /** This with what there was of the same tenant on another lane: shares of one pool are one pool. */
    HomeView and(HomeView other) {
        Map<PoolKey, PoolView> all = new LinkedHashMap<>();
        pools.forEach(pool -> all.put(pool.key(), pool));
        other.pools.forEach(pool -> all.merge(pool.key(), pool, PoolView::and));
        List<ClientView> everyone = new ArrayList<>(clients);
        everyone.addAll(other.clients);
        PoolTotals allPast = past.copy();
        allPast.add(other.past);
        return new HomeView(
                tenant,
                List.copyOf(all.values()),
                everyone,
                clientCount + other.clientCount,
                paused,
                disabled,
                allPast);
    }
}
