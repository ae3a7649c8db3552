package dev.weir.app;

import dev.weir.app.config.ConfigFault;
import dev.weir.app.config.ConfigReader;
import dev.weir.app.config.ConfigResult;
import dev.weir.app.config.WeirConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir serve}: the pooler. */
@Command(name = "serve", description = "Runs the pooler.", mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(ServeCommand.class);

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "weir.toml",
            description = "The configuration (default: ${DEFAULT-VALUE}).")
    Path file = Path.of("weir.toml");

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
        Logging.configure(config.log().format(), config.log().level());
        WeirConfig effective = new WeirConfig(
                ports.over(config.listen()),
                config.tls(),
                config.log(),
                config.engine(),
                config.metrics(),
                config.tenants());
        Weir weir;
        try {
            weir = Weir.start(effective);
        } catch (IOException | IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return 1;
        }
        Signals.onHangUp(() -> reload(weir));
        Signals.awaitEnd(weir);
        return 0;
    }

    /** Reads the tenants again; a file with faults leaves the old ones in force. */
    private void reload(Weir weir) {
        switch (ConfigReader.read(file)) {
            case ConfigResult.Read read -> {
                weir.replaceTenants(read.config().tenants());
                log.atInfo()
                        .setMessage("configuration was read again")
                        .addKeyValue("file", file)
                        .log();
            }
            case ConfigResult.Faulty faulty -> {
                for (ConfigFault fault : faulty.faults()) {
                    log.atError()
                            .setMessage("the changed configuration has a fault, the old one stays in force")
                            .addKeyValue("fault", fault)
                            .log();
                }
            }
        }
    }
}
