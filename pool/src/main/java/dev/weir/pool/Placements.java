package dev.weir.pool;

import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Which tenant is on which lanes. A tenant is placed on those that are least busy when its first client comes, and stays
 * there as long as it has a client, a server connection, or something that is paused or disabled. Safe for all threads; asked
 * once a login.
 */
final class Placements {
    private final List<Lane> lanes;
    private final Budgets budgets;
    private final LaneLoads loads;
    private final ConcurrentMap<TenantId, Placement> placements = new ConcurrentHashMap<>();

    Placements(List<Lane> lanes, Budgets budgets, LaneLoads loads) {
        this.lanes = List.copyOf(lanes);
        this.budgets = budgets;
        this.loads = loads;
    }

    Budgets budgets() {
        return budgets;
    }

    LaneLoads loads() {
        return loads;
    }

    /** Where that tenant is; it stays so until {@link #release}. */
    Placement hold(Tenant tenant) {
        return placements.compute(tenant.id(), (_, known) -> {
            Placement placement = known == null ? place(tenant) : known;
            placement.holds++;
            return placement;
        });
    }

    private Placement place(Tenant tenant) {
        long now = now();
        List<Lane> chosen = loads.leastBusyFirst(now).subList(0, tenant.lanes(lanes.size()));
        return new Placement(tenant, chosen, lanes.size(), new Entitlement(budgets, tenant, now));
    }

    private long now() {
        return lanes.getFirst().now();
    }

    void release(Placement placement) {
        placements.computeIfPresent(placement.tenant(), (_, known) -> {
            known.holds--;
            return known.holds == 0 ? null : known;
        });
    }

    /** The lane of a client that says it is this user of this tenant. */
    Assignment assign(@Nullable Tenant tenant, TenantId named, String user) {
        if (tenant == null) { // it goes somewhere else as likely as others do
            int hash = named.hashCode();
            return new Assignment(this, lanes.get(Math.floorMod(hash ^ (hash >>> 16), lanes.size())), null, null);
        }
        Placement placement = hold(tenant);
        var ofUser = placement.clientsOf(tenant, user);
        return new Assignment(this, placement.fewest(ofUser), placement, ofUser);
    }

    // ---- another configuration

    /** Before the homes take it: tenants that get more lanes are divided. */
    void prepare(Tenants changed) {
        placements.forEach((id, placement) -> changed.find(id)
                .filter(tenant -> tenant.lanes(lanes.size()) > 1)
                .ifPresent(tenant -> placement.divide()));
    }

    /** After the homes have taken it: clients that come are dealt over as many lanes as it says. */
    void widen(Tenants changed) {
        placements.forEach((id, placement) -> changed.find(id).ifPresent(tenant -> widen(placement, tenant)));
    }

    private void widen(Placement placement, Tenant tenant) {
        int wanted = tenant.lanes(lanes.size());
        if (wanted == placement.width() || (wanted > 1 && !placement.isDivided())) {
            return;
        }
        List<Lane> all = new ArrayList<>(placement.lanes());
        for (Lane lane : loads.leastBusyFirst(now())) {
            if (all.size() < wanted && !all.contains(lane)) {
                all.add(lane);
            }
        }
        placement.deal(all, wanted);
    }
}
