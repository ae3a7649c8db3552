package dev.weir.gateway.console;

import dev.weir.tenants.ConsoleLimits;
import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** How many users of tenants are at the console. Safe for all threads. */
final class TenantSessions {
    private final AtomicInteger all = new AtomicInteger();

    /** Of those that have any. */
    private final Map<TenantId, Integer> perTenant = new ConcurrentHashMap<>();

    /** @return why one more of this tenant is not let in; null if it is counted now */
    @Nullable
    Failure add(TenantId tenant, ConsoleLimits limits) {
        if (perTenant.merge(tenant, 1, Integer::sum) > limits.clientsPerTenant()) {
            removeOne(tenant);
            return new Failure.TooManyOfTenantAtConsole(limits.clientsPerTenant());
        }
        int before = all.getAndUpdate(count -> count < limits.clients() ? count + 1 : count);
        if (before >= limits.clients()) {
            removeOne(tenant);
            return new Failure.TooManyAtConsole(limits.clients());
        }
        return null;
    }

    /** One of those has left. */
    void remove(TenantId tenant) {
        removeOne(tenant);
        all.decrementAndGet();
    }

    private void removeOne(TenantId tenant) {
        perTenant.computeIfPresent(tenant, (_, count) -> count == 1 ? null : count - 1);
    }
}
