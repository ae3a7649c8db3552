package dev.weir.pool;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * So much in a second and not more, but what was saved up in the second before: a token bucket, kept as the time for which
 * what was taken is enough. Warns when four fifths of it are used. Safe for all threads, since a tenant may have several
 * lanes, whose clocks are one.
 */
public final class Rate {
    private static final Logger log = LoggerFactory.getLogger(Rate.class);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long WARNED_AT = SECOND / 5 * 4;

    /** A warning is repeated after this long at the earliest. */
    private static final long WARNING_PAUSE = Duration.ofMinutes(1).toNanos();

    private final String key;
    private final Object tenant;
    private volatile long perSecond;

    /**
     * By the lanes' clock, when a whole second's worth can be taken again. Up to a second from now, that much of it is used;
     * beyond that, it is overdrawn.
     */
    private final AtomicLong fullAt;

    private final AtomicLong silentUntil;

    /**
     * @param key the setting, for the log
     * @param perSecond at least 1
     * @param now by the lane's clock
     */
    Rate(String key, Object tenant, long perSecond, long now) {
        this.key = key;
        this.tenant = tenant;
        this.perSecond = perSecond;
        this.fullAt = new AtomicLong(now);
        this.silentUntil = new AtomicLong(now);
    }

    /** Another rate from now on. What is left stays left, as far as a second of the new rate goes. */
    void set(long changed, long now) {
        long before = perSecond;
        if (changed == before) {
            return;
        }
        perSecond = changed;
        fullAt.updateAndGet(at -> {
            double left = (double) before * (1 - (double) used(at, now) / (double) SECOND);
            double kept = Math.min(left, (double) changed);
            return now + (long) ((double) SECOND * (1 - kept / (double) changed));
        });
    }

    long perSecond() {
        return perSecond;
    }

    /** The part of a second, or more, that is used up. */
    private static long used(long fullAt, long now) {
        return Math.max(0, fullAt - now);
    }

    private long nanosOf(long count) {
        return (long) ((double) count * (double) SECOND / (double) perSecond);
    }

    /** Takes one; false if none is there. */
    public boolean take(long now) {
        while (true) {
            long at = fullAt.get();
            long used = used(at, now) + nanosOf(1);
            if (used > SECOND) {
                return false;
            }
            if (fullAt.compareAndSet(at, now + used)) {
                warnIfMostIsUsed(used, now);
                return true;
            }
        }
    }

    /** Takes so many, there or not; what is taken too much has to be waited for. */
    public void charge(long count, long now) {
        long nanos = nanosOf(count);
        while (true) {
            long at = fullAt.get();
            long used = used(at, now) + nanos;
            if (fullAt.compareAndSet(at, now + used)) {
                warnIfMostIsUsed(used, now);
                return;
            }
        }
    }

    /** How long until one can be taken, in nanoseconds; 0 if one can be now. */
    public long nanosToNext(long now) {
        return Math.max(0, used(fullAt.get(), now) + nanosOf(1) - SECOND);
    }

    private void warnIfMostIsUsed(long used, long now) {
        if (used <= WARNED_AT) {
            return;
        }
        long until = silentUntil.get();
        if (now - until >= 0 && silentUntil.compareAndSet(until, now + WARNING_PAUSE)) {
            log.atWarn()
                    .setMessage("four fifths of a tenant's rate are used")
                    .addKeyValue("tenant", tenant)
                    .addKeyValue("setting", key)
                    .addKeyValue("limit", perSecond)
                    .log();
        }
    }
}
