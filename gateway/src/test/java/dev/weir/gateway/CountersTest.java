package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.CloseReason;
import dev.weir.pool.PoolCounters;
import dev.weir.pool.PoolCounters.Refused;
import dev.weir.pool.SupplyCounters;
import dev.weir.testkit.LeakWatch;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a pool counts of its clients and server connections, on a clock that the test advances. */
@ExtendWith(LeakWatch.class)
class CountersTest {
    private static final Duration A_WHILE = Duration.ofMillis(30);

    private static PoolCounters counters(Stage stage) {
        return stage.home()
                .pool("db", stage.home().tenant().user("app").orElseThrow())
                .counters();
    }

    private static SupplyCounters supply(Stage stage) {
        return stage.home()
                .pool("db", stage.home().tenant().user("app").orElseThrow())
                .totals()
                .supply();
    }

    private static ByteBuf error(String code) {
        ByteBuf out = Unpooled.buffer();
        new PgError(Severity.ERROR, code, "no", null, null).writeTo(out);
        return out;
    }

    @Test
    void aStatementIsARequestAndATransaction() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn();
            client.sends("Q");
            stage.loop.advance(A_WHILE);
            stage.serverSends(stage.servers.getFirst(), "CZ");
            PoolCounters counters = counters(stage);
            assertThat(counters.assignments()).isEqualTo(1);
            assertThat(counters.assignmentsAtOnce()).isEqualTo(1);
            assertThat(counters.queries()).isEqualTo(1);
            assertThat(counters.transactions()).isEqualTo(1);
            assertThat(counters.queryNanos()).isEqualTo(A_WHILE.toNanos());
            assertThat(counters.transactionNanos()).isEqualTo(A_WHILE.toNanos());
            assertThat(counters.waitNanos()).isZero();
            assertThat(counters.bytesFromClients()).isEqualTo(5);
            assertThat(counters.bytesToServers()).isEqualTo(5);
            assertThat(counters.bytesFromServers()).as("C and Z").isEqualTo(5 + 6);
            assertThat(counters.bytesToClients()).isEqualTo(5 + 6);
        }
    }

    @Test
    void theTimeBetweenStatementsIsTheTransactionsAndNoRequests() {
        for (Mode mode : Mode.values()) {
            try (Stage stage = new Stage(1, 10)) {
                Stage.Client client = stage.client(mode).loggedIn();
                EmbeddedChannel server = stage.servers.getFirst();
                for (int i = 0; i < 2; i++) {
                    client.sends("Q");
                    stage.loop.advance(A_WHILE);
                    stage.serverSends(server, "Cz");
                    stage.loop.advance(A_WHILE.multipliedBy(2));
                    client.sends("Q");
                    stage.loop.advance(A_WHILE);
                    stage.serverSends(server, "CZ");
                    stage.loop.advance(A_WHILE.multipliedBy(7)); // between transactions: neither's
                }
                PoolCounters counters = counters(stage);
                assertThat(counters.queries()).as("%s", mode).isEqualTo(4);
                assertThat(counters.transactions()).isEqualTo(2);
                assertThat(counters.queryNanos())
                        .isEqualTo(A_WHILE.multipliedBy(4).toNanos());
                assertThat(counters.transactionNanos())
                        .isEqualTo(A_WHILE.multipliedBy(8).toNanos());
                assertThat(counters.assignments()).isEqualTo(mode == Mode.SESSION ? 1 : 2);
            }
        }
    }

    @Test
    void requestsSentTogetherAreMeasuredOneBehindTheOther() {
        try (Stage stage = new Stage(1, 10)) {
            stage.client(Mode.TRANSACTION).loggedIn().sends("QQ");
            stage.loop.advance(A_WHILE);
            stage.serverSends(stage.servers.getFirst(), "CZ");
            stage.loop.advance(A_WHILE);
            stage.serverSends(stage.servers.getFirst(), "CZ");
            PoolCounters counters = counters(stage);
            assertThat(counters.queries()).isEqualTo(2);
            assertThat(counters.transactions()).isEqualTo(2);
            assertThat(counters.queryNanos()).isEqualTo(A_WHILE.multipliedBy(2).toNanos());
            assertThat(counters.transactionNanos())
                    .isEqualTo(A_WHILE.multipliedBy(2).toNanos());
        }
    }

    @Test
    void whatFollowsNothingIsNoRequest() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.SESSION).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            stage.serverSends(server, "CZ");
            client.sends("Hd"); // Flush, and the late data of a COPY: nothing answers them
            stage.loop.advance(A_WHILE);
            client.sends("Q");
            stage.serverSends(server, "CZ");
            assertThat(counters(stage).queries()).isEqualTo(2);
            assertThat(counters(stage).queryNanos()).isZero();
        }
    }

    @Test
    void aClientThatWaitsIsMeasured() {
        try (Stage stage = new Stage(1, 10)) {
            stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            stage.loop.advance(A_WHILE);
            stage.serverSends(server, "CZ");
            stage.loop.advance(A_WHILE);
            stage.serverSends(server, "CZ");
            PoolCounters counters = counters(stage);
            assertThat(counters.assignments()).isEqualTo(2);
            assertThat(counters.assignmentsAtOnce()).isEqualTo(1);
            assertThat(counters.waitNanos()).isEqualTo(A_WHILE.toNanos());
            assertThat(counters.queryNanos())
                    .as("without the wait")
                    .isEqualTo(A_WHILE.multipliedBy(2).toNanos());
            assertThat(counters.waitTimes().count()).isEqualTo(2);
            assertThat(counters.transactionTimes().count()).isEqualTo(2);
        }
    }

    /** The wait of a request that was refused is not taken for that of the next one. */
    @Test
    void refusedRequestsAreCountedByReasonAndNotAsWaits() {
        try (Stage stage = new Stage(1, 10)) {
            stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            Stage.Client late = stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            stage.loop.advance(Stage.QUEUE_TIMEOUT);
            assertThat(late.got()).isEqualTo("EZ");
            PoolCounters counters = counters(stage);
            assertThat(counters.refusals().of(Refused.QUEUE_TIMEOUT.name())).isEqualTo(1);

            late.sends("Q");
            late.connection.cancel(() -> {});
            assertThat(late.got()).isEqualTo("EZ");
            assertThat(counters.refusals().of(Refused.CANCELED.name())).isEqualTo(1);
            assertThat(counters.cancels()).isEqualTo(1);
            assertThat(counters.cancelsSent()).isZero();

            stage.serverSends(stage.servers.getFirst(), "CZ");
            late.sends("Q");
            assertThat(counters.assignmentsAtOnce()).isEqualTo(2);
            assertThat(counters.waitNanos()).isZero();

            Stage.Client waiting = stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            stage.servers.getFirst().close();
            stage.settle();
            stage.serverSends(stage.servers.getLast(), error("28P01"));
            assertThat(waiting.got()).isEqualTo("EZ");
            assertThat(counters.refusals().of(Refused.NO_SERVER.name())).isEqualTo(1);
            assertThat(counters.openFailures().of("28P01")).isEqualTo(1);
        }
    }

    @Test
    void errorsOfServersAreCountedByTheirCodeIfItIsWellKnown() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn();
            EmbeddedChannel server = stage.servers.getFirst();
            for (String code : new String[] {"42P01", "42P01", "ZZ123"}) {
                client.sends("Q");
                stage.serverSends(server, error(code));
                stage.serverSends(server, "Z");
            }
            client.sends("Q");
            stage.serverSends(server, "e");
            PoolCounters counters = counters(stage);
            assertThat(counters.errors().counts())
                    .containsEntry("42P01", 2L)
                    .containsEntry("other", 1L)
                    .containsEntry("57P01", 1L)
                    .hasSize(3);
            assertThat(counters.queries()).isEqualTo(3);
        }
    }

    @Test
    void whatALeftClientGetsIsNotCounted() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn().sends("QX");
            assertThat(client.isListening()).isFalse();
            stage.serverSends(stage.servers.getFirst(), error("42P01"));
            stage.serverSends(stage.servers.getFirst(), "Z");
            assertThat(counters(stage).errors().counts()).isEmpty();
            assertThat(counters(stage).queries()).isZero();
        }
    }

    @Test
    void preparedStatementsAreFoundOrMissed() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client one = stage.client(Mode.TRANSACTION).loggedIn();
            Stage.Client two = stage.client(Mode.TRANSACTION).loggedIn();
            EmbeddedChannel server = stage.servers.getFirst();
            one.gets(parse("a"));
            one.gets(bindAndExecute("a"));
            stage.serverSends(server, "12CZ");
            PoolCounters counters = counters(stage);
            assertThat(counters.clientParses()).isEqualTo(1);
            assertThat(counters.serverParses()).isEqualTo(1);
            assertThat(counters.statementMisses()).isEqualTo(1);
            assertThat(counters.statementHits()).as("of Bind, right behind it").isEqualTo(1);
            assertThat(counters.binds()).isEqualTo(1);

            two.gets(parse("b"));
            two.gets(bindAndExecute("b"));
            stage.serverSends(server, "2CZ");
            assertThat(two.got()).isEqualTo("12CZ");
            assertThat(counters.clientParses()).isEqualTo(2);
            assertThat(counters.serverParses()).as("it was there").isEqualTo(1);
            assertThat(counters.statementHits()).isEqualTo(3);
            assertThat(counters.statementMisses()).isEqualTo(1);
            assertThat(counters.binds()).isEqualTo(2);
        }
    }

    private static ByteBuf parse(String name) {
        ByteBuf out = Unpooled.buffer();
        Frontend.writeParse(out, ascii(name), ascii("select 1"));
        return out;
    }

    private static ByteBuf bindAndExecute(String name) {
        ByteBuf out = Unpooled.buffer();
        Frontend.writeBind(out, new byte[0], ascii(name));
        Frontend.writeExecute(out, new byte[0]);
        out.writeByte(Frontend.SYNC).writeInt(4);
        return out;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void clientsComeAndGoByMode() {
        try (Stage stage = new Stage(2, 3)) {
            Stage.Client one = stage.client(Mode.SESSION).loggedIn();
            stage.client(Mode.TRANSACTION).loggedIn();
            PoolCounters counters = counters(stage);
            assertThat(counters.logins()).isEqualTo(2);
            assertThat(counters.sessionLogins()).isEqualTo(1);
            assertThat(counters.departures()).isZero();
            assertThat(counters.loginTimes().count()).isEqualTo(2);
            one.sends("X");
            assertThat(counters.departures()).isEqualTo(1);
            assertThat(counters.sessionDepartures()).isEqualTo(1);
        }
    }

    @Test
    void loginsThatFailAreCountedByReason() {
        try (Stage stage = new Stage(1, 1)) {
            stage.client(Mode.TRANSACTION).loggedIn();
            stage.client(Mode.TRANSACTION).proven("wrong");
            stage.client(Mode.TRANSACTION).proven(Stage.PASSWORD); // one more than max_clients
            stage.client(Mode.TRANSACTION).offered().sends("Q");
            stage.client(Mode.TRANSACTION).offered().channel.close();
            stage.client(Mode.TRANSACTION).offered();
            stage.settle();
            stage.loop.advance(Stage.LOGIN_TIMEOUT);
            assertThat(stage.lanes.loginFailures(stage.lane, stage.tenantId).counts())
                    .containsEntry("password", 1L)
                    .containsEntry("too_many", 1L)
                    .containsEntry("protocol", 1L)
                    .containsEntry("client_left", 1L)
                    .containsEntry("timeout", 1L)
                    .hasSize(5);
            assertThat(counters(stage).logins()).isEqualTo(1);
        }
    }

    @Test
    void aLoginWithoutAServerIsNoWrongPassword() {
        try (Stage stage = new Stage(1, 1)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).proven(Stage.PASSWORD);
            stage.settle();
            stage.serverSends(stage.servers.getLast(), error("28P01")); // what Weir logs in with is wrong
            assertThat(client.got()).endsWith("E");
            assertThat(stage.lanes.loginFailures(stage.lane, stage.tenantId).counts())
                    .containsOnlyKeys("server")
                    .containsEntry("server", 1L);
        }
    }

    @Test
    void serverConnectionsAreCountedFromTheirOpeningToTheirEnd() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).proven(Stage.PASSWORD);
            stage.settle();
            stage.loop.advance(A_WHILE);
            EmbeddedChannel server = stage.serverWelcomes();
            PoolCounters counters = counters(stage);
            SupplyCounters supply = supply(stage); // the pool vanishes with its last server connection
            assertThat(supply.opened()).isEqualTo(1);
            assertThat(counters.connectTimes().sumNanos()).isEqualTo(A_WHILE.toNanos());
            client.sends("Q");
            stage.serverSends(server, "e");
            server.close();
            stage.settle();
            assertThat(supply.closed(CloseReason.BY_SERVER)).isEqualTo(1);
            assertThat(supply.closed()).isEqualTo(1);
        }
    }

    @Test
    void cancelsForRunningStatementsGoToTheServer() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            client.connection.cancel(() -> {});
            stage.settle();
            assertThat(counters(stage).cancels()).isEqualTo(1);
            assertThat(counters(stage).cancelsSent()).isEqualTo(1);
        }
    }
}
