package dev.weir.app;

import dev.weir.app.config.ConfigFault;
import dev.weir.app.config.ConfigReader;
import dev.weir.app.config.ConfigResult;
import dev.weir.app.config.WeirConfig;
import dev.weir.tenants.Tenant;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir check}: reads a configuration and tells each fault with line, key and reason. */
@Command(name = "check", description = "Checks a configuration.", mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "weir.toml",
            description = "The configuration (default: ${DEFAULT-VALUE}).")
    Path file = Path.of("weir.toml");

    @Override
    public Integer call() {
        return switch (ConfigReader.read(file)) {
            case ConfigResult.Read read -> {
                print(read.config());
                yield 0;
            }
            case ConfigResult.Faulty faulty -> {
                for (ConfigFault fault : faulty.faults()) {
                    System.err.println(fault);
                }
                yield Main.EXIT_CONFIGURATION;
            }
        };
    }

    private void print(WeirConfig config) {
        System.out.println(file + " is sound.");
        for (Tenant tenant : config.tenants().all()) {
            System.out.println(
                    "  tenant " + tenant.id() + ": " + tenant.upstream().endpoints() + ", "
                            + tenant.users().size() + " users, pool_size "
                            + tenant.pool().size() + ", max_clients " + tenant.maxClients());
        }
    }
}
