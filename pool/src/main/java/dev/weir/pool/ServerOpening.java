package dev.weir.pool;

import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.FrameHandler;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.ProtocolVersion;
import dev.weir.wire.Verdict;
import dev.weir.wire.auth.ChannelBinding;
import dev.weir.wire.auth.Md5Password;
import dev.weir.wire.auth.ScramClientExchange;
import dev.weir.wire.auth.ScramKeys;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * One connection on its way from TCP connect to ReadyForQuery: TLS, startup, login. It tells its outcome once. Confined
 * to its lane. Source: PostgreSQL manual, "Start-up" and "SSL Session Encryption".
 */
final class ServerOpening extends ChannelInboundHandlerAdapter implements FrameHandler {

    /** What becomes of it; exactly one of the two is called, on the lane. */
    interface Outcome {
        void onOpened(OpenedServer opened, ServerOpening handler);

        void onFailed(OpenFailure failure);
    }

    private static final int FRAME_LIMIT = 64 * 1024;

    private final Lane lane;
    private final UpstreamLogin login;
    private final Address address;
    private final @Nullable ServerTls tls;
    private final SecureRandom random;
    private final Outcome outcome;
    private final FrameScanner scanner = new FrameScanner(this);
    private final Map<String, String> parameters = new LinkedHashMap<>();

    private OpeningPhase phase = new OpeningPhase.Connecting();
    private @Nullable Channel channel;
    private @Nullable BackendKey backendKey;

    /** Set when ReadyForQuery was read, until the walk that found it is over. */
    private @Nullable OpenedServer opened;

    ServerOpening(
            Lane lane,
            UpstreamLogin login,
            Address address,
            @Nullable ServerTls tls,
            SecureRandom random,
            Outcome outcome) {
        this.lane = lane;
        this.login = login;
        this.address = address;
        this.tls = address.isUnixSocket() ? null : tls;
        this.random = random;
        this.outcome = outcome;
    }

