package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.weir.pool.TlsProvider;
import dev.weir.testkit.Certificates;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.Ports;
import dev.weir.testkit.Replies;
import dev.weir.testkit.ScriptedServer;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How Weir reaches a server and logs in to it: passwords, TLS and what speaks against it, addresses. */
@ExtendWith(TlsLeakWatch.class)
class ServerLoginIT {
    @TempDir
    private static Path directory;

    private static TestPostgres postgres;

    @RegisterExtension
    final ErrorLog log = ErrorLog.duringEachTest();

    @BeforeAll
    static void start() {
        postgres = TestPostgres.shared();
        for (TestPostgres.Login login : TestPostgres.Login.values()) {
            postgres.createRole(role(login), "sérver secret", login);
        }
    }

    private static String role(TestPostgres.Login login) {
        return "server_login_" + login.name().toLowerCase(Locale.ROOT);
    }

    private static String tenant(String host, int port, String... lines) {
        StringBuilder toml = new StringBuilder("default_tenant = \"acme\"\n").append(WeirFixture.LISTEN);
        toml.append("[[tenant]]\nid = \"acme\"\nhost = ")
                .append(host)
                .append("\nport = ")
                .append(port);
        toml.append('\n').append(String.join("\n", lines)).append('\n');
        for (TestPostgres.Login login : TestPostgres.Login.values()) {
            toml.append("""
                      [[tenant.user]]
                      name = "%s"
                      password = "sérver secret"
                    """.formatted(role(login)));
        }
        return toml.toString();
    }

    /** Such a configuration, and whose TLS it is about. */
    private static String by(TlsProvider provider, String toml) {
        return "tls_provider = \"" + provider.name().toLowerCase(Locale.ROOT) + "\"\n" + toml;
    }

    private static PgClient connect(WeirFixture weir) {
        return PgClient.connect("127.0.0.1", weir.weir().transactionPort());
    }

    /** What a query tells through a Weir of this configuration. */
    private static String ask(String toml, TestPostgres.Login login, String sql) {
        try (WeirFixture weir = WeirFixture.start(toml);
                PgClient client = connect(weir)) {
            client.login(role(login), "sérver secret", "postgres");
            return String.valueOf(client.rows(sql).getFirst().getFirst());
        }
    }

    /** The error with which a login through such a Weir fails. */
    private static Frame refusal(String toml) {
        try (WeirFixture weir = WeirFixture.start(toml);
                PgClient client = connect(weir)) {
            Frame last = client.attemptLogin(
                    Messages.PROTOCOL_3_0, role(TestPostgres.Login.SCRAM), "sérver secret", "postgres", Map.of());
            assertThat(last.type()).isEqualTo('E');
            assertThat(last.fields()).containsEntry('S', "FATAL").containsEntry('V', "FATAL");
            assertThat(client.isClosedByPeer()).isTrue();
            return last;
        }
    }

    // ---- passwords

    @ParameterizedTest
    @EnumSource(TestPostgres.Login.class)
    void logsInAsTheServerAsks(TestPostgres.Login login) {
        String clear = tenant("\"127.0.0.1\"", postgres.port());
        assertThat(ask(
                        clear,
                        login,
                        "SELECT current_user || (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())"))
                .isEqualTo(role(login) + "false");
        String encrypted = tenant("\"127.0.0.1\"", postgres.port(), "upstream_tls = \"require\"");
        for (TlsProvider provider : List.of(TlsProvider.OPENSSL, TlsProvider.JDK)) {
            assertThat(ask(
                            by(provider, encrypted),
                            login,
                            "SELECT current_user || (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())"))
                    .isEqualTo(role(login) + "true");
        }
    }

