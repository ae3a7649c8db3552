package dev.weir.pool;

import dev.weir.tenants.TenantId;
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
}
