package dev.weir.gateway;

import dev.weir.wire.Backend;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What Weir itself answers a client, beside the replies of servers: while none is lent, a request that is refused, and a
 * Sync. Confined to a lane.
 */
final class OwnAnswers {
    private final Channel channel;

    /** What the request that comes next is answered with instead of being carried out. */
    private @Nullable PgError refusal;

    /** After a refusal within the extended protocol everything up to the next Sync is skipped, as Postgres does. */
    private boolean skipping;

    /** Some were written since the last flush. */
    private boolean unflushed;

    OwnAnswers(Channel channel) {
        this.channel = channel;
    }

    void take(ByteBuf frame) {
        channel.write(frame, channel.voidPromise());
        unflushed = true;
    }

    /** Flushes if there is something to flush. */
    void flush() {
        if (unflushed) {
            flushAll();
        }
    }

    /** Flushes whatever was written. */
    void flushAll() {
        unflushed = false;
        channel.flush();
    }

    // ---- without a server connection

    /** The request that comes next is refused. */
    void refuseNext(PgError error) {
        refusal = error;
    }

    /** Whether a frame that comes now is not to be carried out; it goes to {@link #onRefused}. */
    boolean isRefusing() {
        return skipping || refusal != null;
    }

    /** Answers a request with what speaks against it, or skips it. */
    void onRefused(byte type) {
        PgError error = refusal;
        if (error == null) {
            return;
        }
        refusal = null;
        ByteBuf out = channel.alloc().buffer(256);
        error.writeTo(out);
        take(out);
        if (type == Frontend.QUERY || type == Frontend.FUNCTION_CALL) {
            sendReady();
        } else {
            skipping = true;
        }
    }

    /** Answers an exchange that was sent whole, and is not to be answered by a server. */
    void answer(PgError error) {
        ByteBuf out = channel.alloc().buffer(256);
        error.writeTo(out);
        take(out);
        sendReady();
    }

    /** A Sync: nothing was sent to a server, so there is nothing to synchronize with. */
    void onSync() {
        skipping = false;
        sendReady();
    }

    private void sendReady() {
        ByteBuf out = channel.alloc().buffer(FrameScanner.HEADER_LENGTH + 1);
        Backend.writeReadyForQuery(out, Backend.IDLE);
        take(out);
    }
}
