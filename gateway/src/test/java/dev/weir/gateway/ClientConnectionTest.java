package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.LeakWatch;
import dev.weir.wire.Failure;
import dev.weir.wire.Frontend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakWatch.class)
class ClientConnectionTest {

    /** A client on its stage. */
    private record Scene(Stage stage, Stage.Client client) {
        EmbeddedChannel server() {
            return stage.servers.getFirst();
        }

        Scene serverSends(String types) {
            stage.serverSends(server(), types);
            return this;
        }
    }

    private static Map<String, Consumer<Scene>> ways(Mode mode) {
        Map<String, Consumer<Scene>> ways = new LinkedHashMap<>();
        ways.put("preparing", s -> s.client.arrives());
        ways.put("offered", s -> s.client.offered());
        ways.put("challenged", s -> s.client.challenged());
        ways.put("awaiting welcome", s -> s.client.proven(Stage.PASSWORD));
        ways.put("idle", s -> s.client.loggedIn());
        ways.put("linked", s -> s.client.loggedIn().sends("Q"));
        ways.put("linked in a transaction", s -> {
            s.client.loggedIn().sends("Q");
            s.serverSends("Cz");
        });
        ways.put("linked and copying", s -> {
            s.client.loggedIn().sends("PBES");
            s.serverSends("12G");
        });
        ways.put("linked amid a message", s -> {
            s.client.loggedIn().sends("Q");
            s.client.gets(Unpooled.buffer().writeByte('d').writeInt(100));
        });
        ways.put("linked amid a reply", s -> {
            s.client.loggedIn().sends("Q");
            s.stage.serverSends(s.server(), Unpooled.buffer().writeByte('D').writeInt(100));
        });
        ways.put("waiting", s -> {
            s.client.loggedIn();
            s.stage.client(mode).loggedIn().sends("Q");
            s.client.sends("QX");
        });
        ways.put("riding", s -> {
            taught(s);
            s.client.gets(query("select 1"));
        });
        ways.put("riding behind another", s -> {
            taught(s);
            s.stage.client(mode).loggedIn().gets(query("select 2"));
            s.client.gets(query("select 1"));
        });
        ways.put("riding before another, amid a reply", s -> {
            taught(s);
            s.client.gets(query("select 1"));
            s.stage.client(mode).loggedIn().gets(query("select 2"));
            s.stage.serverSends(s.server(), Unpooled.buffer().writeByte('D').writeInt(100));
        });
        ways.put("closed", s -> {
            s.client.loggedIn();
            s.client.connection.endNow(new Failure.ShuttingDown().toPgError());
        });
        return ways;
    }

    private static ByteBuf query(String sql) {
        ByteBuf out = Unpooled.buffer();
        Frontend.writeQuery(out, sql);
        return out;
    }

    /** Its statement is known to be short, so that it may share a server connection. */
    private static void taught(Scene scene) {
        scene.client.loggedIn();
        for (int i = 0; i < 2; i++) {
            scene.client.gets(query("select 0"));
            scene.serverSends("TCZ");
        }
    }

