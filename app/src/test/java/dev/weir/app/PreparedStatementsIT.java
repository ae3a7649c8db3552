package dev.weir.app;

import static dev.weir.app.PreparedStatementStories.use;
import static dev.weir.testkit.Messages.describeStatement;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Stage.Story;
import dev.weir.gateway.Mode;
import dev.weir.testkit.Frame;
import dev.weir.testkit.PgClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Prepared statements belong to their client, whichever server connection its transactions run on. */
class PreparedStatementsIT {
    private static Stages stages;
    private static PooledRole one;

    @BeforeAll
    static void start() {
        stages = Stages.of("preparing");
        one = stages.one();
    }

    @AfterAll
    static void stop() {
        stages.close();
    }

    static List<Story> stories() {
        List<Story> stories = new ArrayList<>(PreparedStatementStories.all());
        stories.addAll(SqlPrepareStories.all());
        return Stages.chosen(stories);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("stories")
    void inSessionMode(Story story) {
        stages.inSessionMode(story);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("stories")
    void onOneServerConnection(Story story) {
        stages.onOneServerConnection(story);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("stories")
    void onServerConnectionsThatChange(Story story) {
        stages.onServerConnectionsThatChange(story);
    }

    /** Postgres itself fails with 0A000 at the second use; here, the statement is prepared anew, since nothing is lost. */
    @Test
    void outlivesChangesOfItsTableOutsideTransactions() {
        try (PgClient client = one.login(Mode.TRANSACTION);
                PgClient other = one.login(Mode.TRANSACTION)) {
            client.rows("create table changed (a int); insert into changed values (1)");
            assertThat(types(client, parse("s", "select * from changed"), sync()))
                    .isEqualTo("1Z");
            assertThat(types(client, use("s"), sync())).isEqualTo("2TDCZ");
            other.rows("alter table changed add b int default 2");
            assertThat(columns(client, use("s"), sync())).containsExactly("1", "2");
            client.rows("alter table changed alter b type text");
            assertThat(columns(client, use("s"), sync())).containsExactly("1", "2");
            client.rows("alter table changed drop b");
            assertThat(types(client, describeStatement("s"), sync())).isEqualTo("tTZ");
            assertThat(columns(client, use("s"), sync())).containsExactly("1");
            client.rows("drop table changed");
            assertThat(error(client, use("s"), sync()).sqlstate()).isEqualTo("42P01");
            client.rows("create table changed (word text); insert into changed values ('new')");
            assertThat(columns(client, use("s"), sync())).containsExactly("new");
            client.rows("drop table changed");
            client.terminate();
        }
    }

    /** In a transaction, what was done before would be lost: the client gets the error that Postgres gives. */
    @Test
    void aChangeOfItsTableWithinATransactionIsAnError() {
        try (PgClient client = one.login(Mode.TRANSACTION)) {
            client.rows("create table altered (a int)");
            assertThat(types(client, parse("s", "select * from altered"), sync()))
                    .isEqualTo("1Z");
            assertThat(types(client, use("s"), sync())).isEqualTo("2TCZ");
            client.rows("begin");
            assertThat(types(client, use("s"), sync())).isEqualTo("2TCZ");
            client.rows("alter table altered add b int");
            assertThat(error(client, use("s"), sync()).sqlstate()).isEqualTo("0A000");
            client.rows("rollback");
            assertThat(types(client, use("s"), sync())).isEqualTo("2TCZ");
            client.rows("drop table altered");
            client.terminate();
        }
    }

    /** EXECUTE of what PREPARE prepared is no different. */
    @Test
    void executeOutlivesChangesOfItsTable() {
        try (PgClient client = one.login(Mode.TRANSACTION)) {
            client.rows("create table widened (a int); insert into widened values (1)");
            client.rows("prepare s as select * from widened");
            assertThat(client.rows("execute s")).containsExactly(List.of("1"));
            client.rows("alter table widened add b int default 2");
            assertThat(client.rows("execute s")).containsExactly(List.of("1", "2"));
            client.rows("drop table widened");
            client.terminate();
        }
    }

    /** What a transaction's client prepared is no more there for a session on the same server connection, and back. */
    @Test
    void sessionsAndTransactionsShareAServerConnection() {
        try (PgClient client = one.login(Mode.TRANSACTION)) {
            assertThat(types(client, parse("s", "select 'of the client'"), sync()))
                    .isEqualTo("1Z");
            int backend = PooledRole.backend(client);
            for (int i = 0; i < 3; i++) {
                try (PgClient session = one.login(Mode.SESSION)) {
                    assertThat(PooledRole.backend(session)).isEqualTo(backend);
                    assertThat(session.rows("select name from pg_prepared_statements"))
                            .isEmpty();
                    assertThat(error(session, use("s"), sync()).sqlstate()).isEqualTo("26000");
                    assertThat(types(session, parse("s", "select 'of the session', 2"), sync()))
                            .isEqualTo("1Z");
                    assertThat(columns(session, use("s"), sync())).containsExactly("of the session", "2");
                    session.terminate();
                }
                assertThat(columns(client, use("s"), sync())).containsExactly("of the client");
            }
            client.terminate();
        }
    }

    /** A server connection that dies takes nothing with it: statements are prepared on the next one. */
    @Test
    void outlivesItsServerConnection() {
        try (PgClient client = one.login(Mode.TRANSACTION)) {
            assertThat(types(client, parse("s", "select 'still'"), sync())).isEqualTo("1Z");
            client.rows("prepare p as select 'there'");
            one.terminateBackend(PooledRole.backend(client));
            assertThat(columns(client, use("s"), sync())).containsExactly("still");
            assertThat(client.rows("execute p")).containsExactly(List.of("there"));
            client.terminate();
        }
    }

    /** More than any client needs: refused in good time, each by an ERROR, while all else goes on. */
    @Test
    void aClientThatPreparesWithoutEndMeetsALimit() {
        try (PgClient client = one.login(Mode.TRANSACTION);
                PgClient other = one.login(Mode.TRANSACTION)) {
            client.readTimeout(Duration.ofSeconds(30));
            assertThat(types(other, parse("s", "select 'of the other'"), sync()))
                    .isEqualTo("1Z");
            Frame refused = prepareUntilRefused(client);
            assertThat(refused.fields()).containsEntry('S', "ERROR").containsEntry('V', "ERROR");
            assertThat(refused.sqlstate()).startsWith("5");
            assertThat(columns(client, use("n0"), sync())).containsExactly("0");
            assertThat(columns(other, use("s"), sync())).containsExactly("of the other");
            client.rows("deallocate all");
            assertThat(types(client, parse("n0", "select 'again'"), sync())).isEqualTo("1Z");
            assertThat(columns(client, use("n0"), sync())).containsExactly("again");
            client.terminate();
        }
    }

    private static Frame prepareUntilRefused(PgClient client) {
        for (int i = 0; i < 200_000; i += 500) {
            byte[][] messages = new byte[501][];
            for (int j = 0; j < 500; j++) {
                messages[j] = parse("n" + (i + j), "select " + (i + j));
            }
            messages[500] = sync();
            client.send(messages);
            List<Frame> reply = client.readUntilReady();
            if (reply.stream().anyMatch(frame -> frame.type() == 'E')) {
                return PooledRole.error(reply);
            }
        }
        throw new AssertionError("200,000 prepared statements, and no limit");
    }

    private static List<Frame> exchange(PgClient client, byte[]... messages) {
        client.send(messages);
        return client.readUntilReady();
    }

    private static String types(PgClient client, byte[]... messages) {
        StringBuilder types = new StringBuilder();
        exchange(client, messages).forEach(frame -> types.append(frame.type()));
        return types.toString();
    }

    private static Frame error(PgClient client, byte[]... messages) {
        return PooledRole.error(exchange(client, messages));
    }

    private static List<@Nullable String> columns(PgClient client, byte[]... messages) {
        List<Frame> reply = exchange(client, messages);
        return reply.stream()
                .filter(frame -> frame.type() == 'D')
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row in " + reply))
                .columns();
    }
}
