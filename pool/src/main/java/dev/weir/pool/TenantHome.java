package dev.weir.pool;

import dev.weir.tenants.Ceilings;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantUser;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything of one tenant on one lane that changes while Weir runs: its pools and its clients, and which databases
 * administrators have paused or disabled. A tenant with several lanes has a home on each, with shares of its pools. Confined
 * to its lane.
 */
public final class TenantHome {
    private final Lane lane;
    private final SecureRandom random;
    private final Budgets budgets;
    private final Consumer<TenantHome> onEmpty;
    private final Map<PoolKey, Pool> pools = new HashMap<>();

    /** Pools that are no longer to be found, and still have server connections. */
    private final Set<Pool> closing = new HashSet<>();

    private final Set<Resident> residents = new HashSet<>();
    private final Placement placement;
    private final Entitlement entitlement;
    private final Holdings holdings = new Holdings();
    private final LimitSweep sweep;
    private final PoolTotals past;
    private final Pool.Host host = new Host();
    private DatabaseSelection paused;
    private DatabaseSelection disabled;
    private Tenant tenant;
    private boolean checkPlanned;
    private boolean ended;

    /**
     * @param placement held by this home; who is told that it is empty releases it
     * @param past of pools that the tenant has had
     * @param onEmpty called once, when there is nothing to be kept but what has happened in pools that are no more
     */
    TenantHome(
            Lane lane,
            Tenant tenant,
            SecureRandom random,
            Budgets budgets,
            Placement placement,
            PoolTotals past,
            Consumer<TenantHome> onEmpty) {
        this.lane = lane;
        this.tenant = tenant;
        this.random = random;
        this.budgets = budgets;
        this.placement = placement;
        this.entitlement = placement.entitlement();
        entitlement.join(holdings);
        entitlement.take(tenant, lane.now());
        this.paused = placement.paused();
        this.disabled = placement.disabled();
        this.sweep = new LimitSweep(lane, residents);
        sweep.update(tenant);
        this.past = past;
        this.onEmpty = onEmpty;
    }

    public Tenant tenant() {
        return tenant;
    }

    Placement placement() {
        return placement;
    }

    // ---- clients

    /** @return why it can't be a client; null if it is one now */
    public @Nullable Failure admit(Resident resident) {
        lane.assertInLane();
        Failure refusal = entitlement.admit(resident.user(), lane.now());
        if (refusal == null) {
            residents.add(resident);
            sweep.begin();
        }
        return refusal;
    }

    public void depart(Resident resident) {
        if (residents.remove(resident)) {
            entitlement.depart(resident.user());
        }
        tellIfEmpty();
    }

    public int residents() {
        return residents.size();
    }

    // ---- pools

    /** The pool of that user and database; made when it is first asked for. */
    public Pool pool(String database, TenantUser user) {
        lane.assertInLane();
        PoolKey key = new PoolKey(tenant.id(), database, user.name());
        Pool pool = pools.get(key);
        if (pool == null) {
            pool = new Pool(
                    key,
                    lane,
                    tenant.poolSettings(user),
                    tenant.upstream(),
                    user.secret(),
                    random,
                    entitlement.share(),
                    entitlement.transactions(),
                    host);
            pools.put(key, pool);
            divide(pool);
            if (paused.contains(database)) {
                pool.pause(() -> {});
            }
        }
        return pool;
    }

    /** Makes the pool this lane's share of it, if the tenant has several lanes. */
    private void divide(Pool pool) {
        if (placement.isDivided() && !pool.isDivided()) {
            pool.divide(placement.join(pool.key(), pool.settings(), pool.part()));
        }
    }

    /** What its clients' bytes count against; null if there is no limit. */
    public @Nullable Rate bytes() {
        return entitlement.bytes();
    }

    /** Takes what the configuration gives to it of what tenants share. */
    void takeShare() {
        entitlement.take(tenant, lane.now());
        List.copyOf(pools.values()).forEach(this::giveShare);
    }

    private void giveShare(Pool pool) {
        pool.setBudget(entitlement.share(), entitlement.transactions());
    }

