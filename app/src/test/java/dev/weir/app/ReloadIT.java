package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.Replies;
import dev.weir.testkit.ScriptedServer;
import dev.weir.testkit.ScriptedSession;
import dev.weir.testkit.TestPostgres;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Other tenants are taken into force while clients are there. */
class ReloadIT {
    private static final TestPostgres postgres = TestPostgres.shared();

    private static String tenant(String id, String role, String... lines) {
        return PooledRole.tenant(id, postgres.host(), postgres.port(), role, lines);
    }

    private static void reload(PooledRole pool, String... tenants) {
        pool.weir()
                .replaceTenants(WeirFixture.config(PooledRole.toml("", tenants)).tenants());
    }

    private static void assertEnded(PgClient client) {
        List<Frame> last = client.readUntilClosed();
        assertThat(last).hasSize(1);
        assertThat(last.getFirst().sqlstate()).isEqualTo("57P01");
    }

    @Test
    void clientsOfTenantsThatDidNotChangeNoticeNothingAndThoseOfARemovedOneEnd() {
        PooledRole.createRole(postgres, "reload_role");
        String acme = tenant("acme", "reload_role");
        String toml = PooledRole.toml("", acme, tenant("gone", "reload_role"));
        try (PooledRole pool = PooledRole.existing(postgres, "reload_role", toml);
                PgClient session = pool.login(Mode.SESSION);
                PgClient transaction = pool.login(Mode.TRANSACTION);
                PgClient gone = pool.destination(Mode.SESSION)
                        .as("reload_role.gone", PooledRole.PASSWORD)
                        .login();
                PgClient goneInTransaction = pool.destination(Mode.TRANSACTION)
                        .as("reload_role.gone", PooledRole.PASSWORD)
                        .login()) {
            int backend = PooledRole.backend(session);
            transaction.query("begin");
            int other = PooledRole.backend(transaction);
            gone.query("select 1");
            goneInTransaction.query("begin");
            reload(pool, acme, tenant("new", "reload_role"));
            assertEnded(gone);
            assertEnded(goneInTransaction);
            assertThat(PooledRole.backend(session)).isEqualTo(backend);
            assertThat(PooledRole.backend(transaction)).isEqualTo(other);
            transaction.query("commit");
            try (PgClient arrived = pool.destination(Mode.TRANSACTION)
                    .as("reload_role.new", PooledRole.PASSWORD)
                    .login()) {
                arrived.query("select 1");
                arrived.terminate();
            }
            session.terminate();
            transaction.terminate();
        }
    }

    @Test
    void clientsOfARemovedUserEndAndThoseOfItsNeighbourDoNot() {
        PooledRole.createRole(postgres, "reload_user_role");
        PooledRole.createRole(postgres, "reload_other_role");
        String both = tenant("acme", "reload_user_role") + """
                  [[tenant.user]]
                  name = "reload_other_role"
                  password = "%s"
                """.formatted(PooledRole.PASSWORD);
        try (PooledRole pool = PooledRole.existing(postgres, "reload_user_role", PooledRole.toml("", both));
                PgClient stays = pool.login(Mode.SESSION);
                PgClient goes = pool.destination(Mode.SESSION)
                        .as("reload_other_role.acme", PooledRole.PASSWORD)
                        .login()) {
            int backend = PooledRole.backend(stays);
            goes.query("select 1");
            reload(pool, tenant("acme", "reload_user_role"));
            assertEnded(goes);
            assertThat(PooledRole.backend(stays)).isEqualTo(backend);
            stays.terminate();
        }
    }

    @Test
    void aChangedPoolSizeTakesEffectAtOnce() {
        try (PooledRole pool = PooledRole.create("resize_role", "pool_size = 2")) {
            pool.assertSound(2);
            reload(pool, tenant("acme", "resize_role", "pool_size = 4"));
            pool.assertSound(4);
            reload(pool, tenant("acme", "resize_role", "pool_size = 1"));
            pool.awaitCount(1, "true");
            pool.assertSound(1);
        }
    }

