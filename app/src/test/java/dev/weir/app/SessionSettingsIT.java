package dev.weir.app;

import static dev.weir.app.PreparedStatementStories.use;
import static dev.weir.testkit.Messages.closeStatement;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.query;
import static dev.weir.testkit.Messages.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Frame;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the settings of a tenant and a user say about sessions is so, and a client that meets a limit goes on. */
class SessionSettingsIT {
    private static final String PINNING_STATEMENT = "create temp table pinning (a int)";
    private static final String PREPARED = "select count(*) from pg_prepared_statements";

    /** The error of a request, behind which the client is as it was. */
    private static Frame refusal(PgClient client, byte[]... messages) {
        client.send(messages);
        List<Frame> reply = client.readUntilReady();
        assertThat(reply.getLast().status()).isEqualTo('I');
        Frame error = PooledRole.error(reply);
        assertThat(error.fields().get('V')).isEqualTo("ERROR");
        assertThat(PooledRole.single(client, "select 'goes on'")).isEqualTo("goes on");
        return error;
    }

    private static Frame refusal(PgClient client, String sql) {
        return refusal(client, query(sql));
    }

    /** The types of the frames that answer. */
    private static String types(PgClient client, byte[]... messages) {
        client.send(messages);
        StringBuilder types = new StringBuilder();
        client.readUntilReady().forEach(frame -> types.append(frame.type()));
        return types.toString();
    }

    /** Runs a statement and waits until Weir knows what it has left: it asks the server behind the answer. */
    private static void settle(PgClient client, String sql) {
        client.rows(sql);
        client.rows("select");
    }

    // ---- pinning

    @Test
    void refusesStatementsThatWouldPin() {
        try (PooledRole pool = PooledRole.create("refuse_role", "pool_size = 1", "pinning = \"refuse\"");
                PgClient client = pool.login(Mode.TRANSACTION);
                PgClient other = pool.login(Mode.TRANSACTION)) {
            for (String sql : List.of(
                    PINNING_STATEMENT,
                    "select pg_advisory_lock(4711)",
                    "begin; declare c cursor with hold for select 1; commit")) {
                assertThat(refusal(client, sql).sqlstate()).as(sql).isEqualTo("0A000");
                assertThat(PooledRole.single(other, "select 'served'")).isEqualTo("served");
            }
            assertThat(refusal(client, parse("s", PINNING_STATEMENT), use("s"), sync())
                            .message())
                    .contains("temporary object");
            client.query("begin");
            assertThat(client.query(PINNING_STATEMENT).getLast().status()).isEqualTo('E');
            client.query("rollback");
            assertThat(client.rows("select to_regclass('pinning')::text")).isEqualTo(other.rows("select null::text"));
            client.rows("listen needs_no_pin; set work_mem = '1MB'");
            client.terminate();
            other.terminate();
        }
    }

    @Test
    void sessionModeIsNotConcernedByPinning() {
        try (PooledRole pool = PooledRole.create("unconcerned_role", "pinning = \"refuse\"");
                PgClient client = pool.login(Mode.SESSION)) {
            client.rows(PINNING_STATEMENT);
            assertThat(client.rows("select a from pinning")).isEmpty();
            client.terminate();
        }
    }

    @Test
    void letsNoMoreClientsPinThanTheLimitSays() {
        try (PooledRole pool = PooledRole.create("max_pinned_role", "pool_size = 3", "max_pinned = 1");
                PgClient first = pool.login(Mode.TRANSACTION);
                PgClient second = pool.login(Mode.TRANSACTION)) {
            settle(first, PINNING_STATEMENT);
            settle(first, "select pg_advisory_lock(1)"); // it is pinned already
            Frame refused = refusal(second, PINNING_STATEMENT);
            assertThat(refused.sqlstate()).isEqualTo("53400");
            assertThat(refused.fields().get('D')).contains("lets 1 do so (max_pinned)");
            settle(first, "select pg_advisory_unlock(1); drop table pinning");
            settle(second, PINNING_STATEMENT);
            assertThat(refusal(first, PINNING_STATEMENT).sqlstate()).isEqualTo("53400");
            second.terminate();
            pool.awaitRest();
            first.rows(PINNING_STATEMENT);
            first.terminate();
        }
    }

    @Test
    void leavesOneServerConnectionUnpinnedByDefault() {
        try (PooledRole pool = PooledRole.create("unpinned_role", "pool_size = 2");
                PgClient first = pool.login(Mode.TRANSACTION);
                PgClient second = pool.login(Mode.TRANSACTION)) {
            first.rows(PINNING_STATEMENT);
            assertThat(refusal(second, PINNING_STATEMENT).sqlstate()).isEqualTo("53400");
            first.terminate();
            second.terminate();
        }
    }

