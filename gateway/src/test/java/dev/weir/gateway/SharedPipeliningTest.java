package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.LeakWatch;
import dev.weir.wire.Backend;
import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Statements of several clients on one server connection: a pool of one, and a test that speaks for the server. */
@ExtendWith(LeakWatch.class)
class SharedPipeliningTest {
    private static final Duration LONG = Duration.ofMillis(30);

    private final Stage stage = new Stage(1, 10);
    private final Stage.Client first = stage.client(Mode.TRANSACTION).loggedIn();
    private final Stage.Client second = stage.client(Mode.TRANSACTION).loggedIn();
    private final Stage.Client third = stage.client(Mode.TRANSACTION).loggedIn();

    @AfterEach
    void close() {
        stage.close();
    }

    private EmbeddedChannel server() {
        return stage.servers.getFirst();
    }

    // ---- what they say

    static ByteBuf query(String sql) {
        ByteBuf out = Unpooled.buffer();
        Frontend.writeQuery(out, sql);
        return out;
    }

    /** A reply with one row, which bears this text. */
    static ByteBuf answer(String text) {
        ByteBuf out = Unpooled.buffer();
        Frames.writeEmpty(out, (byte) 'T');
        frame(out, 'D', text);
        Frames.writeEmpty(out, (byte) 'C');
        return out.writeBytes(Stage.message('Z'));
    }

    static ByteBuf error(String code) {
        ByteBuf out = Unpooled.buffer();
        new PgError(Severity.ERROR, code, "no", null, null).writeTo(out);
        return out.writeBytes(Stage.message('Z'));
    }

    private static void frame(ByteBuf out, char type, String body) {
        int start = Frames.begin(out, (byte) type);
        out.writeCharSequence(body, StandardCharsets.US_ASCII);
        Frames.end(out, start);
    }

