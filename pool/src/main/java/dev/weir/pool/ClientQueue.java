package dev.weir.pool;

import dev.weir.tenants.PoolSettings;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients of a pool that wait, and what happens when the first of them has waited for long: the reserve is due, or it
 * is refused. One timer serves all, set to the moment when the first one's time runs out. Confined to a lane.
 */
final class ClientQueue {

    /** Who is told. */
    interface Limits {
        /** The first has waited for {@code reserve_pool_timeout}. */
        void onReserveDue();

        /** The last one waits no longer, where there is a reserve. */
        void onNobodyWaits();

        /**
         * It has waited for {@code queue_timeout}, and is in the queue no longer.
         *
         * @param inQueue how many waited, with it
         */
        void onLate(WaitingQueue.Place place, long waitedNanos, int inQueue);
    }

    private final Lane lane;
    private final Supplier<PoolSettings> settings;
    private final Limits limits;
    private final WaitingQueue waiting = new WaitingQueue();
    private @Nullable ScheduledFuture<?> timer;

    /** When that is due; only while there is a timer. */
    private long timerAt;

    /** Time stands still for those who wait. */
    private boolean stopped;

    private long stoppedAt;

    ClientQueue(Lane lane, Supplier<PoolSettings> settings, Limits limits) {
        this.lane = lane;
        this.settings = settings;
        this.limits = limits;
    }

    int size() {
        return waiting.size();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** How long the first one has waited, in nanoseconds; 0 if there is none. */
    long longestWait() {
        return waiting.isEmpty() ? 0 : lane.now() - waiting.oldestSince();
    }

    /** How many wait for room behind others. */
    int riding() {
        return waiting.riding();
    }

    /** Of those, the one who waits longest; or null. */
    WaitingQueue.@Nullable Place peekRiding() {
        return waiting.peekRiding();
    }

    /** How many wait for a server connection that is free. */
    int notRiding() {
        return waiting.size() - waiting.riding();
    }

    /**
     * Takes it in; {@link #watch} is to follow.
     *
     * @param rides it waits for room behind others; else for a server connection that is free
     */
    void add(WaitingQueue.Place place, boolean rides) {
        waiting.add(place, rides, lane.now());
    }

    boolean remove(WaitingQueue.Place place) {
        boolean was = waiting.remove(place);
        if (was) {
            watchReserve();
        }
        return was;
    }

    /** The one who waits longest, or null. */
    WaitingQueue.@Nullable Place peek() {
        return waiting.peek();
    }

    /** Takes out the one who waits longest, or null. */
    WaitingQueue.@Nullable Place poll() {
        WaitingQueue.Place place = waiting.poll();
        if (place != null) {
            watchReserve();
        }
        return place;
    }

    /** Another is the first, whose reserve may be due before the time of the one before it would have run out. */
    private void watchReserve() {
        if (settings.get().reserveSize() > 0) {
            if (waiting.isEmpty()) {
                limits.onNobodyWaits();
            }
            watch();
        }
    }

    /** Whether the first one has waited so long that the reserve is to be opened. */
    boolean isReserveDue() {
        PoolSettings now = settings.get();
        return now.reserveSize() > 0
                && !waiting.isEmpty()
                && lane.now() - waiting.oldestSince() >= now.reserveTimeout().toNanos();
    }

    // ---- time

    /** Sees to it that the timer is not later than it should be. */
    void watch() {
        if (stopped || waiting.isEmpty()) {
            return;
        }
        PoolSettings now = settings.get();
        long since = waiting.oldestSince();
        long at = since + now.queueTimeout().toNanos();
        if (now.reserveSize() > 0) {
            long reserveAt = since + now.reserveTimeout().toNanos();
            if (reserveAt - lane.now() > 0 && reserveAt - at < 0) {
                at = reserveAt;
            }
        }
        if (timer == null || at - timerAt < 0) {
            cancelTimer();
            timerAt = at;
            timer = lane.schedule(Duration.ofNanos(Math.max(at - lane.now(), 1)), this::onTimer);
        }
    }

    private void onTimer() {
        timer = null;
        long limit = settings.get().queueTimeout().toNanos();
        while (!waiting.isEmpty() && lane.now() - waiting.oldestSince() >= limit) {
            long waited = lane.now() - waiting.oldestSince();
            int inQueue = waiting.size();
            WaitingQueue.Place late = waiting.poll();
            if (late != null) {
                limits.onLate(late, waited, inQueue);
            }
        }
        if (isReserveDue()) {
            limits.onReserveDue();
        }
        watch();
    }

    /** The settings have changed. */
    void onSettings() {
        cancelTimer();
        watch();
    }

    /** From now on nobody has waited for longer than now, until {@link #go}. */
    void stop() {
        if (!stopped) {
            stopped = true;
            stoppedAt = lane.now();
            cancelTimer();
        }
    }

    void go() {
        if (stopped) {
            stopped = false;
            waiting.leaveOut(stoppedAt, lane.now());
            watch();
        }
    }

    void cancelTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
