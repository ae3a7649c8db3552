package dev.weir.gateway;

import static dev.weir.gateway.SharedPipeliningTest.answer;
import static dev.weir.gateway.SharedPipeliningTest.query;
import static dev.weir.gateway.SharedPipeliningTest.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.ServerLife;
import dev.weir.tenants.SharedPipelining;
import dev.weir.testkit.LeakWatch;
import dev.weir.wire.Backend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A crowd that never ends keeps no server connection from being closed or checked in its time. */
@ExtendWith(LeakWatch.class)
class SharedTurnoverTest {
    private static final int POOL = 2;
    private static final int MAX_CLIENTS = 10;
    /** So long that the crowd is no crowd to those who try over how few it can be spread, which drains the others. */
    private static final Duration STEP = Duration.ofMillis(2);

    private static final Duration LIFETIME = Duration.ofMillis(500);
    private static final Duration CHECK_DELAY = Duration.ofSeconds(1);

    private final Stage stage = new Stage(POOL, MAX_CLIENTS);
    private final List<Stage.Client> clients = new ArrayList<>();
    private final Map<EmbeddedChannel, Integer> standing = new HashMap<>();

    @BeforeEach
    void openBoth() {
        for (int i = 0; i < 2 * POOL; i++) {
            clients.add(stage.client(Mode.TRANSACTION).loggedIn());
        }
        for (int i = 0; i < 2; i++) { // and see that such statements are short
            clients.getFirst().gets(query("select 0"));
            stage.loop.advance(STEP);
            stage.serverSends(stage.servers.getFirst(), answer("row"));
        }
        clients.getFirst().gets(query("begin"));
        clients.get(1).gets(query("begin"));
        stage.serverWelcomes();
        assertThat(stage.servers).hasSize(POOL);
        for (EmbeddedChannel server : stage.servers) {
            stage.serverSends(server, answer("row"));
            text(server);
        }
        clients.forEach(client -> text(client.channel));
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void oneThatIsTooOldComesToItsEnd() {
        stage.live(POOL, MAX_CLIENTS, new ServerLife(Duration.ZERO, LIFETIME, Duration.ofDays(30), ""));
        crowdAsks();
        goOnUntilOneIsClosed(LIFETIME.plus(LIFETIME));
        EmbeddedChannel another = stage.servers.getLast();
        ByteBuf welcome = Unpooled.buffer();
        Backend.writeAuthenticationOk(welcome);
        Backend.writeBackendKeyData(welcome, 8, new byte[4]);
        text(another);
        stage.serverSends(another, welcome.writeBytes(Stage.message('Z')));
        goOn();
        assertThat(standingOn(another)).isPositive();
    }

    @Test
    void oneThatIsTooManyComesToItsEnd() {
        crowdAsks();
        stage.share(1, MAX_CLIENTS, SharedPipelining.DEFAULTS);
        goOnUntilOneIsClosed(STEP.multipliedBy(100));
        for (int i = 0; i < 10; i++) {
            goOn();
        }
        assertThat(stage.servers).filteredOn(EmbeddedChannel::isActive).hasSize(1);
    }

    @Test
    void oneThatWasIdleForLongIsCheckedRatherThanThatStatementsStandBehindOthers() {
        stage.live(POOL, MAX_CLIENTS, new ServerLife(Duration.ZERO, Duration.ZERO, CHECK_DELAY, ""));
        stage.loop.advance(CHECK_DELAY.plus(STEP));
        clients.getFirst().gets(query("select 1"));
        EmbeddedChannel first = checked();
        assertThat(text(first)).contains("select 1");
        clients.get(1).gets(query("select 2"));
        EmbeddedChannel second = checked();
        assertThat(second).isNotSameAs(first);
        assertThat(text(second)).contains("select 2");
    }

    /** The one that has been asked whether it answers, which it does. */
    private EmbeddedChannel checked() {
        stage.settle();
        List<EmbeddedChannel> asked =
                stage.servers.stream().filter(server -> !text(server).isEmpty()).toList();
        assertThat(asked).hasSize(1);
        stage.serverSends(asked.getFirst(), "IZ");
        return asked.getFirst();
    }

    private void crowdAsks() {
        clients.forEach(client -> client.gets(query("select 1")));
        for (EmbeddedChannel server : stage.servers) {
            assertThat(standingOn(server)).isEqualTo(2);
        }
    }

    private int standingOn(EmbeddedChannel server) {
        int more = text(server).split("select", -1).length - 1;
        return standing.merge(server, more, Integer::sum);
    }

    private void goOnUntilOneIsClosed(Duration longest) {
        long steps = longest.dividedBy(STEP);
        for (long i = 0; i < steps && stage.servers.stream().allMatch(EmbeddedChannel::isActive); i++) {
            goOn();
        }
        assertThat(stage.servers).anyMatch(server -> !server.isActive());
    }

    /** Each server connection answers one statement, and who is answered asks again. */
    private void goOn() {
        stage.loop.advance(STEP);
        for (EmbeddedChannel server : List.copyOf(stage.servers)) {
            int left = standingOn(server);
            if (left > 0 && server.isActive()) {
                standing.put(server, left - 1);
                stage.serverSends(server, answer("row"));
            }
        }
        for (Stage.Client client : clients) {
            String told = text(client.channel);
            if (!told.isEmpty()) {
                assertThat(told).contains("row");
                client.gets(query("select 1"));
            }
        }
    }
}