    static String text(EmbeddedChannel channel) {
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(out.toString(StandardCharsets.US_ASCII));
            out.release();
        }
        return all.toString();
    }

    /** What has reached the server since the last call. */
    private String asked() {
        stage.settle();
        return text(server());
    }

    private String told(Stage.Client client) {
        stage.settle();
        return text(client.channel);
    }

    /** Lets Weir see how long a statement takes, until it knows. */
    private void teach(String sql, Duration duration) {
        for (int i = 0; i < 2; i++) {
            first.gets(query(sql));
            stage.loop.advance(duration);
            stage.serverSends(server(), answer("taught"));
            assertThat(told(first)).contains("taught");
        }
        asked();
    }

    private void bothAsk() {
        teach("select 0", Duration.ofMillis(1));
        first.gets(query("select 1"));
        second.gets(query("select 2"));
        assertThat(asked()).contains("select 1").contains("select 2");
    }

    /** The server connection that is opened in place of one that ended. */
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

    // ---- sharing

    @Test
    void sendsOneBehindAnotherAndTellsEachItsOwn() {
        bothAsk();
        stage.serverSends(server(), answer("one").writeBytes(answer("two")));
        assertThat(told(first)).contains("one").doesNotContain("two");
        assertThat(told(second)).contains("two").doesNotContain("one");
    }

    @Test
    void tellsEachItsOwnHoweverTheRepliesAreCut() {
        bothAsk();
        ByteBuf replies = answer("one").writeBytes(answer("two"));
        while (replies.isReadable()) {
            stage.serverSends(server(), replies.readBytes(1));
        }
        replies.release();
        assertThat(told(first)).contains("one").doesNotContain("two");
        assertThat(told(second)).contains("two").doesNotContain("one");
    }

    @Test
    void letsWaitWhatIsNotKnown() {
        teach("select 0", Duration.ofMillis(1));
        first.gets(query("select 1"));
        second.gets(query("select a from new_one"));
        assertThat(asked()).contains("select 1").doesNotContain("new_one");
        stage.serverSends(server(), answer("one"));
        assertThat(asked()).contains("new_one");
        third.gets(query("select 3"));
        assertThat(asked()).as("behind what may be slow").isEmpty();
        stage.serverSends(server(), answer("two"));
        assertThat(asked()).contains("select 3");
        stage.serverSends(server(), answer("three"));
        assertThat(told(third)).contains("three");
    }

    @Test
    void letsWaitWhatIsSlow() {
        teach("select slow", Duration.ofMillis(6));
        first.gets(query("select slow"));
        second.gets(query("select slow"));
        assertThat(asked()).containsOnlyOnce("select slow");
        stage.serverSends(server(), answer("one"));
        assertThat(asked()).containsOnlyOnce("select slow");
        stage.serverSends(server(), answer("two"));
    }

    @Test
    void takesNoOtherStatementsTimeForIts() {
        for (int i = 0; i < 2; i++) {
            first.gets(query("select slow").writeBytes(query("select a from quick")));
            stage.loop.advance(Duration.ofMillis(6));
            stage.serverSends(server(), answer("one"));
            stage.serverSends(server(), answer("two"));
        }
        asked();
        first.gets(query("select slow"));
        second.gets(query("select slow"));
        assertThat(asked()).containsOnlyOnce("select slow");
        stage.serverSends(server(), answer("one"));
        stage.serverSends(server(), answer("two"));
    }

    @Test
    void takesNoChangeOfParametersForItsTime() {
        first.gets(query("set work_mem = '1MB'"));
        stage.serverSends(server(), "CZ");
        asked();
        for (int i = 0; i < 2; i++) {
            second.gets(query("select slow"));
            assertThat(asked()).contains("work_mem").doesNotContain("select slow");
            stage.serverSends(server(), "CZ");
            assertThat(asked()).contains("select slow");
            stage.loop.advance(Duration.ofMillis(6));
            stage.serverSends(server(), answer("one"));
            first.gets(query("begin"));
            stage.serverSends(server(), "CZ");
            stage.serverSends(server(), "Cz");
            first.gets(query("commit"));
            stage.serverSends(server(), "CZ");
            asked();
        }
        second.gets(query("select 0"));
        stage.serverSends(server(), "CZ");
        stage.serverSends(server(), answer("two"));
        asked();
        second.gets(query("select slow"));
        third.gets(query("select slow"));
        assertThat(asked()).containsOnlyOnce("select slow");
        stage.serverSends(server(), answer("three"));
        stage.serverSends(server(), answer("four"));
    }

    @Test
    void letsWaitWhatWrites() {
        teach("select 0", Duration.ofMillis(1));
        for (String alone : new String[] {"update t set a = 1", "begin", "select nextval('s')", "select 1; select 2"}) {
            first.gets(query("select 1"));
            second.gets(query(alone));
            assertThat(asked()).doesNotContain(alone);
            stage.serverSends(server(), answer("one"));
            assertThat(asked()).contains(alone);
            stage.serverSends(server(), answer("two"));
        }
    }

    @Test
    void sharesPreparedStatements() {
        ByteBuf parse = Unpooled.buffer();
        frame(parse, 'P', "s\0select $1\0\0\0");
        parse.writeBytes(Stage.message('S'));
        first.gets(parse);
        stage.serverSends(server(), Stage.message('1').writeBytes(Stage.message('Z')));
        for (int i = 0; i < 3; i++) {
            first.gets(execution());
            if (i < 2) {
                stage.serverSends(server(), executed("taught"));
            }
        }
        told(first);
        asked();
        first.gets(query("select 5"));
        assertThat(asked()).as("more of one client").isEmpty();
        stage.serverSends(server(), executed("one"));
        assertThat(told(first)).contains("one");
    }

    private static ByteBuf execution() {
        ByteBuf out = Unpooled.buffer();
        frame(out, 'B', "\0s\0\0\0\0\0\0\0");
        frame(out, 'E', "\0\0\0\0\0");
        return out.writeBytes(Stage.message('S'));
    }

    private static ByteBuf executed(String text) {
        ByteBuf out = Unpooled.buffer();
        Frames.writeEmpty(out, (byte) '2');
        frame(out, 'D', text);
        Frames.writeEmpty(out, (byte) 'C');
        return out.writeBytes(Stage.message('Z'));
    }

    @Test
    void holdsWhatAClientSendsBehindItsOwn() {
        teach("select 0", Duration.ofMillis(1));
        first.gets(query("select 1").writeBytes(query("select 11")));
        second.gets(query("select 2"));
        assertThat(asked()).contains("select 1\0").contains("select 2").doesNotContain("select 11");
        stage.serverSends(server(), answer("one"));
        assertThat(asked()).contains("select 11");
        stage.serverSends(server(), answer("two").writeBytes(answer("eleven")));
        assertThat(told(first)).contains("one").contains("eleven").doesNotContain("two");
    }

    // ---- beside those who need a server connection alone

    @Test
    void aTransactionGetsWhatDrains() {
        teach("select 0", Duration.ofMillis(1));
        first.gets(query("select 1"));
        second.gets(query("begin"));
        third.gets(query("select 3"));
        assertThat(asked()).contains("select 1").doesNotContain("begin").doesNotContain("select 3");
        stage.serverSends(server(), answer("one"));
        assertThat(asked()).contains("begin").doesNotContain("select 3");
        stage.serverSends(server(), "Cz");
        second.gets(query("commit"));
        stage.serverSends(server(), "CZ");
        assertThat(asked()).contains("select 3");
        stage.serverSends(server(), answer("three"));
        assertThat(told(third)).contains("three");
    }

    @Test
    void thoseWhoWaitTogetherAreSentTogether() {
        teach("select 0", Duration.ofMillis(1));
        first.gets(query("begin"));
        second.gets(query("select 2"));
        third.gets(query("select 3"));
        stage.serverSends(server(), "Cz");
        first.gets(query("commit"));
        stage.serverSends(server(), "CZ");
        assertThat(asked()).contains("select 2").contains("select 3");
        stage.serverSends(server(), answer("two").writeBytes(answer("three")));
        assertThat(told(second)).contains("two").doesNotContain("three");
        assertThat(told(third)).contains("three").doesNotContain("two");
    }

    // ---- what befalls one

    @Test
    void anErrorIsItsOwn() {
        bothAsk();
        stage.serverSends(server(), error("22012").writeBytes(answer("two")));
        assertThat(told(first)).contains("22012");
        assertThat(told(second)).contains("two").doesNotContain("22012");
    }

    @Test
    void whatComesForOneThatHasLeftIsDropped() {
        bothAsk();
        first.channel.close();
        stage.serverSends(server(), answer("one").writeBytes(answer("two")));
        assertThat(told(second)).contains("two").doesNotContain("one");
        second.gets(query("select 2"));
        third.gets(query("select 3"));
        second.channel.close();
        third.channel.close();
        stage.serverSends(server(), answer("two").writeBytes(answer("three")));
        assertThat(server().isActive()).isTrue();
        assertThat(stage.servers).hasSize(1);
    }

    @Test
    void aCancelOfOneThatWaitsIsAnsweredAtOnce() {
        bothAsk();
        second.connection.cancel(() -> {});
        assertThat(told(second)).contains("57014");
        assertThat(stage.servers).as("no cancel request goes to the server").hasSize(1);
        second.gets(query("select 22"));
        stage.serverSends(server(), answer("one").writeBytes(answer("two")));
        assertThat(told(first)).contains("one");
        assertThat(told(second)).doesNotContain("two");
        stage.serverSends(server(), answer("twentytwo"));
        assertThat(told(second)).contains("twentytwo");
    }

    @Test
    void whoeverIsHitByAnothersCancelAsksAgain() {
        bothAsk();
        first.connection.cancel(() -> {});
        stage.settle();
        assertThat(stage.servers).as("a cancel request goes to the server").hasSize(2);
        stage.serverSends(server(), answer("one").writeBytes(error("57014")));
        assertThat(told(first)).contains("one");
        assertThat(told(second)).isEmpty();
        stage.servers.get(1).close(); // delivered
        assertThat(asked()).contains("select 2");
        stage.serverSends(server(), answer("two"));
        assertThat(told(second)).contains("two").doesNotContain("57014");
    }

    @Test
    void whoeverIsHitByTheEndOfTheServerAsksAgain() {
        bothAsk();
        stage.serverSends(server(), "e");
        server().close();
        EmbeddedChannel other = another();
        assertThat(text(other)).contains("select 1").doesNotContain("select 2");
        stage.serverSends(other, answer("one"));
        stage.settle();
        stage.serverSends(other, answer("two"));
        assertThat(told(first)).contains("one").doesNotContain("57P01");
        assertThat(told(second)).contains("two").doesNotContain("57P01");
    }

    @Test
    void whoseStatementMayHaveEndedTheServerIsTold() {
        bothAsk();
        server().close();
        assertThat(told(first)).contains("08006");
        EmbeddedChannel other = another();
        stage.serverSends(other, answer("two"));
        assertThat(told(second)).contains("two");
    }

    @Test
    void whoeverStandsBehindWhatTakesTooLongAsksElsewhere() {
        bothAsk();
        stage.loop.advance(LONG);
        third.gets(query("select 3"));
        assertThat(asked()).as("nobody gets behind it any more").isEmpty();
        stage.serverSends(server(), answer("one").writeBytes(answer("dropped")));
        assertThat(told(first)).contains("one");
        assertThat(asked()).contains("select 2").doesNotContain("select 3");
        stage.serverSends(server(), answer("two"));
        assertThat(asked()).contains("select 3");
        stage.serverSends(server(), answer("three"));
        assertThat(told(second)).contains("two").doesNotContain("dropped");
        assertThat(told(third)).contains("three");
    }
}