    private static Map<String, Consumer<Scene>> events() {
        Map<String, Consumer<Scene>> events = new LinkedHashMap<>();
        for (char type : "BCdcfDEHFPpQSX!".toCharArray()) {
            events.put("message " + type, s -> s.client.sends(String.valueOf(type)));
        }
        events.put(
                "malformed length",
                s -> s.client.gets(Unpooled.buffer().writeByte('Q').writeInt(3)));
        events.put(
                "too long", s -> s.client.gets(Unpooled.buffer().writeByte('S').writeInt(20_000)));
        events.put(
                "half a message",
                s -> s.client.gets(Unpooled.buffer().writeByte('Q').writeInt(9)));
        events.put(
                "a large half",
                s -> s.client.gets(Unpooled.buffer().writeByte('Q').writeInt(90_000)));
        events.put("half a header", s -> s.client.gets(Unpooled.buffer().writeByte('Q')));
        events.put("closed", s -> s.client.channel.close());
        events.put("failure", s -> s.client.channel.pipeline().fireExceptionCaught(new IOException("reset")));
        events.put("bug", s -> s.client.channel.pipeline().fireExceptionCaught(new IllegalStateException("bug")));
        events.put(
                "not writable", s -> s.client.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false));
        events.put("time", s -> s.stage.loop.advance(Stage.LOGIN_TIMEOUT));
        events.put("end soon", s -> s.client.connection.endSoon(new Failure.ShuttingDown().toPgError()));
        events.put("end now", s -> s.client.connection.endNow(new Failure.ShuttingDown().toPgError()));
        events.put("cancel", s -> s.client.connection.cancel(() -> {}));
        events.put("server closes", s -> {
            if (!s.stage.servers.isEmpty()) {
                s.server().close();
            }
        });
        events.put("server welcomes", s -> {
            if (s.stage.servers.size() == 1 && s.server().isActive()) {
                s.stage.serverSends(s.server(), "");
                s.serverSends("Z");
            }
        });
        for (String replies : new String[] {"CZ", "Cz", "E", "EZ", "eZ", "1", "G", "X"}) {
            events.put("server sends " + replies, s -> {
                if (!s.stage.servers.isEmpty() && s.server().isActive()) {
                    s.serverSends(replies);
                }
            });
        }
        return events;
    }

    @Test
    void bearsEveryEventInEveryPhase() {
        for (Mode mode : Mode.values()) {
            ways(mode)
                    .forEach((way, go) -> events().forEach((event, fire) -> {
                        try (Stage stage = new Stage(1, 10)) {
                            Scene scene = new Scene(stage, stage.client(mode));
                            go.accept(scene);
                            if (scene.client.isListening()) {
                                fire.accept(scene);
                            }
                            stage.settle();
                            if (scene.client.isListening()) {
                                scene.client.sends("QS");
                            }
                            stage.clients.forEach(client -> client.channel.close());
                            stage.loop.advance(Stage.QUEUE_TIMEOUT); // of one whose last requests still wait
                            stage.settle();
                            assertThat(stage.home().residents())
                                    .as("%s %s, %s", mode, way, event)
                                    .isZero();
                        } catch (RuntimeException escaped) {
                            throw new AssertionError(mode + " " + way + ", " + event, escaped);
                        }
                    }));
        }
    }

    @Test
    void lendsForATransactionOnly() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client one = stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            Stage.Client two = stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            assertThat(Stage.sent(server)).isEqualTo("Q");
            stage.serverSends(server, "Cz");
            assertThat(one.got()).isEqualTo("CZ");
            assertThat(Stage.sent(server)).isEmpty();
            one.sends("Q");
            stage.serverSends(server, "CZ");
            assertThat(Stage.sent(server)).as("his second and her first").isEqualTo("QQ");
            stage.serverSends(server, "CZ");
            assertThat(one.got() + " " + two.got()).isEqualTo("CZ CZ");
        }
    }

    /** The server's buffer is full of COPY data whose COPY has failed: nobody would ever have read this client again. */
    @Test
    void readsOnWhenItGivesBackAServerThatWasNotWritable() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client client = stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            EmbeddedChannel server = stage.servers.getFirst();
            stage.serverSends(server, "G");
            client.sends("dd");
            server.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
            stage.settle();
            assertThat(client.channel.config().isAutoRead()).isFalse();
            stage.serverSends(server, "EZ");
            assertThat(client.channel.config().isAutoRead()).isTrue();
        }
    }

    /** An error put behind half a row would be read as the rest of the row. */
    @Test
    void putsNothingBehindHalfAReply() {
        for (Consumer<Scene> end : List.<Consumer<Scene>>of(
                s -> s.server().close(),
                s -> s.client.connection.endNow(new Failure.ShuttingDown().toPgError()),
                s -> s.client.sends("!"))) {
            try (Stage stage = new Stage(1, 10)) {
                Scene scene = new Scene(
                        stage, stage.client(Mode.TRANSACTION).loggedIn().sends("Q"));
                stage.serverSends(
                        scene.server(),
                        Unpooled.buffer().writeByte('D').writeInt(8).writeByte(1));
                end.accept(scene);
                stage.settle();
                ByteBuf got = Unpooled.buffer();
                for (ByteBuf out = scene.client.channel.readOutbound();
                        out != null;
                        out = scene.client.channel.readOutbound()) {
                    got.writeBytes(out);
                    out.release();
                }
                assertThat(got.readableBytes()).as("what it got of the row").isEqualTo(6);
                assertThat(scene.client.channel.isOpen()).isFalse();
            }
        }
    }

    /** Bytes that come while others are held back. */
    @Test
    void keepsWhatComesWhileItWaits() {
        try (Stage stage = new Stage(1, 10)) {
            Stage.Client one = stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            Stage.Client two = stage.client(Mode.TRANSACTION).loggedIn().sends("QQPBES");
            EmbeddedChannel server = stage.servers.getFirst();
            assertThat(Stage.sent(server)).isEqualTo("Q");
            stage.serverSends(server, "CZ");
            assertThat(Stage.sent(server)).isEqualTo("QQPBES");
            stage.serverSends(server, "CZCZ12CZ");
            assertThat(one.got() + " " + two.got()).isEqualTo("CZ CZCZ12CZ");
        }
    }

    /** Postgres would have read them before it found the connection closed. */
    @Test
    void carriesOutWhatStandsBeforeATerminateThoughTheClientHasGone() {
        for (Mode mode : Mode.values()) {
            try (Stage stage = new Stage(1, 10)) {
                Stage.Client one = stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
                Stage.Client two = stage.client(mode).loggedIn().sends("QPBESX");
                two.channel.close();
                stage.settle();
                EmbeddedChannel server = stage.servers.getFirst();
                assertThat(Stage.sent(server)).isEqualTo("Q");
                stage.serverSends(server, "CZ");
                assertThat(Stage.sent(server)).isEqualTo("QPBES");
                stage.serverSends(server, "CZ12CZ");
                assertThat(stage.home().residents()).isEqualTo(1);
                one.channel.close();
            }
        }
    }

    @Test
    void dropsWhatWaitsOfAClientThatHasGoneWithoutAWord() {
        for (String sent : List.of("Q", "QS")) {
            try (Stage stage = new Stage(1, 10)) {
                stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
                Stage.Client two = stage.client(Mode.TRANSACTION).loggedIn().sends(sent);
                two.channel.close();
                stage.settle();
                assertThat(stage.home().residents()).isEqualTo(1);
                Stage.sent(stage.servers.getFirst());
                stage.serverSends(stage.servers.getFirst(), "CZ");
                assertThat(Stage.sent(stage.servers.getFirst())).isEmpty();
            }
        }
    }

    @Test
    void refusesWhatHasWaitedTooLong() {
        try (Stage stage = new Stage(1, 10)) {
            stage.client(Mode.TRANSACTION).loggedIn().sends("Q");
            Stage.Client two = stage.client(Mode.TRANSACTION).loggedIn().sends("PBESQQ");
            stage.loop.advance(Stage.QUEUE_TIMEOUT);
            assertThat(two.got()).as("to the first exchange").isEqualTo("EZ");
            stage.loop.advance(Stage.QUEUE_TIMEOUT);
            stage.loop.advance(Stage.QUEUE_TIMEOUT);
            assertThat(two.got()).isEqualTo("EZEZ");
        }
    }
}
