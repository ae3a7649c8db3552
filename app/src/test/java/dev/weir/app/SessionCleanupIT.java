package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.Replies;
import dev.weir.testkit.ScriptedServer;
import dev.weir.testkit.ScriptedSession;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a session leaves behind is gone before its server connection serves the next one. */
class SessionCleanupIT {

    @Test
    void stateOfASessionIsGoneForTheNextOneOnTheSameServerConnection() {
        try (PooledRole pool = PooledRole.create("session_role", "pool_size = 1")) {
            pool.execute(Mode.SESSION, "create table kept (word text); insert into kept values ('kept')");
            int backend;
            String parametersBefore = pool.ask(Mode.SESSION, PARAMETERS);
            try (PgClient client = pool.login(Mode.SESSION)) {
                backend = PooledRole.backend(client);
                client.rows("set work_mem = '1MB'; set datestyle = 'German'; set search_path = nowhere");
                client.rows("set application_name = 'left'");
                client.rows("create temp table kept (word text)");
                client.rows("prepare left_statement as select 1");
                client.rows("listen left_channel");
                client.rows("select pg_advisory_lock(4711)");
                client.rows("declare left_cursor cursor with hold for select 1");
                client.send(Messages.parse("left_parsed", "select 2"), Messages.sync());
                client.readUntilReady();
                client.terminate();
            }
            try (PgClient client = pool.login(Mode.SESSION)) {
                assertThat(PooledRole.backend(client)).isEqualTo(backend);
                assertThat(PooledRole.single(client, PARAMETERS)).isEqualTo(parametersBefore);
                assertThat(PooledRole.single(client, "select word from kept")).isEqualTo("kept");
                assertThat(client.rows("select name from pg_prepared_statements"))
                        .isEmpty();
                assertThat(client.rows("select name from pg_cursors")).isEmpty();
                assertThat(client.rows("select pg_listening_channels()")).isEmpty();
                assertThat(client.rows("select 1 from pg_locks where locktype = 'advisory' and pid = " + backend))
                        .isEmpty();
                assertThat(PooledRole.error(client.query("execute left_statement"))
                                .sqlstate())
                        .isEqualTo("26000");
                client.terminate();
            }
        }
    }

    private static final String PARAMETERS =
            "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings"
                    + " where name in ('work_mem', 'DateStyle', 'search_path', 'application_name')";

    @Test
    void aCleanupThatFailsClosesTheServerConnection() {
        cleanup(
                session -> {
                    session.trustLogin();
                    session.expectQuery();
                    session.sendFrames(Replies.oneRow("first"));
                    assertThat(session.expectQuery()).isEqualTo("DISCARD ALL");
                    session.sendFrames(Replies.error("ERROR", "XX000", "no"), Replies.readyForQuery('I'));
                    session.expectFrame('X');
                    session.expectClosed();
                },
                "5s");
    }

    @Test
    void aCleanupThatLeavesATransactionClosesTheServerConnection() {
        cleanup(
                session -> {
                    session.trustLogin();
                    session.expectQuery();
                    session.sendFrames(
                            Replies.rowDescription("column"),
                            Replies.dataRow("first"),
                            Replies.commandComplete("SELECT 1"),
                            Replies.readyForQuery('T'));
                    assertThat(session.expectQuery()).isEqualTo("ROLLBACK");
                    session.sendFrames(Replies.commandComplete("ROLLBACK"), Replies.readyForQuery('T'));
                    session.expectClosed();
                },
                "5s");
    }

    @Test
    void aCleanupThatIsNotAnsweredClosesTheServerConnection() {
        cleanup(
                session -> {
                    session.trustLogin();
                    session.expectQuery();
                    session.sendFrames(Replies.oneRow("first"));
                    session.expectQuery();
                    session.expectClosed();
                },
                "100ms");
    }

    @Test
    void aCleanupDuringWhichTheServerDiesIsNoTrouble() {
        cleanup(
                session -> {
                    session.trustLogin();
                    session.expectQuery();
                    session.sendFrames(Replies.oneRow("first"));
                    session.expectQuery();
                    session.reset();
                },
                "5s");
    }

    /** A session on the first server connection ends; the next client is served by a second one. */
    private static void cleanup(ScriptedServer.Script first, String timeout) {
        ScriptedServer.Script second = session -> {
            session.trustLogin();
            session.answerQueries(sql -> sql.startsWith("DISCARD")
                    ? Messages.together(Replies.commandComplete("DISCARD ALL"), Replies.readyForQuery('I'))
                    : Replies.oneRow("second"));
        };
        try (ErrorLog _ = ErrorLog.open();
                ScriptedServer server = ScriptedServer.start(first, second);
                WeirFixture weir = WeirFixture.start(PooledRole.toml(
                        "",
                        PooledRole.tenant(
                                "acme",
                                server.host(),
                                server.port(),
                                "u",
                                "pool_size = 1",
                                "cleanup_timeout = \"" + timeout + "\"")))) {
            Destination session = weir.session("u.acme", PooledRole.PASSWORD, "postgres");
            try (PgClient client = session.login()) {
                assertThat(client.rows("select")).isEqualTo(List.of(List.of("first")));
                client.terminate();
            }
            try (PgClient client = session.login()) {
                assertThat(client.rows("select")).isEqualTo(List.of(List.of("second")));
                client.terminate();
            }
            ScriptedSession closed = server.sessions().getFirst();
            assertThat(closed.received().stream().map(Frame::type)).startsWith('Q', 'Q');
        }
    }
}
