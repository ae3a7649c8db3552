package dev.weir.gateway;

import static dev.weir.gateway.SharedPipeliningTest.answer;
import static dev.weir.gateway.SharedPipeliningTest.error;
import static dev.weir.gateway.SharedPipeliningTest.query;
import static dev.weir.gateway.SharedPipeliningTest.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.SharedPipelining;
import dev.weir.testkit.LeakWatch;
import dev.weir.testkit.Messages;
import dev.weir.wire.Backend;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How clients that share a server connection part from it, in order or not, and who gets on next: a pool of one, and a test
 * that speaks for the server.
 */
@ExtendWith(LeakWatch.class)
class SharedPipeliningEndsTest {
    private static final int DEPTH = 16;
    private static final Duration LONG = Duration.ofMillis(60);

    private final Stage stage = new Stage(1, 40);
    private final Stage.Client first = stage.client(Mode.TRANSACTION).loggedIn();
    private final Stage.Client second = stage.client(Mode.TRANSACTION).loggedIn();

    @AfterEach
    void close() {
        stage.close();
    }

    private EmbeddedChannel server() {
        return stage.servers.getFirst();
    }

    private String asked() {
        stage.settle();
        return text(server());
    }

    private String told(Stage.Client client) {
        stage.settle();
        return text(client.channel);
    }

    /** Lets Weir see that such statements are short. */
    private void teach() {
        for (int i = 0; i < 2; i++) {
            first.gets(query("select 0"));
            stage.loop.advance(Duration.ofMillis(1));
            stage.serverSends(server(), answer("taught"));
            assertThat(told(first)).contains("taught");
        }
        asked();
    }

    private void bothAsk() {
        teach();
        first.gets(query("select 1"));
        second.gets(query("select 2"));
        assertThat(asked()).contains("select 1").contains("select 2");
    }

    private EmbeddedChannel another() {
        stage.loop.advance(Duration.ofSeconds(1));
        stage.settle();
        EmbeddedChannel other = stage.servers.getLast();
        ByteBuf out = Unpooled.buffer();
        Backend.writeAuthenticationOk(out);
        Backend.writeBackendKeyData(out, 8, new byte[4]);
        stage.serverSends(other, out.writeBytes(Stage.message('Z')));
        return other;
    }

    private void assertFree() {
        Stage.Client last = stage.client(Mode.TRANSACTION).loggedIn();
        last.gets(query("begin"));
        assertThat(asked()).contains("begin");
        stage.serverSends(server(), "Cz");
        last.gets(query("commit"));
        stage.serverSends(server(), "CZ");
        asked();
    }

    // ---- clients that leave

    @Test
    void whatStandsBeforeATerminateIsCarriedOut() {
        teach();
        first.gets(
                query("select 1").writeBytes(query("insert into t values (1)")).writeBytes(Stage.message('X')));
        first.channel.close();
        assertThat(asked()).contains("select 1").doesNotContain("insert");
        stage.serverSends(server(), answer("one"));
        assertThat(asked()).contains("insert");
        stage.serverSends(server(), "CZ");
        assertFree();
    }

    @Test
    void whatStandsBeforeATerminateIsCarriedOutWhereverItIsSentAgain() {
        teach();
        first.gets(
                query("select 1").writeBytes(query("insert into t values (1)")).writeBytes(Stage.message('X')));
        first.channel.close();
        stage.serverSends(server(), "e");
        server().close();
        EmbeddedChannel other = another();
        assertThat(text(other)).contains("select 1").contains("insert");
        stage.serverSends(other, answer("one"));
        stage.serverSends(other, "CZ");
    }

    @Test
    void whatACutOffClientHasSentReachesTheServer() {
        teach();
        first.gets(query("select 1").writeByte('Q').writeInt(0));
        assertThat(told(first)).contains("08P01");
        assertThat(asked()).contains("select 1");
        stage.serverSends(server(), answer("one"));
        assertFree();
    }

    @Test
    void whatNobodyAwaitsIsCancelledIfItTakesLong() {
        bothAsk();
        first.channel.close();
        stage.settle();
        assertThat(stage.servers).as("short statements come to their end").hasSize(1);
        stage.loop.advance(LONG);
        stage.settle();
        assertThat(stage.servers).as("a cancel request goes to the server").hasSize(2);
        stage.servers.get(1).close(); // delivered
        stage.serverSends(server(), error("57014").writeBytes(answer("dropped")));
        assertThat(asked()).contains("select 2");
        stage.serverSends(server(), answer("two"));
        assertThat(told(second)).contains("two").doesNotContain("57014").doesNotContain("dropped");
    }

