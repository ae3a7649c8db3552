package dev.weir.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptedServerTest {
    @Test
    void answersAScriptedLoginAndQueries() {
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    assertThat(session.trustLogin().parameters()).containsEntry("user", "ann");
                    session.answerQueries(Replies::oneRow);
                });
                PgClient client = PgClient.connect(server.host(), server.port())) {
            client.login("ann", null, "db");
            assertThat(client.rows("one")).containsExactly(List.of("one"));
            assertThat(client.cutSendsInto(1).rows("two")).containsExactly(List.of("two"));
            assertThat(client.loggedIn().key().pid()).isEqualTo(4711);
            client.terminate();
            assertThat(server.awaitSession(1).received())
                    .extracting(Frame::type)
                    .startsWith('Q', 'Q');
        }
    }

    @Test
    void declinesEncryptionAndGrantsItWhenTold() {
        Certificates authority = Certificates.temporary();
        try (ScriptedServer server = ScriptedServer.start(
                        session -> {
                            session.expectTls(authority.server("localhost").context());
                            session.trustLogin();
                            session.expectClosed();
                        },
                        ScriptedSession::trustLogin);
                PgClient encrypted = PgClient.connectTls("localhost", server.port(), authority.trust())) {
            encrypted.login("ann", null, "db");
            encrypted.terminate();
            try (PgClient plain = PgClient.connect(server.host(), server.port())) {
                plain.send(Messages.sslRequest());
                assertThat(plain.readByte()).isEqualTo('N');
                plain.login("ann", null, "db");
                assertThat(plain.isClosedByPeer()).isTrue();
            }
        }
    }

    @Test
    void resetsAndStalls() {
        try (ScriptedServer server = ScriptedServer.start(
                session -> {
                    session.trustLogin();
                    session.expectFrame('Q');
                    session.reset();
                },
                session -> {
                    session.trustLogin();
                    session.stall();
                    session.sendFrames(Replies.oneRow("late"));
                })) {
            try (PgClient client = PgClient.connect(server.host(), server.port())) {
                client.login("ann", null, "db").send(Messages.query("x"));
                assertThatThrownBy(client::readFrame)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("reset");
            }
            try (PgClient client = PgClient.connect(server.host(), server.port())) {
                client.login("ann", null, "db");
                assertThat(client.hasBytesWithin(Duration.ofMillis(20))).isFalse();
                server.release();
                assertThat(client.readUntilReady()).hasSize(4);
            }
        }
    }

    @Test
    void failsTheTestWhenAScriptFails() {
        ScriptedServer server = ScriptedServer.start(session -> {
            session.trustLogin();
            session.expectFrame('P');
        });
        try (PgClient client = PgClient.connect(server.host(), server.port())) {
            client.login("ann", null, "db").send(Messages.query("not a Parse"));
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertThatThrownBy(server::close).hasMessageContaining("expected a frame 'P'");
    }

    @Test
    void showsTheFramesSeenWhenNothingComes() {
        try (ScriptedServer server = ScriptedServer.start(session -> {
                    session.trustLogin();
                    session.stall();
                });
                PgClient client = PgClient.connect(server.host(), server.port())) {
            client.login("ann", null, "db").readTimeout(Duration.ofMillis(20));
            assertThatThrownBy(client::readFrame)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("no frame within the read timeout")
                    .hasMessageContaining("S server_version\\x0018.6\\x00")
                    .hasMessageContaining("Z I");
        }
    }
}
