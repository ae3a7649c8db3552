package dev.weir.app.config;

import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.SessionSettings;
import java.time.Duration;
import java.util.Optional;

/** The limits that {@code [defaults]} and a tenant share, at one of the three levels: built in, defaults, tenant. */
record Limits(
        int poolSize,
        int maxClients,
        Duration queueTimeout,
        Duration cleanupTimeout,
        Duration connectTimeout,
        SessionSettings sessions) {

    /** Those of a tenant for which nothing is written. */
    static Limits builtIn() {
        return new Limits(
                builtIn(ConfigKeys.POOL_SIZE),
                builtIn(ConfigKeys.MAX_CLIENTS),
                builtIn(ConfigKeys.QUEUE_TIMEOUT),
                builtIn(ConfigKeys.CLEANUP_TIMEOUT),
                builtIn(ConfigKeys.CONNECT_TIMEOUT),
                new SessionSettings(
                        builtIn(ConfigKeys.REUSE),
                        builtIn(ConfigKeys.SERVER_RESET_QUERY),
                        builtIn(ConfigKeys.MAX_PREPARED_STATEMENTS),
                        builtIn(ConfigKeys.PREPARED_STATEMENTS_PER_CLIENT),
                        builtIn(ConfigKeys.PREPARED_STATEMENT_BYTES),
                        builtIn(ConfigKeys.SHARED_PREPARED_STATEMENTS),
                        builtIn(ConfigKeys.PINNING) == Pinning.ALLOW,
                        SessionSettings.ALL_BUT_ONE));
    }

    private static <T> T builtIn(ConfigKey<T> key) {
        return key.fallback().orElseThrow();
    }

    /** These limits, except for what the table says: its own keys first, then those of its compute size. */
    Limits overriddenBy(ConfigTable table) {
        Optional<ComputeSize> compute = table.written(ConfigKeys.COMPUTE);
        int size = table.written(ConfigKeys.POOL_SIZE)
                .or(() -> compute.map(ComputeSize::poolSize))
                .orElse(poolSize);
        return new Limits(
                size,
                table.written(ConfigKeys.MAX_CLIENTS)
                        .or(() -> compute.map(ComputeSize::maxClients))
                        .orElse(maxClients),
                table.written(ConfigKeys.QUEUE_TIMEOUT).orElse(queueTimeout),
                table.written(ConfigKeys.CLEANUP_TIMEOUT).orElse(cleanupTimeout),
                table.written(ConfigKeys.CONNECT_TIMEOUT).orElse(connectTimeout),
                sessionsOverriddenBy(table, size));
    }

    private SessionSettings sessionsOverriddenBy(ConfigTable table, int size) {
        Optional<Integer> maxPinned = table.written(ConfigKeys.MAX_PINNED);
        if (maxPinned.isPresent() && maxPinned.get() > size) {
            table.fault(
                    ConfigKeys.MAX_PINNED, "must not be above pool_size, which is " + size + ", is " + maxPinned.get());
        }
        return new SessionSettings(
                sessions.reuse(),
                table.written(ConfigKeys.SERVER_RESET_QUERY).orElse(sessions.resetQuery()),
                table.written(ConfigKeys.MAX_PREPARED_STATEMENTS).orElse(sessions.statementsPerServer()),
                table.written(ConfigKeys.PREPARED_STATEMENTS_PER_CLIENT).orElse(sessions.statementsPerClient()),
                table.written(ConfigKeys.PREPARED_STATEMENT_BYTES).orElse(sessions.statementBytes()),
                table.written(ConfigKeys.SHARED_PREPARED_STATEMENTS).orElse(sessions.sharedStatements()),
                table.written(ConfigKeys.PINNING)
                        .map(pinning -> pinning == Pinning.ALLOW)
                        .orElse(sessions.pinning()),
                maxPinned.orElse(sessions.pinned()));
    }

    PoolSettings poolSettings() {
        return new PoolSettings(poolSize, queueTimeout, cleanupTimeout, sessions);
    }
}