    @Test
    void whatNobodyAwaitsIsCancelledWhenItsTurnComes() {
        bothAsk();
        second.channel.close();
        stage.serverSends(server(), answer("one"));
        stage.loop.advance(LONG);
        stage.settle();
        assertThat(stage.servers).as("a cancel request goes to the server").hasSize(2);
        stage.servers.get(1).close();
        stage.serverSends(server(), error("57014"));
        assertFree();
    }

    // ---- what is sent again

    @Test
    void whatIsSentAgainStandsBeforeTheBeginningOfTheNextFrame() {
        teach();
        ByteBuf next = query("select 11");
        first.gets(query("select 1").writeBytes(next, 3));
        second.gets(query("select 2"));
        asked();
        stage.serverSends(server(), "e");
        server().close();
        EmbeddedChannel other = another();
        assertThat(text(other)).contains("select 1\0");
        first.gets(next);
        stage.settle();
        assertThat(text(other)).contains("select 11\0");
        stage.serverSends(other, answer("one").writeBytes(answer("eleven")));
        assertThat(told(first)).contains("one").contains("eleven");
        stage.serverSends(other, answer("two"));
        assertThat(told(second)).contains("two");
    }

    @Test
    void theNextOnesStatementCanBeSentAgainThoughTheFirstOnesReplyHasCome() {
        bothAsk();
        stage.serverSends(server(), answer("one"));
        stage.serverSends(server(), "e");
        server().close();
        EmbeddedChannel other = another();
        assertThat(told(second)).isEmpty();
        stage.serverSends(other, answer("two"));
        assertThat(told(second)).contains("two");
    }

    @Test
    void nobodyIsHitByAnothersCancelAmidItsReply() {
        bothAsk();
        first.connection.cancel(() -> {});
        stage.settle();
        ByteBuf large = answer("x".repeat(20_000));
        stage.serverSends(server(), answer("one").writeBytes(large, 10_000));
        large.release();
        stage.servers.get(1).close(); // delivered
        server().close();
        EmbeddedChannel other = another();
        assertThat(text(other)).contains("select 2");
        stage.serverSends(other, answer("two"));
        assertThat(told(second)).contains("two").doesNotContain("xxx");
    }

    @Test
    void whatBecomesOfAnUnnamedStatementWhereItWasSentFirstIsNoMatter() {
        try (Stage two = new Stage(2, 10)) {
            Stage.Client slow = two.client(Mode.TRANSACTION).loggedIn();
            Stage.Client holder = two.client(Mode.TRANSACTION).loggedIn();
            Stage.Client client = two.client(Mode.TRANSACTION).loggedIn();
            EmbeddedChannel shared = two.servers.getFirst();
            for (int i = 0; i < 2; i++) {
                slow.gets(query("select 0"));
                two.serverSends(shared, answer("taught"));
                client.gets(unnamed(true));
                two.serverSends(shared, "12CZ");
            }
            slow.gets(query("select 1"));
            holder.gets(query("begin"));
            EmbeddedChannel other = two.serverWelcomes();
            two.serverSends(other, "Cz");
            two.serverSends(shared, answer("one"));
            slow.gets(query("select 2"));
            client.gets(unnamed(true));
            assertThat(Stage.sent(shared)).endsWith("QPBES");
            two.loop.advance(LONG);
            two.settle();
            holder.gets(query("commit"));
            two.serverSends(other, "CZ");
            assertThat(Stage.sent(other)).endsWith("PBES");
            two.serverSends(other, "12CZ");
            two.serverSends(shared, "e");
            two.serverSends(other, "CZ"); // it is asked whether it answers
            two.serverSends(other, answer("two"));
            assertThat(Stage.sent(other)).isEqualTo("QQ");
            client.gets(unnamed(false));
            assertThat(Stage.sent(other)).as("prepared anew").isEqualTo("PBES");
            two.serverSends(other, "2CZ");
        }
    }

    private static ByteBuf unnamed(boolean parsed) {
        ByteBuf out = Unpooled.buffer();
        if (parsed) {
            out.writeBytes(Messages.parse("", "select 0"));
        }
        return out.writeBytes(Messages.bind("", ""))
                .writeBytes(Messages.execute("", 0))
                .writeBytes(Messages.sync());
    }

    // ---- what one does to the others

