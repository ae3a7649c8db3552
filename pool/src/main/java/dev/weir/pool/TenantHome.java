package dev.weir.pool;

import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantUser;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Everything of one tenant that changes while Weir runs: its pools and its clients. Confined to its lane. */
public final class TenantHome {
    private final Lane lane;
    private final SecureRandom random;
    private final Map<PoolKey, Pool> pools = new HashMap<>();
    private final Set<Resident> residents = new HashSet<>();
    private final LimitSweep sweep;
    private Tenant tenant;

    TenantHome(Lane lane, Tenant tenant, SecureRandom random) {
        this.lane = lane;
        this.tenant = tenant;
        this.random = random;
        this.sweep = new LimitSweep(lane, residents);
        sweep.update(tenant);
    }

    public Tenant tenant() {
        return tenant;
    }

    /** @return false if the tenant has as many clients as it may */
    public boolean admit(Resident resident) {
        lane.assertInLane();
        if (residents.size() >= tenant.maxClients() || !residents.add(resident)) {
            return false;
        }
        sweep.begin();
        return true;
    }

    public void depart(Resident resident) {
        residents.remove(resident);
    }

    public int residents() {
        return residents.size();
    }

    /** The pool of that user and database; made when it is first asked for. */
    public Pool pool(String database, TenantUser user) {
        lane.assertInLane();
        PoolKey key = new PoolKey(tenant.id(), database, user.name());
        return pools.computeIfAbsent(
                key,
                k -> new Pool(
                        k, lane, tenant.poolSettings(user), tenant.upstream(), user.secret(), random, this::drop));
    }

    HomeView view(boolean connections) {
        lane.assertInLane();
        List<ClientView> clients =
                connections ? residents.stream().map(Resident::view).toList() : List.of();
        return new HomeView(tenant, pools.values().stream().map(Pool::view).toList(), clients, residents.size());
    }

    private void drop(Pool pool) {
        pools.remove(pool.key(), pool);
    }

    /**
     * The configuration has changed: pools take the new settings, users that are gone lose their clients, everyone else
     * goes on.
     */
    void update(Tenant changed) {
        lane.assertInLane();
        Tenant before = tenant;
        tenant = changed;
        sweep.update(changed);
        for (Pool pool : List.copyOf(pools.values())) {
            Optional<TenantUser> old = before.user(pool.key().user());
            Optional<TenantUser> user = changed.user(pool.key().user());
            if (user.isEmpty()) {
                pools.remove(pool.key());
                pool.close(CloseReason.RETIRED);
                continue;
            }
            pool.setSettings(changed.poolSettings(user.get()));
            boolean sameSecret =
                    old.isPresent() && old.get().secret().equals(user.get().secret());
            if (!sameSecret || !changed.upstream().equals(before.upstream())) {
                pool.setUpstream(changed.upstream(), user.get().secret());
            }
        }
        PgError gone = new Failure.ShuttingDown().toPgError();
        for (Resident resident : List.copyOf(residents)) {
            if (changed.user(resident.user()).isEmpty()) {
                resident.endNow(gone);
            }
        }
    }

    /** Lets transactions finish, then ends clients and server connections. */
    void endSoon(PgError error) {
        lane.assertInLane();
        for (Resident resident : List.copyOf(residents)) {
            resident.endSoon(error);
        }
    }

    /**
     * Ends everything now.
     *
     * @return the pools, whose server connections close as soon as what clients left on them has come to an end
     */
    List<Pool> endNow(PgError error, CloseReason why) {
        lane.assertInLane();
        for (Resident resident : List.copyOf(residents)) {
            resident.endNow(error);
        }
        List<Pool> closing = List.copyOf(pools.values());
        for (Pool pool : closing) {
            pool.close(why);
        }
        pools.clear();
        return closing;
    }
}
