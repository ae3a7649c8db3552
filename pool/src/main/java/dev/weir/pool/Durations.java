package dev.weir.pool;

/**
 * How long things took: a histogram with fixed buckets from 100 µs to 60 s, about three for each power of ten. To record one
 * is a short search and three additions. Confined to a lane; a copy is for whoever looks from elsewhere.
 */
public final class Durations {
    private static final long MICROSECOND = 1_000;
    private static final long MILLISECOND = 1_000 * MICROSECOND;
    private static final long SECOND = 1_000 * MILLISECOND;

    /** Upper bounds in nanoseconds, each belonging to its bucket; what takes longer is in one bucket more. */
    private static final long[] BOUNDS = {
        100 * MICROSECOND,
        200 * MICROSECOND,
        500 * MICROSECOND,
        MILLISECOND,
        2 * MILLISECOND,
        5 * MILLISECOND,
        10 * MILLISECOND,
        20 * MILLISECOND,
        50 * MILLISECOND,
        100 * MILLISECOND,
        200 * MILLISECOND,
        500 * MILLISECOND,
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        20 * SECOND,
        60 * SECOND
    };

    private final long[] counts = new long[BOUNDS.length + 1];
    private long count;
    private long sumNanos;

    /** @param nanos 0 or more */
    public void record(long nanos) {
        int bucket = 0;
        while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
            bucket++; // most take less than a few milliseconds, so the search is short
        }
        counts[bucket]++;
        count++;
        sumNanos += nanos;
    }

    /** How many buckets there are; the last has no upper bound. */
    public static int buckets() {
        return BOUNDS.length + 1;
    }

    /** Up to which duration things count in this bucket, in seconds; infinite for the last. */
    public static double boundSeconds(int bucket) {
        return bucket < BOUNDS.length ? BOUNDS[bucket] / 1e9 : Double.POSITIVE_INFINITY;
    }

    /** How many things took so long that they are in this bucket, and not in one before it. */
    public long count(int bucket) {
        return counts[bucket];
    }

    /** How many things there were. */
    public long count() {
        return count;
    }

    /** How long they took together, in nanoseconds. */
    public long sumNanos() {
        return sumNanos;
    }

    /** Adds those of another. */
    public void add(Durations more) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += more.counts[i];
        }
        count += more.count;
        sumNanos += more.sumNanos;
    }
}
