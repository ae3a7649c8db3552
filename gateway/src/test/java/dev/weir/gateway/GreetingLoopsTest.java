package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ManualLoop;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GreetingLoopsTest {
    private final Stage stage = new Stage(1, 1);
    private final EventLoop home = new ManualLoop();
    private final EventLoopGroup all = new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
    private final GreetingLoops loops = new GreetingLoops(all, false);

    @AfterEach
    void close() {
        all.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
        stage.close();
    }

    @Test
    void greetsTheNextWhereTheLastWent() {
        assertThat(loops.next()).isNotEqualTo(home);
        loops.onHome(home);
        assertThat(loops.next()).isEqualTo(home);
    }

    @Test
    void dealsAllWhoMayWantTls() {
        GreetingLoops dealing = new GreetingLoops(all, true);
        dealing.onHome(home);
        Set<EventLoop> seen = new HashSet<>(List.of(dealing.next(), dealing.next()));
        assertThat(seen).hasSize(2).doesNotContain(home);
    }

    @Test
    void dealsAFloodOfSilentClientsOverAllLanes() {
        loops.onHome(home);
        List<EmbeddedChannel> silent = flood();
        Set<EventLoop> seen = new HashSet<>(List.of(loops.next(), loops.next()));
        assertThat(seen).hasSize(2).doesNotContain(home);
        loops.onOver();
        loops.onOver();

        silent.removeLast().close();
        assertRoomForOne("gone");
        silent.removeLast().pipeline().replace("client", "client", new ChannelInboundHandlerAdapter());
        assertRoomForOne("at home");
        silent.removeLast().writeInbound(Unpooled.copiedBuffer("GET / HTTP/1.1", StandardCharsets.US_ASCII));
        assertRoomForOne("answered");
        silent.removeLast().writeInbound(Unpooled.wrappedBuffer(new byte[8]));
        assertRoomForOne("refused");
        silent.forEach(EmbeddedChannel::close);
    }

    @Test
    void forgetsAClientThatNoLaneTakes() {
        DefaultEventLoop other = new DefaultEventLoop(); // it knows nothing of sockets
        loops.onHome(other);
        NioSocketChannel client = new NioSocketChannel();
        listener().pipeline().fireChannelRead(client);
        other.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
        loops.onHome(home);
        List<EmbeddedChannel> silent = flood();
        assertThat(loops.next()).isNotEqualTo(home);
        silent.forEach(EmbeddedChannel::close);
    }

    /** As many as are greeted in one place, none of whom says anything. */
    private List<EmbeddedChannel> flood() {
        EmbeddedChannel listener = listener();
        List<EmbeddedChannel> silent = new ArrayList<>();
        for (int i = 0; i < GreetingLoops.TOGETHER; i++) {
            assertRoomForOne("client " + i);
            EmbeddedChannel client = new EmbeddedChannel(false, false);
            listener.pipeline().fireChannelRead(client);
            silent.add(client);
        }
        return silent;
    }

    private EmbeddedChannel listener() {
        return new EmbeddedChannel(new Acceptor(stage.gateway, Mode.TRANSACTION, loops));
    }

    private void assertRoomForOne(String why) {
        assertThat(loops.next()).as(why).isEqualTo(home);
        loops.onOver();
    }
}
