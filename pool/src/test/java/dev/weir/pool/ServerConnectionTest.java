package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.tenants.Endpoint;
import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Secret;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Upstream;
import dev.weir.tenants.UpstreamTls;
import dev.weir.testkit.LeakWatch;
import dev.weir.wire.Frames;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakWatch.class)
class ServerConnectionTest {
    private static final Duration CLEANUP_TIMEOUT = Duration.ofSeconds(7);

    /** A client that writes down what it is told, and gives back when it may. */
    private static final class Recorder implements Borrower {
        final WaitingQueue.Place place = new WaitingQueue.Place(this);
        final List<String> told = new ArrayList<>();
        String replies = "";

        @Override
        public void onRideOver(ServerConnection server, long tookNanos) {
            throw new IllegalStateException("does not ride");
        }

        @Override
        public void onRideLost(@Nullable PgError lastWords, boolean running) {
            throw new IllegalStateException("does not ride");
        }

        @Override
        public long id() {
            return 1;
        }

        @Override
        public WaitingQueue.Place place() {
            return place;
        }

        @Override
        public SessionParameters parameters() {
            return SessionParameters.NONE;
        }

        @Override
        public void onLent(ServerConnection server) {
            told.add("lent");
        }

        @Override
        public void onRefused(PgError error) {
            told.add("refused " + error.code());
        }

        @Override
        public void takeReplies(ByteBuf run) {
            replies += run.toString(StandardCharsets.ISO_8859_1);
            run.release();
        }

        @Override
        public boolean repeats(PgError error, ByteBuf buffer, int index, int length) {
            return false;
        }

        @Override
        public boolean takesError(ByteBuf buffer, int index, int length, @Nullable Fate fate) {
            return false;
        }

        @Override
        public void onRepeat() {}

        @Override
        public void onNotification(ByteBuf buffer, int index, int length) {}

        @Override
        public void takeOwnReply(ByteBuf frame) {
            takeReplies(frame);
        }

        @Override
        public void onParameter(String name, String value) {
            told.add("parameter " + name);
        }

        @Override
        public void flushReplies() {
            // nothing is kept
        }

        @Override
        public void onReady(boolean atRest) {
            told.add(atRest ? "rest" : "ready");
        }

        @Override
        public void onServerLost(@Nullable PgError lastWords) {
            told.add("lost");
        }

        @Override
        public void onServerWritabilityChanged(boolean writable) {
            told.add("writable " + writable);
        }

        @Override
        public void onRoom() {
            told.add("room");
        }
    }

    /** One server connection of a pool of one, on a loop whose time stands still. */
    private static final class Stage {
        final EmbeddedChannel channel = new EmbeddedChannel();
        final Lane lane = new Lane(
                0,
                channel.eventLoop(),
                Transport.choose(IoKind.NIO),
                TlsProvider.JDK,
                Runnable::run,
                task -> {},
                new SqlReader(),
                new ConnectionIds(0, 1),
                new LogLimit((_, _) -> {}));
        final Pool pool = new Pool(
                new PoolKey(new TenantId("acme"), "db", "app"),
                lane,
                PoolSettings.of(1, Duration.ofSeconds(5), CLEANUP_TIMEOUT, SessionSettings.DEFAULTS),
                new Upstream(
                        List.of(new Endpoint.Tcp("localhost", 1)),
                        UpstreamTls.DISABLE,
                        Optional.empty(),
                        Duration.ofSeconds(5)),
                new Secret.Password("x"),
                new SecureRandom(),
                null,
                null,
                _ -> {});
        final List<Consumer<Boolean>> cancels = new ArrayList<>();
        final ServerConnection server = new ServerConnection(
                pool,
                lane,
                new OpenedServer(channel, new BackendKey(1, new byte[4]), Map.of()),
                (address, key, limit, done) -> cancels.add(done));
        final Recorder client = new Recorder();

        Stage() {
            channel.freezeTime();
            channel.pipeline().addLast(server);
        }

        Stage lent() {
            server.lend(client.place.lent());
            return this;
        }

        Stage sends(String types) {
            types.chars().forEach(type -> {
                server.onRequest((byte) type);
                ByteBuf out = channel.alloc().buffer();
                Frames.writeEmpty(out, (byte) type);
                server.takeRequest(out);
            });
            server.flushRequests();
            return this;
        }

        Stage gets(String types) {
            types.chars().forEach(type -> arrives(reply((char) type)));
            return this;
        }

        /** Netty takes the handler out of a pipeline whose channel is closed; nothing reaches it then. */
        boolean isListening() {
            return channel.pipeline().context(server) != null;
        }

        void arrives(ByteBuf in) {
            if (!isListening()) {
                in.release();
                return;
            }
            channel.pipeline().fireChannelRead(in);
            channel.pipeline().fireChannelReadComplete();
            channel.runPendingTasks();
        }

        String sent() {
            StringBuilder types = new StringBuilder();
            for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
                while (out.isReadable()) {
                    types.append((char) out.readByte());
                    out.skipBytes(out.getInt(out.readerIndex()));
                }
                out.release();
            }
            return types.toString();
        }

