package dev.weir.tenants;

import java.time.Duration;

/**
 * Limits of one pool, that is of one (tenant, database, user).
 *
 * @param size server connections at most, counting those that are still logging in; at least 1
 * @param queueTimeout how long a client waits for a server connection before it gets an error
 * @param cleanupTimeout how long the cleanup of a server connection may take before it is closed instead
 * @param sessions what clients may leave on server connections, and how it is taken away
 */
public record PoolSettings(int size, Duration queueTimeout, Duration cleanupTimeout, SessionSettings sessions) {
    /**
     * These, for the pools of a user.
     *
     * @param reuse whether server connections of that user are kept when a session is over
     */
    PoolSettings forPool(int ownSize, boolean reuse) {
        return new PoolSettings(ownSize, queueTimeout, cleanupTimeout, sessions.forPool(ownSize, reuse));
    }
}
