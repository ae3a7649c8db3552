package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.TlsProvider;
import dev.weir.testkit.Certificates;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.Replies;
import dev.weir.testkit.ScriptedServer;
import dev.weir.testkit.ScriptedSession;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * TLS sessions that are resumed, by clients and towards servers, and those that must not be: under another certificate, for
 * another tenant, under another trust.
 */
@ParameterizedClass
@SuppressWarnings("NullAway.Init") // what JUnit sets, and what is set before each of its invocations
@EnumSource(value = TlsProvider.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
@ExtendWith(TlsLeakWatch.class)
class TlsResumptionIT {
    private static final Duration FEW_SECONDS = Duration.ofSeconds(8);

    @TempDir
    private static Path directory;

    @Parameter
    TlsProvider provider;

    private Certificates authority;
    private FullHandshakes full;
    private ErrorLog log;

    @BeforeEach
    void prepare() {
        authority = Certificates.in(directory);
        full = new FullHandshakes();
        log = ErrorLog.open();
    }

    @AfterEach
    void nothingWasLoggedAsAnError() {
        log.close();
    }

    private String top() {
        return "tls_provider = \"" + provider.name().toLowerCase(Locale.ROOT) + "\"\n";
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

    // ---- clients

    private static String shown(Certificates.Issued issued) {
        return """
                [tls]
                certificate = "%s"
                key = "%s"
                """.formatted(issued.certificateFile(), issued.keyFile());
    }

    private WeirFixture weirFor(Certificates.Issued certificate) {
        return WeirFixture.start(top() + WeirFixture.toml(TestPostgres.shared()) + shown(certificate));
    }

    private static void logIn(WeirFixture weir, SSLContext context) {
        try (PgClient client = PgClient.connectTls("localhost", weir.weir().transactionPort(), context)) {
            client.login("postgres", "postgres", "postgres");
            assertThat(client.loggedIn().mechanism()).isEqualTo("SCRAM-SHA-256-PLUS");
            assertThat(client.rows("SELECT 1")).isEqualTo(List.of(List.of("1")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void clientsResumeTheirSessions(String version) {
        try (WeirFixture weir = weirFor(authority.server("localhost"))) {
            SSLContext context = full.clientContext(version, authority);
            for (int i = 0; i < 3; i++) {
                logIn(weir, context);
            }
            assertThat(full.count()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void nobodyResumesUnderAnotherCertificate(String version) {
        Certificates.Issued first = authority.server("localhost");
        Certificates.Issued next = authority.server("localhost");
        try (WeirFixture weir = weirFor(first)) {
            SSLContext context = full.clientContext(version, authority);
            logIn(weir, context);
            replace(next.certificateFile(), first.certificateFile());
            replace(next.keyFile(), first.keyFile());
            Awaitility.await()
                    .atMost(FEW_SECONDS)
                    .until(() -> next.certificate().equals(shownToNewcomers(weir)));
            logIn(weir, context); // bound to the certificate that is shown now
            assertThat(full.count()).isEqualTo(2);
        }
    }

    private Object shownToNewcomers(WeirFixture weir) {
        try (PgClient client = PgClient.connectTls("localhost", weir.weir().transactionPort(), authority.trust())) {
            return Objects.requireNonNull(client.serverCertificate());
        }
    }

    // ---- servers

    /** A server that lets clients resume; each connection ends when its client closes. */
    private static ScriptedServer server(Certificates.Issued certificate) {
        SSLContext context = certificate.context();
        return ScriptedServer.start(session -> {
            try {
                session.expectTls(context);
                session.trustLogin();
                session.answerQueries(sql -> Replies.oneRow("reached"));
            } catch (IOException refused) {
                return; // the client does not trust it
            }
        });
    }

    /** TLS sessions that were made anew. */
    private static long fullHandshakes(ScriptedServer server) {
        return server.sessions().stream()
                .mapToLong(ScriptedSession::tlsSince)
                .distinct()
                .count();
    }

    private static String tenant(String id, ScriptedServer server, String... lines) {
        return """

                [[tenant]]
                id = "%s"
                host = "localhost"
                port = %d
                %s
                  [[tenant.user]]
                  name = "app"
                  password = "secret"
                """.formatted(id, server.port(), String.join("\n", lines));
    }

    private static final String REQUIRE = "upstream_tls = \"require\"";

    private static String verifiedBy(Path authorities) {
        return "upstream_tls = \"verify-full\"\nupstream_ca = \"" + authorities + "\"";
    }

    private WeirFixture weirBefore(String... tenants) {
        return WeirFixture.start(top() + WeirFixture.LISTEN + String.join("", tenants));
    }

    /** A client that keeps a server connection for itself. */
    private static PgClient session(WeirFixture weir, String tenant) {
        PgClient client = PgClient.connect("127.0.0.1", weir.weir().sessionPort());
        client.login("app." + tenant, "secret", "db");
        assertThat(client.rows("SELECT 1")).isEqualTo(List.of(List.of("reached")));
        return client;
    }

    /** What a client gets in place of a server connection. */
    private static Frame refusal(WeirFixture weir, String tenant) {
        try (PgClient client = PgClient.connect("127.0.0.1", weir.weir().sessionPort())) {
            Frame last = client.attemptLogin(Messages.PROTOCOL_3_0, "app." + tenant, "secret", "db", Map.of());
            return last.type() == 'E' ? last : client.query("SELECT 1").getFirst();
        }
    }

    private static void expectNoTrust(Frame error) {
        assertThat(error.type()).isEqualTo('E');
        assertThat(error.sqlstate()).isEqualTo("08006");
        assertThat(error.message()).contains("PKIX path");
    }

    @Test
    void aPoolResumesItsSessions() {
        try (ScriptedServer server = server(authority.server("localhost"));
                WeirFixture weir = weirBefore(tenant("acme", server, verifiedBy(authority.authority())));
                PgClient first = session(weir, "acme");
                PgClient second = session(weir, "acme");
                PgClient third = session(weir, "acme")) {
            assertThat(first.rows("SELECT 2")).isEqualTo(List.of(List.of("reached")));
            assertThat(server.sessions()).hasSize(3);
            assertThat(fullHandshakes(server)).isEqualTo(1);
            second.terminate();
            third.terminate();
        }
    }

    @Test
    void tenantsOfTheSameServerDoNotResumeEachOthersSessions() {
        try (ScriptedServer server = server(authority.server("localhost"));
                WeirFixture weir = weirBefore(tenant("red", server, REQUIRE), tenant("green", server, REQUIRE));
                PgClient red = session(weir, "red");
                PgClient green = session(weir, "green")) {
            assertThat(fullHandshakes(server)).isEqualTo(2);
            red.terminate();
            green.terminate();
        }
    }

    @Test
    void whoVerifiesDoesNotResumeWhatWasNotVerified() {
        Path foreign = Certificates.in(directory).authority();
        try (ScriptedServer server = server(authority.server("localhost"));
                WeirFixture weir =
                        weirBefore(tenant("lax", server, REQUIRE), tenant("strict", server, verifiedBy(foreign)))) {
            session(weir, "lax").terminate();
            expectNoTrust(refusal(weir, "strict"));
            session(weir, "lax").terminate();
        }
    }

    @Test
    void aTenantThatVerifiesFromNowOnResumesNothing() {
        Path foreign = Certificates.in(directory).authority();
        try (ScriptedServer server = server(authority.server("localhost"));
                WeirFixture weir = weirBefore(tenant("acme", server, REQUIRE))) {
            session(weir, "acme").terminate();
            weir.weir()
                    .replaceTenants(
                            WeirFixture.config(top() + WeirFixture.LISTEN + tenant("acme", server, verifiedBy(foreign)))
                                    .tenants());
            expectNoTrust(refusal(weir, "acme"));
        }
    }

    /** The authorities' file is read again, and what was resumable under the old ones is not under the new ones. */
    @Test
    void authoritiesThatChangeHoldForTheNextConnection() throws IOException {
        Path trusted = Files.copy(authority.authority(), directory.resolve(provider + "-trusted.pem"));
        Path foreign = Certificates.in(directory).authority();
        SSLContext context = authority.server("localhost").context();
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    try {
                        session.expectTls(context);
                        session.trustLogin();
                        session.expectQuery();
                        session.sendFrames(Replies.oneRow("reached"));
                    } catch (IOException refused) {
                        return; // the client does not trust it
                    }
                });
                WeirFixture weir = weirBefore(tenant("acme", server, verifiedBy(trusted)))) {
            PgClient keeper = PgClient.connect("127.0.0.1", weir.weir().transactionPort());
            keeper.login("app.acme", "secret", "db"); // so that the pool stays
            keeper.rows("SELECT 1");
            replace(foreign, trusted);
            Awaitility.await().atMost(FEW_SECONDS).untilAsserted(() -> expectNoTrust(refusal(weir, "acme")));
            Files.writeString(trusted, "no certificate at all"); // the last one that was of use stays
            try (Warnings warnings = Warnings.of("file of authorities can't be used")) {
                Awaitility.await().atMost(FEW_SECONDS).until(() -> {
                    expectNoTrust(refusal(weir, "acme"));
                    return warnings.count() > 0;
                });
            }
            replace(authority.authority(), trusted);
            Awaitility.await()
                    .atMost(FEW_SECONDS)
                    .ignoreExceptionsInstanceOf(AssertionError.class)
                    .until(() -> {
                        session(weir, "acme").terminate();
                        return true;
                    });
            keeper.terminate();
        }
    }
}
