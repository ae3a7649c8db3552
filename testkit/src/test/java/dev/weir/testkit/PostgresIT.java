package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.testkit.TestPostgres.Login;
import dev.weir.testkit.TestPostgres.Options;
import dev.weir.testkit.TestPostgres.Version;
import java.nio.file.Files;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PostgresIT {
    @ParameterizedTest
    @EnumSource(Version.class)
    void startsWithItsSettingsAndRestartsAfterACrash(Version version) throws SQLException {
        Options options = Options.defaults().with("max_connections", "20").with("cluster_name", "it's a test");
        int port;
        try (TestPostgres postgres = TestPostgres.start(version, options)) {
            port = postgres.port();
            assertThat(postgres.query("SELECT current_setting('server_version_num')::int / 10000"))
                    .containsExactly(List.of(Integer.toString(version.major())));
            assertThat(postgres.query("SHOW max_connections")).containsExactly(List.of("20"));
            assertThat(postgres.query("SHOW cluster_name")).containsExactly(List.of("it's a test"));
            postgres.createDatabase("kept");
            try (PgClient client = postgres.destination().login()) {
                postgres.stopNow();
                assertThat(client.readUntilClosed()).hasSizeLessThanOrEqualTo(1);
            }
            postgres.restart();
            try (PgClient client = postgres.destination().login()) {
                postgres.restart();
                assertThat(client.readUntilClosed().getFirst().sqlstate()).isEqualTo("57P01");
            }
            try (var connection = DriverManager.getConnection(postgres.jdbcUrl("postgres", "kept"))) {
                assertThat(connection.isValid(5)).isTrue();
            }
        }
        assertThat(Ports.isFree("127.0.0.1", port)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Login.class)
    void logsInAsTheRoleWasCreated(Login login) {
        TestPostgres postgres = TestPostgres.shared();
        String role = "Role of " + login;
        postgres.createRole(role, "it's secret", login);
        String mechanism = switch (login) {
            case SCRAM -> "SCRAM-SHA-256";
            case MD5 -> "md5";
            case CLEARTEXT -> "password";
            case TRUST -> "trust";
        };
        try (PgClient client = postgres.destination(role, "postgres").login()) {
            assertThat(client.loggedIn().mechanism()).isEqualTo(mechanism);
            assertThat(client.rows("SELECT current_user")).containsExactly(List.of(role));
            assertThat(client.loggedIn().parameters()).containsEntry("TimeZone", "UTC");
        }
        Destination wrong = postgres.destination(role, "postgres").as(role, "wrong");
        try (PgClient client = PgClient.connect(wrong.host(), wrong.port())) {
            Frame answer = client.attemptLogin(Messages.PROTOCOL_3_0, role, "wrong", "postgres", Map.of());
            assertThat(answer.type()).isEqualTo(login == Login.TRUST ? 'Z' : 'E');
        }
    }

    @Test
    void bindsTheLoginToTheTlsChannel() {
        TestPostgres postgres = TestPostgres.shared();
        try (PgClient client = PgClient.connectTls(
                "localhost", postgres.port(), postgres.certificates().trust())) {
            client.login("postgres", "postgres", "postgres");
            assertThat(client.loggedIn().mechanism()).isEqualTo("SCRAM-SHA-256-PLUS");
            assertThat(client.rows("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
                    .containsExactly(List.of("t"));
        }
    }

    @Test
    void speaksDirectTlsAndProtocol32() {
        TestPostgres postgres = TestPostgres.shared();
        try (PgClient client = PgClient.connectDirectTls(
                "localhost", postgres.port(), postgres.certificates().trust(), "postgresql")) {
            assertThat(client.applicationProtocol()).isEqualTo("postgresql");
            client.attemptLogin(Messages.PROTOCOL_3_2, "postgres", "postgres", "postgres", Map.of());
            assertThat(client.loggedIn().key().key()).hasSizeGreaterThan(4);
        }
    }

    @Test
    void cutsEverySendAtEveryOffset() {
        Destination destination = TestPostgres.shared().destination();
        byte[] query = Messages.query("SELECT 'cut'");
        try (PgClient client = destination.login()) {
            for (int cut = 1; cut < query.length; cut++) {
                assertThat(client.cutSendsAt(cut).rows("SELECT 'cut'")).containsExactly(List.of("cut"));
            }
            assertThat(client.cutSendsAt().cutSendsInto(1).rows("SELECT 'cut'")).containsExactly(List.of("cut"));
        }
    }

    @Test
    void listensOnAUnixSocketAndOnIpv6() {
        TestPostgres postgres = TestPostgres.shared();
        assertThat(Files.exists(postgres.socketDirectory().resolve(".s.PGSQL." + postgres.port())))
                .isTrue();
        if (Ports.hasIpv6()) {
            try (PgClient client =
                    postgres.destination().at("::1", postgres.port()).login()) {
                assertThat(client.rows("SELECT 1")).containsExactly(List.of("1"));
            }
        }
    }

    @Test
    void cancelsByTheKeyOfTheLogin() {
        Destination destination = TestPostgres.shared().destination();
        try (PgClient client = destination.login();
                PgClient canceller = PgClient.connect(destination.host(), destination.port())) {
            client.send(Messages.together(
                    Messages.query("SELECT 'before'"), Messages.query("SELECT pg_sleep(3600), 'stopped'")));
            client.readUntilReady();
            TestPostgres postgres = TestPostgres.shared();
            Awaitility.await()
                    .until(
                            () -> postgres.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"),
                            List.of(List.of("1"))::equals);
            Frame.BackendKey key = client.loggedIn().key();
            canceller.send(Messages.cancelRequest(key.pid(), key.key()));
            assertThat(canceller.isClosedByPeer()).isTrue();
            assertThat(client.readUntil('E').getLast().sqlstate()).isEqualTo("57014");
        }
    }

    @Test
    void refusesAForeignAuthority() {
        TestPostgres postgres = TestPostgres.shared();
        assertThatThrownBy(() -> PgClient.connectTls(
                        "localhost", postgres.port(), Certificates.temporary().trust()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("TLS handshake failed");
    }
}
