package dev.weir.pool;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.Rates;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantUser;
import dev.weir.wire.Failure;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant may have of what tenants share: clients, a part in the budget of its host, and rates. Confined to its lane.
 */
final class Entitlement {
    private final Lane lane;
    private final Budgets budgets;
    private final Collection<Pool> pools;

    /** Logged-in clients of those users who have any. */
    private final Map<String, Integer> clientsByUser = new HashMap<>();

    private @Nullable Tenant tenant;

    /** Its part in the budget of its host; null if nothing is set that has to be counted. */
    private @Nullable HostShare share;

    /** The budget of a tenant whose host has none, but which has a limit of its own; null until there is one. */
    private @Nullable HostBudget own;

    private @Nullable Rate logins;
    private @Nullable Rate transactions;
    private @Nullable Rate bytes;

    /** @param pools those of the tenant at any time */
    Entitlement(Lane lane, Budgets budgets, Collection<Pool> pools) {
        this.lane = lane;
        this.budgets = budgets;
        this.pools = pools;
    }

    @Nullable
    HostShare share() {
        return share;
    }

    @Nullable
    Rate transactions() {
        return transactions;
    }

    @Nullable
    Rate bytes() {
        return bytes;
    }

    /** Takes what the configuration of now gives to the tenant, for its pools too. */
    void take(Tenant changed) {
        tenant = changed;
        Allotment allotment = changed.allotment();
        HostBudget budget = budgets.of(changed.upstream());
        if (budget == null && allotment.maxServers().isPresent()) {
            own = own == null ? new HostBudget(HostBudget.UNLIMITED) : own;
            budget = own;
        }
        if (budget == null) {
            share = null;
        } else if (share != null && share.budget().equals(budget)) {
            share.setAllotment(allotment);
        } else {
            share = new HostShare(budget, allotment, new Holdings());
        }
        Rates rates = allotment.rates();
        logins = rate(changed, logins, "max_new_connections_per_second", rates.newConnections());
        transactions = rate(changed, transactions, "max_transactions_per_second", rates.transactions());
        bytes = rate(changed, bytes, "max_bytes_per_second", rates.bytes());
        for (Pool pool : List.copyOf(pools)) {
            pool.setShare(share, transactions);
        }
    }

    private @Nullable Rate rate(Tenant of, @Nullable Rate before, String key, long perSecond) {
        if (perSecond == 0) {
            return null;
        }
        if (before == null) {
            return new Rate(key, of.id(), perSecond, lane.now());
        }
        before.set(perSecond, lane.now());
        return before;
    }

    // ---- clients

    /**
     * @param clients logged-in clients of the tenant
     * @return why one more can't be a client; null if it is one now
     */
    @Nullable
    Failure admit(String user, int clients) {
        Failure refusal = refusal(user, clients);
        if (refusal != null) {
            return refusal;
        }
        if (!budgets.admitClient()) {
            return new Failure.TooManyClientsInAll(budgets.maxClients());
        }
        clientsByUser.merge(user, 1, Integer::sum);
        return null;
    }

    private @Nullable Failure refusal(String user, int clients) {
        Tenant of = tenant;
        if (of == null) {
            throw new IllegalStateException("nothing was taken yet");
        }
        if (clients >= of.maxClients()) {
            return new Failure.TooManyClients(of.maxClients());
        }
        OptionalInt ofUser = of.user(user).map(TenantUser::maxClients).orElse(OptionalInt.empty());
        if (ofUser.isPresent() && clientsByUser.getOrDefault(user, 0) >= ofUser.getAsInt()) {
            return new Failure.TooManyClientsOfUser(user, ofUser.getAsInt());
        }
        if (logins != null && !logins.take(lane.now())) {
            return new Failure.TooManyNewClients(logins.perSecond());
        }
        return null;
    }

    /** A client has gone. */
    void depart(String user) {
        budgets.departClient();
        clientsByUser.computeIfPresent(user, (_, count) -> count == 1 ? null : count - 1);
    }

    // ---- server connections

    /** Asks the server of this pool what it allows, if nobody has. */
    void checkCapacity(Pool pool) {
        Tenant of = tenant;
        if (of != null) {
            budgets.claim(of.upstream())
                    .ifPresent(host -> pool.lend(new CapacityCheck(
                            allowed -> budgets.compare(host, allowed), () -> budgets.disclaim(host))));
        }
    }

    /** The tenant's pools, to the budget. */
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
            return pools.stream().mapToLong(Pool::longestIdle).max().orElse(-1);
        }

        @Override
        public boolean closeLongestIdle() {
            return pools.stream()
                    .max(Comparator.comparingLong(Pool::longestIdle))
                    .map(Pool::closeLongestIdle)
                    .orElse(false);
        }
    }
}