    @Test
    void aStatementThatLeavesNothingBehindIsCountedNoLonger() {
        try (PooledRole pool = PooledRole.create("uncounted_role", "pool_size = 2");
                PgClient first = pool.login(Mode.TRANSACTION);
                PgClient second = pool.login(Mode.TRANSACTION)) {
            settle(first, "begin; create temp table undone (a int); rollback");
            settle(second, "begin; create temp table dropped (a int) on commit drop; commit");
            first.rows(PINNING_STATEMENT);
            first.terminate();
            second.terminate();
        }
    }

    @Test
    void aChangeTakesEffectAtOnce() {
        TestPostgres postgres = TestPostgres.shared();
        try (PooledRole pool = PooledRole.create("reload_pinning_role");
                PgClient client = pool.login(Mode.TRANSACTION)) {
            settle(client, PINNING_STATEMENT);
            settle(client, "drop table pinning");
            String refusing = PooledRole.tenant(
                    "acme", postgres.host(), postgres.port(), "reload_pinning_role", "pinning = \"refuse\"");
            pool.weir()
                    .replaceTenants(
                            WeirFixture.config(PooledRole.toml("", refusing)).tenants());
            assertThat(refusal(client, PINNING_STATEMENT).sqlstate()).isEqualTo("0A000");
            client.terminate();
        }
    }

    // ---- prepared statements

    @Test
    void sharesWhatIsPreparedBySql() {
        try (PooledRole pool = PooledRole.create("sharing_role", "pool_size = 3", "shared_prepared_statements = true");
                Carousel carousel = Carousel.in(pool.destination(Mode.TRANSACTION));
                PgClient author = pool.login(Mode.TRANSACTION);
                PgClient other = pool.login(Mode.TRANSACTION)) {
            author.rows("prepare shared (int) as select $1 + 1");
            author.terminate();
            for (int i = 0; i < 3; i++) {
                carousel.turn();
                assertThat(PooledRole.single(other, "execute shared(" + i + ")"))
                        .isEqualTo(Integer.toString(i + 1));
            }
            try (PgClient late = pool.login(Mode.TRANSACTION)) {
                carousel.turn();
                assertThat(types(late, use("shared", "1"), sync())).isEqualTo("2TDCZ");
                assertThat(refusal(late, "prepare shared as select 1").sqlstate())
                        .isEqualTo("42P05");
                assertThat(types(late, parse("own", "select 'own'"), sync())).isEqualTo("1Z");
                late.terminate();
            }
            assertThat(refusal(other, "execute own").sqlstate()).isEqualTo("26000");
            other.terminate();
        }
    }

    @Test
    void sharesNothingByDefault() {
        try (PooledRole pool = PooledRole.create("unshared_role", "pool_size = 1");
                PgClient author = pool.login(Mode.TRANSACTION);
                PgClient other = pool.login(Mode.TRANSACTION)) {
            author.rows("prepare mine as select 1");
            assertThat(refusal(other, "execute mine").sqlstate()).isEqualTo("26000");
            author.terminate();
            other.terminate();
        }
    }

    @Test
    void aClientHasAsManyStatementsAsItMay() {
        try (PooledRole pool =
                        PooledRole.create("per_client_role", "pool_size = 1", "prepared_statements_per_client = 3");
                PgClient client = pool.login(Mode.TRANSACTION);
                PgClient other = pool.login(Mode.TRANSACTION)) {
            client.rows("prepare s1 as select 1");
            assertThat(types(client, parse("s2", "select 2"), parse("s3", "select 3"), sync()))
                    .isEqualTo("11Z");
            Frame refused = refusal(client, parse("s4", "select 4"), use("s4"), sync());
            assertThat(refused.sqlstate()).isEqualTo("53400");
            assertThat(refused.fields().get('D')).contains("prepared_statements_per_client");
            assertThat(refusal(client, "prepare s4 as select 4").sqlstate()).isEqualTo("53400");
            assertThat(types(client, parse("", "select 'unnamed'"), use(""), sync()))
                    .isEqualTo("12TDCZ");
            assertThat(types(other, parse("s4", "select 4"), use("s4"), sync())).isEqualTo("12TDCZ");
            assertThat(types(client, closeStatement("s2"), parse("s4", "select 4"), use("s4"), sync()))
                    .isEqualTo("312TDCZ");
            assertThat(PooledRole.single(client, "execute s1")).isEqualTo("1");
            client.terminate();
            other.terminate();
        }
    }

