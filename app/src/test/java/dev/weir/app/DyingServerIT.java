package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.Replies;
import dev.weir.testkit.ScriptedServer;
import dev.weir.testkit.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Server connections that Postgres ends or refuses: whom it concerns is told in Postgres' own words, nobody else is. */
class DyingServerIT {

    @Test
    void anIdleOneIsReplacedWithoutAnError() {
        try (PooledRole pool = PooledRole.create("idle_death_role", "pool_size = 1");
                PgClient client = pool.login(Mode.TRANSACTION)) {
            for (int i = 0; i < 3; i++) {
                int backend = PooledRole.backend(client);
                pool.terminateBackend(backend);
                pool.log().await("server connection closed", "\"" + backend + "\"");
                assertThat(PooledRole.backend(client)).isNotEqualTo(backend);
            }
            client.terminate();
        }
    }

    @ParameterizedTest
    @EnumSource
    void inAQueryItsClientGetsTheServersOwnWordsAndNobodyElseNotices(Mode mode) {
        String role = "query_death_" + mode.name().toLowerCase(Locale.ROOT) + "_role";
        try (PooledRole pool = PooledRole.create(role, "pool_size = 2");
                PgClient neighbour = pool.login(mode);
                PgClient client = pool.login(mode)) {
            neighbour.query("begin");
            int backend = PooledRole.backend(client);
            client.send(Messages.query("select pg_sleep(60)"));
            pool.awaitRunning("pg_sleep(60)");
            pool.terminateBackend(backend);
            assertTerminated(client);
            assertThat(neighbour.query("commit").getLast().status()).isEqualTo('I');
            neighbour.terminate();
            pool.assertSound(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void inATransactionItsClientGetsTheServersOwnWords(Mode mode) {
        String role = "transaction_death_" + mode.name().toLowerCase(Locale.ROOT) + "_role";
        try (PooledRole pool = PooledRole.create(role, "pool_size = 2");
                PgClient client = pool.login(mode)) {
            client.query("begin");
            pool.terminateBackend(PooledRole.backend(client));
            assertTerminated(client);
            pool.assertSound(2);
        }
    }

    private static void assertTerminated(PgClient client) {
        List<Frame> words = client.readUntilClosed();
        assertThat(words).extracting(Frame::type).endsWith('E');
        assertThat(words.getLast().sqlstate()).isEqualTo("57P01");
        assertThat(words.getLast().fields()).containsEntry('V', "FATAL");
    }

    @ParameterizedTest
    @CsvSource({"3D000, FATAL", "28P01, FATAL", "53300, FATAL", "57P03, FATAL"})
    void whatItSaysDuringTheLoginReachesTheClientThatWaitsForIt(String sqlstate, String severity) {
        ScriptedServer.Script refuses = session -> {
            session.expectStartup();
            session.sendFrames(Replies.error(severity, sqlstate, "the server's own words"));
        };
        try (ErrorLog _ = ErrorLog.open();
                ScriptedServer server = ScriptedServer.start(refuses);
                WeirFixture weir = WeirFixture.start(
                        PooledRole.toml("", PooledRole.tenant("acme", server.host(), server.port(), "u")))) {
            Frame error = attempt(weir.transaction("u.acme", PooledRole.PASSWORD, "postgres"));
            assertThat(error.sqlstate()).isEqualTo(sqlstate);
            assertThat(error.message()).isEqualTo("the server's own words");
            assertThat(error.fields()).containsEntry('V', "FATAL");
        }
    }

    @Test
    void anUnknownDatabaseIsNamedByPostgres() {
        try (PooledRole pool = PooledRole.create("lost_role")) {
            Destination at = pool.destination(Mode.TRANSACTION);
            Frame error = attempt(new Destination(at.host(), at.port(), at.user(), at.password(), "no_such"));
            assertThat(error.sqlstate()).isEqualTo("3D000");
        }
    }

    @Test
    void aPasswordThatTheServerDoesNotAcceptIsTold() {
        TestPostgres postgres = TestPostgres.shared();
        postgres.createRole("other_password_role", "other", TestPostgres.Login.SCRAM);
        String toml =
                PooledRole.toml("", PooledRole.tenant("acme", postgres.host(), postgres.port(), "other_password_role"));
        try (PooledRole pool = PooledRole.existing(postgres, "other_password_role", toml)) {
            assertThat(attempt(pool.destination(Mode.TRANSACTION)).sqlstate()).isEqualTo("28P01");
        }
    }

    @Test
    void aServerThatIsFullMakesClientsWaitForTheConnectionsThereAre() {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, "limited_role");
        postgres.execute("alter role limited_role connection limit 1");
        String toml = PooledRole.toml(
                "", PooledRole.tenant("acme", postgres.host(), postgres.port(), "limited_role", "pool_size = 3"));
        try (PooledRole pool = PooledRole.existing(postgres, "limited_role", toml);
                PgClient first = pool.login(Mode.TRANSACTION);
                PgClient second = pool.login(Mode.TRANSACTION)) {
            first.query("begin");
            second.send(Messages.query("select 'served'"));
            pool.log().await("server connection could not be opened", "53300");
            first.query("commit");
            assertThat(second.readUntil('D').getLast().columns()).containsExactly("served");
            second.readUntilReady();
            first.terminate();
            second.terminate();
        }
    }

    private static Frame attempt(Destination at) {
        try (PgClient client = PgClient.connect(at.host(), at.port())) {
            Frame last = client.attemptLogin(Messages.PROTOCOL_3_0, at.user(), at.password(), at.database(), Map.of());
            assertThat(client.isClosedByPeer()).isEqualTo(last.type() == 'E');
            return last;
        }
    }

    @Test
    void aRestartOfPostgresUnderLoadIsOver() throws Exception {
        try (TestPostgres postgres = TestPostgres.start();
                PooledRole pool = PooledRole.create(postgres, "restart_role", "pool_size = 5");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicBoolean over = new AtomicBoolean();
            List<AtomicInteger> answers = new ArrayList<>();
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                AtomicInteger answered = new AtomicInteger();
                answers.add(answered);
                Mode mode = i % 10 == 0 ? Mode.SESSION : Mode.TRANSACTION;
                clients.add(threads.submit(() -> {
                    while (!over.get()) {
                        workUntilAnError(pool.destination(mode), answered, over);
                    }
                }));
            }
            awaitMore(answers);
            postgres.restart();
            awaitMore(answers);
            over.set(true);
            for (Future<?> client : clients) {
                client.get();
            }
            pool.assertSound(5);
        }
    }

    private static void workUntilAnError(Destination at, AtomicInteger answered, AtomicBoolean over) {
        try (PgClient client = PgClient.connect(at.host(), at.port())) {
            client.readTimeout(Duration.ofSeconds(20));
            Frame last = client.attemptLogin(Messages.PROTOCOL_3_0, at.user(), at.password(), at.database(), Map.of());
            while (last.type() == 'Z' && !over.get()) {
                client.send(Messages.query("select 1 from pg_sleep(0.005)"));
                do {
                    last = client.readFrame();
                } while (last.type() != 'Z' && last.type() != 'E');
                if (last.type() == 'Z') {
                    answered.incrementAndGet();
                }
                if (at.port() % 2 == 0 && answered.get() % 50 == 0) {
                    break; // come and go now and then
                }
            }
            if (last.type() == 'Z') {
                client.terminate();
            }
        }
    }

    /** Until every one of them has been answered again. */
    private static void awaitMore(List<AtomicInteger> answers) {
        List<Integer> before = answers.stream().map(AtomicInteger::get).toList();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            for (int i = 0; i < before.size(); i++) {
                if (answers.get(i).get() <= before.get(i) + 1) {
                    return false;
                }
            }
            return true;
        });
    }
}
