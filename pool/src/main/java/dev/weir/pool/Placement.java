package dev.weir.pool;

import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Where a tenant is, as long as it has anything: its lanes, how its clients are dealt over them, and what its homes there
 * have in common. Safe for all threads.
 */
final class Placement {
    /** All who are no users of the tenant are counted as one, since anybody can think of names. */
    private static final String NOBODY = "";

    private final TenantId tenant;
    private final Entitlement entitlement;
    private final ConcurrentMap<PoolKey, PoolShares> pools = new ConcurrentHashMap<>(2);

    /** Where the tenant may have homes, at least one. */
    private volatile List<Lane> lanes;

    /** Over how many of them, the first, clients that come are dealt. */
    private volatile int dealt;

    /** Whether its pools are divided over several lanes, or have been. */
    private volatile boolean divided;

    private volatile DatabaseSelection paused = DatabaseSelection.NONE;
    private volatile DatabaseSelection disabled = DatabaseSelection.NONE;

    /** Clients, those that log in among them, by lane. */
    private final AtomicIntegerArray clients;

    /** The same by user, of a tenant that is divided. */
    private final ConcurrentMap<String, AtomicIntegerArray> clientsByUser = new ConcurrentHashMap<>(2);

    /** Homes and clients; written by {@link Placements} only, while it has the tenant's entry. */
    int holds;

    /** @param lanesOfAll how many lanes the process has */
    Placement(Tenant tenant, List<Lane> lanes, int lanesOfAll, Entitlement entitlement) {
        this.clients = new AtomicIntegerArray(lanesOfAll);
        this.tenant = tenant.id();
        this.lanes = List.copyOf(lanes);
        this.dealt = lanes.size();
        this.divided = lanes.size() > 1;
        this.entitlement = entitlement;
    }

    TenantId tenant() {
        return tenant;
    }

    Entitlement entitlement() {
        return entitlement;
    }

    /** Where the tenant may have homes. */
    List<Lane> lanes() {
        return lanes;
    }

    // ---- more lanes, or fewer

    /** How many lanes clients that come are dealt over. */
    int width() {
        return dealt;
    }

    boolean isDivided() {
        return divided;
    }

    /** From now on pools are divided over lanes, even if there is only one as yet. */
    void divide() {
        divided = true;
    }

    /** @param all those that there are, in the same order, and maybe more */
    void deal(List<Lane> all, int width) {
        lanes = List.copyOf(all);
        dealt = width;
    }

    // ---- clients

    /** The lane with the fewest clients of that user, and of those the one with the fewest at all. Takes none. */
    Lane fewest(AtomicIntegerArray ofUser) {
        List<Lane> now = lanes;
        Lane best = now.getFirst();
        for (Lane lane : now.subList(1, Math.min(dealt, now.size()))) {
            int fewer = ofUser.get(best.index()) - ofUser.get(lane.index());
            if (fewer > 0 || (fewer == 0 && clients.get(lane.index()) < clients.get(best.index()))) {
                best = lane;
            }
        }
        return best;
    }

    /** The clients of a user, by lane; of a tenant that is not divided, all clients. */
    AtomicIntegerArray clientsOf(Tenant configured, String user) {
        if (!divided) {
            return clients;
        }
        String known = configured.user(user).isPresent() ? user : NOBODY;
        return clientsByUser.computeIfAbsent(known, _ -> new AtomicIntegerArray(clients.length()));
    }

    /** All clients, by lane. */
    AtomicIntegerArray clients() {
        return clients;
    }

    // ---- pools

    /** One more share of that pool. */
    PoolShares.Share join(PoolKey key, PoolSettings settings, PoolShares.Part part) {
        PoolShares.Share[] joined = new PoolShares.Share[1];
        pools.compute(key, (_, known) -> {
            PoolShares shares = known == null ? new PoolShares(settings) : known;
            joined[0] = shares.join(part);
            return shares;
        });
        return joined[0];
    }

    /** A pool of a lane has ended. */
    void forget(PoolKey key) {
        pools.computeIfPresent(key, (_, known) -> known.isEmpty() ? null : known);
    }

    // ---- what administrators have asked for

    DatabaseSelection paused() {
        return paused;
    }

    void setPaused(DatabaseSelection selection) {
        paused = selection;
    }

    DatabaseSelection disabled() {
        return disabled;
    }

    void setDisabled(DatabaseSelection selection) {
        disabled = selection;
    }
}
