package dev.weir.pool;

/**
 * What the pool runs by itself between two clients.
 *
 * @param sql sent by the simple protocol; its replies are dropped, an error closes the connection. Not used by
 *     {@link Purpose#FORGET}
 */
record Cleanup(String sql, Purpose purpose) {
    static final String RESET_QUERY = "DISCARD ALL";

    /** What it is for. */
    enum Purpose {
        /** Ends a transaction. */
        ROLLBACK,
        /** Ends a transaction; the session's state goes after it. */
        ROLLBACK_OF_SESSION,
        /** Drops all that a session can leave behind. */
        RESET,
        /** Removes prepared statements beyond their limit, which has been lowered. */
        FORGET,
        /** Tells whether the server answers at all. */
        CHECK
    }

    /** Ends a transaction; a session's state goes after it. */
    static Cleanup rollback(boolean session) {
        return new Cleanup("ROLLBACK", session ? Purpose.ROLLBACK_OF_SESSION : Purpose.ROLLBACK);
    }

    /**
     * Drops all that a session can leave behind. It must run outside a transaction.
     *
     * @param query {@code server_reset_query}
     */
    static Cleanup reset(String query) {
        return new Cleanup(query, Purpose.RESET);
    }

    /** Removes the prepared statements that are too many. */
    static Cleanup forget() {
        return new Cleanup("", Purpose.FORGET);
    }

    /** @param query {@code server_check_query} */
    static Cleanup check(String query) {
        return new Cleanup(query, Purpose.CHECK);
    }

    boolean isCheck() {
        return purpose == Purpose.CHECK;
    }
}
