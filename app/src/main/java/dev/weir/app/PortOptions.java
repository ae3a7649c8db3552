package dev.weir.app;

import dev.weir.app.config.WeirConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code demo} and {@code serve} that override ports of the configuration. */
final class PortOptions {
    @Option(
            names = "--transaction-port",
            paramLabel = "PORT",
            description = "Port of transaction mode; 0 takes a free one.")
    @Nullable
    Integer transactionPort;

    @Option(names = "--session-port", paramLabel = "PORT", description = "Port of session mode; 0 takes a free one.")
    @Nullable
    Integer sessionPort;

    @Option(names = "--http-port", paramLabel = "PORT", description = "Port of HTTP; 0 takes a free one.")
    @Nullable
    Integer httpPort;

    WeirConfig.Listen over(WeirConfig.Listen listen) {
        return new WeirConfig.Listen(
                listen.host(),
                transactionPort == null ? listen.transactionPort() : transactionPort,
                sessionPort == null ? listen.sessionPort() : sessionPort,
                httpPort == null ? listen.httpPort() : httpPort,
                listen.backlog(),
                listen.loginTimeout(),
                listen.shutdownGrace());
    }
}
