package dev.weir.gateway;

import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** What a client has sent that can't be looked at yet. Confined to a lane. */
final class HeldInput {
    /** What is read and held for a client that waits, so that one that leaves is noticed; in bytes. */
    private static final int LIMIT = 64 * 1024;

    private final ByteBufAllocator allocator;
    private @Nullable ByteBuf held;

    HeldInput(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    boolean isEmpty() {
        return held == null;
    }

    /** Whether no more is to be read. */
    boolean isFull() {
        ByteBuf all = held;
        return all != null && all.readableBytes() > LIMIT;
    }

    /** What came first is held, of which the rest follows by {@link #takeMore}. */
    void take(@Nullable ByteBuf first) {
        held = first;
    }

    /** Puts it behind what is held. */
    void takeMore(ByteBuf in) {
        ByteBuf before = held;
        if (before == null) {
            held = in;
            return;
        }
        if (before.refCnt() == 1 && before.isWritable(in.readableBytes())) {
            before.writeBytes(in);
        } else {
            int size = before.readableBytes() + in.readableBytes();
            held = allocator.buffer(2 * size).writeBytes(before).writeBytes(in);
            before.release();
        }
        in.release();
    }

    /** Whether what is held are whole messages, of which the last is a Terminate. */
    boolean endsWithTerminate() {
        ByteBuf all = held;
        if (all == null) {
            return false;
        }
        byte type = 0;
        int position = all.readerIndex();
        while (all.writerIndex() - position >= FrameScanner.HEADER_LENGTH) {
            type = all.getByte(position);
            int length = all.getInt(position + 1);
            if (length < 4 || length > all.writerIndex() - position - 1) {
                return false;
            }
            position += 1 + length;
        }
        return type == Frontend.TERMINATE && position == all.writerIndex();
    }

    /** Gives up what is held, which is the caller's own; null if there is nothing. */
    @Nullable
    ByteBuf giveUp() {
        ByteBuf all = held;
        held = null;
        return all;
    }

    void release() {
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
