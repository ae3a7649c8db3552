package dev.weir.pool;

import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A client as its pool and the server connection lent to it see it. All methods are called on the lane. */
public interface Borrower {

    /** The number of the client's connection; 0 for a borrower of Weir's own. */
    long id();

    /** Its place in the pool's queue; always the same one. */
    WaitingQueue.Place place();

    /** What its session has set, for which a server connection that has it already is the best. */
    SessionParameters parameters();

    /** A server connection is lent; it stays so until the borrower gives it back, leaves it, or loses it. */
    void onLent(ServerConnection server);

    /**
     * It rides on a server connection that it shares ({@link ServerConnection#isShared}), and its ReadyForQuery has been
     * taken: its ride is over.
     *
     * @param tookNanos how long its statement ran
     */
    void onRideOver(ServerConnection server, long tookNanos);

    /**
     * Its ride has come to nothing: the server connection is gone, or what runs before its statement takes too long.
     *
     * @param lastWords the server's FATAL; null if it said nothing
     * @param running its own statement may have begun
     */
    void onRideLost(@Nullable PgError lastWords, boolean running);

    /** None can be had for the request that waits; the borrower is no longer queued. */
    void onRefused(PgError error);

    /** A part of the replies, in their order. */
    void takeReplies(ByteBuf run);

    /** A reply, or an error, of Weir's own, which stands among the server's. */
    void takeOwnReply(ByteBuf frame);

    /**
     * An ErrorResponse to what the borrower has sent has come.
     *
     * @param buffer borrowed; the message's body begins at {@code index}
     * @return whether the borrower sends it again: then neither this error nor what came before it of the reply is passed
     *     on, nor the ReadyForQuery behind it; {@link #onRepeat} follows
     */
    boolean repeats(PgError error, ByteBuf buffer, int index, int length);

    /** The moment to send again what {@link #repeats} said so of. */
    void onRepeat();

    /**
     * An ErrorResponse to what the borrower has sent is about to be passed on.
     *
     * @param fate of the message that failed, or null
     * @return whether the borrower has taken another in its place
     */
    boolean takesError(ByteBuf buffer, int index, int length, @Nullable Fate fate);

    /** A NotificationResponse, which is passed on as well. */
    void onNotification(ByteBuf buffer, int index, int length);

    /** A ParameterStatus that came of the borrower's own doing, or of nobody's; it is passed on as well. */
    void onParameter(String name, String value);

    /** The replies taken so far make a whole that should reach the client now. */
    void flushReplies();

    /**
     * A ReadyForQuery has been taken.
     *
     * @param atRest whether nothing is outstanding and no transaction is open: the moment to give back
     */
    void onReady(boolean atRest);

    /**
     * The server connection is gone.
     *
     * @param lastWords its FATAL, already taken as a reply; null if it said nothing
     */
    void onServerLost(@Nullable PgError lastWords);

    /** What the server connection still has to write has fallen below, or risen above, its mark. */
    void onServerWritabilityChanged(boolean writable);

    /** Replies have come, so that {@link ServerConnection#hasRoom} is true again after it was false. */
    void onRoom();
}