    /** Gives up; for a deadline or a failed connect. */
    void abandon(Failure why) {
        fail(OpenFailure.passing(why));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        if (!(phase instanceof OpeningPhase.Connecting connecting)) {
            ctx.close(); // given up before there was a channel to close
            return;
        }
        if (tls == null) {
            moveTo(connecting.start());
            sendStartup(ctx.channel());
        } else {
            moveTo(connecting.askForTls());
            ByteBuf out = ctx.alloc().buffer(8);
            Frontend.writeSslRequest(out);
            ctx.writeAndFlush(out, ctx.voidPromise());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (phase instanceof OpeningPhase.AskingTls asking) {
            onTlsAnswer(ctx, asking, in);
            return;
        }
        ByteBuf rest = scanner.take(in);
        OpenedServer server = opened;
        if (server != null) {
            opened = null;
            // What came behind ReadyForQuery is for the handler that takes this one's place.
            ByteBuf behind = rest != null ? rest : scanner.takeUnfinished();
            outcome.onOpened(server, this);
            if (behind != null) {
                ctx.fireChannelRead(behind);
            }
        } else if (rest != null) {
            rest.release();
        }
    }

    private void onTlsAnswer(ChannelHandlerContext ctx, OpeningPhase.AskingTls asking, ByteBuf in) {
        if (!in.isReadable()) {
            in.release();
            return;
        }
        byte answer = in.readByte();
        boolean more = in.isReadable();
        in.release();
        if (answer != 'S') {
            fail(OpenFailure.lasting(new Failure.ServerTlsFailed("the server does not support TLS")));
        } else if (more) {
            // Bytes that came in clear must never pass for encrypted ones (CVE-2021-23222).
            fail(OpenFailure.lasting(new Failure.ServerTlsFailed("unencrypted data behind the answer to SSLRequest")));
        } else {
            assert tls != null;
            moveTo(asking.encrypt());
            SslHandler handler = tls.newHandler(ctx.alloc(), address.host(), address.port());
            ctx.pipeline().addFirst(handler);
            handler.handshakeFuture().addListener((Future<? super Channel> done) -> onEncrypted(ctx.channel(), done));
        }
    }

    private void onEncrypted(Channel encrypted, Future<? super Channel> handshake) {
        if (!(phase instanceof OpeningPhase.Encrypting encrypting)) {
            return;
        }
        if (handshake.isSuccess()) {
            moveTo(encrypting.start());
            sendStartup(encrypted);
        } else {
            Failure failure = new Failure.ServerTlsFailed(ServerTls.reason(handshake.cause()));
            // A server that restarts cuts the handshake off; that says nothing about its certificate.
            boolean cutOff = handshake.cause() instanceof ClosedChannelException;
            if (!cutOff && tls != null) {
                tls.onFailed(handshake.cause());
            }
            fail(cutOff ? OpenFailure.passing(failure) : OpenFailure.lasting(failure));
        }
    }

    private void sendStartup(Channel to) {
        ByteBuf out = to.alloc().buffer(128);
        Map<String, String> startup = new LinkedHashMap<>();
        startup.put("user", login.user());
        startup.put("database", login.database());
        Frontend.writeStartup(out, ProtocolVersion.V3_0.code(), startup);
        to.writeAndFlush(out, to.voidPromise());
    }

    // ---- frames

    @Override
    public Verdict onHeader(byte type, int bodyLength) {
        if (phase instanceof OpeningPhase.Over) {
            return Verdict.STOP;
        }
        if (bodyLength > FRAME_LIMIT) {
            return misbehaved("message of " + bodyLength + " bytes during login");
        }
        return Verdict.INSPECT;
    }

    @Override
    public Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        switch (type) {
            case Backend.AUTHENTICATION -> {
                return onAuthentication(buffer, bodyIndex, bodyLength);
            }
            case Backend.ERROR_RESPONSE -> {
                fail(PgError.parse(buffer, bodyIndex, bodyLength)
                        .map(OpenFailure::of)
                        .orElseGet(() -> OpenFailure.passing(new Failure.ServerMisbehaved("malformed error"))));
                return Verdict.STOP;
            }
            case Backend.PARAMETER_STATUS -> {
                onParameterStatus(buffer.slice(bodyIndex, bodyLength));
                return Verdict.SWALLOW;
            }
            case Backend.BACKEND_KEY_DATA -> {
                if (bodyLength < 8) {
                    return misbehaved("short BackendKeyData");
                }
                byte[] key = new byte[bodyLength - 4];
                buffer.getBytes(bodyIndex + 4, key);
                backendKey = new BackendKey(buffer.getInt(bodyIndex), key);
                return Verdict.SWALLOW;
            }
            case Backend.READY_FOR_QUERY -> {
                return onReady(bodyLength);
            }
            case Backend.NOTICE_RESPONSE, Backend.NEGOTIATE_PROTOCOL_VERSION -> {
                return Verdict.SWALLOW;
            }
            default -> {
                return misbehaved("unexpected message type 0x" + Integer.toHexString(type & 0xff) + " during login");
            }
        }
    }

    private Verdict onReady(int bodyLength) {
        Channel here = channel;
        if (!(phase instanceof OpeningPhase.AwaitingReady awaiting) || bodyLength != 1 || here == null) {
            return misbehaved("ReadyForQuery during login");
        }
        moveTo(awaiting.succeed());
        // A server without cancel keys (some proxies send none) is served, its statements can't be canceled.
        BackendKey key = backendKey == null ? new BackendKey(0, new byte[4]) : backendKey;
        opened = new OpenedServer(here, key, parameters);
        return Verdict.SWALLOW;
    }

