package dev.weir.pool;

import dev.weir.tenants.Upstream;
import dev.weir.tenants.UpstreamTls;
import dev.weir.wire.Failure;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.FileNotFoundException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens connections to one upstream as one user: resolves its names, tries its addresses in turn, each with its share of
 * the time that is left, and logs in. Confined to its lane, but for what blocks.
 */
final class ServerOpener implements CancelSender {
    private static final Logger log = LoggerFactory.getLogger(ServerOpener.class);

    private final Lane lane;
    private final Upstream upstream;
    private final UpstreamLogin login;
    private final SecureRandom random;

    /**
     * Made at the first opening, and anew when its file has changed; null until then, and always if TLS is disabled. This
     * has a reference to it until it is closed.
     */
    private @Nullable ServerTls tls;

    /** The JDK's has taken the place of one that the server did not come to terms with. */
    private boolean fallenBack;

    private boolean closed;

    ServerOpener(Lane lane, Upstream upstream, UpstreamLogin login, SecureRandom random) {
        this.lane = lane;
        this.upstream = upstream;
        this.login = login;
        this.random = random;
    }

    /** Begins to open a connection; the outcome is told on the lane, once. */
    void open(ServerOpening.Outcome outcome) {
        lane.assertInLane();
        new Attempt(outcome).prepare();
    }

    /** No more will be opened; what has begun goes on, and what is open can still be cancelled. */
    void close() {
        lane.assertInLane();
        if (!closed && tls != null) {
            tls.release();
        }
        closed = true;
    }

    /** TLS as it is to be now; null if that is what is known. Blocks; the caller has a reference. */
    private @Nullable ServerTls newerThan(@Nullable ServerTls known, TlsProvider provider) throws SSLException {
        if (upstream.tls() == UpstreamTls.DISABLE) {
            return null;
        }
        if (known == null) {
            return ServerTls.of(upstream, provider);
        }
        try {
            return known.isOutdated() ? ServerTls.of(upstream, provider) : null;
        } catch (SSLException unusable) {
            log.atWarn()
                    .setMessage("the changed file of authorities can't be used, the old one stays")
                    .addKeyValue("authorities", upstream.authorities().orElseThrow())
                    .addKeyValue("reason", unusable.getMessage())
                    .log();
            return null;
        }
    }

    /** @param newer the caller's reference to it is from now on this one's */
    private void adopt(ServerTls newer) {
        ServerTls old = tls;
        tls = newer;
        if (old != null && !closed) {
            old.release();
        }
    }

    /** Servers have kinds of keys that the native library does not know, and the JDK does. */
    private void fallBack(ServerTls vain, OpenFailure why) {
        if (tls != vain) {
            return; // as another attempt has done before
        }
        log.atInfo()
                .setMessage("the native TLS library and the server do not come to terms, the JDK's TLS is tried")
                .addKeyValue("host", upstream.endpoints().getFirst())
                .addKeyValue("reason", why.error().message())
                .log();
        fallenBack = true;
        tls = null;
        if (!closed) {
            vain.release();
        }
    }

