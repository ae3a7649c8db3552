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
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done to a running Weir from outside: by signals and by the console. Safe for all threads. */
final class Operations implements ConsoleOperations {
    private static final Logger log = LoggerFactory.getLogger(Operations.class);

    private static final String LOG_LEVEL = "log_level";

    private final Optional<Path> file;
    private final Shutdown shutdown;
    private final InstantSource clock;

    private final RestartSettings started;

    /** The configuration in force, and what was set since it was read. Guarded by this. */
    private WeirConfig config;

    private LimitChanges changes = LimitChanges.NONE;
    private WeirConfig.LogLevel logLevel;
    private Consumer<WeirConfig> taker = taken -> {};

    /** Written by whoever guards this; read without waiting for a reload. */
    private volatile Reloads reloads;

    /** @param file what RELOAD reads; empty if the configuration comes from none */
    Operations(Optional<Path> file, WeirConfig config, Shutdown shutdown, InstantSource clock) {
        this.file = file;
        this.config = config;
        this.started = RestartSettings.of(
                ConfigReader.read(config.source(), LimitChanges.NONE) instanceof ConfigResult.Read(WeirConfig asWritten)
                        ? asWritten // without what the command line says
                        : config);
        this.logLevel = config.log().level();
        this.shutdown = shutdown;
        this.clock = clock;
        this.reloads = Reloads.none(clock.millis());
    }

    /** @param takes takes other tenants and users of the console into force */
    synchronized void attach(Consumer<WeirConfig> takes) {
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
    public synchronized Change set(Optional<TenantId> tenant, String key, String value) {
        if (key.equals(LOG_LEVEL) && tenant.isEmpty()) {
            return setLogLevel(value);
        }
        if (!LimitChanges.keys().contains(key)) {
            return LimitChanges.isKey(key)
                    ? new Change.Fixed()
                    : new Change.Unknown(LimitChanges.nearest(key)
                            .map(near -> "Did you mean " + near + "?")
                            .orElse("SHOW CONFIG tells what can be set."));
        }
        LimitChanges more = changes.with(tenant, key, value);
        return switch (ConfigReader.read(config.source(), more)) {
            case ConfigResult.Faulty faulty -> {
                ConfigFault first = faulty.faults().getFirst();
                yield new Change.Invalid(first.key() + " " + first.reason());
            }
            case ConfigResult.Read(WeirConfig read) -> {
                changes = more;
                take(read);
                log.atInfo()
                        .setMessage("a limit was set")
                        .addKeyValue("tenant", tenant.map(TenantId::value).orElse("all"))
                        .addKeyValue("key", key)
                        .addKeyValue("value", value)
                        .log();
                yield new Change.Made();
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
    public synchronized Optional<String> reload() {
        boolean ok = false;
        try {
            Optional<String> fault = readAgain();
            ok = fault.isEmpty();
            return fault;
        } finally {
            reloads = ok ? reloads.andOk(clock.millis()) : reloads.andFailed();
        }
    }

    /** What has come of the reloads so far; does not block. */
    Reloads reloads() {
        return reloads;
    }

    private Optional<String> readAgain() {
        if (file.isEmpty()) {
            return Optional.of("the configuration does not come from a file");
        }
        return switch (ConfigReader.read(file.get())) {
            case ConfigResult.Read(WeirConfig read) -> {
                changes = LimitChanges.NONE;
                if (logLevel != read.log().level()) {
                    logLevel = read.log().level();
                    Logging.setLevel(logLevel);
                }
                take(read);
                warnOfRestart(read);
                log.atInfo()
                        .setMessage("configuration was read again")
                        .addKeyValue("file", file.get())
                        .log();
                yield Optional.empty();
            }
            case ConfigResult.Faulty faulty -> {
                for (ConfigFault fault : faulty.faults()) {
                    log.atError()
                            .setMessage("the changed configuration has a fault, the old one stays in force")
                            .addKeyValue("fault", fault)
                            .log();
                }
                yield Optional.of(faulty.faults().getFirst().toString());
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

    private void take(WeirConfig read) {
        config = read;
        taker.accept(read);
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
