package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.NoOperations;
import dev.weir.pool.IoKind;
import dev.weir.pool.Lane;
import dev.weir.pool.Lanes;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.ConsoleUsers;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import dev.weir.testkit.LeakWatch;
import dev.weir.testkit.Messages;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is kept for a client of the console that does not read what it asks for. */
@ExtendWith(LeakWatch.class)
class ConsoleSessionTest {
    private static final int HIGH_WATER = 128 * 1024;

    /** One answer of those asked for here, or one turn of a large one, is smaller. */
    private static final int ONE_ANSWER = 64 * 1024;

    private Lanes lanes;
    private Lane lane;
    private final ManySettings settings = new ManySettings();
    private final Client client = new Client();
    private ConsoleSession session;

    @BeforeEach
    void join() {
        lanes = new Lanes(IoKind.NIO, TlsProvider.JDK, 1, Tenants.of(List.of(), Optional.empty()));
        lane = lanes.all().getFirst();
        Console console = new Console(lanes, settings, ConsoleUsers.NONE);
        ConsoleClient who = new ConsoleClient(
                1,
                new ConsoleAccess("ops", ConsoleRole.ADMIN, Optional.empty()),
                new InetSocketAddress(1),
                new InetSocketAddress(2),
                false,
                0,
                "");
        session = console.join(who, lane, client);
    }

    @AfterEach
    void end() {
        lanes.close();
    }

    /** It reads when it is told to, and counts what waits for it. Confined to the lane. */
    private static final class Client implements ConsoleSession.Connection {
        private int pending;
        private int most;
        private int rows;
        private boolean ready;
        private int resumed;

        @Override
        public void write(ByteBuf out) {
            pending += out.readableBytes();
            most = Math.max(most, pending);
            while (out.isReadable()) {
                byte type = out.readByte();
                rows += type == 'D' ? 1 : 0;
                ready = type == 'Z';
                out.skipBytes(out.getInt(out.readerIndex()));
            }
            out.release();
        }

        @Override
        public void flush() {
            // what was written waits until it is read
        }

        @Override
        public boolean isWritable() {
            return pending < HIGH_WATER;
        }

        @Override
        public ByteBuf buffer() {
            return Unpooled.buffer();
        }

        @Override
        public void resume() {
            resumed++;
        }

        @Override
        public void close(PgError error) {
            throw new AssertionError(error.message());
        }
    }

    /** A process that has as many settings as are to be shown. */
    private static final class ManySettings extends NoOperations {
        private volatile int count;

        @Override
        public List<Setting> settings(Optional<TenantId> tenant) {
            return IntStream.range(0, count)
                    .mapToObj(i -> new Setting("key" + i, "value", "value", false))
                    .toList();
        }
    }

    private <T> T inLane(Supplier<T> what) {
        return CompletableFuture.supplyAsync(what, lane.loop()).join();
    }

    /** @return whether it was looked at */
    private boolean send(byte[] message) {
        if (session.onHeader(message[0], message.length - 5) == Verdict.STOP) {
            return false;
        }
        session.onFrame(message[0], Unpooled.wrappedBuffer(message), 5, message.length - 5);
        return true;
    }

    private boolean read() {
        client.pending = 0;
        session.onWritable();
        return true;
    }

    /** Time for a hundred commands, if they do not wait: each needs the lane and the thread of another a few times. */
    private void letItGoOn() {
        for (int i = 0; i < 1_000; i++) {
            inLane(() -> true);
            CompletableFuture.runAsync(() -> {}, lane.blocking()).join();
        }
    }

    /** A large answer, and many that are small. */
    @ParameterizedTest
    @CsvSource({"20000, 1", "200, 100"})
    void nothingFollowsBeforeTheClientReads(int rows, int commands) {
        settings.count = rows;
        inLane(() -> send(Messages.query("SHOW CONFIG;".repeat(commands))));
        int reads = 0;
        while (!inLane(() -> client.ready)) {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> inLane(() -> client.ready || !client.isWritable()));
            if (reads == 0) {
                letItGoOn();
            }
            reads++;
            inLane(this::read);
        }
        assertThat(reads).isGreaterThan(1);
        assertThat(client.rows).isEqualTo(commands * (rows + 1));
        assertThat(client.most).isBetween(HIGH_WATER, HIGH_WATER + ONE_ANSWER);
    }

    @Test
    void whatIsAskedByTheExtendedProtocolIsNotLookedAtBeforeTheClientReads() {
        inLane(() -> send(Messages.parse("s", "SHOW SOCKETS")));
        int looked = inLane(() -> {
            int count = 0;
            while (count < 100_000 && send(Messages.describeStatement("s"))) {
                count++;
            }
            return count;
        });
        assertThat(looked).isLessThan(1_000);
        assertThat(client.most).isLessThan(HIGH_WATER + ONE_ANSWER);
        assertThat(client.resumed).isZero();
        inLane(this::read);
        Awaitility.await().until(() -> inLane(() -> client.resumed == 1 && send(Messages.sync())));
        assertThat(client.ready).isTrue();
    }
}
