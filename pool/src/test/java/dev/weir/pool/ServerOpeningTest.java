package dev.weir.pool;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Secret;
import dev.weir.testkit.LeakWatch;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakWatch.class)
class ServerOpeningTest {

    /** An opening over an embedded channel, and what came of it. */
    private static final class Stage implements ServerOpening.Outcome {
        final EmbeddedChannel channel = new EmbeddedChannel();
        final List<OpenFailure> failures = new ArrayList<>();
        final List<OpenedServer> opened = new ArrayList<>();
        final ByteBuf behind = Unpooled.buffer();
        final ServerOpening opening;

        Stage() {
            Lane lane = new Lane(
                    0,
                    channel.eventLoop(),
                    Transport.choose(IoKind.NIO),
                    TlsProvider.JDK,
                    Runnable::run,
                    Runnable::run,
                    new SqlReader(),
                    new ConnectionIds(0, 1),
                    new LogLimit((_, _) -> {}));
            opening = new ServerOpening(
                    lane,
                    new UpstreamLogin("app", "db", new Secret.Password("secret")),
                    new Address(new InetSocketAddress(0), "", 0),
                    null,
                    new SecureRandom(),
                    this);
        }

        Stage started() {
            channel.pipeline().addLast(opening);
            channel.pipeline().fireChannelActive();
            return this;
        }

        @Override
        public void onOpened(OpenedServer server, ServerOpening handler) {
            opened.add(server);
            channel.pipeline().replace(handler, "server", new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    behind.writeBytes((ByteBuf) message);
                    ((ByteBuf) message).release();
                }
            });
        }

        @Override
        public void onFailed(OpenFailure failure) {
            failures.add(failure);
        }
    }

    private static ByteBuf auth(int code, int... data) {
        ByteBuf out = Unpooled.buffer();
        byte[] bytes = new byte[data.length];
        for (int i = 0; i < data.length; i++) {
            bytes[i] = (byte) data[i];
        }
        Backend.writeAuthentication(out, code, bytes);
        return out;
    }

    private static ByteBuf welcome() {
        ByteBuf out = auth(0);
        Backend.writeParameterStatus(out, "server_version", "18");
        Backend.writeBackendKeyData(out, 7, new byte[] {1, 2, 3, 4});
        Backend.writeReadyForQuery(out, Backend.IDLE);
        return out;
    }

    @Test
    void opensWhereverTheWelcomeIsCut() {
        byte[] tail = {'N', 0, 0, 0, 4, 'N', 0, 0};
        for (int tailLength : new int[] {0, 3, 5, 8}) {
            byte[] stream = ByteBufUtil.getBytes(
                    Unpooled.wrappedBuffer(welcome(), Unpooled.wrappedBuffer(tail, 0, tailLength)));
            for (int offset = 0; offset <= stream.length; offset++) {
                Stage stage = new Stage().started();
                stage.channel.writeInbound(Unpooled.copiedBuffer(stream, 0, offset));
                stage.channel.writeInbound(Unpooled.copiedBuffer(stream, offset, stream.length - offset));
                stage.channel.checkException();
                assertThat(stage.opened).as("cut at %s", offset).hasSize(1);
                assertThat(stage.opened.getFirst().parameters()).containsExactly(Map.entry("server_version", "18"));
                assertThat(ByteBufUtil.getBytes(stage.behind))
                        .as("behind the welcome, cut at %s", offset)
                        .isEqualTo(Arrays.copyOf(tail, tailLength));
                stage.channel.finishAndReleaseAll();
                assertThat(stage.failures).isEmpty();
            }
        }
    }

    /** A server slot would be taken until the server's own patience ends. */
    @Test
    void closesAConnectionThatComesAboutTooLate() {
        Stage stage = new Stage();
        stage.opening.abandon(new Failure.ServerUnreachable("too late"));
        stage.started();
        assertThat(stage.channel.isOpen()).isFalse();
        assertThat(stage.failures).hasSize(1);
        stage.channel.finishAndReleaseAll();
    }

    private static Map<String, Consumer<EmbeddedChannel>> events() {
        Map<String, Consumer<EmbeddedChannel>> events = new LinkedHashMap<>();
        for (int code : new int[] {0, 2, 3, 5, 7, 10, 11, 12, 99, -1}) {
            events.put("authentication " + code, channel -> channel.writeInbound(auth(code, 1, 2, 3, 4)));
        }
        events.put(
                "SCRAM",
                channel -> channel.writeInbound(Unpooled.wrappedBuffer(
                        auth(10, "SCRAM-SHA-256\0\0".chars().toArray()))));
        for (char type : "RKNSZEvDT1\0".toCharArray()) {
            events.put(
                    "empty " + type,
                    channel -> channel.writeInbound(
                            Unpooled.buffer().writeByte(type).writeInt(4)));
        }
        events.put("welcome", channel -> channel.writeInbound(welcome()));
        events.put(
                "too long",
                channel -> channel.writeInbound(Unpooled.buffer().writeByte('S').writeInt(1 << 20)));
        events.put(
                "malformed length",
                channel -> channel.writeInbound(Unpooled.buffer().writeByte('S').writeInt(0)));
        events.put(
                "half a message",
                channel -> channel.writeInbound(Unpooled.buffer().writeByte('S').writeInt(9)));
        events.put("error", channel -> {
            ByteBuf out = Unpooled.buffer();
            new PgError(Severity.FATAL, "53300", "full", null, null).writeTo(out);
            channel.writeInbound(out);
        });
        events.put(
                "parameter without an end",
                channel -> channel.writeInbound(Unpooled.buffer()
                        .writeByte('S')
                        .writeInt(6)
                        .writeByte('a')
                        .writeByte(0)));
        events.put("closed", EmbeddedChannel::close);
        events.put("failure", channel -> channel.pipeline().fireExceptionCaught(new IOException("reset")));
        events.put("bug", channel -> channel.pipeline().fireExceptionCaught(new IllegalStateException("bug")));
        return events;
    }

    @Test
    void bearsEventsInAnyOrderAndTellsOneOutcome() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        Random random = new Random(seed);
        List<String> names = List.copyOf(events().keySet());
        for (int round = 0; round < 3_000; round++) {
            Stage stage = new Stage().started();
            List<String> story = new ArrayList<>();
            for (int i = 0; i < 4 && stage.channel.isOpen() && stage.opened.isEmpty(); i++) {
                String name = names.get((i == 0 ? round : random.nextInt(names.size())) % names.size());
                story.add(name);
                requireNonNull(events().get(name)).accept(stage.channel);
            }
            stage.channel.close();
            stage.channel.checkException();
            assertThat(stage.opened.size() + stage.failures.size())
                    .as("outcomes of %s, seed %s", story, seed)
                    .isEqualTo(1);
            stage.channel.finishAndReleaseAll();
        }
    }
}
