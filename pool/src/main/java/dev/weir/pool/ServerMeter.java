package dev.weir.pool;

import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import org.jspecify.annotations.Nullable;

/**
 * Measures what one server connection does for clients. It reads the clock where a request begins while none is under way,
 * and where one ends; the first request behind a lend begins with it. Confined to a lane.
 */
final class ServerMeter {
    private final Lane lane;
    private final PoolCounters counters;

    /** Lent to a client; what Weir does for itself is not measured. */
    private boolean measuring;

    /** Shared by clients, each with one statement. */
    private boolean riding;

    private long lentAt;

    /** How long the one to whom it was lent last had waited for it, in nanoseconds. */
    private long waited;

    /** Nothing was asked since it was lent, so that the first request needs no reading of the clock. */
    private boolean fresh;

    /** A request is being answered, since {@link #requestAt}. */
    private boolean running;

    private long requestAt;

    /** A transaction is open, or its first request is being answered, since {@link #transactionAt}. */
    private boolean inTransaction;

    private long transactionAt;

    /** When the last request was answered; when it was lent, if none was since. */
    private long readyAt;

    ServerMeter(Lane lane, PoolCounters counters) {
        this.lane = lane;
        this.counters = counters;
    }

    PoolCounters counters() {
        return counters;
    }

    long lentAt() {
        return lentAt;
    }

    long waited() {
        return waited;
    }

    long readyAt() {
        return readyAt;
    }

    void onLent(Borrower to) {
        lentAt = lane.now();
        readyAt = lentAt;
        fresh = true;
        running = false;
        inTransaction = false;
        measuring = to.id() != 0;
        riding = false;
        if (measuring) {
            countLent(to, lentAt);
        }
    }

    private void countLent(Borrower to, long now) {
        long took = to.place().takeWaited(now);
        counters.onLent(took);
        waited = Math.max(took, 0);
    }

    /** One of several has got on, to send one statement. */
    void onRide(Borrower rider, long now) {
        lentAt = now;
        measuring = false;
        riding = true;
        countLent(rider, now);
    }

    /** A rider's statement was answered, and took so long. */
    void onTurn(long nanos) {
        counters.onQuery(nanos);
        counters.onTransaction(nanos);
    }

    /** The borrower has left, or lost it: what comes now is for nobody. */
    void onLeft() {
        measuring = false;
    }

    /** A frame of the borrower's. */
    void onRequest(byte type) {
        if (!running && measuring) {
            begin(type);
        }
        if (type == Frontend.BIND) {
            counters.binds++;
        }
    }

    private void begin(byte type) {
        if (type == Frontend.COPY_DATA
                || type == Frontend.COPY_DONE
                || type == Frontend.COPY_FAIL
                || type == Frontend.FLUSH) {
            return; // answered by nothing
        }
        running = true;
        requestAt = fresh ? lentAt : lane.now();
        fresh = false;
        if (!inTransaction) {
            inTransaction = true;
            transactionAt = requestAt;
        }
    }

    /**
     * A ReadyForQuery for the borrower.
     *
     * @param transactionOver it says that none is open
     * @param more other requests of the borrower's wait for their answer: the server begins with the next one now
     */
    void onReady(boolean transactionOver, boolean more) {
        if (!measuring || !running) {
            return;
        }
        long now = lane.now();
        counters.onQuery(now - requestAt);
        readyAt = now;
        requestAt = now;
        running = more;
        if (transactionOver) {
            counters.onTransaction(now - transactionAt);
            transactionAt = now;
            inTransaction = more;
        }
    }

    /** An error that the borrower gets to see; null if it was too long to be read. */
    void onError(@Nullable PgError error) {
        if (measuring || riding) {
            counters.onError(error == null ? SqlstateKinds.OTHER : error.code());
        }
    }
}
