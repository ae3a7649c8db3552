package dev.weir.gateway;

import dev.weir.gateway.console.Console;
import dev.weir.pool.Address;
import dev.weir.pool.Assignment;
import dev.weir.pool.IoKind;
import dev.weir.pool.Lane;
import dev.weir.pool.Lanes;
import dev.weir.pool.LogLimit;
import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** The listeners, and the way of every client from them to its tenant's lane. Safe for all threads. */
public final class Gateway implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);

    private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(2);
    private static final Duration SHUTDOWN_CHECK = Duration.ofMillis(20);

    private final Lanes lanes;
    private final GatewaySettings settings;
    private final Console console;
    private final CancelKeys cancelKeys;
    private final Verifiers verifiers;
    private final List<Channel> listeners = new ArrayList<>();
    private final ScheduledExecutorService housekeeping;
    private volatile LogSettings logSettings;

    /** io_uring has asked for the next bytes before they are there, and would get them where nobody waits for them. */
    private final boolean stopsReading;

    private final GreetingLoops greetingLoops;

    public Gateway(Lanes lanes, GatewaySettings settings, LogSettings logSettings, Console console) {
        this.lanes = lanes;
        this.settings = settings;
        this.logSettings = logSettings;
        this.console = console;
        this.cancelKeys = new CancelKeys(lanes.random());
        this.verifiers = new Verifiers(lanes.random());
        this.housekeeping = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform().name("housekeeping").daemon().factory(),
                new ThreadPoolExecutor.DiscardPolicy()); // what is asked of it after the end is not needed
        this.greetingLoops = new GreetingLoops(lanes.group(), settings.tls().isPresent());
        this.stopsReading = lanes.transport().kind() != IoKind.EPOLL;
        settings.tls()
                .ifPresent(tls -> housekeeping.scheduleWithFixedDelay(
                        tls::refresh,
                        CERTIFICATE_CHECK.toMillis(),
                        CERTIFICATE_CHECK.toMillis(),
                        TimeUnit.MILLISECONDS));
        housekeeping.scheduleAtFixedRate(
                console::onPeriod,
                settings.statsPeriod().toMillis(),
                settings.statsPeriod().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** From now on the log says this of clients, of those that are there too. */
    public void setLog(LogSettings changed) {
        logSettings = changed;
    }

    /** Whether the log has a line for each client that comes, and for each that leaves by itself. */
    boolean logsConnections() {
        return logSettings.connections();
    }

    /** How long a wait for a server connection is worth a line in the log; never, as the largest number. */
    long slowCheckoutNanos() {
        return logSettings.slowCheckoutNanos();
    }

    /** The same for a statement. */
    long slowQueryNanos() {
        return logSettings.slowQueryNanos();
    }

    /** Whether the log is to have this line, or has had enough of its kind. */
    boolean admits(Level level, String message, String tenant, String reason) {
        return lanes.logLimit().admits(new LogLimit.Kind(level, message, tenant, reason));
    }

    /** Whether reading is to stop before a channel goes to another lane, or closes behind a write. */
    boolean stopsReading() {
        return stopsReading;
    }

    Lanes lanes() {
        return lanes;
    }

    GatewaySettings settings() {
        return settings;
    }

    Console console() {
        return console;
    }

    CancelKeys cancelKeys() {
        return cancelKeys;
    }

    Verifiers verifiers() {
        return verifiers;
    }

    /**
     * Begins to accept clients.
     *
     * @param host an address to listen on; {@code ::} takes IPv4 and IPv6
     * @param port 0 takes any free one
     * @return the port
     * @throws IOException if it can't be listened on
     */
    public int listen(Mode mode, String host, int port) throws IOException {
        ServerChannel listener = lanes.transport().listeners().newChannel();
        listener.config().setOption(ChannelOption.SO_BACKLOG, settings.backlog());
        listener.config().setOption(ChannelOption.SO_REUSEADDR, true);
        listener.pipeline().addLast(new Acceptor(this, mode, greetingLoops));
        bind(listener, new InetSocketAddress(host, port));
        synchronized (listeners) {
            listeners.add(listener);
        }
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    private void bind(Channel listener, InetSocketAddress address) throws IOException {
        ChannelFuture done = lanes.group().register(listener).awaitUninterruptibly();
        if (done.isSuccess()) {
            done = listener.bind(address).awaitUninterruptibly();
        }
        if (!done.isSuccess()) {
            listener.unsafe().closeForcibly();
            throw new IOException(done.cause().getMessage(), done.cause());
        }
    }

    /**
     * Takes a client to its tenant's lane, or one of them. It waits for our answer, so nothing of it is in flight. io_uring
     * wants care: with it reading stops first, the old registration is ended in a later task of the old loop, and the new one begins in one
     * later still, when the old loop has let go of the channel altogether. What was read meanwhile waits in the greeting.
     */
    void moveIn(Channel channel, Greeting greeting, Arrival arrival) {
        Lane home = arrival.name()
                .tenant()
                .map(tenant -> assign(channel, tenant, arrival.name().user()))
                .orElseGet(() -> lanes.of(channel.eventLoop()));
        EventLoop old = channel.eventLoop();
        greetingLoops.onHome(home.loop());
        if (old == home.loop()) {
            arrive(channel, greeting, home, arrival);
            return;
        }
        if (stopsReading) {
            channel.config().setAutoRead(false);
        }
        old.execute(() -> channel.deregister()
                .addListener(left ->
                        old.execute(() -> home.loop().register(channel).addListener(arrived -> {
                            if (arrived.isSuccess()) {
                                arrive(channel, greeting, home, arrival);
                            } else {
                                channel.close();
                            }
                        }))));
    }

    private Lane assign(Channel channel, TenantId tenant, String user) {
        Assignment assignment = lanes.assign(tenant, user);
        channel.closeFuture().addListener(_ -> assignment.end());
        return assignment.lane();
    }

    private void arrive(Channel channel, Greeting greeting, Lane home, Arrival arrival) {
        if (!channel.isActive()) {
            return; // the greeting has seen to it
        }
        ByteBuf rest = greeting.takeReceived();
        if (arrival.consoleUser().isPresent()) {
            ConsoleConnection client = new ConsoleConnection(this, home, channel, arrival);
            channel.pipeline().replace(greeting, "client", client);
            client.begin(rest);
            return;
        }
        ClientConnection client = new ClientConnection(this, home, channel, arrival);
        channel.pipeline().replace(greeting, "client", client);
        client.begin(rest);
    }

    /** Passwords may have changed: what was derived from them is derived anew. */
    public void forgetVerifiers() {
        verifiers.clear();
    }

    /** Whether new clients are accepted. */
    public boolean isListening() {
        synchronized (listeners) {
            return !listeners.isEmpty() && !console.isDraining();
        }
    }

    /** Closes the listeners: nobody new is accepted. */
    public void stopListening() {
        List<Channel> open;
        synchronized (listeners) {
            open = List.copyOf(listeners);
            listeners.clear();
        }
        for (Channel listener : open) {
            listener.close().awaitUninterruptibly();
        }
    }

    /**
     * Stops: nobody new, then everyone without a transaction ends with 57P01, the others when theirs does, and when the
     * grace period is over whoever is left. Blocks.
     */
    public void shutDown(Duration grace) {
        stopListening();
        long deadline = System.nanoTime() + grace.toNanos();
        int left;
        do {
            // Again and again, since a client may have been logging in when it was said first.
            lanes.endSoon();
            left = lanes.residents();
            if (left > 0) {
                pause();
            }
        } while (left > 0 && System.nanoTime() < deadline);
        console.endNow(new Failure.ShuttingDown().toPgError());
        log.atInfo().setMessage("clients ended").addKeyValue("cut", left).log();
    }

    private static void pause() {
        try {
            Thread.sleep(SHUTDOWN_CHECK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stopListening();
        housekeeping.shutdownNow();
        settings.tls().ifPresent(ClientTls::close);
    }

    LoggingEventBuilder event(LoggingEventBuilder builder, String message, Channel channel) {
        return builder.setMessage(message).addKeyValue("client", Address.text(channel.remoteAddress()));
    }
}
