package dev.weir.pool;

import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.FrameHandler;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Listens for the clients of a pool that share its server connections: one server connection of its own, beside those of
 * the pool, listens to every channel that one of them listens to, and each notification goes to those who do. It is opened
 * when the first listens and closed when the last has ceased. Confined to its lane.
 *
 * <p>Source: PostgreSQL manual, LISTEN, NOTIFY and "Asynchronous Operations".
 */
public final class Notifications {
    /** Nobody sends more: a channel of 63 bytes and a payload of 8,000. */
    private static final int FRAME_LIMIT = 16 * 1024;

    /** A client that listens. All methods are called on the lane. */
    public interface Listener {
        /** @param body of the NotificationResponse; borrowed */
        void onNotification(byte[] body);

        /** The channel that it asked for is listened to: what is notified from now on comes by {@link #onNotification}. */
        void onListening();

        /** What was notified may have been missed. */
        void onMissed(PgError reason);
    }

    /** Lends the server connection to listen on, and takes it back. */
    interface Source {
        void open(Borrower borrower);

        /** Whether it is not opened yet because there is no place for it. */
        boolean isAwaitingPlace();

        /** It is not to be opened any more; only while a place is awaited. */
        void giveUp();

        /** How long a client may wait for that place. */
        Duration limit();

        /**
         * One has waited for so long.
         *
         * @param waiting how many waited, with it
         * @return what to tell it
         */
        PgError onLate(long waitedNanos, int waiting);

        void close(ServerConnection server);
    }

    private final Source source;
    private final Map<String, Set<Listener>> listeners = new HashMap<>();

    private final ListenQueue unheard;
    private final Ear ear = new Ear();
    private @Nullable ServerConnection server;
    private boolean opening;

    Notifications(Lane lane, Source source) {
        this.source = source;
        this.unheard = new ListenQueue(lane, source, this::giveUpIfUnwanted);
    }

    /** Whether no one listens. */
    public boolean isIdle() {
        return listeners.isEmpty() && unheard.isEmpty();
    }

    /**
     * {@link Listener#onListening} follows, or {@link Listener#onMissed}. What is notified is passed on from then on and
     * not before, also if another listens to that channel already.
     */
    public void listen(String channel, Listener listener) {
        unheard.add(listener, channel);
        if (server != null) {
            send("LISTEN " + quoted(channel), true);
        } else if (!opening) {
            opening = true;
            source.open(ear);
        }
        unheard.watch();
    }

    public void unlisten(String channel, Listener listener) {
        unheard.leave(listener, channel);
        Set<Listener> present = listeners.get(channel);
        if (present != null && present.remove(listener) && present.isEmpty()) {
            listeners.remove(channel);
            ceaseIfUnwanted(channel);
        }
        giveUpIfUnwanted();
        closeIfIdle();
    }

    /** Nobody listens to it; unless one is about to, it need not be listened to. */
    private void ceaseIfUnwanted(String channel) {
        if (!unheard.isWanted(channel) && !listeners.containsKey(channel)) {
            send("UNLISTEN " + quoted(channel), false);
        }
    }

    /** It listens to nothing any more. */
    public void leave(Listener listener) {
        unheard.leave(listener, null);
        for (String channel : List.copyOf(listeners.keySet())) {
            unlisten(channel, listener);
        }
        giveUpIfUnwanted();
    }

    /** Nobody waits any more for the place of the server connection that is to be opened. */
    private void giveUpIfUnwanted() {
        if (source.isAwaitingPlace() && unheard.listeners().isEmpty()) {
            opening = false;
            unheard.clear();
            source.giveUp();
        }
    }

    /** The pool is closed: who waits for a place waits in vain. */
    void close(PgError error) {
        if (source.isAwaitingPlace()) {
            opening = false;
            source.giveUp();
            miss(error);
        }
    }

    // ---- who waits for a place

    /** How many clients do. */
    int waiting() {
        return source.isAwaitingPlace() ? unheard.listeners().size() : 0;
    }

    /** How long the first of them has waited, in nanoseconds; 0 if there is none. */
    long longestWait() {
        return source.isAwaitingPlace() ? Math.max(0, unheard.waited(null)) : 0;
    }

    /** How long it has waited for that place, in nanoseconds; -1 if it does not. */
    public long waited(Listener listener) {
        return source.isAwaitingPlace() ? unheard.waited(listener) : -1;
    }

    /** The time for which one may wait has changed. */
    void onSettings() {
        unheard.watch();
    }

