package dev.weir.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A proxy on 127.0.0.1 that passes everything on after a fixed time in each direction, as a network between two machines would.
 * With epoll the time is kept to some tens of microseconds; without, timers have milliseconds.
 */
final class DelayingProxy implements AutoCloseable {
    private final EventLoopGroup loop;
    private final Channel listener;

    private DelayingProxy(EventLoopGroup loop, Channel listener) {
        this.loop = loop;
        this.listener = listener;
    }

    /** @param oneWay how long everything takes in each direction */
    static DelayingProxy start(int toPort, Duration oneWay) {
        boolean epoll = Epoll.isAvailable();
        EventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        Class<? extends ServerChannel> listening =
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        Class<? extends Channel> connecting = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
        Channel listener = new ServerBootstrap()
                .group(loop)
                .channel(listening)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel client) {
                        connect(client, connecting, toPort, oneWay.toNanos());
                    }
                })
                .bind(Candidate.address(0))
                .syncUninterruptibly()
                .channel();
        loop.submit(DelayingProxy::wakeOnTime).syncUninterruptibly();
        return new DelayingProxy(loop, listener);
    }

    /**
     * Takes away the 50 µs by which Linux may wake a thread late so that it wakes several at once. Source: manual page
     * proc_pid_timerslack_ns(5); the thread's own folder below task has no such file.
     */
    private static void wakeOnTime() {
        try {
            Path thread = Path.of("/proc/thread-self").toRealPath().getFileName();
            Files.writeString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"), "1");
        } catch (IOException e) {
            Bench.say("The proxy's timers are a little late, for their slack can't be set: " + e);
        }
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** The client is read once its server is there. */
    private static void connect(SocketChannel client, Class<? extends Channel> type, int toPort, long delayNanos) {
        ChannelFuture connected = new Bootstrap()
                .group(client.eventLoop())
                .channel(type)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(Candidate.address(toPort));
        Channel server = connected.channel();
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                client.close();
                return;
            }
            client.pipeline().addLast(new DelayLine(server, delayNanos));
            server.pipeline().addLast(new DelayLine(client, delayNanos));
            server.config().setAutoRead(true);
            if (client.isActive()) {
                client.config().setAutoRead(true);
            } else {
                server.close();
            }
        });
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
