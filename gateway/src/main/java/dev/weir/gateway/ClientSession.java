package dev.weir.gateway;

import dev.weir.pool.Fate;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SessionParameters;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a client's session is kept on the server connections that it is lent, which is what its mode decides. All methods
 * are called on the lane.
 */
interface ClientSession {

    /** The client as its session sees it. */
    interface Client extends Subscriptions.Client {
        /** Goes on with its frames, after {@link Verdict#STOP}. */
        void resume();

        /** The same, but not within this call. */
        void resumeSoon();

        /** The server connection can't be made its own: it waits for another, or for this one to be clean. */
        void lendAnother();

        /** It keeps its server connection from now on. */
        void onPinned(List<PinReason> reasons);

        /** Tells it what a parameter is. */
        void tellParameter(String name, String value);
    }

    // ---- lending

    /** What it has set, for which a server connection that has it already is the best. */
    SessionParameters parameters();

    void onLent(ServerConnection lent);

    /**
     * Nothing is outstanding and no transaction open.
     *
     * @return whether the server connection is to be given back; if not now, this may be asked again
     */
    boolean onAtRest(ServerConnection lent);

    /** Whether a server connection has, or may have, what the next client must not see. */
    boolean isDirty();

    /** Its statements on server connections that it shares; null if it has every one to itself. */
    default @Nullable Ride ride() {
        return null;
    }

    /** Whether nothing of it is on a server connection, nor about to be, so that any will do that has what it has set. */
    default boolean isMovable() {
        return false;
    }

    /** The client has gone. */
    void end();

    // ---- frames

    /** The body of a frame of this type is awaited whole up to this size before a server connection is lent, in bytes. */
    int wholeLimit(byte type);

    /** A frame that Postgres would accept begins; a server connection is lent. */
    Verdict onHeader(ServerConnection lent, byte type, int bodyLength);

    /** The frame is here that {@link #onHeader} has asked to see. */
    Verdict onFrame(ServerConnection lent, byte type, ByteBuf buffer, int index, int length);

    /** More of what the client sends has come. */
    void onRead(ByteBuf in);

    // ---- replies

    /** Whether it has taken a part of the reply, to hold it back. */
    boolean holds(ByteBuf run);

    /** Whether it has taken a part of the reply. */
    boolean isHolding();

    /** What was held back of the reply, the caller's own; null if nothing was. Anything may be written behind it now. */
    @Nullable
    ByteBuf takeReply();

    /** A ParameterStatus that came of what the client does; the name in lower case. */
    void onParameter(String name);

    /** A notification that the server connection lent to it passes on. */
    void onNotification(ByteBuf buffer, int index, int length);

    /** Tells the client what is kept for it, if it is ready. */
    void tell();

    // ---- errors

    /**
     * Whether to send the request again, of which nothing has reached the client.
     *
     * @param alone the client has sent nothing else that is not answered yet
     */
    boolean repeats(ServerConnection lent, PgError error, ByteBuf buffer, int index, int length, boolean alone);

    /** Whether what the client sends now has to stand behind what is sent again. */
    boolean isRepetitionDue();

    /** What is to be sent again; the caller's own. */
    ByteBuf takeRepeatable();

    /**
     * Writes an error as the client is to see it.
     *
     * @return false if it is to see it as it is
     */
    boolean translate(ByteBuf buffer, int index, int length, @Nullable Fate fate, ByteBuf out);

    // ---- to be looked at

    /** How many statements it has prepared, as far as Weir knows of them. */
    int statements();

    /**
     * How long it has waited for a place for another server connection, on which is listened for it, in nanoseconds; -1 if
     * it does not.
     */
    default long waitedToListen() {
        return -1;
    }

    /** Why the client keeps its server connection although it is not in session mode. */
    List<PinReason> pinReasons();
}
