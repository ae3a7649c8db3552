package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.ClientView;
import dev.weir.pool.Hindrance;
import dev.weir.pool.HomeView;
import dev.weir.pool.LaneView;
import dev.weir.pool.PoolCounters.Refused;
import dev.weir.pool.PoolView;
import dev.weir.tenants.Allotment;
import dev.weir.tenants.Ceilings;
import dev.weir.testkit.LeakWatch;
import dev.weir.testkit.Messages;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who listens where the host has no place for the server connection that would be listened on. */
@ExtendWith(LeakWatch.class)
class ListenTimeoutTest {
    private static final Duration A_WHILE = Stage.QUEUE_TIMEOUT.dividedBy(5);

    private final Stage stage = new Stage(2, 10);
    private final Stage.Client first = stage.client(Mode.TRANSACTION);
    private final Stage.Client second = stage.client(Mode.TRANSACTION);

    /** Each has one of the two that the host allows. */
    @BeforeEach
    void listen() {
        allow(2);
        first.loggedIn();
        first.gets(Unpooled.wrappedBuffer(Messages.query("listen mine")));
        second.loggedIn();
        second.gets(Unpooled.wrappedBuffer(Messages.query("listen mine")));
        stage.serverWelcomes();
        assertThat(stage.servers).hasSize(2);
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private void allow(int serverConnections) {
        Ceilings ceilings = new Ceilings(Map.of(stage.host, serverConnections), OptionalInt.empty());
        stage.limit(2, 10, Allotment.NONE, ceilings);
        stage.settle();
    }

    /** Its LISTEN has been carried out, on a server connection that it keeps until another listens. */
    private void onListened(Stage.Client client) {
        EmbeddedChannel server = stage.servers.get(client.equals(first) ? 0 : 1);
        stage.serverSends(server, "CZ");
        stage.serverSends(server, ListeningTest.listening("mine"));
        assertThat(client.got()).isEqualTo("CZ");
    }

    private void onBothListened() {
        onListened(first);
        stage.loop.advance(A_WHILE);
        onListened(second);
        assertThat(stage.servers).hasSize(2);
    }

    private HomeView home() {
        return LaneView.homes(stage.lanes.view(true).join()).stream()
                .filter(home -> home.tenant().id().equals(stage.tenantId))
                .findFirst()
                .orElseThrow();
    }

    private PoolView pool() {
        return home().pools().getFirst();
    }

    private static PgError error(Stage.Client client) {
        ByteBuf out = client.channel.readOutbound();
        assertThat(out).as("what it is told").isNotNull();
        try {
            assertThat((char) out.getByte(0)).isEqualTo('E');
            return PgError.parse(out, 5, out.getInt(1) - 4).orElseThrow();
        } finally {
            out.release();
        }
    }

    @Test
    void waitsForAPlaceAsLongAsOneMayWaitInTheQueue() {
        onBothListened();
        stage.loop.advance(Stage.QUEUE_TIMEOUT.minus(A_WHILE).minusMillis(1));
        assertThat(first.got()).isEmpty();
        stage.loop.advance(Duration.ofMillis(1));
        stage.settle();
        PgError error = error(first);
        assertThat(error.severity()).isEqualTo(Severity.FATAL);
        assertThat(error.code()).isEqualTo("53300");
        assertThat(error.message()).isEqualTo("no place for another server connection within 5000 ms");
        assertThat(error.detail()).contains("the host 2 of 2 (max_connections of [[host]])", "2 clients wait");
        assertThat(first.channel.isOpen()).isFalse();
        assertThat(second.got()).as("its time is not over").isEmpty();
        assertThat(pool().counters().refusals().of(Refused.QUEUE_TIMEOUT.name()))
                .isEqualTo(1);
    }

    @Test
    void isSeenToWait() {
        onBothListened();
        stage.loop.advance(A_WHILE);
        PoolView pool = pool();
        assertThat(pool.waiting()).isEqualTo(2);
        assertThat(pool.longestWaitNanos()).isEqualTo(A_WHILE.multipliedBy(2).toNanos());
        assertThat(pool.hindrance()).isInstanceOf(Hindrance.NoPlace.class);
        assertThat(home().clients()).allSatisfy(client -> {
            assertThat(client.state()).isEqualTo(ClientView.State.WAITING);
            assertThat(client.server()).isPositive();
        });
        assertThat(home().clients())
                .extracting(ClientView::inStateNanos)
                .containsExactlyInAnyOrder(
                        A_WHILE.toNanos(), A_WHILE.multipliedBy(2).toNanos());
    }

    @Test
    void goesOnWhenThereIsAPlace() {
        onBothListened();
        stage.loop.advance(A_WHILE);
        allow(3);
        assertThat(stage.servers).as("one to listen on").hasSize(3);
        assertThat(pool().waiting()).isZero();
        EmbeddedChannel ear = stage.serverWelcomes();
        stage.serverSends(ear, "CZ");
        stage.loop.advance(Stage.QUEUE_TIMEOUT.multipliedBy(2));
        assertThat(first.got()).isEmpty();
        assertThat(first.channel.isOpen()).isTrue();
    }

    @Test
    void goesOnWhenTheHostIsLimitedNoMore() {
        onBothListened();
        stage.limit(2, 10, Allotment.NONE, Ceilings.NONE);
        stage.settle();
        assertThat(stage.servers).hasSize(3);
        assertThat(pool().waiting()).isZero();
    }

    /** What it asked for would be taken back from others for nobody. */
    @Test
    void asksForNoPlaceWhenItHasGone() {
        onBothListened();
        first.channel.close();
        second.channel.close();
        stage.settle();
        assertThat(pool().waiting()).isZero();
        allow(3);
        assertThat(stage.servers).as("nothing more was opened").hasSize(2);
    }
}