    private void onParameterStatus(ByteBuf body) {
        int nameLength = body.bytesBefore((byte) 0);
        int valueLength =
                nameLength < 0 ? -1 : body.bytesBefore(nameLength + 1, body.readableBytes() - nameLength - 1, (byte) 0);
        if (valueLength >= 0) {
            parameters.put(
                    body.toString(0, nameLength, StandardCharsets.UTF_8),
                    body.toString(nameLength + 1, valueLength, StandardCharsets.UTF_8));
        }
    }

    private Verdict onAuthentication(ByteBuf buffer, int bodyIndex, int bodyLength) {
        if (bodyLength < 4) {
            return misbehaved("short authentication message");
        }
        int code = buffer.getInt(bodyIndex);
        byte[] data = new byte[bodyLength - 4];
        buffer.getBytes(bodyIndex + 4, data);
        return switch (phase) {
            case OpeningPhase.Authenticating authenticating ->
                switch (code) {
                    case Backend.AUTH_OK -> proceed(authenticating.accepted());
                    case Backend.AUTH_CLEARTEXT_PASSWORD -> answerWithPassword(new byte[0], false);
                    case Backend.AUTH_MD5_PASSWORD -> answerWithPassword(data, true);
                    case Backend.AUTH_SASL -> beginSasl(authenticating, data);
                    default -> unsupported("the server asks for authentication method " + code);
                };
            case OpeningPhase.Sasl sasl ->
                switch (code) {
                    case Backend.AUTH_SASL_CONTINUE -> onServerFirst(sasl, data);
                    case Backend.AUTH_SASL_FINAL -> onServerFinal(sasl, data);
                    case Backend.AUTH_OK ->
                        sasl.verified()
                                ? proceed(sasl.accepted())
                                : unsupported("the server has not proved that it knows the password");
                    default -> misbehaved("authentication request " + code + " within SASL");
                };
            case OpeningPhase.Connecting c -> misbehaved("authentication request out of place");
            case OpeningPhase.AskingTls a -> misbehaved("authentication request out of place");
            case OpeningPhase.Encrypting e -> misbehaved("authentication request out of place");
            case OpeningPhase.AwaitingReady r -> misbehaved("authentication request after AuthenticationOk");
            case OpeningPhase.Over o -> Verdict.STOP;
        };
    }

    private Verdict proceed(OpeningPhase next) {
        moveTo(next);
        return Verdict.SWALLOW;
    }

    private Verdict answerWithPassword(byte[] salt, boolean md5) {
        String password = login.password();
        if (password == null) {
            return unsupported("it asks for " + (md5 ? "an MD5" : "a cleartext")
                    + " password, and only a SCRAM verifier is configured");
        }
        if (md5 && salt.length != Md5Password.SALT_BYTES) {
            return misbehaved("MD5 salt of " + salt.length + " bytes");
        }
        ByteBuf out = lane.allocator().buffer(64);
        Frontend.writePassword(out, md5 ? Md5Password.answer(login.user(), password, salt) : password);
        return send(out);
    }

    private Verdict beginSasl(OpeningPhase.Authenticating authenticating, byte[] data) {
        ScramClientExchange exchange = new ScramClientExchange(random);
        return switch (exchange.start(mechanisms(data), channelBinding())) {
            case ScramClientExchange.Begin begin -> {
                moveTo(authenticating.sasl(exchange));
                ByteBuf out = lane.allocator().buffer(128);
                Frontend.writeSaslInitialResponse(out, begin.mechanism(), begin.clientFirst());
                yield send(out);
            }
            case ScramClientExchange.Failed failed -> unsupported(failed.message());
        };
    }

