package dev.weir.pool;

import dev.weir.tenants.Ceilings;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.Tenants;
import dev.weir.tenants.Upstream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What tenants on all lanes share: the budgets of hosts, the places for clients, and what one finds out about a host. May be
 * used by any thread.
 */
final class Budgets {
    private static final Logger log = LoggerFactory.getLogger(Budgets.class);

    private final Map<Endpoint, HostBudget> hosts = new ConcurrentHashMap<>();
    private final AtomicInteger clients = new AtomicInteger();
    private volatile Tenants tenants = Tenants.of(List.of(), Optional.empty());

    /** Hosts that were asked how many connections they allow, or are being asked. */
    private final Set<Endpoint> compared = ConcurrentHashMap.newKeySet();

    private volatile boolean compares;

    private volatile BiConsumer<Endpoint, TenantHome> doubts = (_, _) -> {};

    /** Takes other limits into force. A host that has none any more keeps its budget, without a limit. */
    void replace(Tenants tenantsOfNow) {
        Ceilings changed = tenantsOfNow.ceilings();
        changed.hosts().forEach((host, most) -> hosts.computeIfAbsent(host, _ -> new HostBudget(most)));
        hosts.forEach((host, budget) -> {
            Integer most = changed.hosts().get(host);
            budget.setMost(most == null ? HostBudget.UNLIMITED : most);
        });
        tenants = tenantsOfNow;
        compared.clear();
    }

    /** From now on the first server connection to each host is asked whether the host allows what is configured. */
    void compareWithServers() {
        compares = true;
    }

    /** @param tell tells all lanes that a tenant has lost a server connection as if this host had gone; on any thread */
    void whenInDoubt(BiConsumer<Endpoint, TenantHome> tell) {
        doubts = tell;
    }

    /** A tenant has lost a server connection as if its host had gone. */
    void doubt(Upstream upstream, TenantHome by) {
        doubts.accept(Ceilings.host(upstream), by);
    }

    /** The host, if nobody has asked it yet: who gets it is to ask, and to say what came of it. */
    Optional<Endpoint> claim(Upstream upstream) {
        Endpoint host = Ceilings.host(upstream);
        return compares && compared.add(host) ? Optional.of(host) : Optional.empty();
    }

    /** It could not be asked. */
    void disclaim(Endpoint host) {
        compared.remove(host);
    }

    /** @param allowed connections that the host has for those who are no superusers */
    void compare(Endpoint host, int allowed) {
        Integer most = tenants.ceilings().hosts().get(host);
        List<Tenant> there = Ceilings.tenantsOf(host, tenants.all());
        long users = there.stream().mapToLong(tenant -> tenant.users().size()).sum();
        long configured =
                most != null ? most : there.stream().mapToLong(Budgets::most).sum();
        if (configured <= allowed) {
            return;
        }
        log.atWarn()
                .setMessage("more server connections are configured than the server allows")
                .addKeyValue("host", host)
                .addKeyValue("configured", configured)
                .addKeyValue(
                        "from",
                        most != null
                                ? "max_connections of [[host]]"
                                : "pool_size of " + users + " users of " + there.size() + " tenants, a database each")
                .addKeyValue("allowed", allowed)
                .addKeyValue("allowed_from", "max_connections - superuser_reserved_connections of the server")
                .log();
    }

    /** What a tenant may have if its users ask for one database each. */
    private static long most(Tenant tenant) {
        long sum = tenant.users().stream()
                .mapToLong(user -> {
                    PoolSettings pool = tenant.poolSettings(user);
                    return (long) pool.size() + pool.reserveSize();
                })
                .sum();
        return Math.min(sum, tenant.allotment().maxServers().orElse(Integer.MAX_VALUE));
    }

    /** The hosts that have a budget, in the order of their names. */
    List<HostView> view() {
        List<HostView> views = new ArrayList<>();
        for (Endpoint host : tenants.ceilings().hosts().keySet()) {
            HostBudget budget = hosts.get(host);
            if (budget != null) {
                views.add(new HostView(host, budget.takenNow(), budget.mostNow()));
            }
        }
        views.sort(Comparator.comparing(view -> view.host().toString()));
        return views;
    }

    /** The budget of the host of that upstream; null if nothing is set for it. */
    @Nullable
    HostBudget of(Upstream upstream) {
        return tenants.ceilings().ofHost(upstream).isPresent() ? hosts.get(Ceilings.host(upstream)) : null;
    }

    /** @return false if there are as many clients as may be */
    boolean admitClient() {
        int most = maxClients();
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

    void departClient() {
        clients.decrementAndGet();
    }

    int maxClients() {
        return tenants.ceilings().maxClients().orElse(Integer.MAX_VALUE);
    }
}
