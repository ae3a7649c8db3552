package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The time limits of clients, with a real Postgres behind them. */
class ClientLimitsIT {
    private static final TestPostgres postgres = TestPostgres.shared();

    private static PooledRole pool(String role, String... tenantLines) {
        return PooledRole.create(role, tenantLines);
    }

    /** A role with these lines in its own table, in the tenant's and in the defaults. */
    private static String toml(String role, String defaults, String tenantLine, String userLine) {
        return PooledRole.toml(
                "",
                PooledRole.tenant("acme", postgres.host(), postgres.port(), role, tenantLine) + userLine
                        + "\n[defaults]\n" + defaults + "\n");
    }

    private static void assertCut(PgClient client, String sqlstate, String setting) {
        List<Frame> last = client.readUntilClosed();
        assertThat(last).hasSize(1);
        assertThat(last.getFirst().sqlstate()).isEqualTo(sqlstate);
        assertThat(last.getFirst().fields()).containsEntry('V', "FATAL");
        assertThat(last.getFirst().fields().get('D')).contains("100 ms (" + setting + ")");
    }

    private static void assertCanceled(List<Frame> reply) {
        Frame error = PooledRole.error(reply);
        assertThat(error.sqlstate()).isEqualTo("57014");
        assertThat(error.fields()).containsEntry('V', "ERROR");
        assertThat(error.fields()).containsEntry('M', "canceling statement due to query timeout");
        assertThat(error.fields().get('D')).contains("(query_timeout)");
    }

    @ParameterizedTest
    @EnumSource
    void aStatementThatTakesTooLongIsCanceled(Mode mode) {
        try (PooledRole pool =
                        pool("limit_query_" + mode.name().toLowerCase(Locale.ROOT), "query_timeout = \"100ms\"");
                PgClient client = pool.login(mode)) {
            assertCanceled(client.query("select pg_sleep(60)"));
            assertThat(PooledRole.single(client, "select 'usable'")).isEqualTo("usable");
            client.query("begin");
            List<Frame> reply = client.query("select pg_sleep(60)");
            assertCanceled(reply);
            assertThat(reply.getLast().status()).isEqualTo('E');
            assertThat(client.query("rollback").getLast().status()).isEqualTo('I');
            client.send(
                    Messages.parse("", "select pg_sleep(60)"),
                    Messages.bind("", ""),
                    Messages.execute("", 0),
                    Messages.sync(),
                    Messages.query("select 'next'"));
            assertCanceled(client.readUntilReady());
            assertThat(client.readUntilReady()).extracting(Frame::type).contains('D');
            client.terminate();
        }
    }

