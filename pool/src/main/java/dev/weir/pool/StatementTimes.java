package dev.weir.pool;

/**
 * How long statements took of late, by their fingerprint: a running mean. A table without collision chains, in which a new
 * statement takes the place of another, so that its size is bounded whatever is asked. Confined to a lane.
 */
final class StatementTimes {
    /** What {@link #expectedMicros} says of one that was not seen often enough. */
    static final int UNKNOWN = -1;

    private static final int FIRST_CAPACITY = 64;
    private static final int LAST_CAPACITY = 4096;

    /** A statement is known from so many observations on. */
    private static final int ENOUGH = 2;

    /** The newest observation counts for one part in so many. */
    private static final int WEIGHT = 8;

    private long[] fingerprints = new long[FIRST_CAPACITY];
    private int[] micros = new int[FIRST_CAPACITY];
    private byte[] seen = new byte[FIRST_CAPACITY];

    /** Places that were taken from another since the table grew last. */
    private int displaced;

    /** The mean in microseconds, or {@link #UNKNOWN}. */
    int expectedMicros(long fingerprint) {
        int slot = slot(fingerprint);
        return fingerprints[slot] == fingerprint && seen[slot] >= ENOUGH ? micros[slot] : UNKNOWN;
    }

    void observe(long fingerprint, long nanos) {
        int took = (int) Math.min(nanos / 1_000, Integer.MAX_VALUE);
        int slot = slot(fingerprint);
        if (fingerprints[slot] != fingerprint) {
            if (fingerprints[slot] != 0) {
                displaced++;
                growIfCrowded();
                slot = slot(fingerprint);
            }
            fingerprints[slot] = fingerprint;
            micros[slot] = took;
            seen[slot] = 1;
            return;
        }
        micros[slot] += (took - micros[slot]) / WEIGHT;
        if (seen[slot] < ENOUGH) {
            seen[slot]++;
        }
    }

    private void growIfCrowded() {
        int capacity = fingerprints.length;
        if (displaced < capacity / 4 || capacity == LAST_CAPACITY) {
            return;
        }
        displaced = 0;
        long[] oldFingerprints = fingerprints;
        int[] oldMicros = micros;
        byte[] oldSeen = seen;
        fingerprints = new long[capacity * 4];
        micros = new int[capacity * 4];
        seen = new byte[capacity * 4];
        for (int i = 0; i < capacity; i++) {
            int slot = slot(oldFingerprints[i]);
            fingerprints[slot] = oldFingerprints[i];
            micros[slot] = oldMicros[i];
            seen[slot] = oldSeen[i];
        }
    }

    private int slot(long fingerprint) {
        return (int) (fingerprint ^ fingerprint >>> 32) & (fingerprints.length - 1);
    }
}
