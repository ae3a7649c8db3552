package dev.weir.tenants;

import java.time.Duration;

/**
 * Limits of one pool, that is of one (tenant, database, user).
 *
 * @param size server connections at most, counting those that are still logging in; at least 1
 * @param minSize server connections that are kept open while the pool has a client; not above {@code size}
 * @param reserveSize server connections more, for clients that have waited for {@code reserveTimeout}
 * @param reserveTimeout how long a client waits before the reserve is opened
 * @param queueTimeout how long a client waits for a server connection before it gets an error
 * @param cleanupTimeout how long the cleanup of a server connection may take before it is closed instead
 * @param cancelTimeout how long a cancel request may take to reach the server
 * @param life how long server connections live
 * @param sessions what clients may leave on server connections, and how it is taken away
 * @param sharing whether clients may share a server connection for short statements
 */
public record PoolSettings(
        int size,
        int minSize,
        int reserveSize,
        Duration reserveTimeout,
        Duration queueTimeout,
        Duration cleanupTimeout,
        Duration cancelTimeout,
        ServerLife life,
        SessionSettings sessions,
        SharedPipelining sharing) {

    /** With no least size, no reserve, five seconds for a cancel request, and the default life of server connections. */
    public static PoolSettings of(int size, Duration queueTimeout, Duration cleanupTimeout, SessionSettings sessions) {
        return new PoolSettings(
                size,
                0,
                0,
                Duration.ofSeconds(5),
                queueTimeout,
                cleanupTimeout,
                Duration.ofSeconds(5),
                ServerLife.DEFAULTS,
                sessions,
                SharedPipelining.DEFAULTS);
    }

    /** These, for the pools of a user. */
    PoolSettings forUser(TenantUser user) {
        int ownSize = user.poolSize().orElse(size);
        return new PoolSettings(
                ownSize,
                Math.min(minSize, ownSize),
                reserveSize,
                reserveTimeout,
                user.queueTimeout().orElse(queueTimeout),
                cleanupTimeout,
                cancelTimeout,
                life,
                sessions.forPool(ownSize, user.reuse()),
                sharing);
    }
}
