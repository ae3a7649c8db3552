package dev.weir.sql;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Judgements of long texts, by their bytes. A short text is judged sooner than it is found, so it is not kept. Confined to a
 * lane. Bounded in bytes; what was not asked for since the hand last passed goes first.
 */
public final class StatementCache {
    /** From this length on, hashing and comparing a text costs much less than judging it. */
    public static final int DEFAULT_THRESHOLD = 512;

    /** What an entry costs beside its text, about. */
    private static final int OVERHEAD = 160;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long capacityBytes;
    private final int threshold;
    private final long factor;
    private @Nullable Entry[] slots = new Entry[64];
    private int count;
    private long bytes;
    private int hand;

    /** @param capacityBytes texts and what it costs to keep them; 0 keeps nothing */
    public StatementCache(long capacityBytes) {
        this(capacityBytes, DEFAULT_THRESHOLD, new SplittableRandom().nextLong());
    }

    /**
     * A cache with a threshold of its own.
     *
     * @param threshold texts shorter than this are not kept
     * @param seed known to nobody, so that nobody can choose texts that are slow to find
     */
    public StatementCache(long capacityBytes, int threshold, long seed) {
        this.capacityBytes = capacityBytes;
        this.factor = seed | 1;
        this.threshold = threshold;
    }

    /** Judges as {@link SqlJudge#judge} does. */
    public Judgement judge(byte[] text, int offset, int length, boolean standardConformingStrings) {
        if (length < threshold || length + OVERHEAD > capacityBytes / 4) {
            return SqlJudge.judge(text, offset, length, standardConformingStrings);
        }
        int hash = hash(text, offset, length, standardConformingStrings);
        for (Entry entry = slots[hash & slots.length - 1]; entry != null; entry = entry.next) {
            if (entry.hash == hash && entry.isOf(text, offset, length, standardConformingStrings)) {
                entry.asked = true;
                return entry.judgement;
            }
        }
        Judgement judgement = SqlJudge.judge(text, offset, length, standardConformingStrings);
        keep(new Entry(Arrays.copyOfRange(text, offset, offset + length), standardConformingStrings, hash, judgement));
        return judgement;
    }

    /** Texts that are kept. */
    int count() {
        return count;
    }

    /** What they cost. */
    long bytes() {
        return bytes;
    }

    private int hash(byte[] text, int offset, int length, boolean standardStrings) {
        long hash = standardStrings ? length : ~length;
        int at = offset;
        int end = offset + length;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            hash = (hash ^ (long) LONGS.get(text, at)) * factor;
            hash ^= hash >>> 29;
        }
        for (; at < end; at++) {
            hash = (hash ^ text[at]) * factor;
        }
        return (int) (hash ^ hash >>> 32);
    }

    private void keep(Entry entry) {
        while (bytes + entry.bytes() > capacityBytes) {
            advanceHand();
        }
        if (count >= slots.length) {
            grow();
        }
        put(entry);
        count++;
        bytes += entry.bytes();
    }

    private void put(Entry entry) {
        int slot = entry.hash & slots.length - 1;
        entry.next = slots[slot];
        slots[slot] = entry;
    }

    private void grow() {
        @Nullable Entry[] old = slots;
        slots = new Entry[old.length * 2];
        hand = 0;
        for (Entry first : old) {
            Entry entry = first;
            while (entry != null) {
                Entry next = entry.next;
                put(entry);
                entry = next;
            }
        }
    }

    /** Gives the entries of a slot a second chance, or takes them out. */
    private void advanceHand() {
        Entry kept = null;
        Entry entry = slots[hand];
        while (entry != null) {
            Entry next = entry.next;
            if (entry.asked) {
                entry.asked = false;
                entry.next = kept;
                kept = entry;
            } else {
                count--;
                bytes -= entry.bytes();
            }
            entry = next;
        }
        slots[hand] = kept;
        hand = hand + 1 & slots.length - 1;
    }

    private static final class Entry {
        private final byte[] text;
        private final boolean standardStrings;
        private final int hash;
        private final Judgement judgement;
        private boolean asked;
        private @Nullable Entry next;

        Entry(byte[] text, boolean standardStrings, int hash, Judgement judgement) {
            this.text = text;
            this.standardStrings = standardStrings;
            this.hash = hash;
            this.judgement = judgement;
        }

        boolean isOf(byte[] other, int offset, int length, boolean standard) {
            return standard == standardStrings && Arrays.equals(text, 0, text.length, other, offset, offset + length);
        }

        int bytes() {
            return text.length + OVERHEAD;
        }
    }
}