    private void configure(Channel channel) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress)) {
            return;
        }
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
    }

    /** One walk through the addresses. */
    private final class Attempt implements ServerOpening.Outcome {
        private final ServerOpening.Outcome outcome;
        private List<Address> addresses = List.of();

        /** By the lane's clock, from the first attempt to connect: names take their time, and a busy machine its own. */
        private long deadline;

        private boolean begun;

        /** This has a reference to it until it ends; null without TLS. */
        private @Nullable ServerTls encryption;

        private int next;
        private OpenFailure failure = OpenFailure.passing(new Failure.ServerUnreachable("no address"));
        private @Nullable ScheduledFuture<?> timer;

        Attempt(ServerOpening.Outcome outcome) {
            this.outcome = outcome;
        }

        void prepare() {
            ServerTls known = tls;
            boolean byJdk = fallenBack;
            lane.blocking().execute(() -> {
                try {
                    List<Address> found = Address.resolve(upstream.endpoints(), lane.transport());
                    TlsProvider provider = byJdk ? TlsProvider.JDK : lane.tls().choose();
                    ServerTls newer = newerThan(known, provider);
                    lane.loop().execute(() -> begin(found, newer));
                } catch (UnknownHostException e) {
                    giveUp(OpenFailure.passing(
                            new Failure.ServerUnreachable("unknown host " + ServerOpening.reason(e))));
                } catch (SSLException e) {
                    giveUp(OpenFailure.lasting(new Failure.ServerTlsFailed(ServerTls.reason(e))));
                } catch (RuntimeException unexpected) {
                    // Untold, it would count as being opened for good, and the pool be one smaller.
                    giveUp(OpenFailure.lasting(new Failure.ServerUnreachable(ServerOpening.reason(unexpected))));
                }
            });
        }

        private void begin(List<Address> found, @Nullable ServerTls newer) {
            addresses = found;
            if (newer != null) {
                adopt(newer);
            }
            encryption = tls;
            if (encryption != null && !encryption.retain()) {
                encryption = null;
                outcome.onFailed(OpenFailure.passing(new Failure.ServerUnreachable("the pool has closed")));
                return;
            }
            if (newer != null && closed) {
                newer.release();
            }
            if (!begun) {
                begun = true;
                deadline = lane.now() + upstream.connectTimeout().toNanos();
            }
            tryNext();
        }

        private void end() {
            if (encryption != null) {
                encryption.release();
                encryption = null;
            }
        }

        private void giveUp(OpenFailure why) {
            lane.loop().execute(() -> outcome.onFailed(why));
        }

        private void tryNext() {
            long left = deadline - lane.now();
            if (next == addresses.size() || left <= 0) {
                end();
                outcome.onFailed(failure);
                return;
            }
            Address address = addresses.get(next);
            long share = left / (addresses.size() - next);
            next++;
            ServerOpening opening = new ServerOpening(lane, login, address, encryption, random, this);
            timer = lane.schedule(
                    Duration.ofNanos(share),
                    () -> opening.abandon(new Failure.ServerUnreachable("no answer from " + text(address) + " within "
                            + Duration.ofNanos(share).toMillis() + " ms")));
            connect(address.socket(), address.isUnixSocket(), opening).addListener((ChannelFuture done) -> {
                if (!done.isSuccess()) {
                    opening.abandon(new Failure.ServerUnreachable(text(address) + ": " + whyNot(done.cause())));
                } else {
                    configure(done.channel());
                }
            });
        }

        @Override
        public void onOpened(OpenedServer opened, ServerOpening handler) {
            disarm();
            end();
            outcome.onOpened(opened, handler);
        }

        @Override
        public void onFailed(OpenFailure why) {
            disarm();
            failure = why;
            if (why.passing()) {
                tryNext();
            } else if (encryption != null && encryption.isBeyondIt() && lane.tls() == TlsProvider.AUTO) {
                fallBack(encryption, why);
                end();
                next = 0;
                prepare();
            } else {
                end();
                outcome.onFailed(why);
            }
        }

        private void disarm() {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }
    }

    private ChannelFuture connect(SocketAddress address, boolean unixSocket, ChannelHandler handler) {
        Transport transport = lane.transport();
        return new Bootstrap()
                .group(lane.loop())
                .disableResolver() // addresses are resolved before, where it may block
                .channelFactory(unixSocket ? transport.unixSockets() : transport.sockets())
                .option(ChannelOption.ALLOCATOR, lane.allocator())
                .handler(handler)
                .connect(address);
    }

    private static String whyNot(Throwable cause) {
        return cause instanceof FileNotFoundException ? "no such socket" : ServerOpening.reason(cause);
    }

    private static String text(Address address) {
        return address.socket().toString();
    }

    @Override
    public void send(SocketAddress server, BackendKey key, Duration limit, Consumer<Boolean> done) {
        boolean unixSocket = !(server instanceof InetSocketAddress);
        String host = server instanceof InetSocketAddress tcp ? tcp.getHostString() : "";
        int port = server instanceof InetSocketAddress tcp ? tcp.getPort() : 0;
        ServerTls encryption = unixSocket ? null : tls;
        if (encryption != null && !encryption.retain()) {
            lane.loop()
                    .execute(
                            () -> done.accept(false)); // the connection that this is for has closed, as have all others
            return;
        }
        CancelConnection connection = new CancelConnection(
                key, encryption == null ? null : channel -> encryption.newHandler(channel.alloc(), host, port), done);
        ScheduledFuture<?> timer = lane.schedule(limit, connection::abandon);
        ChannelFuture connecting = connect(server, unixSocket, connection);
        connecting.addListener((ChannelFuture connected) -> {
            if (!connected.isSuccess()) {
                connection.abandon();
            }
        });
        connecting.channel().closeFuture().addListener(over -> {
            timer.cancel(false);
            if (encryption != null) {
                encryption.release();
            }
        });
    }
}