    private static List<String> mechanisms(byte[] data) {
        List<String> mechanisms = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < data.length; i++) {
            if (data[i] == 0) {
                if (i > start) {
                    mechanisms.add(new String(data, start, i - start, StandardCharsets.US_ASCII));
                }
                start = i + 1;
            }
        }
        return mechanisms;
    }

    private ChannelBinding channelBinding() {
        SslHandler handler = channel == null ? null : channel.pipeline().get(SslHandler.class);
        if (handler == null) {
            return new ChannelBinding.None();
        }
        try {
            X509Certificate certificate =
                    (X509Certificate) handler.engine().getSession().getPeerCertificates()[0];
            return ChannelBinding.of(certificate);
        } catch (SSLPeerUnverifiedException anonymous) {
            return new ChannelBinding.None();
        }
    }

    private Verdict onServerFirst(OpeningPhase.Sasl sasl, byte[] data) {
        return switch (sasl.exchange().serverFirst(data)) {
            case ScramClientExchange.Failed failed -> unsupported(failed.message());
            case ScramClientExchange.DeriveKeys wanted -> {
                ScramKeys known = login.keys();
                String password = login.password();
                if (known != null && (password == null || known.fits(wanted.salt(), wanted.iterations()))) {
                    yield answerChallenge(sasl, known);
                }
                if (password == null) {
                    yield unsupported(
                            "no client has logged in since the start, and only a SCRAM verifier is configured");
                }
                lane.hashing().execute(() -> {
                    ScramKeys keys = ScramKeys.derive(password, wanted.salt(), wanted.iterations());
                    lane.loop().execute(() -> {
                        login.remember(keys);
                        if (phase.equals(sasl)) {
                            answerChallenge(sasl, keys);
                        }
                    });
                });
                yield Verdict.SWALLOW;
            }
        };
    }

    private Verdict answerChallenge(OpeningPhase.Sasl sasl, ScramKeys keys) {
        return switch (sasl.exchange().finish(keys)) {
            case ScramClientExchange.Failed failed -> unsupported(failed.message());
            case ScramClientExchange.Answer answer -> {
                ByteBuf out = lane.allocator().buffer(128);
                Frontend.writeSaslResponse(out, answer.clientFinal());
                yield send(out);
            }
        };
    }

    private Verdict onServerFinal(OpeningPhase.Sasl sasl, byte[] data) {
        return switch (sasl.exchange().serverFinal(data)) {
            case ScramClientExchange.Failed failed -> unsupported(failed.message());
            case ScramClientExchange.Verified verified -> proceed(sasl.serverVerified());
        };
    }

    private Verdict send(ByteBuf out) {
        Channel to = channel;
        assert to != null;
        to.writeAndFlush(out, to.voidPromise());
        return Verdict.SWALLOW;
    }

    private Verdict unsupported(String reason) {
        fail(OpenFailure.lasting(new Failure.ServerLoginImpossible(reason)));
        return Verdict.STOP;
    }

    private Verdict misbehaved(String what) {
        fail(OpenFailure.passing(new Failure.ServerMisbehaved(what)));
        return Verdict.STOP;
    }

    @Override
    public void onMalformedLength(byte type, int lengthField) {
        misbehaved("invalid message length " + lengthField);
    }

    @Override
    public void takeRun(ByteBuf run) {
        run.release(); // no verdict here forwards
    }

    @Override
    public void onCut() {
        throw new IllegalStateException("nothing is forwarded during login");
    }

    // ---- the end

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(OpenFailure.passing(new Failure.ServerUnreachable("the server closed the connection during login")));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (phase instanceof OpeningPhase.Encrypting) {
            fail(OpenFailure.lasting(new Failure.ServerTlsFailed(ServerTls.reason(cause))));
        } else {
            fail(OpenFailure.passing(new Failure.ServerUnreachable(reason(cause))));
        }
    }

    private void fail(OpenFailure failure) {
        if (phase instanceof OpeningPhase.Over) {
            return;
        }
        moveTo(new OpeningPhase.Over());
        scanner.release();
        if (channel != null) {
            channel.close();
        }
        outcome.onFailed(failure);
    }

    private void moveTo(OpeningPhase next) {
        lane.assertInLane();
        phase = next;
    }

    static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