    /** Postgres does not look for cancels while it waits for the data of a COPY. */
    @ParameterizedTest
    @EnumSource
    void aCopyThatStallsIsCutWithItsServerConnection(Mode mode) {
        String role = "limit_copy_" + mode.name().toLowerCase(Locale.ROOT);
        try (PooledRole pool = pool(role, "pool_size = 1", "query_timeout = \"100ms\"", "cancel_timeout = \"100ms\"");
                PgClient client = pool.login(mode)) {
            client.query("create table copied (a int)");
            client.send(Messages.query("copy copied from stdin"));
            client.readUntil('G');
            List<Frame> last = client.readUntilClosed();
            assertThat(last).hasSize(1);
            assertThat(last.getFirst().sqlstate()).isEqualTo("57014");
            assertThat(last.getFirst().fields()).containsEntry('V', "FATAL");
            pool.assertSound(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoIsSilentInATransactionIsCutAndItIsRolledBack(Mode mode) {
        String role = "limit_silent_" + mode.name().toLowerCase(Locale.ROOT);
        try (PooledRole pool = pool(role, "pool_size = 2", "idle_transaction_timeout = \"100ms\"");
                PgClient client = pool.login(mode);
                PgClient idle = pool.login(mode)) {
            client.query("create table kept (a int)");
            client.query("begin");
            client.query("select pg_sleep(0.3)"); // that is the server's time
            client.query("insert into kept values (1)");
            assertCut(client, "25P03", "idle_transaction_timeout");
            assertThat(PooledRole.single(idle, "select count(*) from kept")).isEqualTo("0");
            idle.terminate();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLongTransactionIsCut(Mode mode) {
        String role = "limit_transaction_" + mode.name().toLowerCase(Locale.ROOT);
        try (PooledRole pool = pool(role, "pool_size = 1", "transaction_timeout = \"100ms\"");
                PgClient client = pool.login(mode)) {
            client.query("select 1");
            client.send(Messages.query("begin; select pg_sleep(60)"));
            assertCut(client, "25P04", "transaction_timeout");
            pool.assertSound(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoIsSilentIsCut(Mode mode) {
        String role = "limit_idle_" + mode.name().toLowerCase(Locale.ROOT);
        try (PooledRole pool = pool(role, "pool_size = 2", "client_idle_timeout = \"100ms\"");
                PgClient silentFromTheStart = pool.login(mode)) {
            assertCut(silentFromTheStart, "57P05", "client_idle_timeout");
            try (PgClient busy = pool.login(mode)) {
                busy.query("begin");
                busy.query("select pg_sleep(0.3)");
                busy.query("commit");
                assertCut(busy, "57P05", "client_idle_timeout");
            }
        }
    }

    /** A client of transaction mode that keeps its server connection. */
    @Test
    void whoIsPinnedIsCutLikeAnyOther() {
        try (PooledRole pool = pool("limit_pinned", "pool_size = 2", "client_idle_timeout = \"100ms\"");
                PgClient client = pool.login(Mode.TRANSACTION)) {
            client.query("create temporary table mine (a int)");
            assertCut(client, "57P05", "client_idle_timeout");
            pool.assertSound(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "query_timeout = \"100ms\", '', ''",
        "query_timeout = \"1h\", query_timeout = \"100ms\", ''",
        "query_timeout = \"1h\", query_timeout = \"1h\", query_timeout = \"100ms\"",
        "'', query_timeout = \"0s\", query_timeout = \"100ms\""
    })
    void theNearestLimitWins(String defaults, String tenantLine, String userLine) {
        String role = "limit_nearest_" + Math.floorMod((defaults + tenantLine + userLine).hashCode(), 1000);
        PooledRole.createRole(postgres, role);
        try (PooledRole pool = PooledRole.existing(postgres, role, toml(role, defaults, tenantLine, userLine));
                PgClient client = pool.login(Mode.TRANSACTION)) {
            assertCanceled(client.query("select pg_sleep(60)"));
            client.terminate();
        }
    }

    @Test
    void aUserCanBeWithoutTheTenantsLimit() {
        PooledRole.createRole(postgres, "limit_free");
        String toml = toml("limit_free", "", "query_timeout = \"50ms\"", "query_timeout = \"0s\"");
        try (PooledRole pool = PooledRole.existing(postgres, "limit_free", toml);
                PgClient client = pool.login(Mode.TRANSACTION)) {
            assertThat(PooledRole.single(client, "select 'slept' from pg_sleep(0.5)"))
                    .isEqualTo("slept");
            client.terminate();
        }
    }

    @Test
    void aUserWaitsAsLongAsItsOwnQueueTimeoutSays() {
        PooledRole.createRole(postgres, "limit_queue");
        String toml = toml("limit_queue", "queue_timeout = \"1h\"", "pool_size = 1", "queue_timeout = \"100ms\"");
        try (PooledRole pool = PooledRole.existing(postgres, "limit_queue", toml);
                PgClient holder = pool.login(Mode.TRANSACTION);
                PgClient client = pool.login(Mode.TRANSACTION)) {
            holder.query("begin");
            assertThat(PooledRole.error(client.query("select 1")).sqlstate()).isEqualTo("53300");
            holder.query("commit");
            assertThat(PooledRole.single(client, "select 'usable'")).isEqualTo("usable");
            holder.terminate();
            client.terminate();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReloadChangesTheLimitsOfWhoIsThere(Mode mode) {
        String role = "limit_reload_" + mode.name().toLowerCase(Locale.ROOT);
        PooledRole.createRole(postgres, role);
        try (PooledRole pool = PooledRole.existing(postgres, role, toml(role, "", "", ""));
                PgClient client = pool.login(mode)) {
            client.query("begin");
            pool.weir()
                    .replaceTenants(WeirFixture.config(toml(role, "", "", "query_timeout = \"100ms\""))
                            .tenants());
            assertCanceled(client.query("select pg_sleep(60)"));
            pool.weir()
                    .replaceTenants(WeirFixture.config(toml(role, "", "", "idle_transaction_timeout = \"100ms\""))
                            .tenants());
            assertCut(client, "25P03", "idle_transaction_timeout");
        }
    }
}
