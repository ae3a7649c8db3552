package dev.weir.pool;

import dev.weir.tenants.Tenant;
import java.util.List;

/**
 * What there was of a tenant at one moment.
 *
 * @param clients logged in, or awaiting the end of their login; empty if connections were not asked for
 * @param clientCount how many those are, whether asked for or not
 */
public record HomeView(Tenant tenant, List<PoolView> pools, List<ClientView> clients, int clientCount) {
    public HomeView {
        pools = List.copyOf(pools);
        clients = List.copyOf(clients);
    }
}
