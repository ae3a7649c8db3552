package dev.weir.pool;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How often server connections may be lent, and the timer of those who wait for it. Confined to its lane. */
final class Pace {
    private final Lane lane;
    private final Runnable whenDue;

    /** Of the tenant, which all its pools share; null if there is no limit. */
    private @Nullable Rate rate;

    private @Nullable ScheduledFuture<?> timer;

    /** @param whenDue called when one may be lent again that was awaited */
    Pace(Lane lane, Runnable whenDue) {
        this.lane = lane;
        this.whenDue = whenDue;
    }

    void set(@Nullable Rate changed) {
        rate = changed;
        cancelTimer(); // who waits is served, or awaits anew
    }

    boolean isLimited() {
        return rate != null;
    }

    /** Only if it is limited. */
    long perSecond() {
        Rate limit = rate;
        if (limit == null) {
            throw new IllegalStateException("no limit");
        }
        return limit.perSecond();
    }

    /** Whether none may be lent now. */
    boolean isUsedUp() {
        Rate limit = rate;
        return limit != null && limit.nanosToNext(lane.now()) > 0;
    }

    /** One is lent. */
    void spend() {
        Rate limit = rate;
        if (limit != null) {
            limit.charge(1, lane.now());
        }
    }

    /** Tells when one may be lent again, unless that is to come already. */
    void arm() {
        Rate limit = rate;
        if (limit != null && timer == null) {
            timer = lane.schedule(Duration.ofNanos(Math.max(1, limit.nanosToNext(lane.now()))), () -> {
                timer = null;
                whenDue.run();
            });
        }
    }

    void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
