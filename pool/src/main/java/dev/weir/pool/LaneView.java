package dev.weir.pool;

import dev.weir.tenants.TenantId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one lane held at one moment. Views are made on the lane and looked at elsewhere.
 *
 * @param homes of the tenants that have clients, server connections, or something paused or disabled
 * @param past of tenants that had them, what has happened in their pools; a copy
 * @param others the same of tenants that are no more configured, or whose last client left long ago; a copy
 */
public record LaneView(int index, List<HomeView> homes, Map<TenantId, PoolTotals> past, PoolTotals others) {
    public LaneView {
        homes = List.copyOf(homes);
        past = Map.copyOf(past);
    }

    /** What there was of each tenant on all lanes together. */
    public static List<HomeView> homes(List<LaneView> lanes) {
        Map<TenantId, HomeView> homes = new LinkedHashMap<>();
        for (LaneView lane : lanes) {
            for (HomeView home : lane.homes()) {
                homes.merge(home.tenant().id(), home, HomeView::and);
            }
        }
        return List.copyOf(homes.values());
    }

    /** What has happened, on all lanes together, in the pools of tenants that have no home any more. Copies. */
    public static Map<TenantId, PoolTotals> past(List<LaneView> lanes) {
        Map<TenantId, PoolTotals> totals = new HashMap<>();
        for (LaneView lane : lanes) {
            lane.past()
                    .forEach((id, past) ->
                            totals.computeIfAbsent(id, _ -> new PoolTotals()).add(past));
        }
        return totals;
    }
}
