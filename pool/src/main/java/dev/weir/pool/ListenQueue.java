package dev.weir.pool;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for the answer to a LISTEN, in the order in which they were or will be sent. As long as there is no place for
 * the server connection on which they are sent, each waits for a limited time; one timer serves all, set to the moment when
 * the first one's time runs out. Confined to its lane.
 */
final class ListenQueue {

    /** One whose LISTEN is not answered. */
    static final class Waiting {
        private final Notifications.Listener listener;
        private final String channel;
        private final long since;

        /** It does not want to listen any more. */
        private boolean left;

        private Waiting(Notifications.Listener listener, String channel, long since) {
            this.listener = listener;
            this.channel = channel;
            this.since = since;
        }

        Notifications.Listener listener() {
            return listener;
        }

        String channel() {
            return channel;
        }

        boolean hasLeft() {
            return left;
        }
    }

    private final Lane lane;
    private final Notifications.Source source;
    private final Runnable whenLate;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable ScheduledFuture<?> timer;

    /** @param whenLate runs when one or more have waited for too long, and have been told */
    ListenQueue(Lane lane, Notifications.Source source, Runnable whenLate) {
        this.lane = lane;
        this.source = source;
        this.whenLate = whenLate;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Takes it in; {@link #watch} is to follow. */
    void add(Notifications.Listener listener, String channel) {
        waiting.add(new Waiting(listener, channel, lane.now()));
    }

    /** Takes out the one that is answered, or null. */
    @Nullable
    Waiting poll() {
        return waiting.poll();
    }

    List<Waiting> all() {
        return List.copyOf(waiting);
    }

    void clear() {
        waiting.clear();
        watch();
    }

    /** @param channel null: all */
    void leave(Notifications.Listener listener, @Nullable String channel) {
        for (Waiting one : waiting) {
            one.left |= one.listener.equals(listener) && (channel == null || one.channel.equals(channel));
        }
    }

    boolean isWanted(String channel) {
        return waiting.stream().anyMatch(one -> !one.left && one.channel.equals(channel));
    }

    /** Those who have not left, each once. */
    Set<Notifications.Listener> listeners() {
        Set<Notifications.Listener> listeners = new LinkedHashSet<>();
        waiting.stream().filter(one -> !one.left).forEach(one -> listeners.add(one.listener));
        return listeners;
    }

    /** How long this one, or the first, has waited, in nanoseconds; -1 if it does not. */
    long waited(Notifications.@Nullable Listener listener) {
        for (Waiting one : waiting) {
            if (!one.left && (listener == null || one.listener.equals(listener))) {
                return lane.now() - one.since;
            }
        }
        return -1;
    }

    // ---- time

    /** Sets the timer anew, if a place is awaited. */
    void watch() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        Waiting first = waiting.peek();
        if (first != null && source.isAwaitingPlace()) {
            long left = source.limit().toNanos() - (lane.now() - first.since);
            timer = lane.schedule(Duration.ofNanos(Math.max(left, 1)), this::onTimer);
        }
    }

    private void onTimer() {
        timer = null;
        Waiting first = waiting.peek();
        while (first != null && source.isAwaitingPlace()) {
            long waited = lane.now() - first.since;
            if (waited < source.limit().toNanos()) {
                break;
            }
            int inQueue = listeners().size();
            waiting.remove();
            if (!first.left) {
                first.listener.onMissed(source.onLate(waited, inQueue));
            }
            first = waiting.peek();
        }
        whenLate.run();
        watch();
    }
}