        Class<?> phase() {
            return server.phase().getClass();
        }
    }

    /** The smallest message of a type; {@code z} is a ReadyForQuery within a transaction, {@code e} a FATAL. */
    private static ByteBuf reply(char type) {
        ByteBuf out = Unpooled.buffer();
        switch (type) {
            case 'Z' -> out.writeByte('Z').writeInt(5).writeByte('I');
            case 'z' -> out.writeByte('Z').writeInt(5).writeByte('T');
            case 'E' -> new PgError(Severity.ERROR, "42601", "no", null, null).writeTo(out);
            case 'e' -> new PgError(Severity.FATAL, "57P01", "bye", null, null).writeTo(out);
            default -> out.writeByte(type).writeInt(4);
        }
        return out;
    }

    private static Map<String, Consumer<Stage>> ways() {
        Map<String, Consumer<Stage>> ways = new LinkedHashMap<>();
        ways.put("Idle", s -> {});
        ways.put("Lent", Stage::lent);
        ways.put("Lent, busy", s -> s.lent().sends("Q"));
        ways.put("Lent, in a transaction", s -> s.lent().sends("Q").gets("Cz"));
        ways.put("Lent, open", s -> s.lent().sends("PBE").gets("12C"));
        ways.put("Lent, skipping", s -> s.lent().sends("P").gets("E"));
        ways.put("Lent, copying", s -> s.lent().sends("Q").gets("G"));
        ways.put("Lent, canceling", s -> {
            s.lent().sends("Q");
            s.server.cancel(() -> {});
        });
        ways.put("Draining", s -> {
            s.lent().sends("Q");
            s.server.leave(true, false, false);
        });
        ways.put("Draining, canceled", s -> {
            s.lent().sends("PBE");
            s.server.leave(false, true, false);
        });
        ways.put("Cleaning", s -> {
            s.lent().sends("Q").gets("Cz");
            s.server.leave(true, true, false);
        });
        ways.put("Settling", s -> {
            s.lent().sends("Q");
            s.server.cancel(() -> {});
            s.gets("CZ");
            s.server.giveBack();
        });
        ways.put("Closed", s -> s.server.discard(CloseReason.SHUTDOWN));
        return ways;
    }

    private static Map<String, Consumer<Stage>> events() {
        Map<String, Consumer<Stage>> events = new LinkedHashMap<>();
        for (char type : "RK23CWdcGHDIEeVvnNAtS1sZzTX\0\u00ff".toCharArray()) {
            events.put("message " + type, s -> s.gets(String.valueOf(type)));
        }
        events.put(
                "malformed length",
                s -> s.arrives(Unpooled.buffer().writeByte('D').writeInt(3)));
        events.put(
                "half a message",
                s -> s.arrives(Unpooled.buffer().writeByte('N').writeInt(9)));
        events.put(
                "half a header", s -> s.arrives(Unpooled.buffer().writeByte('Z').writeShort(0)));
        events.put(
                "ReadyForQuery of wrong length",
                s -> s.arrives(Unpooled.buffer().writeByte('Z').writeInt(4)));
        events.put("closed by the server", s -> s.channel.close());
        events.put("failure", s -> s.channel.pipeline().fireExceptionCaught(new IOException("reset")));
        events.put("bug", s -> s.channel.pipeline().fireExceptionCaught(new IllegalStateException("bug")));
        events.put("not writable", s -> s.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false));
        events.put("deadline", s -> {
            s.channel.advanceTimeBy(CLEANUP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            s.channel.runScheduledPendingTasks();
        });
        events.put("cancel delivered", s -> List.copyOf(s.cancels).forEach(done -> done.accept(true)));
        events.put("cancel lost", s -> List.copyOf(s.cancels).forEach(done -> done.accept(false)));
        events.put("retire", s -> s.server.retire(CloseReason.RETIRED));
        events.put("cancel", s -> s.server.cancel(() -> {}));
        return events;
    }

    private static Map<String, Consumer<Stage>> calls() {
        Map<String, Consumer<Stage>> calls = new LinkedHashMap<>();
        calls.put("lend", Stage::lent);
        calls.put("give back", s -> s.server.giveBack());
        calls.put("leave gracefully", s -> s.server.leave(true, false, false));
        calls.put("leave abruptly", s -> s.server.leave(false, true, false));
        calls.put("leave amid a message", s -> s.server.leave(false, false, true));
        return calls;
    }

    @Test
    void bearsEveryEventInEveryPhase() {
        ways().forEach((way, go) -> events().forEach((event, fire) -> events().forEach((second, fireAgain) -> {
            Stage stage = new Stage();
            go.accept(stage);
            String what = way + ", " + event + ", " + second;
            fire(fire, stage);
            fire(fireAgain, stage);
            end(stage, what);
        })));
    }

    @Test
    void refusesOnlyWrongCallsOfOurs() {
        ways().forEach((way, go) -> calls().forEach((call, fire) -> {
            Stage stage = new Stage();
            go.accept(stage);
            boolean lent = way.startsWith("Lent");
            boolean legal = switch (call) {
                case "lend" -> way.equals("Idle");
                case "give back" -> way.equals("Lent");
                default -> lent;
            };
            if (legal) {
                fire.accept(stage);
            } else {
                assertThatThrownBy(() -> fire.accept(stage))
                        .as("%s, %s", way, call)
                        .isInstanceOf(IllegalStateException.class);
            }
            stage.arrives(Unpooled.buffer().writeByte('N').writeInt(9));
            end(stage, way + ", " + call);
        }));
    }

    private static void fire(Consumer<Stage> event, Stage stage) {
        if (stage.isListening()) {
            event.accept(stage);
        }
    }

    private static void end(Stage stage, String what) {
        stage.channel.close();
        stage.channel.checkException();
        assertThat(stage.phase()).as(what).isEqualTo(ServerPhase.Closed.class);
        assertThat(stage.client.told.stream().filter("lost"::equals)).as(what).hasSizeLessThan(2);
        stage.channel.finishAndReleaseAll();
    }

    @Test
    void cleansUpBehindASession() {
        Stage stage = new Stage().lent().sends("Q").gets("Cz");
        stage.server.leave(true, true, false);
        assertThat(stage.sent()).isEqualTo("QQ");
        stage.gets("CZ");
        assertThat(stage.sent()).as("DISCARD ALL behind ROLLBACK").isEqualTo("Q");
        stage.gets("CZ");
        assertThat(stage.phase()).isEqualTo(ServerPhase.Idle.class);
        end(stage, "");
    }

    @Test
    void endsWhatAClientLeftOpen() {
        Stage stage = new Stage().lent().sends("PBE").gets("12G");
        stage.server.leave(true, false, false);
        assertThat(stage.sent()).as("nothing of it is committed").isEqualTo("PBEfPS");
        stage.gets("EZ");
        assertThat(stage.phase()).isEqualTo(ServerPhase.Idle.class);
        end(stage, "");
    }

    /** The rest of a message that was half for one client must not be the next one's beginning. */
    @Test
    void dropsTheRestOfAMessageWhenItsClientLeaves() {
        Stage stage = new Stage().lent();
        stage.arrives(Unpooled.buffer().writeByte('N').writeInt(8).writeByte('x'));
        assertThat(stage.server.isMidReply()).isTrue();
        assertThat(stage.server.isAtRest()).isFalse();
        stage.server.leave(true, false, false);
        Recorder next = new Recorder();
        stage.server.lend(next.place.lent());
        stage.arrives(Unpooled.buffer().writeZero(3));
        assertThat(next.replies).isEmpty();
        stage.arrives(reply('N'));
        assertThat(next.replies).hasSize(5);
        end(stage, "");
    }

    @Test
    void passesOnWhatCameBeforeAViolation() {
        Stage stage = new Stage().lent().sends("Q");
        stage.arrives(Unpooled.wrappedBuffer(reply('e'), reply('1')));
        assertThat(stage.client.replies).contains("57P01");
        end(stage, "");
    }

    /** A cancel that was not delivered in time may still arrive, when somebody else is served. */
    @Test
    void isNotLentAgainWhenACancelWasLost() {
        Stage stage = new Stage().lent().sends("Q");
        stage.server.cancel(() -> {});
        stage.cancels.removeFirst().accept(false);
        stage.gets("CZ");
        stage.server.giveBack();
        assertThat(stage.server.phase()).isEqualTo(new ServerPhase.Closed(CloseReason.UNCERTAIN));
        end(stage, "");
    }

    @Test
    void awaitsACancelBeforeItIsLentAgain() {
        Stage stage = new Stage().lent().sends("Q");
        stage.server.cancel(() -> {});
        stage.gets("CZ");
        stage.server.giveBack();
        assertThat(stage.phase()).isEqualTo(ServerPhase.Settling.class);
        stage.cancels.removeFirst().accept(true);
        assertThat(stage.phase()).isEqualTo(ServerPhase.Idle.class);
        end(stage, "");
    }

    /** Where one more ReadyForQuery may or may not come, waiting for it needs an end. */
    @Test
    void givesUpWhatCannotBeFollowed() {
        Stage stage = new Stage().lent().sends("ESF").gets("GEZ").sends("PBES");
        stage.server.leave(true, false, false);
        stage.gets("VZ12");
        stage.channel.advanceTimeBy(CLEANUP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        stage.channel.runScheduledPendingTasks();
        assertThat(stage.phase()).isEqualTo(ServerPhase.Closed.class);
        end(stage, "");
    }

    /** A reply that was not asked of the server comes behind the one that is under way. */
    @Test
    void putsNothingInAmidAMessage() {
        Stage stage = new Stage().lent().sends("D");
        stage.arrives(Unpooled.buffer().writeByte('T').writeInt(4 + 20).writeZero(10));
        stage.server.putIn((byte) '3', null);
        stage.arrives(Unpooled.buffer().writeZero(10));
        stage.gets("N");
        end(stage, "");
        assertThat(stage.client.replies.indexOf('3')).isGreaterThanOrEqualTo(25);
    }
}
