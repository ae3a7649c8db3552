package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AcceptorTest {
    private final Stage stage = new Stage(1, 1);

    @AfterEach
    void close() {
        stage.close();
    }

    private EmbeddedChannel listener(EventLoop clients) {
        return new EmbeddedChannel(new Acceptor(stage.gateway, Mode.TRANSACTION, new GreetingLoops(clients, false)));
    }

    @Test
    void pausesWhenAcceptingHasFailed() {
        EmbeddedChannel listener = listener(stage.loop);
        listener.freezeTime();
        listener.pipeline().fireExceptionCaught(new IOException("Too many open files"));
        assertThat(listener.config().isAutoRead()).isFalse();
        listener.advanceTimeBy(999, TimeUnit.MILLISECONDS);
        listener.runScheduledPendingTasks();
        assertThat(listener.config().isAutoRead()).isFalse();
        listener.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        listener.runScheduledPendingTasks();
        assertThat(listener.config().isAutoRead()).isTrue();
    }

    @Test
    void closesAClientThatNoLaneTakes() {
        DefaultEventLoop other = new DefaultEventLoop(); // it knows nothing of sockets
        NioSocketChannel client = new NioSocketChannel();
        listener(other).pipeline().fireChannelRead(client);
        other.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
        assertThat(client.isOpen()).isFalse();
    }
}
