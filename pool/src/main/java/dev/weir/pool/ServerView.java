package dev.weir.pool;

import java.net.SocketAddress;

/**
 * What a server connection was at one moment.
 *
 * @param id as {@link ClientView#id} numbers, but never the same
 * @param processId the server's, as in {@code pg_stat_activity.pid}
 * @param connectedMillis when it had logged in, since the epoch
 * @param idleNanos how long it has not been lent; 0 if it is
 * @param client the id of the client to which it is lent; 0 if it is not, or to one of Weir's own
 * @param retiring it is closed instead of lent again
 * @param statements prepared on it for clients
 */
public record ServerView(
        long id,
        State state,
        int processId,
        SocketAddress remote,
        SocketAddress local,
        boolean tls,
        long connectedMillis,
        long idleNanos,
        long client,
        boolean retiring,
        int statements) {

    /** Where it stands. */
    public enum State {
        IDLE,
        LENT,
        /** Its client has left, and what it asked for is awaited. */
        DRAINING,
        /** A statement of the pool's own runs: a cleanup or a check. */
        TESTED,
        /** A cancel request is under way that could hit whoever came next. */
        SETTLING
    }
}
