package dev.weir.pool;

import java.util.EnumMap;
import java.util.Map;

/**
 * What has happened to the server connections of a pool since it was made. Confined to its lane; a copy is for whoever
 * looks from elsewhere.
 */
public final class SupplyCounters {
    long opened;
    long openFailures;
    long lentAtOnce;
    long lentAfterWaiting;
    long reused;
    long checks;
    private final Map<CloseReason, Long> closed = new EnumMap<>(CloseReason.class);

    /** Server connections that have logged in. */
    public long opened() {
        return opened;
    }

    /** Attempts that did not lead to one. */
    public long openFailures() {
        return openFailures;
    }

    /** How many of them were closed for this reason. */
    public long closed(CloseReason why) {
        return closed.getOrDefault(why, 0L);
    }

    /** How many of them were closed. */
    public long closed() {
        return closed.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Requests that found one idle. */
    public long lentAtOnce() {
        return lentAtOnce;
    }

    /** Requests that got one after they had waited. */
    public long lentAfterWaiting() {
        return lentAfterWaiting;
    }

    /** Of both of these, how often it had been lent before. */
    public long reused() {
        return reused;
    }

    /** How often one was asked whether it answers. */
    public long checks() {
        return checks;
    }

    void countClosed(CloseReason why) {
        closed.merge(why, 1L, Long::sum);
    }

    /** Adds those of another. */
    public void add(SupplyCounters more) {
        opened += more.opened;
        openFailures += more.openFailures;
        lentAtOnce += more.lentAtOnce;
        lentAfterWaiting += more.lentAfterWaiting;
        reused += more.reused;
        checks += more.checks;
        more.closed.forEach((why, count) -> closed.merge(why, count, Long::sum));
    }

    /** As they are now. */
    public SupplyCounters copy() {
        SupplyCounters copy = new SupplyCounters();
        copy.add(this);
        return copy;
    }
}
