package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.api.metrics.Metric;
import dev.weir.pool.TlsProvider;
import dev.weir.testkit.Certificates;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients over TLS: both ways to begin it, channel binding, and certificates that change while Weir runs. */
@ParameterizedClass
@SuppressWarnings("NullAway.Init") // what JUnit sets, and what is set before each of its invocations
@EnumSource(value = TlsProvider.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
@ExtendWith(TlsLeakWatch.class)
class ClientTlsIT {
    private static final Duration FEW_SECONDS = Duration.ofSeconds(8);

    @TempDir
    private static Path directory;

    private static Certificates authority;
    private static Path certificate;
    private static Path key;
    private static SSLContext trust;
    private static WeirFixture weir;

    @Parameter
    TlsProvider provider;

    @RegisterExtension
    final ErrorLog log = ErrorLog.duringEachTest();

    @BeforeParameterizedClassInvocation
    static void start(TlsProvider provider) {
        authority = Certificates.in(directory);
        trust = authority.trust();
        certificate = directory.resolve("weir.crt");
        key = directory.resolve("weir.key");
        install(authority.server("localhost", "127.0.0.1"));
        weir = WeirFixture.start("tls_provider = \"" + provider.name().toLowerCase(Locale.ROOT) + "\"\n"
                + WeirFixture.toml(TestPostgres.shared()) + """
                [tls]
                certificate = "%s"
                key = "%s"
                [[console.user]]
                name = "ops"
                password = "secret"
                role = "stats"
                """.formatted(certificate, key));
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        weir.close();
    }

    /** Each file is replaced in one step; the two are not. */
    private static void install(Certificates.Issued issued) {
        replace(issued.certificateFile(), certificate);
        replace(issued.keyFile(), key);
    }

    private static void replace(Path from, Path to) {
        try {
            Path copy = Files.createTempFile(directory, "new", ".pem");
            Files.copy(from, copy, StandardCopyOption.REPLACE_EXISTING);
            Files.move(copy, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new AssertionError("cannot replace " + to, e);
        }
    }

    private static int port() {
        return weir.weir().transactionPort();
    }

    private static PgClient connect() {
        return PgClient.connectTls("localhost", port(), trust);
    }

    private static void expectLogin(PgClient client) {
        client.login("postgres", "postgres", "postgres");
        assertThat(client.rows("SELECT 1")).isEqualTo(List.of(List.of("1")));
    }

    // ---- two ways to begin

    @Test
    void grantsTlsToAnSslRequest() {
        try (PgClient client = connect()) {
            expectLogin(client);
            assertThat(client.loggedIn().mechanism()).isEqualTo("SCRAM-SHA-256-PLUS");
        }
    }

    @Test
    void grantsTlsBehindARefusedGssRequest() {
        try (PgClient client = PgClient.connect("localhost", port())) {
            assertThat(client.send(Messages.gssRequest()).readByte()).isEqualTo('N');
            assertThat(client.send(Messages.sslRequest()).readByte()).isEqualTo('S');
            client.startTls(trust, "localhost");
            expectLogin(client);
        }
    }

    @Test
    void theConsoleSpeaksTlsLikeADatabase() {
        for (boolean direct : new boolean[] {false, true}) {
            try (PgClient console =
                    direct ? PgClient.connectDirectTls("localhost", port(), trust, "postgresql") : connect()) {
                console.login("ops", "secret", "pgbouncer");
                assertThat(console.loggedIn().mechanism()).isEqualTo("SCRAM-SHA-256-PLUS");
                assertThat(ConsoleFixture.column(console, "SHOW CLIENTS", "tls"))
                        .containsExactly("TLS");
                assertThat(console.query("SHOW CONFIG;".repeat(300)))
                        .as("more than the sockets hold")
                        .filteredOn(frame -> frame.type() == 'C')
                        .hasSize(300);
                console.terminate();
            }
        }
    }

    @Test
    void refusesBytesGluedBehindAnSslRequest() {
        try (PgClient client = PgClient.connect("localhost", port())) {
            client.send(Messages.sslRequest(), Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres")));
            assertThat(Raw.expectOnlyFatal(client).sqlstate()).isEqualTo("08P01");
        }
    }

    @Test
    void refusesRequestsForEncryptionWithinTls() {
        for (byte[] request : List.of(Messages.sslRequest(), Messages.gssRequest())) {
            try (PgClient client = connect()) {
                assertThat(Raw.expectOnlyFatal(client.send(request)).sqlstate()).isEqualTo("08P01");
            }
        }
    }

    @Test
    void answersInClearWithoutAnSslRequest() {
        try (PgClient client = PgClient.connect("localhost", port())) {
            expectLogin(client);
            assertThat(client.loggedIn().mechanism()).isEqualTo("SCRAM-SHA-256");
        }
    }

    @Test
    void beginsWithTheHandshakeWhereAlpnSaysPostgresql() {
        try (PgClient client = PgClient.connectDirectTls("localhost", port(), trust, "postgresql")) {
            assertThat(client.applicationProtocol()).isEqualTo("postgresql");
            expectLogin(client);
        }
        try (PgClient client = PgClient.connectDirectTls("localhost", port(), trust, "http/1.1", "postgresql")) {
            expectLogin(client);
        }
    }

    @Test
    void refusesDirectTlsWithoutAlpn() {
        try (PgClient client = PgClient.connectDirectTls("localhost", port(), trust)) {
            assertThat(Raw.expectOnlyFatal(client).sqlstate()).isEqualTo("08P01");
        }
    }

    @Test
    void refusesDirectTlsOfAnotherProtocol() {
        try (PgClient client = PgClient.connectDirectTls("localhost", port(), trust, "http/1.1")) {
            assertThat(Raw.expectOnlyFatal(client).sqlstate()).isEqualTo("08P01");
        } catch (AssertionError handshake) {
            // Refusing it in the handshake, as Postgres does, is as good.
            assertThat(handshake).hasMessageContaining("TLS handshake failed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void speaksTls(String version) throws IOException {
        try (SSLSocket socket = negotiate(version)) {
            assertThat(socket.getSession().getProtocol()).isEqualTo(version);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1", "TLSv1.1"})
    void refusesOldTls(String version) {
        assertThatThrownBy(() -> negotiate(version)).isInstanceOf(IOException.class);
    }

    private static SSLSocket negotiate(String version) throws IOException {
        SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("localhost", port());
        try {
            var parameters = socket.getSSLParameters();
            parameters.setProtocols(new String[] {version});
            parameters.setApplicationProtocols(new String[] {"postgresql"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Test
    void acceptsALoginOverTlsByteByByte() {
        try (PgClient client = connect()) {
            client.cutSendsInto(1); // a TLS record for each byte
            expectLogin(client);
        }
    }

    // ---- bytes that are no TLS

    @Test
    void closesOnGarbageInPlaceOfAHandshake() {
        try (PgClient client = PgClient.connect("localhost", port())) {
            assertThat(client.send(Messages.sslRequest()).readByte()).isEqualTo('S');
            client.send(Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres")));
            assertThat(client.isClosedByPeer() || client.hasBytesWithin(Duration.ofSeconds(5)))
                    .isTrue();
        }
    }

    @Test
    void closesOnGarbageBehindALogin() throws IOException {
        try (java.net.Socket plain = new java.net.Socket("localhost", port())) {
            plain.setSoTimeout(10_000);
            plain.getOutputStream().write(Messages.sslRequest());
            assertThat(plain.getInputStream().read()).isEqualTo('S');
            SSLSocket tls = (SSLSocket) trust.getSocketFactory().createSocket(plain, "localhost", port(), false);
            tls.startHandshake();
            tls.getOutputStream()
                    .write(Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres", "database", "postgres")));
            assertThat(tls.getInputStream().read()).isEqualTo('R');
            plain.getOutputStream()
                    .write("this is no TLS record at all".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            plain.getOutputStream().flush();
            while (plain.getInputStream().read() >= 0) {
                // an alert, then the end
            }
        }
        assertThat(log.errors()).isEmpty();
    }

    // ---- channel binding

    @Test
    void refusesAClientThatWasToldOfNoChannelBinding() {
        try (PgClient client = connect()) {
            Frame error = scramFirst(client, "SCRAM-SHA-256", "y,,n=,r=0123456789abcdef01234567");
            assertThat(error.sqlstate()).isEqualTo("28000");
        }
    }

    @Test
    void letsAClientChooseNoChannelBinding() {
        try (PgClient client = connect()) {
            Frame challenge = scramFirst(client, "SCRAM-SHA-256", "n,,n=,r=0123456789abcdef01234567");
            assertThat(challenge.type()).isEqualTo('R');
        }
    }

    @Test
    void refusesBindingThatDoesNotFitTheMechanism() {
        Map<String, String> wrong = Map.of(
                "p=tls-server-end-point,,n=,r=0123456789abcdef01234567", "SCRAM-SHA-256",
                "n,,n=,r=0123456789abcdef01234567", "SCRAM-SHA-256-PLUS",
                "p=tls-unique,,n=,r=0123456789abcdef01234567", "SCRAM-SHA-256-PLUS");
        wrong.forEach((message, mechanism) -> {
            try (PgClient client = connect()) {
                assertThat(scramFirst(client, mechanism, message).sqlstate()).isEqualTo("08P01");
            }
        });
    }

    @Test
    void refusesABindingToAnotherCertificate() {
        try (PgClient client = connect()) {
            Frame challenge =
                    scramFirst(client, "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=,r=0123456789abcdef01234567");
            String binding = java.util.Base64.getEncoder()
                    .encodeToString("p=tls-server-end-point,,another certificate's hash......"
                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            String proof = java.util.Base64.getEncoder().encodeToString(new byte[32]);
            client.send(
                    Frame.of('p', "c=" + binding + ",r=" + Raw.scram(challenge).get("r") + ",p=" + proof)
                            .bytes());
            assertThat(Raw.expectOnlyFatal(client).sqlstate()).isEqualTo("28000");
        }
    }

    private static Frame scramFirst(PgClient client, String mechanism, String message) {
        client.send(Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres", "database", "postgres")));
        assertThat(client.readFrame().type()).isEqualTo('R');
        client.send(Raw.saslInitialResponse(mechanism, message));
        return client.readFrame();
    }

    // ---- certificates that change

    @Test
    void showsANewCertificateWithinSeconds() {
        Certificates.Issued next = authority.server("localhost", "127.0.0.1");
        try (PgClient before = connect()) {
            expectLogin(before);
            install(next);
            Awaitility.await().atMost(FEW_SECONDS).until(() -> shown().equals(next.certificate()));
            assertThat(before.rows("SELECT 2")).isEqualTo(List.of(List.of("2")));
            try (PgClient after = connect()) {
                expectLogin(after); // with channel binding to the new one
            }
        }
    }

    @Test
    void metricsTellTheEndOfTheCertificateThatIsShown() {
        for (int hours : new int[] {12, 13}) {
            Certificates.Issued next =
                    authority.serverUntil(Instant.now().plus(Duration.ofHours(hours)), "localhost", "127.0.0.1");
            install(next);
            long end = next.certificate().getNotAfter().toInstant().getEpochSecond();
            Awaitility.await()
                    .atMost(FEW_SECONDS)
                    .until(() -> Scraped.of(weir.weir()).value(Metric.CERTIFICATE_END) == end);
            assertThat(shown()).isEqualTo(next.certificate());
        }
    }

    private static X509Certificate shown() {
        try (PgClient client = connect()) {
            X509Certificate shown = client.serverCertificate();
            if (shown == null) {
                throw new AssertionError("no TLS");
            }
            return shown;
        }
    }

    @Test
    void keepsTheOldPairWhileTheNewFilesDoNotFit() throws IOException {
        X509Certificate old = shown();
        Certificates.Issued next = authority.server("localhost", "127.0.0.1");
        Path broken = Files.writeString(directory.resolve("broken.pem"), "-----BEGIN NOTHING-----\n");
        List<Runnable> mistakes = List.of(
                () -> replace(next.certificateFile(), certificate), // whose key has not come yet
                () -> replace(broken, key),
                () -> replace(broken, certificate),
                () -> delete(key));
        for (Runnable mistake : mistakes) {
            try (Warnings warnings = Warnings.of("TLS certificate can't be used")) {
                mistake.run();
                Awaitility.await().atMost(FEW_SECONDS).until(() -> warnings.count() > 0);
            }
            assertThat(shown()).isEqualTo(old);
        }
        install(next);
        Awaitility.await().atMost(FEW_SECONDS).until(() -> shown().equals(next.certificate()));
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new AssertionError("cannot delete " + file, e);
        }
    }
}
