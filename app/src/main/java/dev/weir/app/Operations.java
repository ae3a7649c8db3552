package dev.weir.app;

import dev.weir.api.metrics.Reloads;
import dev.weir.app.config.ConfigFault;
import dev.weir.app.config.ConfigReader;
import dev.weir.app.config.ConfigResult;
import dev.weir.app.config.LimitChanges;
import dev.weir.app.config.RestartSettings;
import dev.weir.app.config.WeirConfig;
import dev.weir.gateway.console.ConsoleOperations;
import dev.weir.gateway.console.ShutdownKind;
import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done to a running Weir from outside: by signals and by the console. Safe for all threads. */
final class Operations implements ConsoleOperations {
    private static final Logger log = LoggerFactory.getLogger(Operations.class);

    private static final String LOG_LEVEL = "log_level";

    /** Takes other tenants and users of the console into force. */
    interface Taker {
        /**
         * Does not block.
         *
         * @return done when all lanes have it, or the limit has passed: those that have not, in words; empty if all have
         */
        CompletableFuture<String> take(WeirConfig config, Duration limit);
    }

    private final Optional<Path> file;
    private final Shutdown shutdown;
    private final InstantSource clock;

    /** For how long lanes are waited for; never by who guards this, or one that is stuck would stop all that is asked. */
    private final Duration laneLimit;

    private final RestartSettings started;

    /** The configuration in force, and what was set since it was read. Guarded by this. */
    private WeirConfig config;

    private LimitChanges changes = LimitChanges.NONE;
    private WeirConfig.LogLevel logLevel;
    private Taker taker = (_, _) -> CompletableFuture.completedFuture("");

    /** Written by whoever guards this; read without waiting for a reload. */
    private volatile Reloads reloads;

    /**
     * @param file what RELOAD reads; empty if the configuration comes from none
     * @param laneLimit how long a lane may take to take a change
     */
    Operations(Optional<Path> file, WeirConfig config, Shutdown shutdown, InstantSource clock, Duration laneLimit) {
        this.file = file;
        this.config = config;
        this.started = RestartSettings.of(
                ConfigReader.read(config.source(), LimitChanges.NONE) instanceof ConfigResult.Read(WeirConfig asWritten)
                        ? asWritten // without what the command line says
                        : config);
        this.logLevel = config.log().level();
        this.shutdown = shutdown;
        this.clock = clock;
        this.laneLimit = laneLimit;
        this.reloads = Reloads.none(clock.millis());
    }

    synchronized void attach(Taker takes) {
        taker = takes;
    }

    @Override
    public String version() {
        return Version.text();
    }

    @Override
    public synchronized List<Setting> settings(Optional<TenantId> tenant) {
        Map<String, String> builtIn = config.limits().builtIn();
        Map<String, String> values = tenant.map(id -> config.limits().ofTenant(id))
                .orElseGet(() -> config.limits().defaults());
        List<Setting> settings = new ArrayList<>();
        values.forEach(
                (key, value) -> settings.add(new Setting(key, value, builtIn.getOrDefault(key, ""), tenant.isEmpty())));
        if (tenant.isEmpty()) {
            settings.add(new Setting(
                    LOG_LEVEL,
                    logLevel.name().toLowerCase(Locale.ROOT),
                    WeirConfig.LogLevel.INFO.name().toLowerCase(Locale.ROOT),
                    true));
        }
        return settings;
    }

    @Override
    public Change set(Optional<TenantId> tenant, String key, String value) {
        return beginSet(tenant, key, value).join();
    }

    private synchronized CompletableFuture<Change> beginSet(Optional<TenantId> tenant, String key, String value) {
        if (key.equals(LOG_LEVEL) && tenant.isEmpty()) {
            return CompletableFuture.completedFuture(setLogLevel(value));
        }
        if (!LimitChanges.keys().contains(key)) {
            return CompletableFuture.completedFuture(
                    LimitChanges.isKey(key)
                            ? new Change.Fixed()
                            : new Change.Unknown(LimitChanges.nearest(key)
                                    .map(near -> "Did you mean " + near + "?")
                                    .orElse("SHOW CONFIG tells what can be set.")));
        }
        LimitChanges more = changes.with(tenant, key, value);
        return switch (ConfigReader.read(config.source(), more)) {
            case ConfigResult.Faulty faulty -> {
                ConfigFault first = faulty.faults().getFirst();
                yield CompletableFuture.completedFuture(new Change.Invalid(first.key() + " " + first.reason()));
            }
            case ConfigResult.Read(WeirConfig read) -> {
                changes = more;
                CompletableFuture<Optional<Failure.LaneLate>> taken = take(read);
                log.atInfo()
                        .setMessage("a limit was set")
                        .addKeyValue("tenant", tenant.map(TenantId::value).orElse("all"))
                        .addKeyValue("key", key)
                        .addKeyValue("value", value)
                        .log();
                yield taken.thenApply(late -> late.<Change>map(Change.Late::new).orElseGet(Change.Made::new));
            }
        };
    }

