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
    /** A request up to this size may be sent again. */
    private static final int LIMIT = 8 * 1024;

    private final FrameScanner scanner;

    /** What was sent last and may be sent again: from the first frame on that the server has not answered; or null. */
    private @Nullable ByteBuf repeatable;

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
            repeatable = scanner.retainRest(LIMIT);
        }
    }

    /** What the client sends behind it belongs to it, or it is not repeated. */
    void onRead(ByteBuf in) {
        ByteBuf before = repeatable;
        if (before == null || due) {
            return;
        }
        repeatable = null;
        int size = before.readableBytes() + in.readableBytes();
        if (size <= LIMIT) {
            repeatable =
                    before.alloc().buffer(size).writeBytes(before).writeBytes(in, in.readerIndex(), in.readableBytes());
        }
        before.release();
    }

    /** Something of the reply reaches the client, so it can't be repeated any more. */
    void onReply() {
        if (repeatable != null) {
            repeatable.release();
            repeatable = null;
        }
    }

    /** All is answered. */
    void onAtRest() {
        onReply();
        repeated = false;
    }

    /**
     * Whether to send the request again, of which nothing has reached the client.
     *
     * @param alone the client has sent nothing else that is not answered yet
     */
    boolean repeats(ServerConnection lent, PgError error, ByteBuf buffer, int index, int length, boolean alone) {
        boolean named = ErrorText.speaksOfNames(buffer, index, length);
        if (!isOfPooling(error, named, buffer, index, length)) {
            return false;
        }
        lent.session().doubtStatements();
        due = repeatable != null && alone && lent.isLastRequest();
        return due;
    }

    /** Whether what the client sends now has to stand behind what is sent again. */
    boolean isDue() {
        return due;
    }

    /** Whether a client with a server process of its own would not have met it, or could help itself. */
    private static boolean isOfPooling(PgError error, boolean named, ByteBuf buffer, int index, int length) {
        return switch (error.code()) {
            case "0A000" -> ErrorText.routine(buffer, index, length).equals("RevalidateCachedQuery");
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
        due = false;
        repeated = true;
        return again;
    }
}
