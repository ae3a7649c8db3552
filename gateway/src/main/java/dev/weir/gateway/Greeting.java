package dev.weir.gateway;

import dev.weir.gateway.console.Console;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import dev.weir.wire.ProtocolVersion;
import dev.weir.wire.Severity;
import dev.weir.wire.StartupPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A client from accept to its startup message: TLS or not, a cancel request, a probe of a load balancer, or a login, which
 * moves on to the tenant's lane. Confined to the lane that accepted it. Source: PostgreSQL manual, "Start-up", "SSL
 * Session Encryption", "Canceling Requests in Progress".
 */
final class Greeting extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Greeting.class);

    /** First byte of a TLS handshake record. */
    private static final int TLS_HANDSHAKE = 0x16;

    private static final int HTTP_GET = 'G' << 24 | 'E' << 16 | 'T' << 8 | ' ';
    private static final String NO_CONTENT = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

    /** What is awaited. */
    private enum Phase {
        /** The first packet, in clear; TLS may begin. */
        FIRST,
        /** TLS handshake. */
        ENCRYPTING,
        /** A packet, when TLS is no longer a question. */
        STARTUP,
        /** The tenant's lane; what comes meanwhile is kept for it. */
        MOVING,
        /** Nothing; a cancel takes its course, or the connection closes. */
        OVER
    }

    private final Gateway gateway;
    private final Mode mode;
    private final GreetingLoops loops;
    private final long loginDeadline;

    private Phase phase = Phase.FIRST;
    private boolean gssAsked;
    private boolean sslAsked;
    private boolean directTls;
    private @Nullable ByteBuf received;
    private ClientTls.@Nullable Material encryption;
    private @Nullable ScheduledFuture<?> timer;

    /** @param loops where it was given a place, which it gives back */
    Greeting(Gateway gateway, Mode mode, GreetingLoops loops, long loginDeadline) {
        this.gateway = gateway;
        this.mode = mode;
        this.loops = loops;
        this.loginDeadline = loginDeadline;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        long left = Math.max(1, loginDeadline - System.nanoTime());
        timer = ctx.channel().eventLoop().schedule(() -> onDeadline(ctx.channel()), left, TimeUnit.NANOSECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        loops.onOver();
    }

    private void onDeadline(Channel channel) {
        timer = null;
        if (phase == Phase.ENCRYPTING) {
            phase = Phase.OVER;
            channel.close();
        } else if (phase != Phase.OVER) {
            refuse(
                    channel,
                    new Failure.LoginTimeout(gateway.settings().loginTimeout().toMillis()).toPgError());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (phase == Phase.OVER) {
            in.release();
            return;
        }
        if (received == null) {
            received = in;
        } else {
            received.writeBytes(in); // bounded: nothing larger than a packet is waited for
            in.release();
        }
        onBytes(ctx);
    }

    /** Looks at what has come so far, packet by packet. */
    private void onBytes(ChannelHandlerContext ctx) {
        while (received != null && (phase == Phase.FIRST || phase == Phase.STARTUP)) {
            ByteBuf in = received;
            if (!in.isReadable()) {
                received = null;
                in.release();
                return;
            }
            if (phase == Phase.FIRST
                    && !sslAsked
                    && !gssAsked
                    && in.getUnsignedByte(in.readerIndex()) == TLS_HANDSHAKE) {
                directTls = true;
                startTls(ctx);
                return;
            }
            if (in.readableBytes() < 4) {
                return;
            }
            int length = in.getInt(in.readerIndex());
            if (phase == Phase.FIRST && length == HTTP_GET) {
                answerProbe(ctx.channel());
                return;
            }
            if (length < StartupPacket.MIN_LENGTH || length > StartupPacket.MAX_LENGTH) {
                refuse(ctx.channel(), new Failure.ProtocolViolation("invalid length of startup packet").toPgError());
                return;
            }
            if (in.readableBytes() < length) {
                in.capacity(Math.max(in.capacity(), in.readerIndex() + length));
                return;
            }
            StartupPacket packet = StartupPacket.parse(in, in.readerIndex(), length);
            in.skipBytes(length);
            onPacket(ctx, packet, in);
        }
    }

    private void onPacket(ChannelHandlerContext ctx, StartupPacket packet, ByteBuf rest) {
        switch (packet) {
            case StartupPacket.SslRequest ssl -> onSslRequest(ctx, rest);
            case StartupPacket.GssEncRequest gss -> onGssRequest(ctx, rest);
            case StartupPacket.CancelRequest cancel -> onCancel(ctx.channel(), cancel);
            case StartupPacket.StartupMessage startup -> onStartup(ctx, startup);
            case StartupPacket.Malformed malformed -> refuse(ctx.channel(), malformed.error());
        }
    }

    private void onSslRequest(ChannelHandlerContext ctx, ByteBuf rest) {
        if (phase != Phase.FIRST || sslAsked) {
            refuse(ctx.channel(), new Failure.ProtocolViolation("SSL was requested twice").toPgError());
        } else if (rest.isReadable()) {
            // Bytes that came in clear must never pass for encrypted ones (CVE-2021-23214).
            refuse(
                    ctx.channel(),
                    new Failure.ProtocolViolation("received unencrypted data after SSL request").toPgError());
        } else {
            sslAsked = true;
            boolean offered = gateway.settings().tls().isPresent();
            ctx.writeAndFlush(answer(ctx, offered ? 'S' : 'N'), ctx.voidPromise());
            if (offered) {
                startTls(ctx);
            }
        }
    }

    private void onGssRequest(ChannelHandlerContext ctx, ByteBuf rest) {
        if (phase != Phase.FIRST || gssAsked) {
            refuse(ctx.channel(), new Failure.ProtocolViolation("GSSAPI encryption was requested twice").toPgError());
        } else if (rest.isReadable()) {
            refuse(
                    ctx.channel(),
                    new Failure.ProtocolViolation("received unencrypted data after GSSAPI encryption request")
                            .toPgError());
        } else {
            gssAsked = true;
            ctx.writeAndFlush(answer(ctx, 'N'), ctx.voidPromise());
        }
    }

    private static ByteBuf answer(ChannelHandlerContext ctx, char letter) {
        return ctx.alloc().buffer(1).writeByte(letter);
    }

    // ---- TLS

    private void startTls(ChannelHandlerContext ctx) {
        Optional<ClientTls.Encryption> begun = gateway.settings().tls().flatMap(tls -> tls.encrypt(ctx.alloc()));
        if (begun.isEmpty()) {
            phase = Phase.OVER; // a TLS client would not understand an error in clear
            ctx.close();
            return;
        }
        phase = Phase.ENCRYPTING;
        encryption = begun.get().material();
        SslHandler handler = begun.get().handler();
        handler.setHandshakeTimeoutMillis(0); // the login deadline covers it
        handler.handshakeFuture().addListener((Future<? super Channel> done) -> onEncrypted(ctx, handler, done));
        ctx.pipeline().addFirst(handler);
        ByteBuf first = received;
        received = null;
        if (first != null && first.isReadable()) {
            ctx.pipeline().fireChannelRead(first);
        } else if (first != null) {
            first.release();
        }
    }

    private void onEncrypted(ChannelHandlerContext ctx, SslHandler handler, Future<? super Channel> handshake) {
        if (phase != Phase.ENCRYPTING) {
            return;
        }
        if (!handshake.isSuccess()) {
            phase = Phase.OVER;
            count(ctx.channel(), LoginFailures.TLS);
            if (gateway.admits(Level.INFO, "TLS handshake failed", "", "handshake")) {
                gateway.event(log.atInfo(), "TLS handshake failed", ctx.channel())
                        .addKeyValue("reason", String.valueOf(handshake.cause().getMessage()))
                        .log();
            }
            ctx.close();
            return;
        }
        phase = Phase.STARTUP;
        if (directTls && !ClientTls.ALPN.equals(handler.applicationProtocol())) {
            refuse(
                    ctx.channel(),
                    new Failure.ProtocolViolation("direct TLS connections require ALPN protocol \"postgresql\"")
                            .toPgError());
            return;
        }
        onBytes(ctx);
    }

    private static @Nullable String serverName(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null || !(handler.engine().getSession() instanceof ExtendedSSLSession session)) {
            return null;
        }
        for (SNIServerName name : session.getRequestedServerNames()) {
            if (name instanceof SNIHostName host) {
                return host.getAsciiName().toLowerCase(Locale.ROOT);
            }
        }
        return null;
    }

    // ---- what it leads to

    private void answerProbe(Channel channel) {
        phase = Phase.OVER;
        channel.writeAndFlush(Unpooled.copiedBuffer(NO_CONTENT, StandardCharsets.US_ASCII))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private void onCancel(Channel channel, StartupPacket.CancelRequest cancel) {
        phase = Phase.OVER;
        gateway.cancelKeys().cancel(cancel.processId(), cancel.key(), channel::close);
    }

    private void onStartup(ChannelHandlerContext ctx, StartupPacket.StartupMessage startup) {
        Map<String, String> parameters = startup.parameters();
        if (parameters.getOrDefault("user", "").isEmpty()) {
            refuse(ctx.channel(), new Failure.NoUserName().toPgError());
            return;
        }
        String replication = parameters.getOrDefault("replication", "false").toLowerCase(Locale.ROOT);
        if (!replication.equals("false") && !replication.equals("off") && !replication.equals("0")) {
            refuse(ctx.channel(), new Failure.ReplicationNotSupported().toPgError());
            return;
        }
        Optional<PgError> fault = StartupOptions.fault(parameters.getOrDefault("options", ""));
        if (fault.isPresent()) {
            refuse(ctx.channel(), fault.get());
            return;
        }
        Optional<String> consoleUser = Console.isConsole(parameters.getOrDefault("database", ""))
                ? Optional.of(parameters.getOrDefault("user", ""))
                : Optional.empty();
        Optional<LoginName> name = LoginName.of(
                        parameters, serverName(ctx.channel()), gateway.lanes().tenants())
                .or(() -> consoleUser.map(LoginName::ofNoTenant));
        if (name.isEmpty()) {
            refuse(ctx.channel(), new Failure.NoTenantNamed().toPgError());
            return;
        }
        phase = Phase.MOVING;
        stopTimer();
        Arrival arrival = new Arrival(
                name.get(),
                startup.version().served(),
                negotiation(startup),
                Optional.ofNullable(encryption),
                mode,
                StartupParameters.of(parameters),
                loginDeadline,
                consoleUser);
        gateway.moveIn(ctx.channel(), this, arrival);
    }

    /** What came behind the startup message, or null; the caller owns it. */
    @Nullable
    ByteBuf takeReceived() {
        ByteBuf rest = received;
        received = null;
        return rest;
    }

    private static @Nullable List<String> negotiation(StartupPacket.StartupMessage startup) {
        List<String> unknown = new ArrayList<>();
        for (String name : startup.parameters().keySet()) {
            if (name.startsWith("_pq_.")) {
                unknown.add(name);
            }
        }
        boolean newer = startup.version().minor() > ProtocolVersion.V3_2.minor();
        return newer || !unknown.isEmpty() ? unknown : null;
    }

    // ---- the end

    private void refuse(Channel channel, PgError error) {
        phase = Phase.OVER;
        stopTimer();
        assert error.severity() != Severity.ERROR;
        count(channel, LoginFailures.reason(error));
        if (gateway.admits(Level.INFO, "client refused", "", error.code())) {
            gateway.event(log.atInfo(), "client refused", channel)
                    .addKeyValue("sqlstate", error.code())
                    .addKeyValue("reason", error.message())
                    .log();
        }
        ByteBuf out = channel.alloc().buffer(128);
        error.writeTo(out);
        channel.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    private void count(Channel channel, String reason) {
        gateway.lanes()
                .loginFailures(gateway.lanes().of(channel.eventLoop()), null)
                .count(reason);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        phase = Phase.OVER;
        stopTimer();
        if (received != null) {
            received.release();
            received = null;
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        boolean expected = cause instanceof IOException || cause.getCause() instanceof SSLException;
        gateway.event(
                        expected ? log.atDebug() : log.atError(),
                        "client connection failed during start-up",
                        ctx.channel())
                .addKeyValue("phase", phase)
                .setCause(cause)
                .log();
        phase = Phase.OVER;
        ctx.close();
    }
}
