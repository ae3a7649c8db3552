package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A cancel request ends the statement of the client whose key it bears, and never anybody else's. */
class CancelIT {
    private static PooledRole pool;

    @BeforeAll
    static void start() {
        pool = PooledRole.create("cancel_role", "pool_size = 1");
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    /** Returns when Weir has closed that connection, so when the cancel has taken its course. */
    private static void cancel(int pid, byte[] key) {
        Destination at = pool.destination(Mode.TRANSACTION);
        try (PgClient client = PgClient.connect(at.host(), at.port())) {
            client.send(Messages.cancelRequest(pid, key));
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    private static void cancel(PgClient client) {
        Frame.BackendKey key = client.loggedIn().key();
        cancel(key.pid(), key.key());
    }

    private static void assertCanceled(PgClient client) {
        var reply = client.readUntilReady();
        assertThat(PooledRole.error(reply).sqlstate()).isEqualTo("57014");
        assertThat(PooledRole.error(reply).fields()).containsEntry('V', "ERROR");
        assertThat(reply.getLast().status()).isEqualTo('I');
        assertThat(PooledRole.single(client, "select 'usable'")).isEqualTo("usable");
    }

    static Stream<Arguments> protocols() {
        return Arrays.stream(Mode.values())
                .flatMap(mode -> Stream.of(Messages.PROTOCOL_3_0, Messages.PROTOCOL_3_2)
                        .map(protocol -> Arguments.of(mode, protocol)));
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void endsTheStatementThatRuns(Mode mode, int protocol) {
        Destination at = pool.destination(mode);
        try (PgClient client = PgClient.connect(at.host(), at.port())) {
            client.attemptLogin(protocol, at.user(), at.password(), at.database(), Map.of());
            assertThat(client.loggedIn().key().key()).hasSize(protocol == Messages.PROTOCOL_3_0 ? 4 : 32);
            client.send(Messages.query("select pg_sleep(60)"));
            pool.awaitRunning("pg_sleep(60)");
            cancel(client);
            assertCanceled(client);
            client.terminate();
        }
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void withAWrongKeyDoesNothing(Mode mode) {
        try (PgClient client = pool.login(mode)) {
            Frame.BackendKey key = client.loggedIn().key();
            client.send(Messages.query("select 'done' from pg_sleep(0.3)"));
            pool.awaitRunning("pg_sleep(0.3)");
            byte[] wrong = key.key().clone();
            wrong[0] ^= 1;
            cancel(key.pid(), wrong);
            cancel(key.pid() ^ 1, key.key());
            cancel(key.pid(), Arrays.copyOf(key.key(), 32));
            assertThat(client.readUntil('D').getLast().columns()).containsExactly("done");
            client.readUntilReady();
            client.terminate();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofAnIdleClientDoesNothing(Mode mode) {
        try (PgClient client = pool.login(mode)) {
            cancel(client);
            client.query("begin");
            cancel(client);
            assertThat(PooledRole.single(client, "select 'done' from pg_sleep(0.05)"))
                    .isEqualTo("done");
            client.query("commit");
            cancel(client);
            client.terminate();
        }
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void ofAClientThatHasLeftDoesNothing(Mode mode) {
        Frame.BackendKey key;
        try (PgClient client = pool.login(mode)) {
            key = client.loggedIn().key();
            client.terminate();
        }
        cancel(key.pid(), key.key());
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void ofAClientInTheQueueTakesItOut(Mode mode) {
        try (PgClient holder = pool.login(Mode.TRANSACTION);
                PgClient client = pool.login(mode);
                PgClient extended = pool.login(mode)) {
            holder.query("begin");
            client.send(Messages.query("select 1"));
            extended.send(
                    Messages.parse("", "select 1"), Messages.bind("", ""), Messages.execute("", 0), Messages.sync());
            // The cancel must not overtake the statement: asked until it has been there.
            awaitCanceled(client);
            awaitCanceled(extended);
            var reply = client.readUntilReady();
            assertThat(PooledRole.error(reply).sqlstate()).isEqualTo("57014");
            assertThat(PooledRole.error(reply).fields()).containsEntry('V', "ERROR");
            assertThat(extended.readUntilReady().stream().map(Frame::type)).containsExactly('E', 'Z');
            holder.query("commit");
            holder.terminate();
            assertThat(PooledRole.single(client, "select 'usable'")).isEqualTo("usable");
            client.terminate();
            assertThat(PooledRole.single(extended, "select 'usable'")).isEqualTo("usable");
            extended.terminate();
        }
        pool.assertSound(1);
    }

    private static void awaitCanceled(PgClient client) {
        Awaitility.await()
                .atMost(PooledRole.PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> {
                    cancel(client);
                    return client.hasBytesWithin(Duration.ofMillis(50));
                });
    }

    /** One client cancels at random moments, another one uses the same server connection in turn with it. */
    @Test
    void neverHitsTheNextUserOfTheServerConnection() throws InterruptedException {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("CancelIT seed=" + seed);
        Random random = new Random(seed);
        AtomicBoolean over = new AtomicBoolean();
        try (PgClient canceled = pool.login(Mode.TRANSACTION);
                PgClient bystander = pool.login(Mode.TRANSACTION)) {
            Thread canceler = Thread.ofVirtual().start(() -> {
                while (!over.get()) {
                    LockSupport.parkNanos(random.nextInt(6_000_000)); // a moment, not an event that is waited for
                    cancel(canceled);
                }
            });
            Thread victim = Thread.ofVirtual().start(() -> {
                while (!over.get()) {
                    canceled.query("select pg_sleep(0.003)");
                }
            });
            try {
                long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
                while (System.nanoTime() < end) {
                    assertThat(bystander.query("select pg_sleep(0.005)"))
                            .as("seed %d", seed)
                            .noneMatch(frame -> frame.type() == 'E');
                }
            } finally {
                over.set(true);
                canceler.join();
                victim.join();
            }
        }
        pool.assertSound(1);
    }

    @Test
    void travelsOverTlsWhereTheServerConnectionDoes() {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, "cancel_tls_role");
        // In clear the server refuses this role, a cancel as much as a login.
        String toml = PooledRole.toml(
                "",
                PooledRole.tenant(
                        "acme", "127.0.0.1", postgres.port(), "cancel_tls_role", "upstream_tls = \"require\""));
        try (PooledRole overTls = PooledRole.existing(postgres, "cancel_tls_role", toml);
                PgClient client = overTls.login(Mode.TRANSACTION)) {
            assertThat(PooledRole.single(client, "select ssl from pg_stat_ssl where pid = pg_backend_pid()"))
                    .isEqualTo("t");
            client.send(Messages.query("select pg_sleep(60)"));
            overTls.awaitRunning("pg_sleep(60)");
            Frame.BackendKey key = client.loggedIn().key();
            Destination at = overTls.destination(Mode.TRANSACTION);
            try (PgClient canceler = PgClient.connect(at.host(), at.port())) {
                canceler.send(Messages.cancelRequest(key.pid(), key.key()));
                assertThat(canceler.isClosedByPeer()).isTrue();
            }
            assertThat(PooledRole.error(client.readUntilReady()).sqlstate()).isEqualTo("57014");
            client.terminate();
        }
    }
}
