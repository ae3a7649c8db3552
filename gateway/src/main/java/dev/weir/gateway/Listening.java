package dev.weir.gateway;

import dev.weir.pool.Notifications;
import dev.weir.pool.ServerConnection;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The {@link Subscriptions} of a client, which has none before it listens for the first time. Confined to a lane. */
final class Listening {
    private final Notifications notifications;
    private final ClientSession.Client client;

    /** Null until it listens. */
    private @Nullable Subscriptions subscriptions;

    /** What it ceases to listen to with its transaction; empty: to all. */
    private final List<Optional<String>> ceasing = new ArrayList<>(0);

    /** It has been told all that was notified before it ceases to listen. */
    private boolean toldAll;

    Listening(Notifications notifications, ClientSession.Client client) {
        this.notifications = notifications;
        this.client = client;
    }

    /** Takes over what a lent server connection listens to. */
    void move(ServerConnection lent, List<String> channels) {
        Subscriptions own = subscriptions;
        if (own == null) {
            own = new Subscriptions(notifications, client);
            subscriptions = own;
        }
        own.move(lent, channels);
    }

    /** Whether a server connection still listens for it. */
    boolean isMoving() {
        return subscriptions != null && subscriptions.isMoving();
    }

    /** See {@link Subscriptions#waited}. */
    long waited() {
        return subscriptions == null ? -1 : subscriptions.waited();
    }

    /** Whether it can take over more: what a server connection that ceases to listen has begun to, it has not ceased to. */
    boolean isReadyToMove() {
        return subscriptions == null || !subscriptions.isCeasing();
    }

    /** LISTEN is being sent. */
    void onListen() {
        if (subscriptions != null) {
            subscriptions.hold();
        }
    }

    /** The server connection that it is lent is at rest. */
    void onAtRest() {
        if (subscriptions != null) {
            if (subscriptions.isHolding() && !subscriptions.isMoving()) {
                subscriptions.release();
            }
            subscriptions.proceed();
            subscriptions.tell();
        }
    }

    /** A notification that the server connection lent to it passes on. */
    void onToldByLent(ByteBuf buffer, int index, int length) {
        if (subscriptions != null) {
            subscriptions.onToldByLent(buffer, index, length);
        }
    }

    /** Tells it what is kept for it, if it is ready. */
    void tell() {
        if (subscriptions != null) {
            subscriptions.tell();
        }
    }

    /**
     * Before it ceases to listen it is told what was notified before, as a session of its own would be.
     *
     * @return whether it must wait for that; then it goes on soon
     */
    boolean isToBeToldFirst() {
        Subscriptions own = subscriptions;
        if (own == null || own.isEmpty() || toldAll) {
            toldAll = false;
            return false;
        }
        own.afterAll(() -> {
            toldAll = true;
            client.resumeSoon();
        });
        return true;
    }

    /**
     * It ceases to listen when its transaction is committed.
     *
     * @param channel null: all
     */
    void unlistenAtCommit(@Nullable String channel) {
        if (subscriptions != null) {
            ceasing.add(Optional.ofNullable(channel));
        }
    }

    /** What was to be committed is not. */
    void onError() {
        ceasing.clear();
    }

    /** The transaction is over. */
    void onCommitted() {
        if (!ceasing.isEmpty()) {
            ceasing.forEach(channel -> unlisten(channel.orElse(null)));
            ceasing.clear();
        }
    }

    /** @param channel null: all */
    void unlisten(@Nullable String channel) {
        if (subscriptions != null) {
            subscriptions.unlisten(channel);
        }
    }

    void end() {
        if (subscriptions != null) {
            subscriptions.end();
        }
    }
}
