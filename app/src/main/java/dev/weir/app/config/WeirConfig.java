package dev.weir.app.config;

import dev.weir.pool.IoKind;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.ConsoleUsers;
import dev.weir.tenants.Tenants;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * All that {@code weir.toml} says, checked: every value is in the range that {@code docs/configuration.md} names. No
 * {@code toString} of it shows a secret.
 *
 * @param tls what clients are offered; empty if they are offered none
 * @param limits the tenants' limits, for people to read
 * @param source what it was read from
 */
public record WeirConfig(
        Listen listen,
        Optional<Tls> tls,
        Log log,
        Console console,
        Engine engine,
        Metrics metrics,
        Tenants tenants,
        LimitTexts limits,
        ConfigText source) {

    /** The same, listening elsewhere. */
    public WeirConfig withListen(Listen other) {
        return new WeirConfig(other, tls, log, console, engine, metrics, tenants, limits, source);
    }

    /**
     * Where clients are accepted, and how they are let go.
     *
     * @param host an address or a name; {@code ::} takes IPv6 and IPv4 clients alike
     * @param transactionPort 0 to 65535; 0 takes any free port
     * @param sessionPort 0 to 65535; 0 takes any free port
     * @param httpPort 0 to 65535; 0 takes any free port
     * @param backlog connections that the kernel keeps until they are accepted
     * @param loginTimeout from accepting a client until its login is complete
     * @param shutdownGrace how long a shutdown waits for transactions to end
     */
    public record Listen(
            String host,
            int transactionPort,
            int sessionPort,
            int httpPort,
            int backlog,
            Duration loginTimeout,
            Duration shutdownGrace) {}

    /**
     * Both files existed and were readable when the configuration was read.
     *
     * @param certificate PEM: the server's certificate, then those between it and the authority
     * @param key PEM: the private key of the first certificate
     */
    public record Tls(Path certificate, Path key) {}

    /**
     * How Weir writes its log.
     *
     * @param connections whether clients that come, and those that leave by themselves, have a line
     * @param slowCheckout the wait for a server connection from which on it has a line; zero: never
     * @param slowQuery the time of a statement from which on it has a line; zero: never
     */
    public record Log(
            LogFormat format, LogLevel level, boolean connections, Duration slowCheckout, Duration slowQuery) {}

    /**
     * The console that is reached as database {@code pgbouncer} or {@code weir}.
     *
     * @param statsPeriod over how long averages are taken
     */
    public record Console(Duration statsPeriod, ConsoleUsers users) {}

    /** The form of a log line. */
    public enum LogFormat {
        TEXT,
        JSON
    }

    /** From which severity on lines are written. */
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /**
     * What is told of pools.
     *
     * @param maxPools pools with series of their own, 1 to 100,000; all further ones are summed up
     */
    public record Metrics(int maxPools) {}

    /**
     * What moves the bytes.
     *
     * @param tls whose TLS serves clients and server connections
     * @param lanes event loops, 1 to 256
     */
    public record Engine(IoKind io, TlsProvider tls, int lanes) {}
}
