package dev.weir.gateway.console;

import dev.weir.pool.HomeView;
import dev.weir.pool.LaneView;
import dev.weir.pool.PoolCounters;
import dev.weir.pool.PoolView;
import dev.weir.tenants.TenantId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks at the counters of all pools once a period, so that averages can be told over the last one. The looking is done by
 * whoever has the clock; what was seen may be asked for from any thread.
 */
final class Statistics {

    /** What is counted together. */
    record Key(TenantId tenant, String database) {}

    /** What the counters were, at a moment by the clock of {@link System#nanoTime}. */
    record Sample(long nanos, Map<Key, PoolCounters> counters) {
        PoolCounters of(Key key) {
            PoolCounters found = counters.get(key);
            return found == null ? new PoolCounters() : found;
        }
    }

    /** The last period that is complete; before the first is, it has no length. */
    record Period(Sample older, Sample newer) {}

    private volatile Period period;

    Statistics(long nowNanos) {
        Sample first = new Sample(nowNanos, Map.of());
        this.period = new Period(first, first);
    }

    Period period() {
        return period;
    }

    /** A period is over. */
    void sample(List<LaneView> lanes, long nowNanos) {
        period = new Period(period.newer(), new Sample(nowNanos, counters(lanes)));
    }

    static Map<Key, PoolCounters> counters(List<LaneView> lanes) {
        Map<Key, PoolCounters> sums = new HashMap<>();
        for (LaneView lane : lanes) {
            for (HomeView home : lane.homes()) {
                for (PoolView pool : home.pools()) {
                    sums.computeIfAbsent(new Key(home.tenant().id(), pool.key().database()), key -> new PoolCounters())
                            .add(pool.counters());
                }
            }
        }
        return sums;
    }
}
