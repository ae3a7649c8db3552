package dev.weir.pool;

import dev.weir.tenants.Endpoint;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Netty's classes for one kind of I/O.
 *
 * @param kind never {@link IoKind#AUTO}
 */
public record Transport(
        IoKind kind,
        IoHandlerFactory ioHandlers,
        ChannelFactory<? extends ServerChannel> listeners,
        ChannelFactory<? extends Channel> sockets,
        ChannelFactory<? extends Channel> unixSockets,
        Function<Endpoint.UnixSocket, SocketAddress> unixAddress) {

    static {
        // Netty 4.2.18 polls sockets with one multishot request, which tells of a change and not of a state. What comes
        // while a read is under way is not told again, so the end of a connection behind its last bytes was missed for
        // good: a client that had vanished kept its transaction. Read by Netty when IoUring is first touched, below.
        String multishot = "io.netty.iouring.pollAddMultishotEnabled";
        if (System.getProperty(multishot) == null) {
            System.setProperty(multishot, "false");
        }
    }

    /**
     * @throws IllegalArgumentException if that kind does not work on this machine; the message says why
     */
    public static Transport choose(IoKind kind) {
        return switch (kind) {
            case AUTO -> Epoll.isAvailable() ? epoll() : nio();
            case IO_URING -> {
                require(kind, IoUring.unavailabilityCause());
                yield ioUring();
            }
            case EPOLL -> {
                require(kind, Epoll.unavailabilityCause());
                yield epoll();
            }
            case NIO -> nio();
        };
    }

    private static void require(IoKind kind, @Nullable Throwable cause) {
        if (cause != null) {
            throw new IllegalArgumentException(kind + " is not available here: " + cause.getMessage(), cause);
        }
    }

    private static Transport ioUring() {
        return new Transport(
                IoKind.IO_URING,
                IoUringIoHandler.newFactory(),
                IoUringServerSocketChannel::new,
                IoUringSocketChannel::new,
                IoUringDomainSocketChannel::new,
                endpoint -> new DomainSocketAddress(endpoint.path()));
    }

    private static Transport epoll() {
        return new Transport(
                IoKind.EPOLL,
                EpollIoHandler.newFactory(),
                EpollServerSocketChannel::new,
                EpollSocketChannel::new,
                EpollDomainSocketChannel::new,
                endpoint -> new DomainSocketAddress(endpoint.path()));
    }

    private static Transport nio() {
        return new Transport(
                IoKind.NIO,
                NioIoHandler.newFactory(),
                NioServerSocketChannel::new,
                NioSocketChannel::new,
                NioDomainSocketChannel::new,
                endpoint -> UnixDomainSocketAddress.of(endpoint.path()));
    }
}
