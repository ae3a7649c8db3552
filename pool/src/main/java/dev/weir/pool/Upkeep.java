package dev.weir.pool;

import dev.weir.tenants.ServerLife;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Closes server connections that are too old or that nobody has used for too long. One timer serves a pool, set to the
 * moment when the first of them may be due; nothing is done when one is lent or given back but to compare its age.
 * Confined to a lane.
 */
final class Upkeep {
    /** It does not look more often than this. */
    private static final Duration GRANULARITY = Duration.ofMillis(10);

    /** The golden ratio of 64 bits: it spreads consecutive numbers evenly. */
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private static final long NEVER = Long.MAX_VALUE;

    /** Whose server connections they are. */
    interface Stock {
        ServerLife life();

        List<ServerConnection> servers();

        /** The longest idle first. */
        List<ServerConnection> idle();

        /** Whether there is one more than the pool should have in any case. */
        boolean hasSpare();
    }

    private final Lane lane;
    private final Stock stock;
    private @Nullable ScheduledFuture<?> timer;

    Upkeep(Lane lane, Stock stock) {
        this.lane = lane;
        this.stock = stock;
    }

    /** One more server connection is there. */
    void onOpened() {
        stop();
        arm(untilNext());
    }

    /** What may be closed, or when, has changed. */
    void renew() {
        stop();
        look();
    }

    void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Whether it has lived for its time, up to a tenth less, so that those of a pool do not go at once. */
    boolean isExpired(ServerConnection server, long now) {
        Duration lifetime = stock.life().lifetime();
        return !lifetime.isZero() && now - server.openedAt() >= nanosToLive(server, lifetime);
    }

    private static long nanosToLive(ServerConnection server, Duration lifetime) {
        long nanos = lifetime.toNanos();
        return nanos - nanos / 10 / 1024 * ((server.id() * SPREAD) >>> 54);
    }

    private void look() {
        timer = null;
        for (ServerConnection server : stock.idle()) {
            if (server.isIdle() && isExpired(server, lane.now())) {
                server.retire(CloseReason.LIFETIME);
            }
        }
        long idleTimeout = stock.life().idleTimeout().toNanos();
        for (ServerConnection server : stock.idle()) {
            boolean due = idleTimeout > 0 && server.isIdle() && lane.now() - server.idleSince() >= idleTimeout;
            if (due && stock.hasSpare()) {
                server.retire(CloseReason.IDLE);
            }
        }
        if (timer == null) { // what was opened in place of one may have armed it
            arm(untilNext());
        }
    }

    private void arm(long nanos) {
        if (nanos != NEVER) {
            timer = lane.schedule(Duration.ofNanos(Math.max(nanos, GRANULARITY.toNanos())), this::look);
        }
    }

    /** In how many nanoseconds the next may be due; of those that are lent, as if they were given back now. */
    private long untilNext() {
        Duration lifetime = stock.life().lifetime();
        long idleTimeout = stock.life().idleTimeout().toNanos();
        long now = lane.now();
        long next = NEVER;
        for (ServerConnection server : stock.servers()) {
            if (!lifetime.isZero()) {
                long left = server.openedAt() + nanosToLive(server, lifetime) - now;
                next = left > 0 ? Math.min(next, left) : next; // else it goes when it is given back
            }
            if (idleTimeout > 0) {
                long left = server.isIdle() ? server.idleSince() + idleTimeout - now : idleTimeout;
                next = Math.min(next, left > 0 ? left : idleTimeout); // else it is one of the least
            }
        }
        return next;
    }
}
