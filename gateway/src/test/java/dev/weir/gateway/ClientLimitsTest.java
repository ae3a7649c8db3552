package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.ClientLimits;
import dev.weir.testkit.LeakWatch;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import dev.weir.wire.Sqlstate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each limit in both modes: it is kept when it is exceeded, and never met by who is busy. */
@ExtendWith(LeakWatch.class)
class ClientLimitsTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** A limit is found exceeded by at most a twentieth too late. */
    private static final Duration LATE = Duration.ofMillis(500);

    private static final Duration ALMOST = LIMIT.minus(LATE);
    private static final Duration SURELY = LIMIT.plus(LATE);

    private static final Duration NO = Duration.ZERO;
    private static final ClientLimits QUERY = new ClientLimits(LIMIT, NO, NO, NO);
    private static final ClientLimits IDLE_TRANSACTION = new ClientLimits(NO, LIMIT, NO, NO);
    private static final ClientLimits TRANSACTION = new ClientLimits(NO, NO, LIMIT, NO);
    private static final ClientLimits IDLE = new ClientLimits(NO, NO, NO, LIMIT);

    private static Stage stage(int poolSize, ClientLimits limits) {
        Stage stage = new Stage(poolSize, 10);
        stage.configure(poolSize, 10, Stage.PASSWORD, limits);
        return stage;
    }

    /** Time passes, in steps as fine as the sweep's. */
    private static void pass(Stage stage, Duration time) {
        for (Duration left = time; left.isPositive(); left = left.minus(LATE)) {
            stage.loop.advance(left.compareTo(LATE) < 0 ? left : LATE);
            stage.settle();
        }
    }

    /** The ErrorResponses among what it got. */
    private static List<PgError> errors(Stage.Client client) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf out = client.channel.readOutbound(); out != null; out = client.channel.readOutbound()) {
            all.writeBytes(out);
            out.release();
        }
        List<PgError> errors = new ArrayList<>();
        while (all.isReadable()) {
            byte type = all.readByte();
            int length = all.readInt() - 4;
            if (type == 'E') {
                errors.add(PgError.parse(all, all.readerIndex(), length).orElseThrow());
            }
            all.skipBytes(length);
        }
        return errors;
    }

    private static void assertCut(Stage stage, Stage.Client client, Sqlstate code, String setting) {
        stage.settle();
        assertThat(client.channel.isOpen()).isFalse();
        assertThat(errors(client)).singleElement().satisfies(error -> {
            assertThat(error.severity()).isEqualTo(Severity.FATAL);
            assertThat(error.code()).isEqualTo(code.code());
            assertThat(error.detail()).contains("10000 ms (" + setting + ")");
            assertThat(error.hint()).isNotBlank();
        });
    }

    private static void serverSaysCanceled(Stage stage, EmbeddedChannel server) {
        ByteBuf out = Unpooled.buffer();
        PgError.error(Sqlstate.QUERY_CANCELED, "canceling statement due to user request")
                .writeTo(out);
        stage.serverSends(server, out);
    }

    // ---- query_timeout

    @ParameterizedTest
    @EnumSource
    void cancelsAStatementThatTakesTooLong(Mode mode) {
        try (Stage stage = stage(1, QUERY)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            pass(stage, ALMOST);
            assertThat(stage.servers).hasSize(1);
            pass(stage, LATE.multipliedBy(2));
            assertThat(stage.servers).as("with the cancel").hasSize(2);
            stage.servers.getLast().close();
            serverSaysCanceled(stage, server);
            assertThat(errors(client)).singleElement().satisfies(error -> {
                assertThat(error.severity()).isEqualTo(Severity.ERROR);
                assertThat(error.code()).isEqualTo("57014");
                assertThat(error.message()).isEqualTo("canceling statement due to query timeout");
                assertThat(error.detail()).contains("10000 ms (query_timeout)");
            });
            stage.serverSends(server, "Z");
            assertThat(client.got()).isEqualTo("Z");
            client.sends("Q");
            stage.serverSends(server, "CZ");
            assertThat(client.got()).as("it goes on").isEqualTo("CZ");
            pass(stage, SURELY);
            assertThat(stage.servers).as("nothing runs").hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void cutsBothIfTheServerDoesNotCancel(Mode mode) {
        try (Stage stage = stage(1, QUERY)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            pass(stage, SURELY);
            stage.servers.getLast().close();
            pass(stage, Stage.CANCEL_TIMEOUT.minus(LATE.multipliedBy(2)));
            assertThat(client.channel.isOpen()).isTrue();
            pass(stage, LATE.multipliedBy(3));
            assertCut(stage, client, Sqlstate.QUERY_CANCELED, "query_timeout");
            pass(stage, Duration.ofSeconds(4));
            assertThat(server.isOpen()).as("after the time of a cleanup").isFalse();
        }
    }

    /** The request itself does not come through: nothing that the client sends may wait for it for longer. */
    @ParameterizedTest
    @EnumSource
    void givesACancelUpThatDoesNotArrive(Mode mode) {
        try (Stage stage = stage(1, QUERY)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("Q");
            pass(stage, SURELY);
            EmbeddedChannel cancel = stage.servers.getLast();
            stage.serverSends(stage.servers.getFirst(), "Cz");
            client.sends("Q");
            pass(stage, Stage.CANCEL_TIMEOUT.minus(LATE.multipliedBy(2)));
            assertThat(cancel.isOpen()).isTrue();
            pass(stage, LATE.multipliedBy(3));
            assertThat(cancel.isOpen()).isFalse();
            assertThat(Stage.sent(stage.servers.getFirst())).isEqualTo("QQ");
        }
    }

    /** What the client sends next must not meet the cancel of what went before. */
    @ParameterizedTest
    @EnumSource
    void sendsNothingMoreUntilTheCancelHasArrived(Mode mode) {
        try (Stage stage = stage(1, QUERY)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            stage.serverSends(server, "Cz");
            client.sends("Q");
            Stage.sent(server);
            pass(stage, SURELY);
            stage.serverSends(server, "Cz");
            client.sends("Q");
            assertThat(Stage.sent(server)).isEmpty();
            stage.servers.getLast().close();
            stage.settle();
            assertThat(Stage.sent(server)).isEqualTo("Q");
        }
    }

    @ParameterizedTest
    @EnumSource
    void givesEachStatementOfAPipelineItsTime(Mode mode) {
        try (Stage stage = stage(1, QUERY)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("QQPBESQ");
            EmbeddedChannel server = stage.servers.getFirst();
            for (String reply : List.of("CZ", "CZ", "12CZ")) {
                pass(stage, ALMOST);
                stage.serverSends(server, reply);
            }
            assertThat(stage.servers).as("without a cancel").hasSize(1);
            assertThat(client.got()).isEqualTo("CZCZ12CZ");
            pass(stage, SURELY);
            assertThat(stage.servers).as("with that of the last").hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void countsACopyAsAStatement(Mode mode) {
        try (Stage stage = stage(1, QUERY)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("Q");
            stage.serverSends(stage.servers.getFirst(), "G");
            pass(stage, ALMOST);
            client.sends("d");
            assertThat(stage.servers).hasSize(1);
            pass(stage, LATE.multipliedBy(2));
            assertThat(stage.servers).as("with the cancel").hasSize(2);
        }
    }

    // ---- idle_transaction_timeout

    @ParameterizedTest
    @EnumSource
    void cutsWhoIsSilentInATransaction(Mode mode) {
        try (Stage stage = stage(1, IDLE_TRANSACTION)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            stage.serverSends(server, "Cz");
            client.got();
            pass(stage, ALMOST);
            assertThat(client.channel.isOpen()).isTrue();
            Stage.sent(server);
            pass(stage, LATE.multipliedBy(2));
            assertCut(stage, client, Sqlstate.IDLE_IN_TRANSACTION_SESSION_TIMEOUT, "idle_transaction_timeout");
            assertThat(Stage.sent(server)).as("the rollback").isEqualTo("Q");
        }
    }

    @ParameterizedTest
    @EnumSource
    void letsWhoIsBusyInATransactionGoOn(Mode mode) {
        try (Stage stage = stage(1, IDLE_TRANSACTION)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            stage.serverSends(server, "Cz");
            pass(stage, ALMOST);
            client.sends("Q");
            pass(stage, SURELY); // the server's time is not the client's
            stage.serverSends(server, "Cz");
            pass(stage, ALMOST);
            client.sends("Q");
            stage.serverSends(server, "G");
            pass(stage, SURELY);
            client.sends("dc");
            stage.serverSends(server, "CZ");
            pass(stage, SURELY.multipliedBy(2)); // no transaction is open
            assertThat(client.got()).isEqualTo("CZCZGCZ");
            assertThat(client.channel.isOpen()).isTrue();
        }
    }

    /** All is answered, but the exchange is open: Postgres has a transaction for it. */
    @ParameterizedTest
    @EnumSource
    void countsAnExchangeWithoutSyncAsATransaction(Mode mode) {
        try (Stage stage = stage(1, IDLE_TRANSACTION)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("PBEH");
            stage.serverSends(stage.servers.getFirst(), "12C");
            assertThat(client.got()).isEqualTo("12C");
            pass(stage, ALMOST);
            assertThat(client.channel.isOpen()).isTrue();
            pass(stage, LATE.multipliedBy(3));
            assertCut(stage, client, Sqlstate.IDLE_IN_TRANSACTION_SESSION_TIMEOUT, "idle_transaction_timeout");
        }
    }

    /** A message that takes its time; and one whose rest never comes, for which a server connection is lent. */
    @ParameterizedTest
    @EnumSource
    void waitsForALongMessageAsLongAsItComes(Mode mode) {
        try (Stage stage = stage(1, new ClientLimits(LIMIT, LIMIT, NO, LIMIT))) {
            Stage.Client client = stage.client(mode).loggedIn();
            client.gets(Unpooled.buffer().writeByte('B').writeInt(1_000_000));
            for (int i = 0; i < 5; i++) {
                client.gets(Unpooled.buffer().writeZero(10));
                pass(stage, ALMOST);
            }
            assertThat(client.channel.isOpen()).isTrue();
            assertThat(stage.servers).as("without a cancel").hasSize(1);
            pass(stage, SURELY);
            assertThat(client.channel.isOpen()).isFalse();
        }
    }

    /** A request that is not yet there as a whole lends nothing; its client is not silent either. */
    @ParameterizedTest
    @EnumSource
    void doesNotTakeForSilentWhoSendsARequestInParts(Mode mode) {
        try (Stage stage = stage(1, IDLE)) {
            Stage.Client client = stage.client(mode).loggedIn();
            client.gets(Unpooled.buffer().writeByte('Q').writeInt(100));
            for (int i = 0; i < 3; i++) {
                pass(stage, ALMOST);
                client.gets(Unpooled.buffer().writeZero(10));
            }
            assertThat(client.channel.isOpen()).isTrue();
            pass(stage, SURELY);
            assertCut(stage, client, Sqlstate.IDLE_SESSION_TIMEOUT, "client_idle_timeout");
        }
    }

    // ---- transaction_timeout

    @ParameterizedTest
    @EnumSource
    void cutsALongTransactionHoweverBusy(Mode mode) {
        try (Stage stage = stage(1, TRANSACTION)) {
            Stage.Client client = stage.client(mode).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            for (int i = 0; i < 9; i++) {
                stage.serverSends(server, "Cz");
                pass(stage, Duration.ofSeconds(1));
                client.sends("Q");
            }
            assertThat(client.channel.isOpen()).isTrue();
            client.got();
            pass(stage, Duration.ofSeconds(2));
            assertCut(stage, client, Sqlstate.TRANSACTION_TIMEOUT, "transaction_timeout");
        }
    }

    @ParameterizedTest
    @EnumSource
    void countsEachTransactionAnew(Mode mode) {
        try (Stage stage = stage(1, TRANSACTION)) {
            Stage.Client client = stage.client(mode).loggedIn();
            for (int i = 0; i < 3; i++) {
                client.sends("Q");
                EmbeddedChannel server = stage.servers.getFirst();
                stage.serverSends(server, "Cz");
                pass(stage, ALMOST);
                client.sends("QQ");
                stage.serverSends(server, "CZ"); // the one behind it is one of its own
                pass(stage, ALMOST);
                stage.serverSends(server, "CZ");
                pass(stage, SURELY); // and this is none
            }
            assertThat(client.channel.isOpen()).isTrue();
            client.sends("Q");
            pass(stage, SURELY);
            assertThat(client.channel.isOpen())
                    .as("a statement is a transaction")
                    .isFalse();
        }
    }

    // ---- client_idle_timeout

    @ParameterizedTest
    @EnumSource
    void cutsWhoIsSilent(Mode mode) {
        try (Stage stage = stage(1, IDLE)) {
            Stage.Client client = stage.client(mode).loggedIn();
            pass(stage, ALMOST);
            client.sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            pass(stage, SURELY); // a statement runs
            stage.serverSends(server, "Cz");
            pass(stage, SURELY); // a transaction is open
            client.sends("Q");
            stage.serverSends(server, "CZ");
            pass(stage, ALMOST);
            assertThat(client.got()).isEqualTo("CZCZ");
            assertThat(client.channel.isOpen()).isTrue();
            pass(stage, LATE.multipliedBy(2));
            assertCut(stage, client, Sqlstate.IDLE_SESSION_TIMEOUT, "client_idle_timeout");
        }
    }

    @ParameterizedTest
    @EnumSource
    void letsWhoWaitsWait(Mode mode) {
        ClientLimits all = new ClientLimits(
                Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
        try (Stage stage = stage(1, ClientLimits.NONE)) {
            Stage.Client first = stage.client(mode).loggedIn().sends("Q");
            Stage.Client second = stage.client(mode).loggedIn().sends("Q");
            stage.configure(1, 10, Stage.PASSWORD, all);
            pass(stage, Duration.ofMillis(4500));
            assertThat(first.channel.isOpen()).as("exceeds transaction_timeout").isFalse();
            assertThat(second.channel.isOpen()).isTrue();
        }
    }

    // ---- when limits are looked after

    @ParameterizedTest
    @EnumSource
    void obeysALimitThatIsChangedLater(Mode mode) {
        try (Stage stage = stage(1, ClientLimits.NONE)) {
            Stage.Client client = stage.client(mode).loggedIn();
            pass(stage, SURELY);
            assertThat(client.channel.isOpen()).isTrue();
            stage.configure(1, 10, Stage.PASSWORD, new ClientLimits(NO, NO, NO, LIMIT.multipliedBy(2)));
            pass(stage, ALMOST.minus(LATE));
            assertThat(client.channel.isOpen()).isTrue();
            pass(stage, LATE.multipliedBy(2));
            assertThat(client.channel.isOpen()).isFalse();
        }
    }

    @Test
    void looksAfterNothingIfThereIsNoLimitOrNobody() {
        try (Stage stage = stage(1, ClientLimits.NONE)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn();
            assertThat(stage.loop.hasTimers()).as("without a limit").isFalse();
            stage.configure(1, 10, Stage.PASSWORD, QUERY);
            assertThat(stage.loop.hasTimers()).as("with one").isTrue();
            client.channel.close();
            pass(stage, SURELY);
            assertThat(stage.loop.hasTimers()).as("without a client").isFalse();
        }
    }
}
