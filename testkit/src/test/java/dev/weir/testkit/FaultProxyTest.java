package dev.weir.testkit;

import static dev.weir.testkit.FaultProxy.Direction.TO_CLIENT;
import static dev.weir.testkit.FaultProxy.Direction.TO_SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.testkit.FaultProxy.Fault;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
    private final ScriptedServer server = ScriptedServer.start(session -> {
        session.trustLogin();
        session.answerQueries(Replies::oneRow);
    });
    private final FaultProxy proxy = FaultProxy.to(server.host(), server.port());

    @AfterEach
    void close() {
        proxy.close();
        server.close();
    }

    @Test
    void passesEverythingOnAndCounts() {
        try (PgClient client = login()) {
            long before = proxy.bytes(TO_SERVER);
            assertThat(client.rows("a")).containsExactly(List.of("a"));
            assertThat(proxy.bytes(TO_SERVER) - before).isEqualTo(Messages.query("a").length);
            proxy.awaitBytes(TO_CLIENT, Replies.oneRow("a").length);
            assertThat(proxy.connections()).isEqualTo(1);
        }
    }

    @Test
    void cutsAndDelays() {
        proxy.chunk(TO_SERVER, 1).chunk(TO_CLIENT, 3).delay(TO_CLIENT, Duration.ofMillis(1));
        try (PgClient client = login()) {
            assertThat(client.rows("slow")).containsExactly(List.of("slow"));
        }
    }

    @Test
    void holdsADirectionUntilResumed() {
        try (PgClient client = login()) {
            proxy.pause(TO_CLIENT);
            client.send(Messages.query("held"));
            assertThat(client.hasBytesWithin(Duration.ofMillis(20))).isFalse();
            proxy.resume(TO_CLIENT);
            assertThat(client.readUntilReady()).hasSize(4);
        }
    }

    @Test
    void resetsAfterExactlySoManyBytes() {
        try (PgClient client = login()) {
            // login's bytes count too: the trigger counts from the connection's beginning
            proxy.after(TO_CLIENT, proxy.bytes(TO_CLIENT) + Replies.rowDescription("column").length, Fault.RESET);
            client.send(Messages.query("cut"));
            assertThat(client.readUntilClosed()).extracting(Frame::type).isSubsetOf('T');
        }
    }

    @Test
    void halfClosesOneDirection() {
        try (PgClient client = login()) {
            proxy.now(TO_SERVER, Fault.HALF_CLOSE);
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(server.awaitSession(1).received()).isEmpty();
        }
    }

    @Test
    void resetsNow() {
        try (PgClient client = login()) {
            proxy.now(TO_CLIENT, Fault.RESET);
            assertThatThrownBy(client::readFrame).isInstanceOf(AssertionError.class);
        }
    }

    private PgClient login() {
        return PgClient.connect(proxy.host(), proxy.port()).login("ann", null, "db");
    }
}