    /** Runs when all that was notified up to now has been passed on. */
    public void afterAll(Runnable then) {
        ServerConnection lent = server;
        if (lent == null) {
            then.run();
            return;
        }
        lent.session().runOwn("", new Unlisten() {
            @Override
            public void onAnswered() {
                then.run();
            }

            @Override
            public void onUndone() {
                then.run(); // the connection has ended, and with it all that it would have told
            }
        });
        lent.flushRequests();
    }

    private void closeIfIdle() {
        ServerConnection lent = server;
        if (lent != null && isIdle()) {
            server = null;
            source.close(lent);
        }
    }

    private void send(String sql, boolean listening) {
        ServerConnection lent = server;
        if (lent != null) {
            lent.session().runOwn(sql, listening ? new Listen() : new Unlisten());
            lent.flushRequests();
        }
    }

    private static String quoted(String channel) {
        return "\"" + channel.replace("\"", "\"\"") + "\"";
    }

    private void miss(PgError reason) {
        Set<Listener> all = new LinkedHashSet<>();
        listeners.values().forEach(all::addAll);
        all.addAll(unheard.listeners());
        listeners.clear();
        unheard.clear();
        for (Listener listener : all) {
            listener.onMissed(reason);
        }
    }

    private class Unlisten implements OwnQuery {
        private @Nullable PgError error;

        @Override
        public void onError(PgError failure) {
            error = failure;
        }

        @Override
        public void onAnswered() {
            // as it was meant
        }

        @Override
        public void onUndone() {
            ServerConnection lent = server;
            if (error != null && lent != null) {
                server = null;
                miss(error);
                source.close(lent);
            }
        }
    }

    private final class Listen extends Unlisten {
        @Override
        public void onAnswered() {
            ListenQueue.Waiting waiting = unheard.poll();
            if (waiting != null && waiting.hasLeft()) {
                ceaseIfUnwanted(waiting.channel());
            } else if (waiting != null) {
                listeners
                        .computeIfAbsent(waiting.channel(), channel -> new LinkedHashSet<>())
                        .add(waiting.listener());
                waiting.listener().onListening();
            }
            closeIfIdle();
        }
    }

    /** As whom it has its server connection, and what hears notifications there. */
    private final class Ear extends OwnBorrower implements FrameHandler {
        private final FrameScanner scanner = new FrameScanner(this);

        @Override
        public void onLent(ServerConnection lent) {
            opening = false;
            server = lent;
            unheard.watch();
            for (ListenQueue.Waiting waiting : unheard.all()) {
                send("LISTEN " + quoted(waiting.channel()), true);
            }
            closeIfIdle();
        }

        @Override
        public void onRefused(PgError error) {
            opening = false;
            miss(error);
        }

        @Override
        public void onServerLost(@Nullable PgError lastWords) {
            server = null;
            scanner.release();
            miss(lastWords != null ? lastWords : new Failure.ServerLost().toPgError());
        }

        @Override
        public void takeReplies(ByteBuf run) {
            ByteBuf rest = scanner.take(run);
            if (rest != null) {
                rest.release();
            }
        }

        @Override
        public Verdict onHeader(byte type, int bodyLength) {
            boolean heard = type == Backend.NOTIFICATION_RESPONSE && bodyLength <= FRAME_LIMIT;
            return heard ? Verdict.INSPECT : Verdict.SWALLOW;
        }

        @Override
        public Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
            int channelLength = buffer.bytesBefore(bodyIndex + 4, bodyLength - 4, (byte) 0);
            if (channelLength >= 0) {
                String channel = buffer.toString(bodyIndex + 4, channelLength, StandardCharsets.UTF_8);
                Set<Listener> present = listeners.get(channel);
                if (present != null) {
                    byte[] body = new byte[bodyLength];
                    buffer.getBytes(bodyIndex, body);
                    for (Listener listener : new ArrayList<>(present)) {
                        listener.onNotification(body);
                    }
                }
            }
            return Verdict.SWALLOW;
        }

        @Override
        public void onMalformedLength(byte type, int lengthField) {
            throw new IllegalStateException("the server connection has let a frame of length " + lengthField + " pass");
        }

        @Override
        public void takeRun(ByteBuf run) {
            run.release();
        }

        @Override
        public void onCut() {
            // no frame is passed on
        }

        @Override
        public void onReady(boolean atRest) {
            // it keeps its server connection
        }
    }
}
