package dev.weir.pool;

/** Where a server connection, once logged in, stands. Each record's methods are the legal moves out of it. */
sealed interface ServerPhase {

    /** In the pool, and may be lent. */
    record Idle() implements ServerPhase {
        Lent lend(Lent to) {
            return to;
        }

        Cleaning check(Cleanup check) {
            return new Cleaning(check);
        }

        Shared share() {
            return SHARED;
        }

        Closed retire(CloseReason why) {
            return new Closed(why);
        }
    }

    /** Several have sent one short statement each, and are answered one behind another. */
    record Shared() implements ServerPhase {
        Idle giveBack() {
            return IDLE;
        }

        Settling settle() {
            return new Settling();
        }

        Closed discard(CloseReason why) {
            return new Closed(why);
        }
    }

    /** Everything from the server is for this borrower. One record serves all the lends to a borrower. */
    record Lent(Borrower to) implements ServerPhase {
        Idle giveBack() {
            return IDLE;
        }

        Draining leave(boolean session, boolean canceled) {
            return new Draining(session, canceled);
        }

        Cleaning clean(Cleanup first) {
            return new Cleaning(first);
        }

        Settling settle() {
            return new Settling();
        }

        Closed discard(CloseReason why) {
            return new Closed(why);
        }
    }

    /**
     * The client has left; what the server still owes it is awaited and dropped.
     *
     * @param session it was a session's
     * @param canceled nobody wants the effect of what still runs
     */
    record Draining(boolean session, boolean canceled) implements ServerPhase {
        Cleaning clean(Cleanup first) {
            return new Cleaning(first);
        }

        Settling settle() {
            return new Settling();
        }

        Idle giveBack() {
            return IDLE;
        }

        Closed discard(CloseReason why) {
            return new Closed(why);
        }
    }

    /** A statement of the pool's own runs: a cleanup, or a check before it is lent. */
    record Cleaning(Cleanup cleanup) implements ServerPhase {
        Cleaning next(Cleanup following) {
            return new Cleaning(following);
        }

        Settling settle() {
            return new Settling();
        }

        Idle giveBack() {
            return IDLE;
        }

        Closed discard(CloseReason why) {
            return new Closed(why);
        }
    }

    /** At rest, but a cancel request is under way that could still hit whoever came next. */
    record Settling() implements ServerPhase {
        Idle giveBack() {
            return IDLE;
        }

        Closed discard(CloseReason why) {
            return new Closed(why);
        }
    }

    record Closed(CloseReason why) implements ServerPhase {}

    Idle IDLE = new Idle();
    Shared SHARED = new Shared();
}
