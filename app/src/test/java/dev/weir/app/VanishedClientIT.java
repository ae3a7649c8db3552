package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that go without a word, by an orderly close and by a reset, in every state: what they ran is cancelled, what
 * they left open is undone, and the pool is as good as before.
 */
class VanishedClientIT {
    private static final int POOL_SIZE = 2;

    private static PooledRole pool;

    /** How a connection ends. */
    enum End {
        CLOSE,
        RESET;

        void of(PgClient client) {
            switch (this) {
                case CLOSE -> client.close();
                case RESET -> client.reset();
            }
        }
    }

    @BeforeAll
    static void start() {
        pool = PooledRole.create("vanish_role", "pool_size = " + POOL_SIZE, "cleanup_timeout = \"8s\"");
        pool.execute(Mode.SESSION, "create table left_behind (word text)");
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    @AfterEach
    void empty() {
        pool.postgres().execute("truncate vanish_role.left_behind");
    }

    static Stream<Arguments> ways() {
        return Arrays.stream(Mode.values())
                .flatMap(mode -> Arrays.stream(End.values()).map(end -> Arguments.of(mode, end)));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whileIdle(Mode mode, End end) {
        try (PgClient client = pool.login(mode)) {
            client.query("select 1");
            end.of(client);
        }
        pool.assertSound(POOL_SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void duringTheLogin(Mode mode, End end) {
        try (PgClient client =
                PgClient.connect("127.0.0.1", pool.destination(mode).port())) {
            client.send(Messages.startup(
                    Messages.PROTOCOL_3_0, Map.of("user", pool.destination(mode).user(), "database", "postgres")));
            client.readUntil('R');
            end.of(client);
        }
        pool.assertSound(POOL_SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inTheQueueItLeavesTheQueue(Mode mode, End end) {
        inTheQueue(mode, end, Messages.query("insert into left_behind values ('queued')"));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inTheQueueWithMoreBehindItLeavesTheQueue(Mode mode, End end) {
        byte[] insert = Messages.query("insert into left_behind values ('queued')");
        inTheQueue(mode, end, insert, insert, insert);
    }

    private static void inTheQueue(Mode mode, End end, byte[]... requests) {
        try (Holders holders = new Holders();
                PgClient client = pool.login(mode);
                PgClient behind = pool.login(mode)) {
            for (byte[] request : requests) {
                client.send(request);
                // Time for Weir to read it by itself: a request of another client has made its way.
                pool.login(mode).terminate();
            }
            behind.send(Messages.query("select 'behind'"));
            String port = ":" + client.localPort();
            end.of(client);
            pool.log().await("client disconnected", port);
            holders.release();
            assertThat(behind.readUntilReady().get(1).columns()).containsExactly("behind");
            behind.terminate();
        }
        pool.assertSound(POOL_SIZE);
        assertThat(pool.postgres().query("select * from vanish_role.left_behind"))
                .isEmpty();
    }

    /** Clients that hold all server connections. */
    private static final class Holders implements AutoCloseable {
        private final PgClient[] clients = new PgClient[POOL_SIZE];

        Holders() {
            for (int i = 0; i < clients.length; i++) {
                clients[i] = pool.login(Mode.TRANSACTION);
                clients[i].query("begin");
            }
        }

        void release() {
            for (PgClient client : clients) {
                client.query("commit");
                client.terminate();
            }
        }

        @Override
        public void close() {
            for (PgClient client : clients) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inAQueryWhichIsCancelled(Mode mode, End end) {
        try (PgClient client = pool.login(mode)) {
            client.send(Messages.query("select pg_sleep(60)"));
            pool.awaitRunning("pg_sleep(60)");
            end.of(client);
        }
        pool.awaitRest();
        pool.assertSound(POOL_SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inAPipelineOfSlowQueriesWhichAreAllCancelled(Mode mode, End end) {
        byte[] sleep = Messages.query("select pg_sleep(60)");
        byte[] extended = Messages.together(
                Messages.parse("", "select pg_sleep(60)"),
                Messages.bind("", ""),
                Messages.execute("", 0),
                Messages.sync());
        try (PgClient client = pool.login(mode)) {
            client.send(sleep, extended, extended, sleep);
            pool.awaitRunning("pg_sleep(60)");
            end.of(client);
        }
        pool.awaitRest();
        pool.assertSound(POOL_SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inAnExtendedQueryWhichIsCancelled(Mode mode, End end) {
        try (PgClient client = pool.login(mode)) {
            client.send(
                    Messages.parse("", "select pg_sleep(60)"),
                    Messages.bind("", ""),
                    Messages.execute("", 0),
                    Messages.flush());
            pool.awaitRunning("pg_sleep(60)");
            end.of(client);
        }
        pool.awaitRest();
        pool.assertSound(POOL_SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inATransactionItsLocksAreFreed(Mode mode, End end) {
        try (PgClient client = pool.login(mode);
                PgClient other = pool.login(mode)) {
            client.query("begin");
            client.query("lock table left_behind in access exclusive mode");
            client.query("insert into left_behind values ('undone')");
            other.send(Messages.query("select count(*) from left_behind"));
            pool.awaitCount(1, "wait_event_type = 'Lock'");
            end.of(client);
            assertThat(other.readUntilReady().get(1).columns()).containsExactly("0");
            other.terminate();
        }
        pool.assertSound(POOL_SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inAQueryWithinATransaction(Mode mode, End end) {
        try (PgClient client = pool.login(mode)) {
            client.query("begin");
            client.query("insert into left_behind values ('undone')");
            client.send(Messages.query("select pg_sleep(60)"));
            pool.awaitRunning("pg_sleep(60)");
            end.of(client);
        }
        pool.awaitRest();
        pool.assertSound(POOL_SIZE);
        assertThat(pool.postgres().query("select * from vanish_role.left_behind"))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inCopyIn(Mode mode, End end) {
        try (PgClient client = pool.login(mode)) {
            client.send(Messages.query("copy left_behind from stdin"));
            client.readUntil('G');
            client.send(Messages.copyData("undone\n"));
            end.of(client);
        }
        pool.awaitRest();
        pool.assertSound(POOL_SIZE);
        assertThat(pool.postgres().query("select * from vanish_role.left_behind"))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inCopyOutThatItDoesNotReadToTheEnd(Mode mode, End end) {
        try (PgClient client = pool.login(mode)) {
            client.send(Messages.query("copy (select repeat('x', 1000) from generate_series(1, 10000000)) to stdout"));
            client.readUntil('d');
            end.of(client);
        }
        pool.awaitRest();
        pool.assertSound(POOL_SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inAResultThatItDoesNotReadToTheEnd(Mode mode, End end) {
        try (PgClient client = pool.login(mode)) {
            client.send(Messages.query("select repeat('x', 1000) from generate_series(1, 10000000)"));
            client.readUntil('D');
            end.of(client);
        }
        pool.awaitRest();
        pool.assertSound(POOL_SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inTheMidstOfAMessageTheServerConnectionIsNotReused(Mode mode, End end) {
        int backend;
        try (PgClient client = pool.login(mode)) {
            client.query("begin");
            backend = PooledRole.backend(client);
            byte[] message = Messages.query("select '" + "x".repeat(2_000_000) + "'");
            client.send(Arrays.copyOf(message, 500_000));
            end.of(client);
        }
        pool.awaitCount(0, "pid = " + backend);
        pool.assertSound(POOL_SIZE);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inTheMidstOfAHeaderTheServerConnectionIsReused(Mode mode, End end) {
        int backend;
        try (PgClient client = pool.login(mode)) {
            client.query("begin");
            backend = PooledRole.backend(client);
            client.send(Arrays.copyOf(Messages.query("select 1"), 3));
            end.of(client);
        }
        pool.assertSound(POOL_SIZE);
        assertThat(pool.backends()).contains(backend);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inAnExchangeWithoutSync(Mode mode, End end) {
        try (PgClient client = pool.login(mode)) {
            client.send(
                    Messages.parse("", "insert into left_behind values ('undone')"),
                    Messages.bind("", ""),
                    Messages.execute("", 0),
                    Messages.flush());
            client.readUntil('C');
            end.of(client);
        }
        pool.awaitRest();
        pool.assertSound(POOL_SIZE);
        assertThat(pool.postgres().query("select * from vanish_role.left_behind"))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void inAFailedExchangeWithoutSync(Mode mode, End end) {
        try (PgClient client = pool.login(mode)) {
            client.send(Messages.parse("", "no statement"), Messages.flush());
            client.readUntil('E');
            end.of(client);
        }
        pool.awaitRest();
        pool.assertSound(POOL_SIZE);
    }
}