    @Test
    void oneThatStandsBehindDoesNotStopTheFirstOnesReply() {
        bothAsk();
        setWritable(second, false);
        assertThat(server().config().isAutoRead()).isTrue();
        setWritable(first, false);
        assertThat(server().config().isAutoRead()).isFalse();
        setWritable(second, true);
        assertThat(server().config().isAutoRead()).isFalse();
        setWritable(first, true);
        assertThat(server().config().isAutoRead()).isTrue();
        stage.serverSends(server(), answer("one").writeBytes(answer("two")));
        assertThat(told(second)).contains("two");
    }

    private void setWritable(Stage.Client client, boolean writable) {
        client.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
        stage.settle();
    }

    @Test
    void oneThatIsEndedBehindAnothersReplyIsToldWhy() {
        bothAsk();
        ByteBuf one = answer("x".repeat(100));
        stage.serverSends(server(), one.readBytes(50));
        second.connection.endNow(PgError.fatal(Sqlstate.ADMIN_SHUTDOWN, "away with it"));
        assertThat(told(second)).contains("away with it");
        stage.serverSends(server(), one.writeBytes(answer("two")));
        assertThat(told(first)).contains("xxx").doesNotContain("two");
    }

    @Test
    void oneThatIsToEndSoonEndsWhenItsCancelIsAnswered() {
        bothAsk();
        second.connection.endSoon(PgError.fatal(Sqlstate.ADMIN_SHUTDOWN, "away with it"));
        second.connection.cancel(() -> {});
        assertThat(told(second)).contains("57014").contains("away with it");
        stage.serverSends(server(), answer("one").writeBytes(answer("two")));
        assertThat(told(first)).contains("one");
    }

    @Test
    void oneThatIsToEndSoonEndsWhenItHasWaitedInVain() {
        first.gets(query("begin"));
        second.gets(query("select 2"));
        second.connection.endSoon(PgError.fatal(Sqlstate.ADMIN_SHUTDOWN, "away with it"));
        assertThat(told(second)).isEmpty();
        stage.loop.advance(Stage.QUEUE_TIMEOUT);
        assertThat(told(second)).contains("away with it");
        assertThat(second.channel.isOpen()).isFalse();
    }

    @Test
    void nobodyGetsOnWhereTextsAreReadOtherwiseFromNowOn() {
        teach();
        first.gets(query("select 1"));
        ByteBuf status = Unpooled.buffer();
        Backend.writeParameterStatus(status, "standard_conforming_strings", "off");
        stage.serverSends(server(), status);
        asked();
        second.gets(query("select 2"));
        assertThat(asked()).isEmpty();
        stage.serverSends(server(), answer("one"));
        assertThat(asked()).contains("select 2");
        stage.serverSends(server(), answer("two"));
        assertThat(told(second)).contains("two");
    }

    // ---- who gets on next

    private List<Stage.Client> riders() {
        stage.share(1, 40, new SharedPipelining(true, DEPTH));
        teach();
        List<Stage.Client> riders = new ArrayList<>();
        for (int i = 0; i < DEPTH; i++) {
            Stage.Client rider = stage.client(Mode.TRANSACTION).loggedIn();
            rider.gets(query("select " + i));
            riders.add(rider);
        }
        assertThat(asked()).contains("select " + (DEPTH - 1));
        return riders;
    }

    @Test
    void oneThatWaitsIsNotOvertaken() {
        List<Stage.Client> riders = riders();
        second.gets(query("select 200"));
        assertThat(asked()).isEmpty();
        stage.serverSends(server(), answer("zero"));
        assertThat(told(riders.getFirst())).contains("zero");
        riders.getFirst().gets(query("select 100"));
        assertThat(asked()).contains("select 200").doesNotContain("select 100");
        answerAll(DEPTH - 1);
        stage.serverSends(server(), answer("two"));
        assertThat(told(second)).contains("two");
        answerAll(1);
        assertFree();
    }

    @Test
    void aTransactionBehindOneThatSharesIsNotOvertaken() {
        List<Stage.Client> riders = riders();
        first.gets(query("select 200"));
        second.gets(query("begin"));
        assertThat(asked()).isEmpty();
        for (int i = 0; i < DEPTH; i++) {
            answerAll(1);
        }
        assertThat(asked()).contains("select 200");
        riders.getFirst().gets(query("select 100"));
        assertThat(asked()).as("behind the transaction").isEmpty();
        answerAll(1);
        assertThat(asked()).contains("begin").doesNotContain("select 100");
        stage.serverSends(server(), "Cz");
        second.gets(query("commit"));
        stage.serverSends(server(), "CZ");
        assertThat(asked()).contains("select 100");
        answerAll(1);
    }

    private void answerAll(int count) {
        for (int i = 0; i < count; i++) {
            stage.serverSends(server(), answer("any"));
        }
    }
}
