package dev.weir.tenants;

/**
 * What clients may leave on server connections between their transactions, and how it is taken away.
 *
 * @param reuse whether a server connection is kept when the session that it was lent to is over; the user's
 * @param resetQuery what cleans a server connection behind a session
 * @param statementsPerServer prepared statements that a server connection keeps at most; at least 1
 * @param statementsPerClient prepared statements that a client of transaction mode may have at once; at least 1
 * @param statementBytes what the texts of the prepared statements of a pool may come to, in bytes
 * @param sharedStatements what one client prepares by SQL's PREPARE is there for all clients of the pool
 * @param pinning whether a client may keep a server connection for state that can't be moved
 * @param pinned how many server connections of a pool may be kept so at once; {@link #ALL_BUT_ONE} stands for the
 *     pool's size less one, until {@link PoolSettings#forUser} has put that in
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

    /** Leaves one server connection to those who keep none. */
    public static final int ALL_BUT_ONE = Integer.MAX_VALUE;

    public static final SessionSettings DEFAULTS =
            new SessionSettings(true, "DISCARD ALL", 500, 5_000, 64L << 20, false, true, ALL_BUT_ONE);

    /** These, for a pool of that size and a user of that kind: at least one can be pinned, and no more than there are. */
    SessionSettings forPool(int size, boolean reuseOfUser) {
        int ofSize = pinned == ALL_BUT_ONE ? Math.max(1, size - 1) : Math.min(pinned, size);
        return new SessionSettings(
                reuseOfUser,
                resetQuery,
                statementsPerServer,
                statementsPerClient,
                statementBytes,
                sharedStatements,
                pinning,
                ofSize);
    }
}