    @Test
    void aClientThatLogsInWhileItsTenantChangesIsLetIn() throws InterruptedException {
        ScriptedServer.Script slow = session -> {
            session.stall();
            session.trustLogin();
            session.answerQueries(sql -> Replies.oneRow("served"));
        };
        try (ErrorLog _ = ErrorLog.open();
                ScriptedServer server = ScriptedServer.start(slow);
                WeirFixture weir = WeirFixture.start(
                        PooledRole.toml("", PooledRole.tenant("acme", server.host(), server.port(), "u")));
                PgClient client = PgClient.connect("127.0.0.1", weir.weir().transactionPort())) {
            Thread login = Thread.ofVirtual().start(() -> client.login("u.acme", PooledRole.PASSWORD, "postgres"));
            server.awaitSession(1);
            String changed = PooledRole.tenant("acme", server.host(), server.port(), "u", "pool_size = 3");
            weir.weir()
                    .replaceTenants(
                            WeirFixture.config(PooledRole.toml("", changed)).tenants());
            server.release();
            login.join();
            assertThat(client.rows("select")).isEqualTo(List.of(List.of("served")));
            client.terminate();
        }
    }

    @Test
    void aLargerPoolServesThoseWhoWait() {
        try (PooledRole pool = PooledRole.create("grow_role", "pool_size = 1");
                PgClient holder = pool.login(Mode.TRANSACTION);
                PgClient waiting = pool.login(Mode.TRANSACTION)) {
            holder.query("begin");
            waiting.send(Messages.query("select 'served'"));
            reload(pool, tenant("acme", "grow_role", "pool_size = 2"));
            assertThat(waiting.readUntil('D').getLast().columns()).containsExactly("served");
            waiting.readUntilReady();
            waiting.terminate();
            holder.query("commit");
            holder.terminate();
        }
    }

    @Test
    void aShorterQueueTimeoutHoldsForThoseWhoWait() {
        try (PooledRole pool = PooledRole.create("impatient_role", "pool_size = 1");
                PgClient holder = pool.login(Mode.TRANSACTION);
                PgClient waiting = pool.login(Mode.TRANSACTION)) {
            holder.query("begin");
            waiting.send(Messages.query("select 1"));
            pool.login(Mode.TRANSACTION).terminate(); // its way takes longer than that of the statement
            reload(pool, tenant("acme", "impatient_role", "pool_size = 1", "queue_timeout = \"50ms\""));
            assertThat(waiting.readFrame().sqlstate()).isEqualTo("53300");
            waiting.readUntilReady();
            waiting.terminate();
            holder.query("commit");
            holder.terminate();
        }
    }

    @Test
    void aChangedUpstreamIsUsedForWhatBeginsFromNowOn() {
        try (TestPostgres other = TestPostgres.start();
                PooledRole pool = PooledRole.create("moving_role", "pool_size = 3");
                PgClient idle = pool.login(Mode.TRANSACTION);
                PgClient busy = pool.login(Mode.TRANSACTION)) {
            PooledRole.createRole(other, "moving_role");
            String port = "select setting from pg_settings where name = 'port'";
            assertThat(PooledRole.single(idle, port)).isEqualTo(Integer.toString(postgres.port()));
            busy.query("begin");
            reload(pool, PooledRole.tenant("acme", other.host(), other.port(), "moving_role", "pool_size = 3"));
            assertThat(PooledRole.single(busy, port)).isEqualTo(Integer.toString(postgres.port()));
            busy.query("commit");
            Set<String> ports = new HashSet<>();
            ports.add(PooledRole.single(idle, port));
            ports.add(PooledRole.single(busy, port));
            assertThat(ports).containsExactly(Integer.toString(other.port()));
            pool.awaitCount(0, "true");
            idle.terminate();
            busy.terminate();
        }
    }

    @Test
    void aWrongUpstreamThatIsCorrectedServesThoseWhoWaitedForIt() {
        PooledRole.createRole(postgres, "corrected_role");
        try (ScriptedServer silent = ScriptedServer.start(ScriptedSession::stall);
                PooledRole pool = PooledRole.existing(
                        postgres,
                        "corrected_role",
                        PooledRole.toml(
                                "", PooledRole.tenant("acme", silent.host(), silent.port(), "corrected_role")));
                PgClient client = PgClient.connect("127.0.0.1", pool.weir().transactionPort())) {
            Thread login = Thread.ofVirtual()
                    .start(() -> client.login("corrected_role.acme", PooledRole.PASSWORD, "postgres"));
            silent.awaitSession(1);
            reload(pool, tenant("acme", "corrected_role"));
            login.join();
            assertThat(client.loggedIn().parameters()).containsKey("server_version");
            client.terminate();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
