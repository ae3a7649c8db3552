package dev.weir.pool;

import dev.weir.tenants.SharedPipelining;
import dev.weir.wire.Backend;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The riders of one server connection in {@link ServerPhase.Shared}: each has sent one short reading statement, whole, and
 * is answered in its turn. Nobody who rides can change anything on the server, so whoever is hit by what befalls another
 * can be sent elsewhere. Confined to a lane.
 */
public final class Sharing {
    /** A statement that has run for so long is not short, whatever was expected of it: nobody gets behind it. */
    static final Duration PATIENCE = Duration.ofMillis(20);

    /** So many statements are put together on one server connection before another one is looked for. */
    private static final int TOGETHER = 6;

    /** What may stand before a statement that gets behind others, by expectation. */
    private static final int LONGEST_WAIT_MICROS = 20_000;

    private final ServerConnection server;
    private final Pool pool;
    private final Lane lane;
    private final ServerReplies replies;
    private final RequestAssembly requests;
    private final Riders riders = new Riders();
    private final Runnable flush = this::flush;
    private boolean flushDue;

    /** When the first one's statement began, by the lane's clock. */
    private long firstSince;

    /** Nobody gets on any more, so that it comes free for one who needs a server connection alone. */
    private boolean reserved;

    /** A cancel request has been sent while it was shared, and may hit a statement for which it was not meant. */
    private boolean cancelSent;

    Sharing(ServerConnection server, Pool pool, Lane lane, ServerReplies replies, RequestAssembly requests) {
        this.server = server;
        this.pool = pool;
        this.lane = lane;
        this.replies = replies;
        this.requests = requests;
    }

    int size() {
        return riders.size();
    }

    /**
     * What speaks against getting on: what stands before, in microseconds; nothing if it is written to in this turn of the
     * loop anyway, so that several statements leave in one write and come back in one read.
     */
    int cost() {
        return flushDue && riders.size() < TOGETHER ? 0 : riders.expectedMicros();
    }

    /** Whether one more may get on behind the others. */
    boolean accepts(long now, SessionParameters wanted, SharedPipelining limits) {
        return !reserved
                && !cancelSent
                && riders.size() < limits.depth()
                && riders.expectedMicros() < LONGEST_WAIT_MICROS
                && !server.recovery().isRetiring()
                && server.isPlain()
                && (riders.isEmpty() || now - firstSince < PATIENCE.toNanos())
                && server.session().parameters().equals(wanted);
    }

    boolean isReserved() {
        return reserved;
    }

    void reserve() {
        reserved = true;
    }

    /** Nobody rides, and it goes to whoever comes. */
    void begin() {
        assert riders.isEmpty();
        reserved = false;
        cancelSent = false;
    }

    void board(WaitingQueue.Place place) {
        Borrower borrower = place.owner();
        long now = lane.now();
        server.meter().onRide(borrower, now);
        riders.add(borrower, place.expectedMicros());
        if (riders.size() == 1) {
            firstSince = now;
            replies.passTo(borrower);
        }
    }

    // ---- to riders

    /** Whether this rider's statement is the one that runs. */
    public boolean isRunning(Borrower rider) {
        return rider.equals(riders.first());
    }

    /** Whether a cancel request may have hit another rider than it was meant for. */
    public boolean mayHitOthers() {
        return cancelSent;
    }

    /** Writes requests to the server when all that has come in this turn of the loop has been looked at. */
    public void flushSoon() {
        if (!flushDue) {
            flushDue = true;
            lane.loop().execute(flush);
        }
    }

    private void flush() {
        flushDue = false;
        if (!server.isClosed()) {
            requests.flush();
        }
    }

    /**
     * A rider leaves: what comes for it is dropped.
     *
     * @param whole all of its request has been taken
     */
    public void leave(Borrower rider, boolean whole) {
        lane.assertInLane();
        if (riders.leave(rider)) {
            replies.leave();
            server.setReading(true);
            pool.shared().watch();
        }
        if (!whole) {
            server.discard(CloseReason.CLIENT_LEFT_MID_MESSAGE);
        }
    }

    // ---- time

    /** Whether the first one's statement has run for longer than any that is short, with others behind it. */
    boolean isStuck(long now) {
        return riders.size() > 1 && now - firstSince >= PATIENCE.toNanos();
    }

    /** Whether time matters: somebody stands behind another, or what runs is awaited by nobody. */
    boolean isToBeWatched() {
        return riders.size() > 1 || isAbandoned();
    }

    private boolean isAbandoned() {
        return !riders.isEmpty() && riders.first() == null;
    }

    /** As one that has a server connection alone is cancelled when it vanishes; short ones come to their end. */
    void cancelIfAbandoned(long now) {
        if (isAbandoned()
                && now - firstSince >= PATIENCE.toNanos()
                && !server.recovery().isCanceling()) {
            onCancelSent();
            server.recovery().sendCancel(() -> {});
        }
    }

    /** Those behind the first let their turns go, and look for another server connection. */
    void evacuate() {
        for (Borrower borrower : riders.takeFrom(1)) {
            borrower.onRideLost(null, false);
        }
    }

    /** It may hit whatever runs when it arrives, so nobody stands behind the first any more. */
    void onCancelSent() {
        cancelSent = true;
        evacuate();
    }

    // ---- replies

    /** The first one's ReadyForQuery has been passed on to it. */
    void onReady(Borrower borrower) {
        long took = turn();
        server.meter().onTurn(took);
        borrower.onRideOver(server, took);
        afterTurn();
    }

    /** The first one has left, and its ReadyForQuery has come. */
    void onReadyAlone() {
        turn();
        afterTurn();
    }

    /** The first one is to send again what has just been answered. */
    void onRepeat(Borrower borrower) {
        turn();
        borrower.onRideLost(null, false);
        afterTurn();
    }

    /** @return how long the first one's statement took, in nanoseconds; the next one's begins */
    private long turn() {
        riders.poll();
        long now = lane.now();
        long took = now - firstSince;
        firstSince = now;
        replies.passTo(riders.isEmpty() ? null : riders.first());
        pool.shared().onAnswered(now, !riders.isEmpty());
        return took;
    }

    private void afterTurn() {
        if (!server.isShared()) {
            return; // lost on the way
        }
        if (replies.status() != Backend.IDLE) {
            server.discard(CloseReason.UNCERTAIN); // no rider can have begun a transaction
        } else if (riders.isEmpty()) {
            pool.shared().remove(server);
            server.recovery().finish();
        } else {
            pool.onRoom();
        }
    }

    /** The server connection has ended. */
    void abandon(@Nullable Borrower running) {
        Borrower[] left = riders.takeFrom(0);
        for (Borrower borrower : left) {
            borrower.onRideLost(replies.lastWords(), borrower.equals(running));
        }
    }
}
