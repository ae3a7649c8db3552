package dev.weir.pool;

import dev.weir.tenants.SharedPipelining;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The riders of one server connection in {@link ServerPhase.Shared}: each has sent one short reading statement, whole, and
 * is answered in its turn. Nobody who rides can change anything on the server, so whoever is hit by what befalls another
 * can be sent elsewhere. Confined to a lane.
 */
final class Sharing {
    /** A statement that has run for so long is not short, whatever was expected of it: nobody gets behind it. */
    static final Duration PATIENCE = Duration.ofMillis(20);

    /** What may stand before a statement that gets behind others, by expectation. */
    private static final int LONGEST_WAIT_MICROS = 20_000;

    private final ServerConnection server;
    private final Lane lane;
    private final ServerReplies replies;
    private final Riders riders = new Riders();

    /** When the first one's statement began, by the lane's clock. */
    private long firstSince;

    /** Nobody gets on any more, so that it comes free for one who needs a server connection alone. */
    private boolean reserved;

    /** A cancel request has been sent while it was shared, and may hit a statement for which it was not meant. */
    private boolean cancelSent;

    Sharing(ServerConnection server, Lane lane, ServerReplies replies) {
        this.server = server;
        this.lane = lane;
        this.replies = replies;
    }

    int size() {
        return riders.size();
    }

    int expectedMicros() {
        return riders.expectedMicros();
    }

    /** Whether one more may get on behind the others. */
    boolean accepts(long now, SessionParameters wanted, SharedPipelining limits) {
        return !reserved
                && !cancelSent
                && riders.size() < limits.depth()
                && riders.expectedMicros() < LONGEST_WAIT_MICROS
                && !server.recovery().isRetiring()
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

    void board(Borrower borrower, int micros) {
        riders.add(borrower, micros);
        if (riders.size() == 1) {
            firstSince = lane.now();
            replies.passTo(borrower);
        }
    }

    /** Whether it is this one's statement that runs. */
    boolean isFirst(Borrower borrower) {
        return borrower.equals(riders.first());
    }

    /** Whether the first one's statement has run for longer than any that is short, with others behind it. */
    boolean isStuck(long now) {
        return riders.size() > 1 && now - firstSince >= PATIENCE.toNanos();
    }

    /** Those behind the first let their turns go, and look for another server connection. */
    void evacuate() {
        for (Borrower borrower : riders.takeFrom(1)) {
            borrower.onRideLost(null, false);
        }
    }

    void onCancelSent() {
        cancelSent = true;
    }

    /** Whether a cancel may have hit another than it was meant for. */
    boolean isCancelSent() {
        return cancelSent;
    }

    void leave(Borrower borrower) {
        if (riders.leave(borrower)) {
            replies.leave();
        }
    }

    /**
     * The first one's ReadyForQuery has come, which was passed on to it: the next one's turn begins.
     *
     * @return how long the statement took, in nanoseconds
     */
    long turn() {
        riders.poll();
        long now = lane.now();
        long took = now - firstSince;
        firstSince = now;
        replies.passTo(riders.isEmpty() ? null : riders.first());
        return took;
    }

    /** The server connection has ended. */
    void abandon(@Nullable Borrower running) {
        Borrower[] left = riders.takeFrom(0);
        for (Borrower borrower : left) {
            borrower.onRideLost(replies.lastWords(), borrower.equals(running));
        }
    }
}
