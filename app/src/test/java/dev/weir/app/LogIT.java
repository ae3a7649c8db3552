package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the log says of clients, and what it does not. */
class LogIT {
    private static final TestPostgres postgres = TestPostgres.shared();

    /** With these lines in [log]. */
    private static PooledRole pool(String role, String logLines, String... tenantLines) {
        PooledRole.createRole(postgres, role);
        return PooledRole.existing(
                postgres,
                role,
                PooledRole.toml(
                        "[log]\n" + logLines,
                        PooledRole.tenant("acme", postgres.host(), postgres.port(), role, tenantLines)));
    }

    @Test
    void aClientThatComesAndGoesHasTwoLines() {
        try (PooledRole pool = pool("log_coming", "")) {
            pool.ask(Mode.TRANSACTION, "select 1");
            pool.log().await("client connected", "log_coming", "tenant=\"acme\"", "mode=\"TRANSACTION\"");
            pool.log()
                    .await("client disconnected", "log_coming", "connected_ms=", "reason=\"terminated by the client\"");
            try (PgClient client = pool.login(Mode.SESSION)) {
                client.query("select 1");
            }
            pool.log().await("client disconnected", "log_coming", "reason=\"closed by the client\"");
        }
    }

    @Test
    void whoIsCutHasALineThoughThoseWhoLeaveHaveNone() {
        try (PooledRole pool = pool("log_quiet", "connections = false", "client_idle_timeout = \"200ms\"")) {
            pool.ask(Mode.TRANSACTION, "select 1");
            try (PgClient client = pool.login(Mode.TRANSACTION)) {
                client.readUntilClosed();
            }
            pool.log().await("client disconnected", "log_quiet", "idle-session timeout", "tenant=\"acme\"");
            assertThat(pool.log().messages())
                    .noneMatch(line -> line.contains("log_quiet") && line.contains("client connected"))
                    .noneMatch(line -> line.contains("log_quiet") && line.contains("by the client"));
        }
    }

    @Test
    void slowStatementsHaveALineWithoutTheirText() {
        try (PooledRole pool = pool("log_slow", "slow_query = \"200ms\"");
                PgClient client = pool.login(Mode.TRANSACTION)) {
            client.query("select 'secret literal'");
            client.query("select pg_sleep(0.3), 'secret literal'");
            pool.log()
                    .await(
                            "slow query",
                            "duration_ms=",
                            "waited_ms=\"0\"",
                            "server_pid=",
                            "tenant=\"acme\"",
                            "client=");
            assertThat(pool.log().messages())
                    .filteredOn(line -> line.startsWith("slow query"))
                    .hasSize(1);
            assertThat(pool.log().messages()).noneMatch(line -> line.contains("secret literal"));
            client.terminate();
        }
    }

    @Test
    void whatItSaysOfClientsChangesByAReload(@TempDir Path folder) throws IOException {
        PooledRole.createRole(postgres, "log_reload");
        String tenant = PooledRole.tenant("acme", postgres.host(), postgres.port(), "log_reload", "pool_size = 1");
        String before = PooledRole.toml("", tenant);
        Path file = Files.writeString(folder.resolve("weir.toml"), before);
        try (ErrorLog log = ErrorLog.open()) {
            try (Weir weir = Weir.start(WeirFixture.config(before), Optional.of(file), () -> 0);
                    PgClient client = PgClient.connect("127.0.0.1", weir.transactionPort())
                            .login("log_reload.acme", PooledRole.PASSWORD, "postgres");
                    PgClient other = PgClient.connect("127.0.0.1", weir.transactionPort())
                            .login("log_reload.acme", PooledRole.PASSWORD, "postgres")) {
                client.query("select 'before', pg_sleep(0.2)");
                Files.writeString(
                        file,
                        PooledRole.toml(
                                "[log]\nconnections = false\nslow_query = \"100ms\"\nslow_checkout = \"50ms\"",
                                tenant));
                weir.reload();
                client.query("select pg_sleep(0.2)");
                client.query("begin");
                other.send(Messages.query("select 1"));
                awaitWait(weir, Duration.ofMillis(50));
                client.query("commit");
                other.readUntilReady();
                log.await("slow query", "duration_ms=", "log_reload");
                log.await("slow checkout", "log_reload");
                assertThat(log.messages())
                        .filteredOn(line -> line.startsWith("slow query"))
                        .hasSize(1);
                client.terminate();
                other.terminate();
                client.readUntilClosed();
            }
            assertThat(log.messages()).noneMatch(line -> line.startsWith("client disconnected"));
        }
    }

    /** Until a client has waited for so long. */
    private static void awaitWait(Weir weir, Duration least) {
        Awaitility.await()
                .atMost(PooledRole.PATIENCE)
                .until(() -> weir.view(false).join().stream()
                        .flatMap(lane -> lane.homes().stream())
                        .flatMap(home -> home.pools().stream())
                        .anyMatch(one -> one.longestWaitNanos() >= least.toNanos()));
    }

    @Test
    void slowCheckoutsHaveALine() {
        try (PooledRole pool = pool("log_checkout", "slow_checkout = \"100ms\"", "pool_size = 1");
                PgClient holder = pool.login(Mode.TRANSACTION);
                PgClient client = pool.login(Mode.TRANSACTION)) {
            holder.query("select pg_sleep(0)");
            client.query("select 1"); // waits for nobody
            assertThat(pool.log().messages()).noneMatch(line -> line.startsWith("slow checkout"));
            holder.query("begin");
            client.send(Messages.query("select 1"));
            awaitWait(pool.weir(), Duration.ofMillis(100));
            holder.query("commit");
            client.readUntilReady();
            pool.log().await("slow checkout", "waited_ms=", "server_pid=", "reason=", "tenant=\"acme\"");
            holder.terminate();
            client.terminate();
        }
    }

    @Test
    void failedLoginsHaveTenLinesAMinuteAndOneThatSaysHowManyMore() {
        PooledRole pool = pool("log_login", "");
        try (pool) {
            for (int i = 0; i < 13; i++) {
                try (PgClient client = PgClient.connect(
                        "127.0.0.1", pool.destination(Mode.TRANSACTION).port())) {
                    client.attemptLogin(Messages.PROTOCOL_3_0, "log_login.acme", "wrong", "postgres", Map.of());
                }
            }
            pool.log()
                    .await(
                            "login failed [client=\"127.0.0.1:",
                            "tenant=\"acme\"",
                            "user=\"log_login\"",
                            "phase=\"Challenged\"",
                            "password authentication failed");
            pool.weir().close();
            pool.log().await("login failed, and 3 more", "tenant=\"acme\"", "reason=\"28P01\"");
            assertThat(pool.log().messages())
                    .filteredOn(line -> line.startsWith("login failed ["))
                    .hasSize(10);
        }
    }
}
