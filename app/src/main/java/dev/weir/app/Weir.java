package dev.weir.app;

import dev.weir.api.HealthEndpoints;
import dev.weir.api.HttpServer;
import dev.weir.api.MetricsEndpoint;
import dev.weir.api.metrics.Metrics;
import dev.weir.app.config.WeirConfig;
import dev.weir.gateway.ClientTls;
import dev.weir.gateway.Gateway;
import dev.weir.gateway.GatewaySettings;
import dev.weir.gateway.LogSettings;
import dev.weir.gateway.Mode;
import dev.weir.gateway.console.Console;
import dev.weir.pool.IoKind;
import dev.weir.pool.LaneCheck;
import dev.weir.pool.LaneView;
import dev.weir.pool.Lanes;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.Tenants;
import dev.weir.tenants.UpstreamTls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running Weir: all its parts, wired. */
public final class Weir implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Weir.class);

    /** What it is made of. */
    private record Parts(
            Lanes lanes, Gateway gateway, Console console, HttpServer http, Operations operations, Shutdown shutdown) {}

    private final Parts parts;
    private final Duration grace;
    private final int transactionPort;
    private final int sessionPort;
    private boolean closed;

    private Weir(Parts parts, Duration grace, int transactionPort, int sessionPort) {
        this.parts = parts;
        this.grace = grace;
        this.transactionPort = transactionPort;
        this.sessionPort = sessionPort;
    }

    /**
     * Starts it.
     *
     * @throws IOException if a port can't be listened on or the certificate can't be used; the message names the option
     */
    public static Weir start(WeirConfig config) throws IOException {
        return start(config, Optional.empty(), () -> 0);
    }

    /**
     * As {@link #start(WeirConfig)}.
     *
     * @param file what the configuration was read from, and is read from again
     * @param logLinesLeftOut how many lines the log has left out so far
     */
    public static Weir start(WeirConfig config, Optional<Path> file, LongSupplier logLinesLeftOut) throws IOException {
        Optional<ClientTls> tls = Optional.empty();
        String provider = tlsProvider(config);
        if (config.tls().isPresent()) {
            WeirConfig.Tls files = config.tls().get();
            tls = Optional.of(ClientTls.read(config.engine().tls(), files.certificate(), files.key()));
        }
        WeirConfig.Listen listen = config.listen();
        Lanes lanes = new Lanes(
                config.engine().io(), config.engine().tls(), config.engine().lanes(), config.tenants());
        Shutdown shutdown = new Shutdown();
        Operations operations = new Operations(file, config, shutdown, InstantSource.system(), LaneCheck.LIMIT);
        Console console = new Console(lanes, operations, config.console().users());
        Gateway gateway = new Gateway(
                lanes,
                new GatewaySettings(
                        listen.backlog(),
                        listen.loginTimeout(),
                        tls,
                        config.console().statsPeriod()),
                logSettings(config.log()),
                console);
        try {
            int transaction =
                    listen(gateway, Mode.TRANSACTION, listen.host(), listen.transactionPort(), "transaction_port");
            int session = listen(gateway, Mode.SESSION, listen.host(), listen.sessionPort(), "session_port");
            HttpServer http = http(lanes, gateway, new Facts(gateway, operations, tls, logLinesLeftOut), config);
            log.atInfo()
                    .setMessage("Weir is ready")
                    .addKeyValue("version", Version.text())
                    .addKeyValue("transaction_port", transaction)
                    .addKeyValue("session_port", session)
                    .addKeyValue("http_port", http.port())
                    .addKeyValue("io", lanes.transport().kind())
                    .addKeyValue("lanes", lanes.all().size())
                    .addKeyValue("tls", provider)
                    .log();
            Weir weir = new Weir(
                    new Parts(lanes, gateway, console, http, operations, shutdown),
                    listen.shutdownGrace(),
                    transaction,
                    session);
            operations.attach(weir::replace);
            return weir;
        } catch (IOException e) {
            gateway.close();
            lanes.close();
            throw e;
        }
    }

    private static LogSettings logSettings(WeirConfig.Log lines) {
        return LogSettings.of(lines.connections(), lines.slowCheckout(), lines.slowQuery());
    }

    /**
     * Whose TLS is used, for the log. As long as nobody needs it, it is not found out, which would load a library.
     *
     * @throws IllegalArgumentException if the one that is configured does not work here
     */
    private static String tlsProvider(WeirConfig config) {
        if (config.tls().isEmpty() && !hasTlsUpstream(config.tenants())) {
            return "unused";
        }
        TlsProvider chosen = config.engine().tls().choose();
        if (config.engine().tls() == TlsProvider.AUTO && chosen == TlsProvider.JDK) {
            log.atWarn()
                    .setMessage("the native TLS library can't be used, the JDK's TLS takes its place")
                    .addKeyValue("reason", TlsProvider.whyNotOpenSsl())
                    .log();
        }
        return chosen.name().toLowerCase(Locale.ROOT);
    }

    private static boolean hasTlsUpstream(Tenants tenants) {
        for (Tenant tenant : tenants.all()) {
            if (tenant.upstream().tls() != UpstreamTls.DISABLE) {
                return true;
            }
        }
        return false;
    }

    private static int listen(Gateway gateway, Mode mode, String host, int port, String key) throws IOException {
        try {
            return gateway.listen(mode, host, port);
        } catch (IOException e) {
            throw cannotListen(host, port, key, e);
        }
    }

    private static HttpServer http(Lanes lanes, Gateway gateway, Facts facts, WeirConfig config) throws IOException {
        WeirConfig.Listen listen = config.listen();
        HealthEndpoints health = new HealthEndpoints(lanes.all(), gateway::isListening);
        Metrics source = new Metrics(lanes, facts, config.metrics().maxPools(), LaneCheck.LIMIT);
        try {
            return HttpServer.start(
                    listen.host(),
                    listen.httpPort(),
                    Map.of(
                            "/health/live", health::live,
                            "/health/ready", health::ready,
                            "/metrics", new MetricsEndpoint(source)));
        } catch (IOException e) {
            throw cannotListen(listen.host(), listen.httpPort(), "http_port", e);
        }
    }

    private static IOException cannotListen(String host, int port, String key, IOException cause) {
        return new IOException("cannot listen on port " + port + " of " + host + ": " + cause.getMessage()
                + ". Choose another with --" + key.replace('_', '-') + " or listen." + key + ".");
    }

    public int transactionPort() {
        return transactionPort;
    }

    public int sessionPort() {
        return sessionPort;
    }

    public int httpPort() {
        return parts.http().port();
    }

    /** What there is at this moment; see {@link Lanes#view}. */
    CompletableFuture<List<LaneView>> view(boolean connections) {
        return parts.lanes().view(connections);
    }

    /** The kind of I/O in use. */
    public IoKind io() {
        return parts.lanes().transport().kind();
    }

    /** Warns from now on of each host that allows fewer server connections than are configured. */
    public void compareWithServers() {
        parts.lanes().compareWithServers();
    }

    /**
     * Takes other tenants into force; clients of those that did not change notice nothing.
     *
     * @throws IllegalStateException if a lane does not answer
     */
    public void replaceTenants(Tenants tenants) {
        String late = replaceTenants(tenants, LaneCheck.LIMIT).join();
        if (!late.isEmpty()) {
            throw new IllegalStateException("no answer from " + late);
        }
    }

    private CompletableFuture<String> replaceTenants(Tenants tenants, Duration limit) {
        parts.gateway().forgetVerifiers();
        return parts.lanes().replace(tenants, limit);
    }

    /** See {@link Operations.Taker}. */
    private CompletableFuture<String> replace(WeirConfig config, Duration limit) {
        CompletableFuture<String> late = replaceTenants(config.tenants(), limit);
        parts.console().setUsers(config.console().users());
        parts.gateway().setLog(logSettings(config.log()));
        return late;
    }

    /** Reads the configuration again; what is wrong with it is logged. */
    void reload() {
        parts.operations().reload();
    }

    /** Pauses all databases, or ends that. */
    void steerAll(boolean pause) {
        parts.console().steerAll(pause);
    }

    /** Who asks that it ends. */
    Shutdown shutdown() {
        return parts.shutdown();
    }

    /** Ends it, once: transactions may finish within the grace period, then everyone is cut. Blocks until it has ended. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        parts.gateway().shutDown(parts.shutdown().isGraceful() ? grace : Duration.ZERO);
        parts.gateway().close();
        parts.lanes().close();
        parts.http().close();
    }
}
