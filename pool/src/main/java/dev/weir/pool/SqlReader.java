package dev.weir.pool;

import dev.weir.sql.Judgement;
import dev.weir.sql.StatementCache;
import io.netty.buffer.ByteBuf;

/** Judges the texts that stand in a lane's buffers. Confined to its lane. */
public final class SqlReader {
    /** What the judgements of long texts may take, in bytes. */
    private static final long CACHE_BYTES = 8L << 20;

    private static final int FIRST_CAPACITY = 8 * 1024;

    /** Room for more than this is given up as soon as it is not needed. */
    private static final int KEPT_CAPACITY = 256 * 1024;

    private final StatementCache cache = new StatementCache(CACHE_BYTES);
    private byte[] bytes = new byte[FIRST_CAPACITY];

    /** Copies bytes out of a buffer; they are at {@link #bytes}, from 0 on, until this is called again. */
    public void load(ByteBuf buffer, int index, int length) {
        if (length > bytes.length) {
            bytes = new byte[Math.max(length, 2 * bytes.length)];
        } else if (bytes.length > KEPT_CAPACITY && length <= FIRST_CAPACITY) {
            bytes = new byte[FIRST_CAPACITY];
        }
        buffer.getBytes(index, bytes, 0, length);
    }

    /** Borrowed, and only until the next {@link #load}. */
    public byte[] bytes() {
        return bytes;
    }

    /** Judges the first bytes of what was loaded. */
    public Judgement judge(int length, boolean standardConformingStrings) {
        return cache.judge(bytes, 0, length, standardConformingStrings);
    }
}
