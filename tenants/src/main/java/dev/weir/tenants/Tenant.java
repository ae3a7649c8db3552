package dev.weir.tenants;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A tenant: one Postgres, the users who may reach it through Weir, and the limits that they share.
 *
 * @param database the database of clients that name none
 * @param pool the limits of its pools, but for what {@link #poolSettings} makes of them for a user
 * @param maxClients logged-in clients over all its pools, at most; at least 1
 * @param lanes over how many lanes its clients are dealt, at least 1; empty for as many as its pools' size calls for
 * @param allotment its part of what tenants share
 * @param serverNames host names by which TLS clients (SNI) reach this tenant; lower case
 */
public record Tenant(
        TenantId id,
        Upstream upstream,
        String database,
        PoolSettings pool,
        int maxClients,
        OptionalInt lanes,
        Allotment allotment,
        List<TenantUser> users,
        Set<String> serverNames) {
    /** A lane more for each so many server connections: fewer do not keep one busy, and share better undivided. */
    public static final int SERVERS_PER_LANE = 50;

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
        this(id, upstream, database, pool, maxClients, OptionalInt.empty(), Allotment.NONE, users, serverNames);
    }

    /**
     * Over how many lanes its clients are dealt: never more than it has server connections for. Where clients share the names
     * of prepared statements, there is one lane.
     *
     * @param ofProcess how many there are
     */
    public int lanes(int ofProcess) {
        if (pool.sessions().sharedStatements()) {
            return 1;
        }
        int servers = largestPool();
        int wanted = lanes.orElse(Math.max(1, servers / SERVERS_PER_LANE));
        return Math.max(1, Math.min(Math.min(wanted, servers), ofProcess));
    }

    private int largestPool() {
        int largest = 0;
        for (TenantUser user : users) {
            largest = Math.max(largest, user.poolSize().orElse(pool.size()));
        }
        return largest;
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
