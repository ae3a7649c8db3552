package dev.weir.gateway;

import dev.weir.pool.Notifications;
import dev.weir.pool.OwnQuery;
import dev.weir.pool.ServerConnection;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.Frames;
import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The channels that one client of transaction mode listens to. LISTEN goes to the server connection that the client is
 * lent, so that it succeeds and fails as it does in Postgres; then the pool's notification connection takes over: first it
 * listens as well, then the lent one ceases to. What is notified in between both hear, and the client is told once.
 * Confined to a lane.
 */
final class Subscriptions implements Notifications.Listener {
    /** Bytes of notifications that are kept for a client in a transaction, or one that doesn't read. */
    private static final int KEPT_LIMIT = 1 << 20;

    /** Whom they are for. */
    interface Client {
        /** Whether a notification may be written now: Postgres sends none within a transaction. */
        boolean isReadyForNotifications();

        /** Takes a whole NotificationResponse. */
        void takeNotification(ByteBuf frame);

        ByteBufAllocator allocator();

        /** The lent server connection does not listen for it any more. */
        void onMoved();

        /** Ends it. */
        void fail(PgError error);
    }

    private final Notifications notifications;
    private final Client client;
    private final Set<String> channels = new HashSet<>();

    /** What the client is to be told when it is ready for it. */
    private final ArrayDeque<byte[]> kept = new ArrayDeque<>();

    private int keptBytes;

    /** The server connection that ceases to listen; null when nothing moves. */
    private @Nullable ServerConnection moving;

    /** LISTENs of the notification connection that are not answered. */
    private int awaited;

    private boolean ceasing;

    /** What is heard is not told before it is known whether the lent server connection has told it. */
    private boolean holding;

    /** What both connections may have heard: what the notification connection did, and what the lent one did. */
    private final List<byte[]> heard = new ArrayList<>();

    private final List<byte[]> heardByLent = new ArrayList<>();

    Subscriptions(Notifications notifications, Client client) {
        this.notifications = notifications;
        this.client = client;
    }

    boolean isMoving() {
        return moving != null;
    }

    boolean isEmpty() {
        return channels.isEmpty();
    }

    /** How long it has waited for a place for the notification connection, in nanoseconds; -1 if it does not. */
    long waited() {
        return moving == null ? -1 : notifications.waited(this);
    }

    /** Whether the lent server connection is being told to cease to listen, to whatever it listens to by then. */
    boolean isCeasing() {
        return ceasing;
    }

    /** Takes over what a lent server connection listens to, perhaps beside what is being taken over. */
    void move(ServerConnection lent, List<String> listening) {
        moving = lent;
        awaited += listening.size();
        channels.addAll(listening);
        for (String channel : listening) {
            notifications.listen(channel, this);
        }
    }

    @Override
    public void onListening() {
        awaited--;
        proceed();
    }

    /** Has the lent server connection cease to listen, once it is at rest: within a transaction it could be undone. */
    void proceed() {
        ServerConnection lent = moving;
        if (lent != null && awaited == 0 && !ceasing && lent.isAtRest()) {
            ceasing = true;
            lent.session().runOwn("UNLISTEN *", new Ceasing());
            lent.flushRequests();
        }
    }

    /** The lent server connection has ceased to listen. */
    private final class Ceasing implements OwnQuery {
        private @Nullable PgError error;

        @Override
        public void onError(PgError failure) {
            error = failure;
        }

        @Override
        public void onAnswered() {
            notifications.afterAll(Subscriptions.this::onMoved);
        }

        @Override
        public void onUndone() {
            PgError reason = error;
            if (reason != null) {
                client.fail(reason);
            }
        }
    }

    /** The notification connection has heard all that the other may have heard. */
    private void onMoved() {
        if (moving == null) {
            return; // the client has gone
        }
        moving = null;
        ceasing = false;
        release();
        client.onMoved();
    }

    /** It is about to listen on a server connection, perhaps to what it listens to already, so it may hear things twice. */
    void hold() {
        holding = !channels.isEmpty();
    }

    /** What was heard by both is told once. */
    void release() {
        holding = false;
        for (byte[] body : heard) {
            if (!removeEqual(heardByLent, body)) {
                keep(body);
            }
        }
        heard.clear();
        heardByLent.clear();
    }

    boolean isHolding() {
        return holding;
    }

    private static boolean removeEqual(List<byte[]> bodies, byte[] wanted) {
        for (int i = 0; i < bodies.size(); i++) {
            if (Arrays.equals(bodies.get(i), wanted)) {
                bodies.remove(i);
                return true;
            }
        }
        return false;
    }

    /** Runs when the client has been told all that was notified up to now, or when that is kept for it. */
    void afterAll(Runnable then) {
        notifications.afterAll(then);
    }

    /** @param channel null: all */
    void unlisten(@Nullable String channel) {
        for (String one : channel == null ? List.copyOf(channels) : List.of(channel)) {
            channels.remove(one);
            notifications.unlisten(one, this);
        }
    }

    /** The server connection that it is lent has told it itself. */
    void onToldByLent(ByteBuf buffer, int index, int length) {
        if (moving != null || holding) {
            byte[] body = new byte[length];
            buffer.getBytes(index, body);
            heardByLent.add(body);
        }
    }

    @Override
    public void onNotification(byte[] body) {
        if (moving != null || holding) {
            heard.add(body);
            return;
        }
        keep(body);
        tell();
    }

    private void keep(byte[] body) {
        kept.add(body);
        keptBytes += body.length;
        if (keptBytes > KEPT_LIMIT) {
            client.fail(new Failure.TooManyNotifications(KEPT_LIMIT).toPgError());
        }
    }

    /** Tells the client what is kept for it, if it is ready. */
    void tell() {
        while (!kept.isEmpty() && client.isReadyForNotifications()) {
            byte[] body = kept.removeFirst();
            keptBytes -= body.length;
            ByteBuf out = client.allocator().buffer(body.length + 5);
            int start = Frames.begin(out, Backend.NOTIFICATION_RESPONSE);
            out.writeBytes(body);
            Frames.end(out, start);
            client.takeNotification(out);
        }
    }

    @Override
    public void onMissed(PgError reason) {
        client.fail(reason);
    }

    void end() {
        moving = null;
        kept.clear();
        channels.clear();
        notifications.leave(this);
    }
}
