package dev.weir.pool;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * So much in a second and not more, but what was saved up in the second before: a token bucket. Warns when four fifths of
 * it are used. Confined to its lane.
 */
public final class Rate {
    private static final Logger log = LoggerFactory.getLogger(Rate.class);
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** A warning is repeated after this long at the earliest. */
    private static final long WARNING_PAUSE = Duration.ofMinutes(1).toNanos();

    private final String key;
    private final Object tenant;
    private long perSecond;

    /** What may still be taken, negative if it is overdrawn. */
    private double tokens;

    private long filledAt;
    private boolean warned;
    private long warnedAt;

    /**
     * @param key the setting, for the log
     * @param perSecond at least 1
     * @param now by the lane's clock
     */
    Rate(String key, Object tenant, long perSecond, long now) {
        this.key = key;
        this.tenant = tenant;
        this.perSecond = perSecond;
        this.tokens = (double) perSecond;
        this.filledAt = now;
    }

    /** Another rate from now on. */
    void set(long changed, long now) {
        fill(now);
        perSecond = changed;
        tokens = Math.min(tokens, (double) perSecond);
    }

    long perSecond() {
        return perSecond;
    }

    private void fill(long now) {
        tokens =
                Math.min((double) perSecond, tokens + (double) (now - filledAt) * (double) perSecond / (double) SECOND);
        filledAt = now;
    }

    /** Takes one; false if none is there. */
    public boolean take(long now) {
        fill(now);
        if (tokens < 1) {
            return false;
        }
        spend(1, now);
        return true;
    }

    /** Takes so many, there or not; what is taken too much has to be waited for. */
    public void charge(long count, long now) {
        fill(now);
        spend(count, now);
    }

    private void spend(long count, long now) {
        tokens -= (double) count;
        if (tokens < (double) perSecond * 0.2 && (!warned || now - warnedAt >= WARNING_PAUSE)) {
            warned = true;
            warnedAt = now;
            log.atWarn()
                    .setMessage("four fifths of a tenant's rate are used")
                    .addKeyValue("tenant", tenant)
                    .addKeyValue("setting", key)
                    .addKeyValue("limit", perSecond)
                    .log();
        }
    }

    /** How long until one can be taken, in nanoseconds; 0 if one can be now. */
    public long nanosToNext(long now) {
        fill(now);
        return tokens >= 1 ? 0 : (long) Math.ceil((1 - tokens) * (double) SECOND / (double) perSecond);
    }
}
