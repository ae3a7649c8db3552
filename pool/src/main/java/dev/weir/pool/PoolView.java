package dev.weir.pool;

import dev.weir.tenants.PoolSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pool, or one lane's share of it, was at one moment.
 *
 * @param servers logged in; those outside the pool's size, which listen for notifications, among them
 * @param opening server connections that log in
 * @param clients that have joined
 * @param waiting clients in the queue
 * @param longestWaitNanos how long the first of them has waited; 0 if there is none
 * @param hindrance why they wait, if it is not that all server connections are lent
 * @param pinned clients that keep their server connection for state that can't be moved
 * @param sharingWidth over how many server connections shared statements are spread where there is a crowd
 * @param paused by an administrator
 * @param counters a copy
 * @param supply what has happened to its server connections; a copy
 */
public record PoolView(
        PoolKey key,
        PoolSettings settings,
        List<ServerView> servers,
        int opening,
        int clients,
        int waiting,
        long longestWaitNanos,
        Hindrance hindrance,
        int pinned,
        int sharingWidth,
        boolean paused,
        PoolCounters counters,
        SupplyCounters supply) {
    public PoolView {
        servers = List.copyOf(servers);
    }

    /** This with another lane's share of the same pool. */
    PoolView and(PoolView other) {
        List<ServerView> all = new ArrayList<>(servers);
        all.addAll(other.servers);
        PoolCounters bothCounters = counters.copy();
        bothCounters.add(other.counters);
        SupplyCounters bothSupplies = supply.copy();
        bothSupplies.add(other.supply);
        return new PoolView(
                key,
                settings,
                all,
                opening + other.opening,
                clients + other.clients,
                waiting + other.waiting,
                Math.max(longestWaitNanos, other.longestWaitNanos),
                longestWaitNanos >= other.longestWaitNanos ? hindrance : other.hindrance,
                pinned + other.pinned,
                Math.min(sharingWidth + other.sharingWidth, settings.size()),
                paused || other.paused,
                bothCounters,
                bothSupplies);
    }
}
