package dev.weir.pool;

import dev.weir.tenants.ServerLife;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Comparator;
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

    private final Pool pool;
    private final Lane lane;
    private final Supply supply;
    private @Nullable ScheduledFuture<?> timer;

    Upkeep(Pool pool, Lane lane, Supply supply) {
        this.pool = pool;
        this.lane = lane;
        this.supply = supply;
    }

    private ServerLife life() {
        return pool.settings().life();
    }

    /** The longest idle first. */
    private List<ServerConnection> idle() {
        long now = lane.now();
        return supply.servers().stream()
                .filter(ServerConnection::isIdle)
                .sorted(Comparator.comparingLong(server -> server.idleSince() - now))
                .toList();
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
        Duration lifetime = life().lifetime();
        return !lifetime.isZero() && now - server.openedAt() >= nanosToLive(server, lifetime);
    }

    private static long nanosToLive(ServerConnection server, Duration lifetime) {
        long nanos = lifetime.toNanos();
        return nanos - nanos / 10 / 1024 * ((server.id() * SPREAD) >>> 54);
    }

    private void look() {
        timer = null;
        for (ServerConnection server : idle()) {
            if (server.isIdle() && isExpired(server, lane.now())) {
                server.retire(CloseReason.LIFETIME);
            }
        }
        endOldShared();
        long idleTimeout = life().idleTimeout().toNanos();
        for (ServerConnection server : idle()) {
            boolean due = idleTimeout > 0 && server.isIdle() && lane.now() - server.idleSince() >= idleTimeout;
            if (due && supply.servers().size() > pool.leastSize()) {
                server.retire(CloseReason.IDLE);
            }
        }
        if (timer == null) { // what was opened in place of one may have armed it
            arm(untilNext());
        }
    }

    /** Nobody gets on any more, or a steady crowd would keep them for ever. */
    private void endOldShared() {
        for (ServerConnection server : supply.servers()) {
            if (server.isShared() && !server.recovery().isRetiring() && isExpired(server, lane.now())) {
                server.retire(CloseReason.LIFETIME);
            }
        }
    }

    private void arm(long nanos) {
        if (nanos != NEVER) {
            timer = lane.schedule(Duration.ofNanos(Math.max(nanos, GRANULARITY.toNanos())), this::look);
        }
    }

    /** In how many nanoseconds the next may be due; of those that are lent, as if they were given back now. */
    private long untilNext() {
        Duration lifetime = life().lifetime();
        long idleTimeout = life().idleTimeout().toNanos();
        long now = lane.now();
        long next = NEVER;
        for (ServerConnection server : supply.servers()) {
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