    /** Asks the server of this pool, which can log in by now, what it allows, if nobody has. */
    public void checkCapacity(Pool pool) {
        entitlement.checkCapacity(pool);
    }

    /** Those that there are; more may be made at any time. */
    public List<Pool> pools() {
        lane.assertInLane();
        return List.copyOf(pools.values());
    }

    /** Ends it if there is nothing in it. */
    void tellIfEmpty() {
        boolean empty = pools.isEmpty() && closing.isEmpty() && residents.isEmpty();
        if (empty && paused.isEmpty() && disabled.isEmpty() && !ended) {
            ended = true;
            entitlement.leave(holdings);
            onEmpty.accept(this);
        }
    }

    /** Its pools, to the budget of its host. */
    private final class Holdings implements HostShare.Holdings {
        @Override
        public void execute(Runnable task) {
            lane.loop().execute(task);
        }

        @Override
        public void after(Duration delay, Runnable task) {
            lane.schedule(delay, task);
        }

        @Override
        public long longestIdle() {
            return pools.values().stream().mapToLong(Pool::longestIdle).max().orElse(-1);
        }

        @Override
        public boolean closeLongestIdle() {
            return pools.values().stream()
                    .max(Comparator.comparingLong(Pool::longestIdle))
                    .map(Pool::closeLongestIdle)
                    .orElse(false);
        }
    }

    /** What has happened in pools that are no more. Borrowed. */
    PoolTotals past() {
        return past;
    }

    /** All idle server connections are asked whether they answer, if they are to this host. */
    void checkIdle(Endpoint host) {
        if (Ceilings.host(tenant.upstream()).equals(host)) {
            planCheck();
        }
    }

    private void planCheck() {
        if (!checkPlanned) {
            checkPlanned = true;
            lane.loop().execute(() -> {
                checkPlanned = false;
                List.copyOf(pools.values()).forEach(Pool::checkIdle);
            });
        }
    }

    /** What its pools see of it. */
    private final class Host implements Pool.Host {
        @Override
        public void onUnused(Pool pool) {
            if (pools.remove(pool.key(), pool) || closing.remove(pool)) {
                past.add(pool.totals());
                placement.forget(pool.key());
            }
            tellIfEmpty();
        }

        /** All idle server connections are checked, once for all that is heard of the server now. */
        @Override
        public void onServerInDoubt(boolean lost) {
            if (lost) {
                budgets.doubt(tenant.upstream(), TenantHome.this);
            }
            planCheck();
        }

        @Override
        public void endClients(PoolKey pool, PgError error) {
            for (Resident resident : List.copyOf(residents)) {
                if (resident.view().pool().equals(pool)) {
                    resident.endNow(error);
                }
            }
        }
    }

    HomeView view(boolean connections) {
        lane.assertInLane();
        List<ClientView> clients =
                connections ? residents.stream().map(Resident::view).toList() : List.of();
        return new HomeView(
                tenant,
                pools.values().stream().map(Pool::view).toList(),
                clients,
                residents.size(),
                paused,
                disabled,
                past.copy());
    }

    // ---- what administrators ask for

    /** A home of the tenant to come is to know it, too. */
    private void setPaused(DatabaseSelection selection) {
        paused = selection;
        placement.setPaused(selection);
    }

    private void setDisabled(DatabaseSelection selection) {
        disabled = selection;
        placement.setDisabled(selection);
    }

    /**
     * Pauses all pools of a database, those to come too, until {@link #resume}.
     *
     * @param whenPaused called on the lane when all that there are have come to rest, or the pause was ended before
     */
    public void pause(String database, Runnable whenPaused) {
        lane.assertInLane();
        setPaused(paused.with(database));
        afterEach(pools(database::equals), Pool::pause, whenPaused);
    }

    /** Pauses all databases, those to come too. */
    public void pauseAll(Runnable whenPaused) {
        lane.assertInLane();
        setPaused(DatabaseSelection.ALL);
        afterEach(pools(), Pool::pause, whenPaused);
    }

    /** @return whether it was paused */
    public boolean resume(String database) {
        lane.assertInLane();
        boolean was = paused.contains(database);
        setPaused(paused.without(database));
        pools(database::equals).forEach(Pool::resume);
        tellIfEmpty();
        return was;
    }

