package dev.weir.pool;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The borrowers whose statements were sent one behind another on a server connection that they share, in that order. One
 * that has left keeps its turn, since its reply still comes. Confined to a lane.
 */
final class Riders {
    private static final int FIRST_CAPACITY = 8;

    private @Nullable Borrower[] ring = new Borrower[FIRST_CAPACITY];
    private int[] micros = new int[FIRST_CAPACITY];
    private int head;
    private int size;

    /** What all together are expected to take. */
    private int expectedMicros;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int expectedMicros() {
        return expectedMicros;
    }

    /** Whose statement runs; null if it has left, or there is none. */
    @Nullable
    Borrower first() {
        return ring[head];
    }

    void add(Borrower borrower, int expected) {
        if (size == ring.length) {
            grow();
        }
        int index = (head + size) & (ring.length - 1);
        ring[index] = borrower;
        micros[index] = expected;
        expectedMicros += expected;
        size++;
    }

    /** The first has been answered. */
    @Nullable
    Borrower poll() {
        assert size > 0;
        Borrower first = ring[head];
        ring[head] = null;
        expectedMicros -= micros[head];
        head = (head + 1) & (ring.length - 1);
        size--;
        return first;
    }

    /**
     * It leaves, wherever it is.
     *
     * @return whether it was the first
     */
    boolean leave(Borrower borrower) {
        for (int i = 0; i < size; i++) {
            int index = (head + i) & (ring.length - 1);
            if (borrower.equals(ring[index])) {
                ring[index] = null;
                return i == 0;
            }
        }
        throw new IllegalStateException("rides not with it");
    }

    /** Lets go of everyone from this place on. @return those who were there, in their order */
    Borrower[] takeFrom(int from) {
        Borrower[] taken = new Borrower[Math.max(size - from, 0)];
        int count = 0;
        for (int i = from; i < size; i++) {
            int index = (head + i) & (ring.length - 1);
            Borrower borrower = ring[index];
            if (borrower != null) {
                taken[count++] = borrower;
                ring[index] = null;
            }
        }
        return Arrays.copyOf(taken, count);
    }

    private void grow() {
        @Nullable Borrower[] more = new Borrower[ring.length * 2];
        int[] moreMicros = new int[more.length];
        for (int i = 0; i < size; i++) {
            int index = (head + i) & (ring.length - 1);
            more[i] = ring[index];
            moreMicros[i] = micros[index];
        }
        ring = more;
        micros = moreMicros;
        head = 0;
    }
}
