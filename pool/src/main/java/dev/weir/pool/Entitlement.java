package dev.weir.pool;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.Rates;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantUser;
import dev.weir.wire.Failure;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant may have of what tenants share: clients, a part in the budget of its host, and rates. All its homes have the
 * same. Safe for all threads.
 */
final class Entitlement {
    /**
     * What the configuration gives.
     *
     * @param share its part in the budget of its host; null if nothing is set that has to be counted
     * @param own the budget of a tenant whose host has none, but which has a limit of its own; null until there is one
     */
    private record Terms(
            Tenant tenant,
            @Nullable HostShare share,
            @Nullable HostBudget own,
            @Nullable Rate logins,
            @Nullable Rate transactions,
            @Nullable Rate bytes) {}

    private final Budgets budgets;

    /** The pools of each home. */
    private final List<HostShare.Holdings> homes = new CopyOnWriteArrayList<>();

    /** Logged-in clients. */
    private final AtomicInteger clients = new AtomicInteger();

    /** The same of those users who have any. */
    private final ConcurrentMap<String, Integer> clientsByUser = new ConcurrentHashMap<>(4);

    private final AtomicReference<Terms> terms;

    /** @param now by the lanes' clock */
    Entitlement(Budgets budgets, Tenant tenant, long now) {
        this.budgets = budgets;
        this.terms = new AtomicReference<>(
                terms(new Terms(tenant, null, null, null, null, null), tenant, budgets.of(tenant.upstream()), now));
    }

    private Terms inForce() {
        return Objects.requireNonNull(terms.get());
    }

    @Nullable
    HostShare share() {
        return inForce().share();
    }

    @Nullable
    Rate transactions() {
        return inForce().transactions();
    }

    @Nullable
    Rate bytes() {
        return inForce().bytes();
    }

    /** The tenant has one more home. */
    void join(HostShare.Holdings home) {
        homes.add(home);
    }

    void leave(HostShare.Holdings home) {
        homes.remove(home);
    }

    /**
     * Takes what the configuration of now gives to the tenant. Every home says so, and then gives it to its pools.
     *
     * @param now by the lanes' clock
     */
    void take(Tenant changed, long now) {
        HostBudget budget = budgets.of(changed.upstream());
        Terms taken = terms.updateAndGet(before -> terms(before, changed, budget, now));
        HostShare share = taken.share();
        if (share != null) {
            share.setAllotment(changed.allotment());
        }
        Rates rates = changed.allotment().rates();
        set(taken.logins(), rates.newConnections(), now);
        set(taken.transactions(), rates.transactions(), now);
        set(taken.bytes(), rates.bytes(), now);
    }

    private static void set(@Nullable Rate rate, long perSecond, long now) {
        if (rate != null) {
            rate.set(perSecond, now);
        }
    }

    private Terms terms(Terms before, Tenant of, @Nullable HostBudget ofHost, long now) {
        Allotment allotment = of.allotment();
        HostBudget own = before.own();
        HostBudget budget = ofHost;
        if (budget == null && allotment.maxServers().isPresent()) {
            own = own == null ? new HostBudget(HostBudget.UNLIMITED) : own;
            budget = own;
        }
        HostShare share = before.share();
        if (budget == null) {
            share = null;
        } else if (share == null || !share.budget().equals(budget)) {
            share = new HostShare(budget, allotment, homes);
        }
        Rates rates = allotment.rates();
        return new Terms(
                of,
                share,
                own,
                rate(of, before.logins(), "max_new_connections_per_second", rates.newConnections(), now),
                rate(of, before.transactions(), "max_transactions_per_second", rates.transactions(), now),
                rate(of, before.bytes(), "max_bytes_per_second", rates.bytes(), now));
    }

    private static @Nullable Rate rate(Tenant of, @Nullable Rate before, String key, long perSecond, long now) {
        if (perSecond == 0) {
            return null;
        }
        return before == null ? new Rate(key, of.id(), perSecond, now) : before;
    }

    // ---- clients

    /**
     * @param now by the lanes' clock
     * @return why one more can't be a client; null if it is one now
     */
    @Nullable
    Failure admit(String user, long now) {
        Tenant of = inForce().tenant();
        if (!countIn(of.maxClients())) {
            return new Failure.TooManyClients(of.maxClients());
        }
        Failure refusal = admitCounted(of, user, now);
        if (refusal != null) {
            clients.decrementAndGet();
        }
        return refusal;
    }

    private boolean countIn(int most) {
        while (true) {
            int now = clients.get();
            if (now >= most) {
                return false;
            }
            if (clients.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    private @Nullable Failure admitCounted(Tenant of, String user, long now) {
        OptionalInt most = of.user(user).map(TenantUser::maxClients).orElse(OptionalInt.empty());
        int ofUser = clientsByUser.merge(user, 1, Integer::sum);
        Failure refusal = null;
        Rate logins = inForce().logins();
        if (most.isPresent() && ofUser > most.getAsInt()) {
            refusal = new Failure.TooManyClientsOfUser(user, most.getAsInt());
        } else if (logins != null && !logins.take(now)) {
            refusal = new Failure.TooManyNewClients(logins.perSecond());
        } else if (!budgets.admitClient()) {
            refusal = new Failure.TooManyClientsInAll(budgets.maxClients());
        }
        if (refusal != null) {
            countOut(user);
        }
        return refusal;
    }

    private void countOut(String user) {
        clientsByUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
    }

    /** A client has gone. */
    void depart(String user) {
        budgets.departClient();
        countOut(user);
        clients.decrementAndGet();
    }

    // ---- server connections

    /** Asks the server of this pool what it allows, if nobody has. */
    void checkCapacity(Pool pool) {
        budgets.claim(inForce().tenant().upstream())
                .ifPresent(host -> pool.lend(
                        new CapacityCheck(allowed -> budgets.compare(host, allowed), () -> budgets.disclaim(host))));
    }
}
