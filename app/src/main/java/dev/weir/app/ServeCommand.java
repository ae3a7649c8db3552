package dev.weir.app;

import dev.weir.app.config.ConfigReader;
import dev.weir.app.config.ConfigResult;
import dev.weir.app.config.WeirConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir serve}: the pooler. */
@Command(name = "serve", description = "Runs the pooler.", mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "weir.toml",
            description = "The configuration (default: ${DEFAULT-VALUE}).")
    Path file = Path.of("weir.toml");

    /** Characters of a file whose reading takes a heap that Weir does not need afterwards: some hundred tenants. */
    private static final int LARGE_FILE = 256 * 1024;

    /** HotSpot gives back nothing of a heap that has become too large at the first collection, and all at the fourth. */
    private static final int COLLECTIONS = 4;

    @Mixin
    PortOptions ports = new PortOptions();

    @Override
    public Integer call() throws InterruptedException {
        WeirConfig config;
        switch (ConfigReader.read(file)) {
            case ConfigResult.Read read -> config = read.config();
            case ConfigResult.Faulty faulty -> {
                faulty.faults().forEach(System.err::println);
                return Main.EXIT_CONFIGURATION;
            }
        }
        giveBackMemory(config);
        LogWriter logWriter =
                Logging.configure(config.log().format(), config.log().level());
        WeirConfig effective = config.withListen(ports.over(config.listen()));
        Weir weir;
        try {
            weir = Weir.start(effective, Optional.of(file), logWriter::leftOut);
        } catch (IOException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 1;
        }
        weir.compareWithServers();
        Signals.onHangUp(weir::reload);
        Signals.onUserSignals(() -> weir.steerAll(true), () -> weir.steerAll(false), System.getenv());
        Signals.awaitEnd(weir.shutdown(), weir);
        return 0;
    }

    /** To read a large file takes many times the memory of what is kept of it. Nobody is served yet, so nobody waits. */
    private static void giveBackMemory(WeirConfig config) {
        if (config.source().text().length() > LARGE_FILE) {
            for (int i = 0; i < COLLECTIONS; i++) {
                System.gc();
            }
        }
    }
}
