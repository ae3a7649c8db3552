package dev.weir.gateway;

import dev.weir.gateway.console.ConsoleAccess;
import dev.weir.gateway.console.ConsoleClient;
import dev.weir.gateway.console.ConsoleSession;
import dev.weir.pool.Lane;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.FrameHandler;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client of the console: it logs in like every other, then it has a {@link ConsoleSession}. Confined to its lane. */
final class ConsoleConnection extends ChannelInboundHandlerAdapter
        implements FrameHandler, LoginOwner, CancelKeys.Target, ConsoleSession.Connection {
    private static final Logger log = LoggerFactory.getLogger(ConsoleConnection.class);

    private static final int BUFFER_BYTES = 512;

    private final Gateway gateway;
    private final Lane lane;
    private final Channel channel;
    private final Arrival arrival;
    private final CancelKeys.CancelKey cancelKey;
    private final long connectedMillis = System.currentTimeMillis();
    private final FrameScanner scanner = new FrameScanner(this);
    private final HeldInput held;
    private final Login login;

    /** Null before it has logged in, and when it has gone. */
    private @Nullable ConsoleSession session;

    private boolean scanning;
    private boolean ended;

    ConsoleConnection(Gateway gateway, Lane lane, Channel channel, Arrival arrival) {
        this.gateway = gateway;
        this.lane = lane;
        this.channel = channel;
        this.arrival = arrival;
        this.held = new HeldInput(channel.alloc());
        this.cancelKey = gateway.cancelKeys().create(arrival.version());
        this.login = new Login(gateway, lane, this, channel, arrival);
    }

    /** @param rest bytes that came behind the startup message, or null */
    void begin(@Nullable ByteBuf rest) {
        held.take(rest);
        login.begin();
    }

    // ---- login

    @Override
    public CancelKeys.CancelKey key() {
        return cancelKey;
    }

    @Override
    public void readOn() {
        resume();
    }

    /** The password was right. What the client is told comes behind what the login has written. */
    void onLoggedIn(ConsoleAccess access) {
        ConsoleClient client = new ConsoleClient(
                lane.ids().next(),
                access,
                channel.remoteAddress(),
                channel.localAddress(),
                channel.pipeline().get(SslHandler.class) != null,
                connectedMillis,
                arrival.startup().getOrDefault("application_name", ""));
        ConsoleSession joined = gateway.console().join(client, lane, this);
        session = joined;
        gateway.cancelKeys().add(this);
        ByteBuf out = channel.alloc().buffer(BUFFER_BYTES);
        Backend.writeAuthenticationOk(out);
        joined.writeParameters(out);
        Backend.writeBackendKeyData(out, cancelKey.processId(), cancelKey.secret());
        Backend.writeReadyForQuery(out, Backend.IDLE);
        channel.writeAndFlush(out, channel.voidPromise());
        gateway.event(log.atInfo(), "console connected", channel)
                .addKeyValue("user", access.user())
                .addKeyValue("role", access.role())
                .addKeyValue("tenant", access.tenant().map(Object::toString).orElse("all"))
                .log();
    }

    // ---- requests

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (held.isEmpty()) {
            scan(in);
        } else {
            held.takeMore(in);
        }
        updateReading();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        channel.flush();
    }

    private void scan(ByteBuf in) {
        scanning = true;
        ByteBuf rest = scanner.take(in);
        scanning = false;
        if (rest == null) {
            return;
        }
        if (ended) {
            rest.release();
        } else {
            held.take(rest);
        }
    }

    @Override
    public void resume() {
        if (scanning) {
            // A command that is done at once: what follows is looked at when this scan has come to its end.
            lane.loop().execute(this::resume);
            return;
        }
        ByteBuf in = held.giveUp();
        if (in != null) {
            scan(in);
        }
        updateReading();
    }

    /** What is sent while a command is carried out is held, so that a client that leaves is noticed. */
    private void updateReading() {
        boolean reading = !held.isFull() && channel.isWritable();
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        updateReading();
        if (session != null) {
            session.onWritable();
        }
    }

    @Override
    public Verdict onHeader(byte type, int bodyLength) {
        if (ended) {
            return Verdict.STOP;
        }
        if (session == null) {
            return login.onHeader(type, bodyLength);
        }
        if (type == Frontend.TERMINATE) {
            end("terminated by the client");
            channel.close();
            return Verdict.STOP;
        }
        return session.onHeader(type, bodyLength);
    }

    @Override
    public Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        if (session == null) {
            return login.onFrame(type, buffer, bodyIndex, bodyLength);
        }
        session.onFrame(type, buffer, bodyIndex, bodyLength);
        return Verdict.SWALLOW;
    }

    @Override
    public void onMalformedLength(byte type, int lengthField) {
        close(new Failure.ProtocolViolation("invalid message length").toPgError());
    }

    @Override
    public void takeRun(ByteBuf run) {
        run.release();
        throw new IllegalStateException("nothing of the console is passed on");
    }

    @Override
    public void onCut() {
        throw new IllegalStateException("nothing of the console is passed on");
    }

    // ---- answers

    @Override
    public void write(ByteBuf out) {
        channel.write(out, channel.voidPromise());
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public ByteBuf buffer() {
        return channel.alloc().buffer(BUFFER_BYTES);
    }

    // ---- cancel

    @Override
    public CancelKeys.CancelKey cancelKey() {
        return cancelKey;
    }

    @Override
    public void cancel(Runnable done) {
        lane.loop().execute(() -> {
            if (session != null) {
                session.cancel();
            }
            done.run();
        });
    }

    // ---- the end

    @Override
    public void close(PgError error) {
        close(error, error.message());
    }

    @Override
    public void close(PgError error, String why) {
        if (ended) {
            return;
        }
        end(why);
        ByteBuf out = channel.alloc().buffer(BUFFER_BYTES);
        error.writeTo(out);
        channel.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        scanner.release();
        held.release();
        end("closed by the client");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            end("connection failed: " + cause.getMessage());
            channel.close();
        } else {
            gateway.event(log.atError(), "bug while serving the console", channel)
                    .setCause(cause)
                    .log();
            close(new Failure.Internal().toPgError());
        }
    }

    private void end(String why) {
        if (ended) {
            return;
        }
        ended = true;
        ConsoleSession was = session;
        session = null;
        if (was == null) {
            login.abandon();
            login.event(gateway.event(log.atInfo(), "login failed", channel))
                    .addKeyValue("reason", why)
                    .log();
            return;
        }
        gateway.cancelKeys().remove(this);
        was.end();
        gateway.event(log.atInfo(), "console disconnected", channel)
                .addKeyValue("user", was.client().access().user())
                .addKeyValue("reason", why)
                .log();
    }
}
