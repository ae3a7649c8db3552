package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.weir.pool.TlsProvider;
import dev.weir.testkit.Certificates;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.Replies;
import dev.weir.testkit.ScriptedServer;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whose TLS is used when nothing is said, and what becomes of keys that the native library does not know. */
@ExtendWith(TlsLeakWatch.class)
class TlsFallbackIT {
    private static final String UNKNOWN_KEY = "Ed25519";

    @TempDir
    private static Path directory;

    private Certificates authority;
    private ErrorLog log;

    @BeforeEach
    void prepare() {
        authority = Certificates.in(directory);
        log = ErrorLog.open();
    }

    @AfterEach
    void nothingWasLoggedAsAnError() {
        log.close();
    }

    private static String shown(Certificates.Issued issued) {
        return """
                [tls]
                certificate = "%s"
                key = "%s"
                """.formatted(issued.certificateFile(), issued.keyFile());
    }

    private static String chosen() {
        return "tls=\"" + TlsProvider.AUTO.choose().name().toLowerCase(Locale.ROOT) + "\"";
    }

    @Test
    void theLogSaysWhoseTlsIsUsed() {
        String clear = WeirFixture.toml(TestPostgres.shared());
        WeirFixture.start(clear + shown(authority.server("localhost"))).close();
        log.await("Weir is ready", chosen());
        WeirFixture.start(WeirFixture.toml(TestPostgres.shared(), "upstream_tls = \"require\""))
                .close();
        assertThat(log.messages()).filteredOn(line -> line.contains(chosen())).hasSize(2);
        WeirFixture.start(clear).close();
        log.await("Weir is ready", "tls=\"unused\"");
    }

    @Test
    void clientsAreServedWithAKeyThatTheNativeLibraryDoesNotKnow() {
        try (WeirFixture weir = WeirFixture.start(WeirFixture.toml(TestPostgres.shared())
                        + shown(authority.serverWith(UNKNOWN_KEY, "localhost")));
                PgClient client = PgClient.connectTls("localhost", weir.weir().transactionPort(), authority.trust())) {
            client.login("postgres", "postgres", "postgres");
            assertThat(client.rows("SELECT 1")).isEqualTo(List.of(List.of("1")));
        }
    }

    @Test
    void whoInsistsOnTheNativeLibraryIsToldWhatItCannotDo() {
        assumeThat(TlsProvider.AUTO.choose()).isEqualTo(TlsProvider.OPENSSL);
        String toml = "tls_provider = \"openssl\"\n" + WeirFixture.toml(TestPostgres.shared())
                + shown(authority.serverWith(UNKNOWN_KEY, "localhost"));
        assertThatThrownBy(() -> WeirFixture.start(toml).close()).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void aServerWithSuchAKeyIsReachedByTheJdk() {
        SSLContext context = authority.serverWith(UNKNOWN_KEY, "localhost").context();
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    try {
                        session.expectTls(context);
                        session.trustLogin();
                        session.answerQueries(sql -> Replies.oneRow("reached"));
                    } catch (IOException refused) {
                        return; // by the native library
                    }
                });
                WeirFixture weir = WeirFixture.start(
                        "default_tenant = \"acme\"\n" + WeirFixture.LISTEN + tenant(server, authority.authority()))) {
            for (int i = 0; i < 2; i++) {
                try (PgClient client = PgClient.connect("127.0.0.1", weir.weir().sessionPort())) {
                    client.login("app", "secret", "db");
                    assertThat(client.rows("SELECT 1")).isEqualTo(List.of(List.of("reached")));
                }
            }
        }
    }

    /** Whom the native library does not trust, the JDK is not asked about. */
    @Test
    void aServerThatIsNotTrustedIsNotTriedAgain() {
        SSLContext context = authority.server("localhost").context();
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    try {
                        session.expectTls(context);
                        session.expectClosed();
                    } catch (IOException refused) {
                        return;
                    }
                });
                WeirFixture weir = WeirFixture.start("default_tenant = \"acme\"\n"
                        + WeirFixture.LISTEN
                        + tenant(server, Certificates.in(directory).authority()));
                PgClient client = PgClient.connect("127.0.0.1", weir.weir().sessionPort())) {
            Frame last = client.attemptLogin(Messages.PROTOCOL_3_0, "app", "secret", "db", Map.of());
            assertThat(last.sqlstate()).isEqualTo("08006");
            assertThat(log.messages()).noneMatch(line -> line.contains("the JDK's TLS is tried"));
        }
    }

    private static String tenant(ScriptedServer server, Path authorities) {
        return """

                [[tenant]]
                id = "acme"
                host = "localhost"
                port = %d
                upstream_tls = "verify-full"
                upstream_ca = "%s"
                  [[tenant.user]]
                  name = "app"
                  password = "secret"
                """.formatted(server.port(), authorities);
    }
}
