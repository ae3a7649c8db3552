package dev.weir.app.config;

import dev.weir.app.config.WeirConfig.Engine;
import dev.weir.app.config.WeirConfig.Listen;
import dev.weir.app.config.WeirConfig.LogFormat;
import dev.weir.app.config.WeirConfig.Metrics;
import dev.weir.app.config.WeirConfig.Tls;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What of a configuration is read when Weir starts, and not by a reload. */
public record RestartSettings(
        Listen listen, Optional<Tls> tls, LogFormat format, Duration statsPeriod, Metrics metrics, Engine engine) {

    public static RestartSettings of(WeirConfig config) {
        return new RestartSettings(
                config.listen(),
                config.tls(),
                config.log().format(),
                config.console().statsPeriod(),
                config.metrics(),
                config.engine());
    }

    /** The keys, or tables, in which the other differs; in the order of the file. */
    public List<String> changed(RestartSettings other) {
        List<String> keys = new ArrayList<>();
        addIfOther(keys, "io", engine.io(), other.engine.io());
        addIfOther(keys, "lanes", engine.lanes(), other.engine.lanes());
        addIfOther(keys, "tls_provider", engine.tls(), other.engine.tls());
        addIfOther(keys, "listen.host", listen.host(), other.listen.host());
        addIfOther(keys, "listen.transaction_port", listen.transactionPort(), other.listen.transactionPort());
        addIfOther(keys, "listen.session_port", listen.sessionPort(), other.listen.sessionPort());
        addIfOther(keys, "listen.http_port", listen.httpPort(), other.listen.httpPort());
        addIfOther(keys, "listen.backlog", listen.backlog(), other.listen.backlog());
        addIfOther(keys, "listen.login_timeout", listen.loginTimeout(), other.listen.loginTimeout());
        addIfOther(keys, "listen.shutdown_grace", listen.shutdownGrace(), other.listen.shutdownGrace());
        addIfOther(keys, "tls", tls, other.tls);
        addIfOther(keys, "log.format", format, other.format);
        addIfOther(keys, "metrics.max_pools", metrics.maxPools(), other.metrics.maxPools());
        addIfOther(keys, "console.stats_period", statsPeriod, other.statsPeriod);
        return keys;
    }

    private static void addIfOther(List<String> keys, String key, Object own, Object other) {
        if (!own.equals(other)) {
            keys.add(key);
        }
    }
}
