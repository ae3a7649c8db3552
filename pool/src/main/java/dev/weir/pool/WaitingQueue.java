package dev.weir.pool;

import org.jspecify.annotations.Nullable;

/** Clients that wait for a server connection, first come first served; leaving is O(1) and joining allocates nothing. */
public final class WaitingQueue {

    /** A client's own link in the queue, made once for all its waits and loans. */
    public static final class Place {
        private final Borrower owner;
        private final ServerPhase.Lent lent;
        private @Nullable Place previous;
        private @Nullable Place next;
        private long since;
        private boolean queued;

        /** How long the statement to be sent takes, if it may share a server connection; else {@link #ALONE}. */
        private int expectedMicros = ALONE;

        /** It may get behind others as soon as there is room, and waits for no server connection that is free. */
        private boolean riding;

        /** It is being lent what it waited for. */
        private boolean served;

        public Place(Borrower owner) {
            this.owner = owner;
            this.lent = new ServerPhase.Lent(owner);
        }

        /** What {@link #expect} is told of a request that needs a server connection alone. */
        public static final int ALONE = -1;

        /**
         * What is to be sent, before a server connection is asked for.
         *
         * @param micros how long the one statement of the request is expected to take, if it may share a server
         *     connection with others; else {@link #ALONE}
         */
        public void expect(int micros) {
            expectedMicros = micros;
        }

        int expectedMicros() {
            return expectedMicros;
        }

        boolean isShareable() {
            return expectedMicros != ALONE;
        }

        Borrower owner() {
            return owner;
        }

        /** The phase of a server connection that is lent to the owner; one record serves all its loans. */
        ServerPhase.Lent lent() {
            return lent;
        }

        /** How long it has waited. Only while queued. */
        public long waitedNanos(long now) {
            assert queued;
            return now - since;
        }

        /** How long it has waited for what it is lent, asked for once; -1 if it had not to wait. */
        long takeWaited(long now) {
            if (!served) {
                return -1;
            }
            served = false;
            return now - since;
        }

        /** It is no longer queued, and about to be lent what it waited for. */
        void serve() {
            served = true;
        }

        public boolean isQueued() {
            return queued;
        }
    }

    private @Nullable Place first;
    private @Nullable Place last;
    private int size;
    private int riding;

    int size() {
        return size;
    }

    /** Of those, how many wait for room behind others. */
    int riding() {
        return riding;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** @param rides it waits for room behind others; else for a server connection that is free */
    void add(Place place, boolean rides, long now) {
        assert !place.queued : "waits already";
        place.queued = true;
        place.riding = rides;
        riding += rides ? 1 : 0;
        place.since = now;
        place.previous = last;
        place.next = null;
        if (last == null) {
            first = place;
        } else {
            last.next = place;
        }
        last = place;
        size++;
    }

    /** When the one who waits longest began to, by the lane's clock. Only if not empty. */
    long oldestSince() {
        assert first != null;
        return first.since;
    }

    /** The one who waits longest, or null. */
    @Nullable
    Place peek() {
        return first;
    }

    /** Of those who wait for room behind others, the one who waits longest; or null. */
    @Nullable
    Place peekRiding() {
        Place place = riding == 0 ? null : first;
        while (place != null && !place.riding) {
            place = place.next;
        }
        return place;
    }

    /** Takes out the one who waits longest, or null. */
    @Nullable
    Place poll() {
        Place place = first;
        if (place == null) {
            return null;
        }
        remove(place);
        return place;
    }

    /** The time between these two, of which the second is now, does not count as waiting. */
    void leaveOut(long from, long now) {
        for (Place place = first; place != null; place = place.next) {
            place.since += now - Math.max(from, place.since);
        }
    }

    boolean remove(Place place) {
        if (!place.queued) {
            return false;
        }
        place.queued = false;
        riding -= place.riding ? 1 : 0;
        Place previous = place.previous;
        Place next = place.next;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.previous = previous;
        }
        place.previous = null;
        place.next = null;
        size--;
        return true;
    }
}
