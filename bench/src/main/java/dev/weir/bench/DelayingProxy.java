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
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A proxy on 127.0.0.1 that passes everything on after a fixed time in each direction, as a network between two machines would.
 * With epoll the time is kept to some tens of microseconds; without, timers have milliseconds. If it may, its thread goes before
 * all others: a network does not wait for a processor either.
 */
final class DelayingProxy implements AutoCloseable {
    private final EventLoopGroup loop;
    private final Channel listener;
    private final NetworkDelay delay;
    private final boolean realTime;

    private DelayingProxy(EventLoopGroup loop, Channel listener, NetworkDelay delay, boolean realTime) {
        this.loop = loop;
        this.listener = listener;
        this.delay = delay;
        this.realTime = realTime;
    }

    /** @param oneWay how long everything takes in each direction */
    static DelayingProxy start(int toPort, Duration oneWay) {
        boolean epoll = Epoll.isAvailable();
        EventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        NetworkDelay delay = new NetworkDelay(loop.next(), oneWay.toNanos());
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
                        connect(client, connecting, toPort, delay);
                    }
                })
                .bind(Candidate.address(0))
                .syncUninterruptibly()
                .channel();
        boolean realTime = loop.submit(RealTime::keepTime).syncUninterruptibly().getNow();
        return new DelayingProxy(loop, listener, delay, realTime);
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Whether its thread goes before all others. */
    boolean hasRealTime() {
        return realTime;
    }

    /** How long what passed was kept in one direction since this was last asked, in microseconds. */
    Histogram kept() {
        return loop.submit(delay::kept).syncUninterruptibly().getNow();
    }

    /** The client is read once its server is there. */
    private static void connect(SocketChannel client, Class<? extends Channel> type, int toPort, NetworkDelay delay) {
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
            client.pipeline().addLast(new DelayLine(server, delay));
            server.pipeline().addLast(new DelayLine(client, delay));
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