    @Test
    void theTextsOfAPoolsStatementsHaveALimit() {
        String large = "'" + "x".repeat(40_000) + "'";
        try (PooledRole pool =
                        PooledRole.create("bytes_role", "pool_size = 1", "prepared_statement_bytes = \"64KiB\"");
                PgClient client = pool.login(Mode.TRANSACTION);
                PgClient other = pool.login(Mode.TRANSACTION)) {
            assertThat(types(client, parse("a", "select " + large), sync())).isEqualTo("1Z");
            assertThat(types(other, parse("same", "select " + large), sync())).isEqualTo("1Z");
            assertThat(refusal(other, parse("b", "select 2, " + large), sync()).sqlstate())
                    .isEqualTo("53400");
            assertThat(types(other, closeStatement("same"), sync())).isEqualTo("3Z");
            client.terminate();
            pool.awaitRest();
            assertThat(types(other, parse("b", "select 2, " + large), use("b"), sync()))
                    .isEqualTo("12TDCZ");
            other.terminate();
        }
    }

    @Test
    void aServerConnectionKeepsAsManyStatementsAsItMay() {
        try (PooledRole pool = PooledRole.create("evicting_role", "pool_size = 1", "max_prepared_statements = 4");
                PgClient client = pool.login(Mode.TRANSACTION);
                PgClient other = pool.login(Mode.TRANSACTION)) {
            for (int i = 0; i < 10; i++) {
                assertThat(types(client, parse("p" + i, "select 'p', " + i), sync()))
                        .isEqualTo("1Z");
            }
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 10; i++) {
                    assertThat(types(client, use("p" + i), sync())).isEqualTo("2TDCZ");
                    assertThat(PooledRole.single(other, PREPARED)).isEqualTo("4");
                }
            }
            client.terminate();
            other.terminate();
        }
    }

    // ---- the end of a session

    @Test
    void aResetQueryThatFailsClosesTheServerConnectionAndHarmsNobody() {
        try (PooledRole pool = PooledRole.create(
                        "reset_fails_role", "pool_size = 2", "server_reset_query = \"select 1 / 0\"");
                PgClient stays = pool.login(Mode.SESSION)) {
            int kept = PooledRole.backend(stays);
            int left;
            try (PgClient leaves = pool.login(Mode.SESSION)) {
                left = PooledRole.backend(leaves);
                leaves.terminate();
            }
            pool.awaitCount(0, "pid = " + left);
            assertThat(PooledRole.backend(stays)).isEqualTo(kept);
            try (PgClient next = pool.login(Mode.TRANSACTION)) {
                assertThat(PooledRole.backend(next)).isNotIn(left, kept);
                next.terminate();
            }
            stays.terminate();
            pool.awaitCount(0, "pid = " + kept);
        }
    }

    @Test
    void anotherResetQueryCleansWhatItCleans() {
        try (PooledRole pool = PooledRole.create("reset_role", "pool_size = 1", "server_reset_query = \"RESET ALL\"");
                PgClient transaction = pool.login(Mode.TRANSACTION)) {
            transaction.rows("prepare s as select 'prepared'");
            int backend;
            try (PgClient session = pool.login(Mode.SESSION)) {
                backend = PooledRole.backend(session);
                session.rows("set work_mem = '1MB'; prepare left_behind as select 1");
                session.terminate();
            }
            try (PgClient session = pool.login(Mode.SESSION)) {
                assertThat(PooledRole.backend(session)).isEqualTo(backend);
                assertThat(PooledRole.single(session, "show work_mem")).isNotEqualTo("1MB");
                assertThat(PooledRole.single(session, "execute left_behind")).isEqualTo("1");
                session.rows("deallocate all");
                session.terminate();
            }
            assertThat(PooledRole.single(transaction, "execute s")).isEqualTo("prepared");
            transaction.terminate();
        }
    }

    @Test
    void aServerConnectionOfAUserWithoutReuseEndsWithItsSession() {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, "no_reuse_role");
        String tenant =
                PooledRole.tenant("acme", postgres.host(), postgres.port(), "no_reuse_role") + "reuse = false\n";
        try (PooledRole pool = PooledRole.existing(postgres, "no_reuse_role", PooledRole.toml("", tenant))) {
            try (PgClient session = pool.login(Mode.SESSION)) {
                int backend = PooledRole.backend(session);
                session.terminate();
                pool.awaitCount(0, "pid = " + backend);
            }
            try (PgClient transaction = pool.login(Mode.TRANSACTION)) {
                int backend = PooledRole.backend(transaction);
                assertThat(PooledRole.backend(transaction)).isEqualTo(backend);
                transaction.rows(PINNING_STATEMENT);
                assertThat(PooledRole.backend(transaction)).isEqualTo(backend);
                transaction.terminate();
                pool.awaitCount(0, "pid = " + backend);
            }
        }
    }
}
