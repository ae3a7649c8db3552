package dev.weir.app.config;

import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.SessionSettings;
import java.time.Duration;
import java.util.Optional;

/** The limits that {@code [defaults]} and a tenant share, at one of the three levels: built in, defaults, tenant. */
record Limits(int poolSize, int maxClients, Duration queueTimeout, Duration cleanupTimeout, Duration connectTimeout) {

    /** Those of a tenant for which nothing is written. */
    static Limits builtIn() {
        return new Limits(
                builtIn(ConfigKeys.POOL_SIZE),
                builtIn(ConfigKeys.MAX_CLIENTS),
                builtIn(ConfigKeys.QUEUE_TIMEOUT),
                builtIn(ConfigKeys.CLEANUP_TIMEOUT),
                builtIn(ConfigKeys.CONNECT_TIMEOUT));
    }

    private static <T> T builtIn(ConfigKey<T> key) {
        return key.fallback().orElseThrow();
    }

    /** These limits, except for what the table says: its own keys first, then those of its compute size. */
    Limits overriddenBy(ConfigTable table) {
        Optional<ComputeSize> compute = table.written(ConfigKeys.COMPUTE);
        return new Limits(
                table.written(ConfigKeys.POOL_SIZE)
                        .or(() -> compute.map(ComputeSize::poolSize))
                        .orElse(poolSize),
                table.written(ConfigKeys.MAX_CLIENTS)
                        .or(() -> compute.map(ComputeSize::maxClients))
                        .orElse(maxClients),
                table.written(ConfigKeys.QUEUE_TIMEOUT).orElse(queueTimeout),
                table.written(ConfigKeys.CLEANUP_TIMEOUT).orElse(cleanupTimeout),
                table.written(ConfigKeys.CONNECT_TIMEOUT).orElse(connectTimeout));
    }

    PoolSettings poolSettings() {
        return new PoolSettings(poolSize, queueTimeout, cleanupTimeout, SessionSettings.DEFAULTS);
    }
}
