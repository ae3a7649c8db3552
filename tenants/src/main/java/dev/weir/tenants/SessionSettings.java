package dev.weir.tenants;

/**
 * What clients may leave on server connections between their transactions, and how it is taken away.
 *
 * @param reuse whether a server connection is kept when the session that it was lent to is over
 * @param resetQuery what cleans a server connection behind a session
 * @param statementsPerServer prepared statements that a server connection keeps at most; at least 1
 * @param statementsPerClient prepared statements that a client of transaction mode may have at once; at least 1
 * @param statementBytes what the texts of the prepared statements of a pool may come to, in bytes
 * @param sharedStatements what one client prepares by SQL's PREPARE is there for all clients of the pool
 * @param pinning whether a client may keep a server connection for state that can't be moved
 * @param pinned how many server connections of a pool may be kept so at once
 */
public record SessionSettings(
        boolean reuse,
        String resetQuery,
        int statementsPerServer,
        int statementsPerClient,
        long statementBytes,
        boolean sharedStatements,
        boolean pinning,
        int pinned) {

    public static final SessionSettings DEFAULTS =
            new SessionSettings(true, "DISCARD ALL", 500, 5_000, 64L << 20, false, true, Integer.MAX_VALUE);
}
