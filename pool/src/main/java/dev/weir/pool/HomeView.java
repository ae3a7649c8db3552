package dev.weir.pool;

import dev.weir.tenants.Tenant;
import java.util.List;

/**
 * What there was of a tenant at one moment.
 *
 * @param clients logged in, or awaiting the end of their login; empty if connections were not asked for
 * @param clientCount how many those are, whether asked for or not
 * @param paused databases that administrators have paused
 * @param disabled databases that administrators have disabled for new clients
 * @param past what has happened in pools that are no more; a copy
 */
public record HomeView(
        Tenant tenant,
        List<PoolView> pools,
        List<ClientView> clients,
        int clientCount,
        DatabaseSelection paused,
        DatabaseSelection disabled,
        PoolTotals past) {
    public HomeView {
        pools = List.copyOf(pools);
        clients = List.copyOf(clients);
    }
}
