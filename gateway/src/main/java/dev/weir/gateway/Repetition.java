package dev.weir.gateway;

import dev.weir.pool.ServerConnection;
import dev.weir.wire.Backend;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a client sends, to send it again if the server can't do it for a reason that is not the client's, such as a
 * prepared statement that is not there after all. Confined to a lane.
 */
final class Repetition {
    /** A request up to this size may be sent again, while no more than this has come of its reply. */
    private static final int LIMIT = 8 * 1024;

    private final FrameScanner scanner;

    /**
     * Holds what was sent last and may be sent again, from the first frame on that the server has not answered; or null. The
     * buffer as it was read, with the bounds in it, since a slice would be an object for each request.
     */
    private @Nullable ByteBuf repeatable;

    private int start;
    private int length;

    /** What came of the reply and is held back; or null. */
    private @Nullable ByteBuf reply;

    /** It is a whole exchange, and what the client sends behind it waits. */
    private boolean whole;

    /** It is to be sent again as soon as the server is ready for it; until then nothing else is. */
    private boolean due;

    /** It is being sent again, which is done once. */
    private boolean repeated;

    Repetition(FrameScanner scanner) {
        this.scanner = scanner;
    }

    /** Keeps what the client sends from the current frame on, if nothing before it is outstanding. */
    void keep(ServerConnection lent) {
        if (repeatable == null && !repeated && lent.status() == Backend.IDLE && lent.isBetweenExchanges()) {
            ByteBuf read = scanner.buffer();
            int rest = read == null ? 0 : read.writerIndex() - scanner.position();
            if (read != null && rest <= LIMIT) {
                hold(read, scanner.position(), rest);
            }
        }
    }

    private void hold(ByteBuf read, int from, int bytes) {
        repeatable = read.retain();
        start = from;
        length = bytes;
    }

    /** Keeps a whole exchange of so many bytes, behind which nothing is sent until it is answered. */
    void keepWhole(int bytes) {
        ByteBuf read = scanner.buffer();
        if (read == null) {
            throw new IllegalStateException("an exchange that was not looked at in one buffer");
        }
        hold(read, scanner.position(), bytes);
        whole = true;
    }

    /** Whether the one under way has been sent before. */
    boolean isRepeated() {
        return repeated;
    }

    /** Whether nothing of the reply has been passed on, so that the exchange can be sent again. */
    boolean isRepeatable() {
        return repeatable != null;
    }

    /** It is to be sent again when what is still to come of its reply has come, which is for nobody. */
    boolean repeatsWhole() {
        due = repeatable != null;
        dropReply();
        return due;
    }

    /** What the client sends behind it belongs to it, or it is not repeated. */
    void onRead(ByteBuf in) {
        ByteBuf before = repeatable;
        if (before == null || due || whole) {
            return;
        }
        repeatable = null;
        int size = length + in.readableBytes();
        if (size <= LIMIT) {
            repeatable = before.alloc()
                    .buffer(size)
                    .writeBytes(before, start, length)
                    .writeBytes(in, in.readerIndex(), in.readableBytes());
            start = 0;
            length = size;
        }
        before.release();
    }

    /**
     * Holds a part of the reply back until all has been looked at that came with it, since an error may be among that.
     *
     * @return whether it is held; else nothing of what was sent can be repeated, and it is to be passed on
     */
    boolean holds(ByteBuf run) {
        ByteBuf before = reply;
        int size = run.readableBytes() + (before == null ? 0 : before.readableBytes());
        if (repeatable == null || due || size > LIMIT) { // such an error comes early
            return false;
        }
        if (before == null) {
            reply = run;
            return true;
        }
        reply = before.alloc().buffer(size).writeBytes(before).writeBytes(run);
        before.release();
        run.release();
        return true;
    }

    /** Whether something of the reply is held back. */
    boolean isHolding() {
        return reply != null;
    }

    /** The reply begins to reach the client, so that it can't be repeated: what was held of it, the caller's own, or null. */
    @Nullable
    ByteBuf takeReply() {
        if (!due) {
            drop();
        }
        ByteBuf held = reply;
        reply = null;
        return held;
    }

    private void drop() {
        whole = false;
        if (repeatable != null) {
            repeatable.release();
            repeatable = null;
        }
    }

    private void dropReply() {
        if (reply != null) {
            reply.release();
            reply = null;
        }
    }

    /** All is answered. */
    void onAtRest() {
        drop();
        repeated = false;
    }

    /** The client has gone. */
    void end() {
        drop();
        dropReply();
    }

    /**
     * Whether to send the request again, of which nothing has reached the client.
     *
     * @param alone the client has sent nothing else that is not answered yet
     */
    boolean repeats(ServerConnection lent, PgError error, ByteBuf buffer, int index, int bytes, boolean alone) {
        boolean named = ErrorText.speaksOfNames(buffer, index, bytes);
        if (!isOfPooling(error, named, buffer, index, bytes)) {
            return false;
        }
        lent.session().doubtStatements();
        due = repeatable != null && alone && (whole || lent.isLastRequest());
        if (due) {
            dropReply();
        }
        return due;
    }

    /** Whether what the client sends now has to stand behind what is sent again. */
    boolean isDue() {
        return due;
    }

    /** Whether a client with a server process of its own would not have met it, or could help itself. */
    private static boolean isOfPooling(PgError error, boolean named, ByteBuf buffer, int index, int bytes) {
        return switch (error.code()) {
            case "0A000" -> ErrorText.routine(buffer, index, bytes).equals("RevalidateCachedQuery");
            case "26000", "42P05" -> named;
            default -> false;
        };
    }

    /** What is to be sent again; the caller's own. */
    ByteBuf take() {
        ByteBuf again = repeatable;
        if (again == null) {
            throw new IllegalStateException("nothing to repeat");
        }
        repeatable = null;
        whole = false;
        due = false;
        repeated = true;
        dropReply();
        return again.slice(start, length); // released with it
    }
}
