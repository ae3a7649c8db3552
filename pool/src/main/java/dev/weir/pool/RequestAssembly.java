package dev.weir.pool;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Requests on their way to a server, in their order. Those of Weir's own are assembled in one buffer, and small ones behind
 * them join it; large ones are written as they came. Confined to a lane.
 */
final class RequestAssembly {
    /** Requests up to this size are copied behind what is assembled, which is cheaper than one more buffer to write. */
    private static final int COPIED_LIMIT = 1024;

    private static final int CAPACITY = 2048;

    private final Channel channel;
    private final PoolCounters counters;

    /** What is not written yet; null between two flushes, and while nothing of Weir's own is among the requests. */
    private @Nullable ByteBuf assembly;

    RequestAssembly(Channel channel, PoolCounters counters) {
        this.channel = channel;
        this.counters = counters;
    }

    /** Where a request of Weir's own is written, behind all that was taken so far. Borrowed. */
    ByteBuf buffer() {
        ByteBuf out = assembly;
        if (out == null) {
            out = channel.alloc().buffer(CAPACITY);
            assembly = out;
        }
        return out;
    }

    void take(ByteBuf run) {
        ByteBuf out = assembly;
        if (out != null) {
            if (run.readableBytes() <= COPIED_LIMIT) {
                out.writeBytes(run);
                run.release();
                return;
            }
            write();
        }
        counters.bytesToServers += run.readableBytes();
        channel.write(run, channel.voidPromise());
    }

    void flush() {
        write();
        channel.flush();
    }

    private void write() {
        ByteBuf out = assembly;
        if (out != null) {
            assembly = null;
            counters.bytesToServers += out.readableBytes();
            channel.write(out, channel.voidPromise());
        }
    }

    /** Nothing will be written any more. */
    void drop() {
        if (assembly != null) {
            assembly.release();
            assembly = null;
        }
    }
}
