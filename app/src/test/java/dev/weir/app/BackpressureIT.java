package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.FaultProxy;
import dev.weir.testkit.FaultProxy.Direction;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who does not read is not read from: what lies in between is bounded, and nothing of it gets lost. */
class BackpressureIT {
    private static final long BOUND = 64L << 20;
    private static final Duration TRANSFER = Duration.ofSeconds(60);

    private static PooledRole pool;

    @BeforeAll
    static void start() {
        pool = PooledRole.create("pressure_role", "pool_size = 2");
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    /** Bytes that Netty has allocated for buffers; those in use and those kept for reuse. */
    private static long buffers() {
        ByteBufAllocatorMetric metric = ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric();
        return metric.usedDirectMemory() + metric.usedHeapMemory();
    }

    private static void assertBounded(long before) {
        assertThat(buffers() - before).as("growth of the memory for buffers").isLessThan(BOUND);
    }

    @ParameterizedTest
    @EnumSource
    void aResultThatIsNotReadStopsAtTheServerAndThenArrivesComplete(Mode mode) {
        long before = buffers();
        try (PgClient client = pool.login(mode)) {
            client.readTimeout(TRANSFER);
            client.send(Messages.query("select repeat('x', 10000) from generate_series(1, 30000) as stalled"));
            pool.awaitCount(1, "wait_event = 'ClientWrite' and query like '%stalled%'");
            assertBounded(before);
            int rows = 0;
            for (Frame frame = client.readFrame(); frame.type() != 'Z'; frame = client.readFrame()) {
                if (frame.type() == 'D') {
                    assertThat(frame.body()).hasSize(10_006);
                    rows++;
                    if (rows % 1000 == 0) {
                        assertBounded(before);
                    }
                }
            }
            assertThat(rows).isEqualTo(30_000);
            client.terminate();
        }
        pool.assertSound(2);
    }

    @Test
    void oneRowOf256MegabytesPasses() {
        long before = buffers();
        try (PgClient client = pool.login(Mode.TRANSACTION)) {
            client.readTimeout(TRANSFER);
            client.send(Messages.query("select repeat('x', 256 * 1024 * 1024)"));
            client.readUntil('T');
            AtomicLong most = new AtomicLong();
            Thread meter = Thread.ofPlatform().start(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    most.accumulateAndGet(buffers(), Math::max);
                    Thread.onSpinWait();
                }
            });
            Frame row = client.readFrame();
            meter.interrupt();
            assertThat(row.body()).hasSize(6 + (256 << 20));
            assertThat(most.get() - before).isLessThan(BOUND);
            client.readUntilReady();
            client.terminate();
        }
    }

    @ParameterizedTest
    @EnumSource
    void copyDataForAServerThatStallsStopsAtTheClientAndThenArrivesComplete(Mode mode) throws InterruptedException {
        TestPostgres postgres = TestPostgres.shared();
        String role = "stalled_" + mode.name().toLowerCase(Locale.ROOT) + "_role";
        PooledRole.createRole(postgres, role);
        postgres.execute("create table " + role + ".data (word text); alter table " + role + ".data owner to " + role);
        long before = buffers();
        try (FaultProxy proxy = FaultProxy.to(postgres.host(), postgres.port());
                PooledRole stalled = PooledRole.existing(
                        postgres,
                        role,
                        PooledRole.toml("", PooledRole.tenant("acme", proxy.host(), proxy.port(), role)));
                PgClient client = stalled.login(mode)) {
            client.readTimeout(TRANSFER);
            client.send(Messages.query("copy data from stdin"));
            client.readUntil('G');
            proxy.pause(Direction.TO_SERVER);
            byte[] line = Messages.copyData("y".repeat(99_999) + "\n");
            AtomicLong sent = new AtomicLong();
            Thread sender = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 1000; i++) {
                    client.send(line);
                    sent.addAndGet(line.length);
                }
                client.send(Messages.copyDone());
            });
            awaitStandstill(sent);
            assertThat(sent.get()).isBetween(1L, BOUND);
            assertBounded(before);
            proxy.resume(Direction.TO_SERVER);
            sender.join();
            assertThat(client.readUntil('C').getLast().tag()).isEqualTo("COPY 1000");
            client.readUntilReady();
            assertBounded(before);
            client.terminate();
        }
    }

    /** Until a second has passed in which nothing went on. */
    private static void awaitStandstill(AtomicLong count) {
        AtomicLong last = new AtomicLong(-1);
        Awaitility.await()
                .atMost(TRANSFER)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> last.getAndSet(count.get()) == count.get() && count.get() > 0);
    }

    private static void pipeline(Mode mode, byte[] statement, int count, int repliesEach) throws InterruptedException {
        long before = buffers();
        try (PgClient client = pool.login(mode)) {
            client.readTimeout(TRANSFER);
            AtomicLong sent = new AtomicLong();
            Thread sender = Thread.ofVirtual().start(() -> {
                byte[][] hundred = new byte[100][];
                Arrays.fill(hundred, statement);
                for (int i = 0; i < count / 100; i++) {
                    client.send(hundred);
                    sent.addAndGet(100);
                }
            });
            awaitStandstill(sent);
            assertBounded(before);
            int ready = 0;
            int others = 0;
            while (ready < count) {
                if (client.readFrame().type() == 'Z') {
                    ready++;
                } else {
                    others++;
                }
            }
            assertThat(others).isEqualTo(count * repliesEach);
            sender.join();
            assertBounded(before);
            client.terminate();
        }
        pool.assertSound(2);
    }

    @ParameterizedTest
    @EnumSource
    void aPipelineOfQueriesWhoseRepliesAreNotReadIsAnsweredInTheEnd(Mode mode) throws InterruptedException {
        pipeline(mode, Messages.query("select repeat('x', 300)"), 50_000, 3);
    }

    @ParameterizedTest
    @EnumSource
    void aPipelineOfExchangesWhoseRepliesAreNotReadIsAnsweredInTheEnd(Mode mode) throws InterruptedException {
        byte[] exchange = Messages.together(
                Messages.parse("", "select 1"), Messages.bind("", ""), Messages.execute("", 0), Messages.sync());
        pipeline(mode, exchange, 50_000, 4);
    }

    /** These need no server connection: Weir answers them, and keeps the answers. */
    @Test
    void syncsWhoseAnswersAreNotReadAreAnsweredInTheEnd() throws InterruptedException {
        pipeline(Mode.TRANSACTION, Messages.sync(), 20_000, 0);
    }

    /** The server connection is given back while the client's data, which nobody wants any more, still comes. */
    @ParameterizedTest
    @EnumSource
    void dataOfACopyThatHasFailedIsTakenToItsEnd(Mode mode) throws InterruptedException {
        pool.execute(Mode.SESSION, "create table if not exists numbers (number int)");
        try (PgClient client = pool.login(mode)) {
            client.readTimeout(TRANSFER);
            client.send(Messages.query("copy numbers from stdin"));
            client.readUntil('G');
            byte[] wrong = Messages.copyData("no number\n".repeat(10_000));
            Thread sender = Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 300; i++) {
                    client.send(wrong);
                }
                client.send(Messages.copyDone(), Messages.query("select 'usable'"));
            });
            assertThat(PooledRole.error(client.readUntilReady()).sqlstate()).isEqualTo("22P02");
            sender.join(TRANSFER);
            assertThat(client.readUntil('D').getLast().columns()).containsExactly("usable");
            client.readUntilReady();
            client.terminate();
        }
        pool.assertSound(2);
    }
}
