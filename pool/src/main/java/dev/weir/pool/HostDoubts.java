package dev.weir.pool;

import dev.weir.tenants.Endpoint;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What one tenant has found out about a Postgres host serves all of a lane that use the same: their idle server connections
 * are asked whether they answer, for one host once in {@link #PAUSE}, since a tenant could lose its connections on purpose.
 * Confined to the lane.
 */
final class HostDoubts {
    static final Duration PAUSE = Duration.ofSeconds(1);

    private final Supplier<List<TenantHome>> homes;

    /** Hosts whose pause is not over. */
    private final Set<Endpoint> recent = new HashSet<>();

    /** Of these, those that were doubted once more. */
    private final Set<Endpoint> again = new HashSet<>();

    /** @param homes all of the lane */
    HostDoubts(Supplier<List<TenantHome>> homes) {
        this.homes = homes;
    }

    /** @param by who has checked its own already */
    void onDoubt(Lane lane, Endpoint host, TenantHome by) {
        if (!recent.add(host)) {
            again.add(host);
            return;
        }
        for (TenantHome home : homes.get()) {
            if (!home.equals(by)) {
                home.checkIdle(host);
            }
        }
        lane.schedule(PAUSE, () -> {
            recent.remove(host);
            if (again.remove(host)) {
                onDoubt(lane, host, by);
            }
        });
    }
}