    public void resumeAll() {
        lane.assertInLane();
        setPaused(DatabaseSelection.NONE);
        pools().forEach(Pool::resume);
        tellIfEmpty();
    }

    public boolean isPaused(String database) {
        return paused.contains(database);
    }

    /** Replaces the server connections of a database: the idle ones now, the others when they are given back. */
    public void reconnect(String database) {
        lane.assertInLane();
        pools(database::equals).forEach(Pool::reconnect);
    }

    /** Ends clients, with this error, and server connections of a database now, and pauses it. */
    public void kill(String database, PgError error) {
        lane.assertInLane();
        setPaused(paused.with(database));
        pools(database::equals).forEach(pool -> pool.kill(error));
    }

    /** @param then called on the lane when no server connection of that database is still to be closed */
    public void awaitNoneRetiring(String database, Runnable then) {
        lane.assertInLane();
        afterEach(pools(database::equals), Pool::awaitNoneRetiring, then);
    }

    /** No more clients are let in to that database, until {@link #enable}. */
    public void disable(String database) {
        lane.assertInLane();
        setDisabled(disabled.with(database));
    }

    public void enable(String database) {
        lane.assertInLane();
        setDisabled(disabled.without(database));
        tellIfEmpty();
    }

    public boolean isDisabled(String database) {
        return disabled.contains(database);
    }

    private List<Pool> pools(Predicate<String> databases) {
        return pools.values().stream()
                .filter(pool -> databases.test(pool.key().database()))
                .toList();
    }

    private interface Action {
        void begin(Pool pool, Runnable whenDone);
    }

    private static void afterEach(List<Pool> pools, Action action, Runnable then) {
        int[] left = {pools.size() + 1};
        Runnable countDown = () -> {
            left[0]--;
            if (left[0] == 0) {
                then.run();
            }
        };
        pools.forEach(pool -> action.begin(pool, countDown));
        countDown.run();
    }

    // ---- changes of the configuration, and the end

    /**
     * The configuration has changed: pools take the new settings, users that are gone lose their clients, everyone else
     * goes on.
     */
    void update(Tenant changed) {
        lane.assertInLane();
        Tenant before = tenant;
        tenant = changed;
        entitlement.take(changed, lane.now());
        sweep.update(changed);
        for (Pool pool : List.copyOf(pools.values())) {
            pool.change(() -> update(pool, before));
        }
        PgError gone = new Failure.ShuttingDown().toPgError();
        for (Resident resident : List.copyOf(residents)) {
            if (changed.user(resident.user()).isEmpty()) {
                resident.endNow(gone);
            }
        }
    }

    private void update(Pool pool, Tenant before) {
        giveShare(pool);
        Optional<TenantUser> old = before.user(pool.key().user());
        Optional<TenantUser> user = tenant.user(pool.key().user());
        if (user.isEmpty()) {
            close(pool, CloseReason.RETIRED);
            return;
        }
        pool.setSettings(tenant.poolSettings(user.get()));
        divide(pool);
        boolean sameSecret =
                old.isPresent() && old.get().secret().equals(user.get().secret());
        if (!sameSecret || !tenant.upstream().equals(before.upstream())) {
            pool.setUpstream(tenant.upstream(), user.get().secret());
        }
    }

    private void close(Pool pool, CloseReason why) {
        pools.remove(pool.key(), pool);
        closing.add(pool);
        pool.close(why);
    }

    /** @return whether there was a client of that id, which ends now with this error */
    public boolean endClient(long id, PgError error) {
        lane.assertInLane();
        for (Resident resident : List.copyOf(residents)) {
            if (resident.view().id() == id) {
                resident.endNow(error);
                return true;
            }
        }
        return false;
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
        setPaused(DatabaseSelection.NONE);
        setDisabled(DatabaseSelection.NONE);
        List<Pool> ending = new ArrayList<>(pools.values());
        for (Pool pool : ending) {
            close(pool, why);
        }
        tellIfEmpty();
        return ending;
    }
}
