package dev.weir.gateway;

import dev.weir.pool.Pool;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.WaitingQueue;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A client's short reading statements on server connections that it shares with others, one statement at a time. Confined
 * to a lane.
 */
final class Ride {
    /** A statement that is expected to take longer gets a server connection of its own. */
    private static final int LONGEST_MICROS = 5_000;

    private final Pool pool;
    private final FrameScanner scanner;
    private final ShareableExchange exchange;
    private final Repetition repetition;
    private final UnnamedStatement unnamed;
    private final ClientSession session;

    /** Of what was found shareable, the frames that were not sent yet. */
    private int framesLeft;

    /** The client has asked for its statement to be cancelled. */
    private boolean cancelWanted;

    Ride(
            Pool pool,
            FrameScanner scanner,
            ShareableExchange exchange,
            Repetition repetition,
            UnnamedStatement unnamed,
            ClientSession session) {
        this.pool = pool;
        this.scanner = scanner;
        this.exchange = exchange;
        this.repetition = repetition;
        this.unnamed = unnamed;
        this.session = session;
    }

    /**
     * Looks at a request for which a server connection is about to be asked for; see {@link ShareableExchange#look}.
     *
     * @param buffer holds the first frame whole; null if it has not been waited for
     */
    int look(byte type, @Nullable ByteBuf buffer, int index, int length) {
        if (buffer == null
                || !pool.shared().isEnabled()
                || repetition.isRepeated()
                || scanner.buffer() == null
                || !session.isMovable()) {
            exchange.forget();
            return WaitingQueue.Place.ALONE;
        }
        int micros = exchange.look(type, buffer, index, length);
        framesLeft = exchange.frames();
        return micros > LONGEST_MICROS ? WaitingQueue.Place.ALONE : micros;
    }

    /** A frame begins; all up to the end of the exchange go to the server connection, the others wait. */
    Verdict onHeader(ServerConnection shared, byte type, int bodyLength) {
        if (framesLeft == 0) {
            return Verdict.STOP; // until what was sent is answered
        }
        if (framesLeft == exchange.frames()) {
            repetition.keepWhole(exchange.length());
        }
        framesLeft--;
        if (type == Frontend.QUERY) {
            unnamed.forget(shared);
            shared.onRequest(Frontend.QUERY);
            return Verdict.FORWARD;
        }
        return session.onHeader(shared, type, bodyLength);
    }

    /** Whether all of the exchange has been sent. */
    boolean isAboard() {
        return framesLeft == 0;
    }

    /** A server connection is lent to the client alone; what Weir changes there first is not the statement's time. */
    void onAlone(ServerConnection lent) {
        if (!lent.session().parameters().equals(session.parameters())) {
            exchange.forget();
        }
    }

    /** The statement that was looked at last, sent on a server connection of its own or not, was answered. */
    void onTook(long nanos) {
        if (exchange.fingerprint() != 0) {
            pool.shared().onTook(exchange.fingerprint(), nanos);
            exchange.forget();
        }
    }

    void onCancelWanted() {
        cancelWanted = true;
    }

    /** Answered, or nobody awaits the answer any more. */
    void onOver() {
        cancelWanted = false;
        repetition.onAtRest();
    }

    /** The client has got off before the answer came, which is for nobody. */
    void onGotOff() {
        unnamed.detach();
        onOver();
    }

    /** An error has come; whether it is for a reason that lies in sharing, or pooling, so that all is sent again. */
    boolean repeats(ServerConnection shared, PgError error, ByteBuf buffer, int index, int length) {
        boolean canceledForAnother = error.code().equals(Sqlstate.QUERY_CANCELED.code())
                && shared.sharing().mayHitOthers()
                && !cancelWanted;
        return canceledForAnother
                ? repetition.repeatsWhole()
                : repetition.repeats(shared, error, buffer, index, length, true);
    }

    /**
     * It comes to nothing.
     *
     * @param running its own statement may have been the one that ended the server connection
     * @return what is to be sent again, the caller's own; null if the client must be told instead
     */
    @Nullable
    ByteBuf takeAgain(@Nullable PgError lastWords, boolean running) {
        boolean innocent = !running || (lastWords != null && lastWords.code().equals(Sqlstate.ADMIN_SHUTDOWN.code()));
        cancelWanted = false;
        if (!innocent || !repetition.isRepeatable()) {
            return null;
        }
        pool.shared().onRepeated();
        unnamed.detach();
        return repetition.take();
    }
}
