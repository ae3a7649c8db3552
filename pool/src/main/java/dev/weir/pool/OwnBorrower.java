package dev.weir.pool;

import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A borrower of Weir's own: it sends nothing but {@link OwnQuery}s, which are told of their replies themselves. */
abstract class OwnBorrower implements Borrower {
    private final WaitingQueue.Place place = new WaitingQueue.Place(this);

    @Override
    public final long id() {
        return 0;
    }

    @Override
    public final WaitingQueue.Place place() {
        return place;
    }

    @Override
    public final SessionParameters parameters() {
        return SessionParameters.NONE;
    }

    @Override
    public final void onRideOver(ServerConnection server, long tookNanos) {
        throw new IllegalStateException("Weir's own never ride");
    }

    @Override
    public final void onRideLost(@Nullable PgError lastWords, boolean running) {
        throw new IllegalStateException("Weir's own never ride");
    }

    @Override
    public void takeReplies(ByteBuf run) {
        run.release(); // a notice, or the like
    }

    @Override
    public final void takeOwnReply(ByteBuf frame) {
        frame.release();
    }

    @Override
    public final boolean repeats(PgError error, ByteBuf buffer, int index, int length) {
        return false;
    }

    @Override
    public final void onRepeat() {
        throw new IllegalStateException("nothing was to be repeated");
    }

    @Override
    public final boolean takesError(ByteBuf buffer, int index, int length, @Nullable Fate fate) {
        return true;
    }

    @Override
    public final void onNotification(ByteBuf buffer, int index, int length) {
        // who listens hears it among the replies
    }

    @Override
    public final void onParameter(String name, String value) {
        // the server connection keeps them
    }

    @Override
    public final void flushReplies() {
        // nothing is kept
    }

    @Override
    public final void onServerWritabilityChanged(boolean writable) {
        // short texts are written
    }

    @Override
    public final void onRoom() {
        // nothing waits for it
    }
}
