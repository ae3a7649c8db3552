package dev.weir.pool;

/**
 * A statement that the pool runs by itself before a server connection is lent again.
 *
 * @param sql one statement, sent by the simple protocol; its replies are dropped, an error closes the connection
 * @param then whether the session's state is to be discarded after it
 * @param ofSession whether this is what discards it
 */
record Cleanup(String sql, boolean then, boolean ofSession) {
    static final String RESET_QUERY = "DISCARD ALL";

    /** Ends a transaction; a session's state goes after it. */
    static Cleanup rollback(boolean session) {
        return new Cleanup("ROLLBACK", session, false);
    }

    /**
     * Drops all that a session can leave behind. It must run outside a transaction.
     *
     * @param query {@code server_reset_query}
     */
    static Cleanup reset(String query) {
        return new Cleanup(query, false, true);
    }
}
