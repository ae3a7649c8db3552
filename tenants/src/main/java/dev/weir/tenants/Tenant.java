package dev.weir.tenants;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A tenant: one Postgres, the users who may reach it through Weir, and the limits that they share.
 *
 * @param database the database of clients that name none
 * @param pool the limits of its pools, but for what {@link #poolSettings} makes of them for a user
 * @param maxClients logged-in clients over all its pools, at most; at least 1
 * @param allotment its part of what tenants share
 * @param serverNames host names by which TLS clients (SNI) reach this tenant; lower case
 */
public record Tenant(
        TenantId id,
        Upstream upstream,
        String database,
        PoolSettings pool,
        int maxClients,
        Allotment allotment,
        List<TenantUser> users,
        Set<String> serverNames) {
    public Tenant {
        users = List.copyOf(users);
        serverNames = Set.copyOf(serverNames);
    }

    /** A tenant for which nothing is set about what tenants share. */
    public Tenant(
            TenantId id,
            Upstream upstream,
            String database,
            PoolSettings pool,
            int maxClients,
            List<TenantUser> users,
            Set<String> serverNames) {
        this(id, upstream, database, pool, maxClients, Allotment.NONE, users, serverNames);
    }

    /** The user of that name; a short list, and asked once a login. */
    public Optional<TenantUser> user(String name) {
        for (TenantUser user : users) {
            if (user.name().equals(name)) {
                return Optional.of(user);
            }
        }
        return Optional.empty();
    }

    /** The settings of that user's pools. */
    public PoolSettings poolSettings(TenantUser user) {
        return pool.forUser(user);
    }
}