    @ParameterizedTest
    @EnumSource(value = TlsProvider.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void bindsToTheChannelWhereTheServerOffersIt(TlsProvider provider) {
        Certificates.Issued certificate = Certificates.in(directory).server("localhost");
        try (ScriptedServer server = ScriptedServer.start(session -> {
            session.expectTls(certificate.context());
            session.readStartup();
            session.sendFrames(Replies.authenticationSasl("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"));
            Frame first = session.expectFrame('p');
            assertThat(new String(first.body(), StandardCharsets.UTF_8))
                    .startsWith("SCRAM-SHA-256-PLUS\0")
                    .contains("p=tls-server-end-point,,");
            session.sendFrames(Replies.error("FATAL", "28P01", "enough seen"));
        })) {
            Frame error = refusal(by(provider, tenant("\"127.0.0.1\"", server.port(), "upstream_tls = \"require\"")));
            assertThat(error.message()).isEqualTo("enough seen");
        }
    }

    @Test
    void passesOnWhyTheServerRefuses() {
        postgres.createRole("server_login_other", "another secret", TestPostgres.Login.SCRAM);
        String toml = tenant("\"127.0.0.1\"", postgres.port()) + """
                  [[tenant.user]]
                  name = "server_login_other"
                  password = "sérver secret"
                  [[tenant.user]]
                  name = "server_login_nobody"
                  password = "sérver secret"
                """;
        try (WeirFixture weir = WeirFixture.start(toml)) {
            for (String user : List.of("server_login_other", "server_login_nobody")) {
                try (PgClient client = connect(weir)) {
                    Frame last =
                            client.attemptLogin(Messages.PROTOCOL_3_0, user, "sérver secret", "postgres", Map.of());
                    assertThat(last.sqlstate()).isEqualTo("28P01");
                    assertThat(last.message()).isEqualTo("password authentication failed for user \"" + user + "\"");
                }
            }
            try (PgClient client = connect(weir)) {
                Frame last = client.attemptLogin(
                        Messages.PROTOCOL_3_0, role(TestPostgres.Login.SCRAM), "sérver secret", "no_such_db", Map.of());
                assertThat(last.sqlstate()).isEqualTo("3D000");
                assertThat(last.message()).isEqualTo("database \"no_such_db\" does not exist");
            }
        }
    }

    // ---- TLS

    /** What a server shows, and whether each mode is content with it. */
    enum Shown {
        GOOD(true, true),
        FOREIGN(false, false),
        EXPIRED(false, false),
        WRONG_HOST(true, false);

        private final boolean trusted;
        private final boolean identified;

        Shown(boolean trusted, boolean identified) {
            this.trusted = trusted;
            this.identified = identified;
        }

        Certificates.Issued issue(Certificates authority) {
            return switch (this) {
                case GOOD -> authority.server("localhost");
                case FOREIGN -> Certificates.in(directory).server("localhost");
                case EXPIRED -> authority.expired("localhost");
                case WRONG_HOST -> authority.server("elsewhere.test");
            };
        }

        boolean contents(String mode) {
            return switch (mode) {
                case "verify-ca" -> trusted;
                case "verify-full" -> identified;
                default -> true;
            };
        }
    }

    static Stream<List<Object>> certificatesModesAndProviders() {
        List<List<Object>> all = new ArrayList<>();
        for (Shown shown : Shown.values()) {
            for (String mode : List.of("require", "verify-ca", "verify-full")) {
                all.add(List.of(shown, mode, TlsProvider.OPENSSL));
                all.add(List.of(shown, mode, TlsProvider.JDK));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("certificatesModesAndProviders")
    void verifiesTheServersCertificate(List<Object> choice) {
        Shown shown = (Shown) choice.getFirst();
        String mode = (String) choice.get(1);
        TlsProvider provider = (TlsProvider) choice.getLast();
        Certificates authority = Certificates.in(directory);
        Certificates.Issued certificate = shown.issue(authority);
        boolean content = shown.contents(mode);
        try (ScriptedServer server = ScriptedServer.start(session -> {
            try {
                session.expectTls(certificate.context());
            } catch (IOException refused) {
                assertThat(content).as(refused.toString()).isFalse();
                return;
            }
            if (content) {
                session.trustLogin();
                session.answerQueries(sql -> Replies.oneRow("reached"));
            } else {
                session.expectClosed();
            }
        })) {
            String toml = by(
                    provider,
                    tenant(
                            "\"localhost\"",
                            server.port(),
                            "upstream_tls = \"" + mode + "\"",
                            mode.equals("require") ? "" : "upstream_ca = \"" + authority.authority() + "\""));
            if (content) {
                assertThat(ask(toml, TestPostgres.Login.SCRAM, "SELECT 1")).isEqualTo("reached");
            } else {
                Frame error = refusal(toml);
                assertThat(error.sqlstate()).isEqualTo("08006");
                assertThat(error.message())
                        .startsWith("could not establish a trusted TLS connection to the database server: ")
                        .contains(
                                switch (shown) {
                                    case FOREIGN -> "PKIX path";
                                    case EXPIRED -> provider == TlsProvider.JDK ? "certificate_expired" : "NotAfter: ";
                                    case WRONG_HOST, GOOD -> "localhost";
                                });
                assertThat(error.fields().get('H')).contains("upstream_tls");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"require", "verify-full"})
    void doesNotLogInInClearWhereTlsIsWanted(String mode) {
        try (ScriptedServer server = ScriptedServer.start(session -> {
            session.readStartup();
            session.sendRaw(new byte[] {'N'});
            session.expectClosed();
        })) {
            Frame error = refusal(tenant("\"localhost\"", server.port(), "upstream_tls = \"" + mode + "\""));
            assertThat(error.sqlstate()).isEqualTo("08006");
            assertThat(error.message()).contains("the server does not support TLS");
            assertThat(server.sessions().getFirst().startups()).hasSize(1);
        }
    }

    @Test
    void doesNotTakeBytesBehindTheAnswerToAnSslRequest() {
        try (ScriptedServer server = ScriptedServer.start(session -> {
            session.readStartup();
            session.sendRaw("SE".getBytes(StandardCharsets.US_ASCII));
            session.expectClosed();
        })) {
            Frame error = refusal(tenant("\"localhost\"", server.port(), "upstream_tls = \"require\""));
            assertThat(error.sqlstate()).isEqualTo("08006");
        }
    }

    @ParameterizedTest
    @EnumSource(value = TlsProvider.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
    void cancelsOverTlsByTheSameHostName(TlsProvider provider) {
        Certificates authority = Certificates.in(directory);
        TestPostgres.Options options = TestPostgres.Options.defaults();
        Certificates.Issued certificate = authority.server("localhost"); // and not 127.0.0.1
        options = options.with("ssl", "on")
                .with("ssl_cert_file", certificate.certificateFile().toString())
                .with("ssl_key_file", certificate.keyFile().toString());
        try (TestPostgres own = TestPostgres.start(TestPostgres.Version.POSTGRES_18, options)) {
            own.createRole(role(TestPostgres.Login.SCRAM), "sérver secret", TestPostgres.Login.SCRAM);
            String toml = by(
                    provider,
                    tenant(
                            "\"localhost\"",
                            own.port(),
                            "upstream_tls = \"verify-full\"",
                            "upstream_ca = \"" + authority.authority() + "\""));
            try (WeirFixture weir = WeirFixture.start(toml);
                    PgClient client = connect(weir);
                    PgClient canceler = connect(weir)) {
                client.login(role(TestPostgres.Login.SCRAM), "sérver secret", "postgres");
                client.send(Messages.query("SELECT pg_sleep(60)"));
                org.awaitility.Awaitility.await()
                        .until(() -> own.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
                                                + " AND state = 'active' AND wait_event = 'PgSleep'")
                                        .size()
                                == 1);
                Frame.BackendKey key = client.loggedIn().key();
                canceler.send(Messages.cancelRequest(key.pid(), key.key()));
                assertThat(client.readUntilReady().stream().filter(frame -> frame.type() == 'E'))
                        .singleElement()
                        .satisfies(error -> assertThat(error.sqlstate()).isEqualTo("57014"));
            }
        }
    }

    // ---- addresses

    @Test
    void reachesAUnixSocket() {
        String toml = tenant("\"" + postgres.socketDirectory() + "\"", postgres.port());
        assertThat(ask(toml, TestPostgres.Login.SCRAM, "SELECT coalesce(host(inet_server_addr()), 'a socket')"))
                .isEqualTo("a socket");
    }

    @Test
    void saysWhichSocketIsMissing() {
        Frame error = refusal(tenant("\"" + directory + "\"", 5432));
        assertThat(error.sqlstate()).isEqualTo("08006");
        assertThat(error.message()).contains(directory.toString()).contains("no such socket");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.7", "no-such-host.invalid", "/nowhere"})
    void takesTheNextOfSeveralHosts(String first) {
        String toml = tenant("[\"" + first + "\", \"127.0.0.1\"]", postgres.port());
        assertThat(ask(toml, TestPostgres.Login.SCRAM, "SELECT host(inet_server_addr())"))
                .isEqualTo("127.0.0.1");
    }

    @Test
    void saysWhatIsWrongWithAllHosts() {
        Frame unknown = refusal(tenant("\"no-such-host.invalid\"", 5432));
        assertThat(unknown.sqlstate()).isEqualTo("08006");
        assertThat(unknown.message()).contains("no-such-host.invalid");
        Frame refused = refusal(tenant("[\"no-such-host.invalid\", \"127.0.0.7\"]", postgres.port()));
        assertThat(refused.sqlstate()).isEqualTo("08006");
        assertThat(refused.message()).contains("refused").contains("127.0.0.7");
    }

    @Test
    void reachesAnIpv6Address() {
        assumeThat(Ports.hasIpv6()).isTrue();
        assertThat(ask(tenant("\"::1\"", postgres.port()), TestPostgres.Login.SCRAM, "SELECT host(inet_server_addr())"))
                .isEqualTo("::1");
    }

    @Test
    void reachesLocalhostByWhicheverAddressAnswers() {
        assertThat(ask(
                        tenant("\"localhost\"", postgres.port()),
                        TestPostgres.Login.SCRAM,
                        "SELECT host(inet_server_addr())"))
                .isIn("127.0.0.1", "::1");
    }

    /** A connect that the kernel completes when nobody wants it any more, since a full backlog was drained. */
    @Test
    void closesAConnectionThatComesAboutTooLate() throws IOException {
        List<Socket> crowd = new ArrayList<>();
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
                WeirFixture weir = WeirFixture.start(
                        tenant("\"127.0.0.1\"", listener.getLocalPort(), "connect_timeout = \"300ms\""));
                PgClient client = connect(weir)) {
            while (connects(listener, crowd)) {
                assertThat(crowd.size()).isLessThan(100);
            }
            Frame error = client.attemptLogin(
                    Messages.PROTOCOL_3_0, role(TestPostgres.Login.SCRAM), "sérver secret", "postgres", Map.of());
            assertThat(error.sqlstate()).isEqualTo("08006");
            assertThat(error.message()).contains("no answer from").contains(" ms");
            List<Integer> strangers = crowd.stream().map(Socket::getLocalPort).toList();
            listener.setSoTimeout(10_000);
            while (true) {
                try (Socket accepted = listener.accept()) {
                    if (!strangers.contains(accepted.getPort())) {
                        accepted.setSoTimeout(5_000);
                        assertThat(accepted.getInputStream().read()).isEqualTo(-1);
                        return;
                    }
                }
            }
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    private static boolean connects(ServerSocket listener, List<Socket> crowd) throws IOException {
        Socket socket = new Socket();
        crowd.add(socket);
        try {
            socket.connect(new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort()), 200);
            return true;
        } catch (java.net.SocketTimeoutException full) {
            socket.close();
            return false;
        }
    }

    @Test
    void givesUpOnAServerThatSaysNothing() {
        try (ScriptedServer server = ScriptedServer.start(session -> session.stall())) {
            Frame error = refusal(tenant("\"127.0.0.1\"", server.port(), "connect_timeout = \"300ms\""));
            assertThat(error.sqlstate()).isEqualTo("08006");
            assertThat(error.message()).contains("no answer from").contains(" ms");
        }
    }
}