    private Change setLogLevel(String value) {
        for (WeirConfig.LogLevel level : WeirConfig.LogLevel.values()) {
            if (level.name().equalsIgnoreCase(value)) {
                Logging.setLevel(level);
                logLevel = level;
                return new Change.Made();
            }
        }
        return new Change.Invalid(LOG_LEVEL + " must be "
                + Arrays.stream(WeirConfig.LogLevel.values())
                        .map(level -> level.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", ")));
    }

    /** Reads all again that needs no restart; a file with faults leaves the old configuration in force. */
    @Override
    public Optional<Failure> reload() {
        Optional<Failure> failure = Optional.of(new Failure.Internal()); // if it breaks amid its work
        try {
            failure = beginReload().join();
            return failure;
        } finally {
            count(failure);
        }
    }

    private synchronized void count(Optional<Failure> failure) {
        if (failure.isEmpty()) {
            reloads = reloads.andOk(clock.millis());
        } else if (failure.get() instanceof Failure.LaneLate) {
            reloads = reloads.andLate(clock.millis());
        } else {
            reloads = reloads.andFailed();
        }
    }

    /** What has come of the reloads so far; does not block. */
    Reloads reloads() {
        return reloads;
    }

    private synchronized CompletableFuture<Optional<Failure>> beginReload() {
        if (file.isEmpty()) {
            return CompletableFuture.completedFuture(
                    Optional.of(new Failure.ReloadFailed("the configuration does not come from a file")));
        }
        return switch (ConfigReader.read(file.get())) {
            case ConfigResult.Read(WeirConfig read) -> {
                changes = LimitChanges.NONE;
                if (logLevel != read.log().level()) {
                    logLevel = read.log().level();
                    Logging.setLevel(logLevel);
                }
                CompletableFuture<Optional<Failure.LaneLate>> taken = take(read);
                warnOfRestart(read);
                log.atInfo()
                        .setMessage("configuration was read again")
                        .addKeyValue("file", file.get())
                        .log();
                yield taken.thenApply(late -> late.map(Failure.class::cast));
            }
            case ConfigResult.Faulty faulty -> {
                for (ConfigFault fault : faulty.faults()) {
                    log.atError()
                            .setMessage("the changed configuration has a fault, the old one stays in force")
                            .addKeyValue("fault", fault)
                            .log();
                }
                yield CompletableFuture.completedFuture(Optional.of(
                        new Failure.ReloadFailed(faulty.faults().getFirst().toString())));
            }
        };
    }

    /** Says what the file has otherwise than at the start, and stays as it was then. */
    private void warnOfRestart(WeirConfig read) {
        List<String> keys = started.changed(RestartSettings.of(read));
        if (!keys.isEmpty()) {
            log.atWarn()
                    .setMessage("some of the changed configuration needs a restart")
                    .addKeyValue("keys", keys)
                    .log();
        }
    }

    /** Done when all lanes have it, or some have had enough time. */
    private CompletableFuture<Optional<Failure.LaneLate>> take(WeirConfig read) {
        config = read;
        return taker.take(read, laneLimit).thenApply(this::late);
    }

    /** @param lanes in words; empty for none */
    private Optional<Failure.LaneLate> late(String lanes) {
        if (lanes.isEmpty()) {
            return Optional.empty();
        }
        log.atError()
                .setMessage(
                        "a lane does not answer, and has not taken the changed configuration that is in force elsewhere")
                .addKeyValue("lanes", lanes)
                .addKeyValue("waited_ms", laneLimit.toMillis())
                .log();
        return Optional.of(new Failure.LaneLate(lanes, laneLimit.toMillis()));
    }

    @Override
    public void shutDown(boolean graceful) {
        shutdown.ask(graceful);
    }

    @Override
    public Optional<ShutdownKind> shutdown() {
        if (!shutdown.isAsked()) {
            return Optional.empty();
        }
        return Optional.of(shutdown.isGraceful() ? ShutdownKind.WAIT_FOR_SERVERS : ShutdownKind.IMMEDIATE);
    }
}
