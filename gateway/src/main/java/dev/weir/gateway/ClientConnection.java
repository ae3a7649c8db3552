package dev.weir.gateway;

import dev.weir.pool.Borrower;
import dev.weir.pool.ClientView;
import dev.weir.pool.Fate;
import dev.weir.pool.Lane;
import dev.weir.pool.Resident;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SessionParameters;
import dev.weir.pool.WaitingQueue;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.FrameHandler;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import dev.weir.wire.Sqlstate;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * A client at its tenant's lane: it logs in, then its frames walk to the server connection that it is lent and the replies
 * walk back. Confined to that lane.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter
        implements FrameHandler, Borrower, Resident, CancelKeys.Target, VirtualSession.Client {
    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

    /** A request up to this size is awaited whole before a server connection is lent for it. */
    private static final int WHOLE_LIMIT = 8 * 1024;

    /** How long a client may take to read its last message. */
    private static final Duration LAST_WRITE_LIMIT = Duration.ofSeconds(5);

    private final Gateway gateway;
    private final Lane lane;
    private final Channel channel;
    private final Mode mode;
    private final String user;
    private final CancelKeys.CancelKey cancelKey;
    private final WaitingQueue.Place place = new WaitingQueue.Place(this);
    private final FrameScanner scanner = new FrameScanner(this);
    private final HeldInput held;
    private final OwnAnswers answers;

    private final long id;
    private final long connectedMillis = System.currentTimeMillis();
    private final String applicationName;

    private ClientPhase phase;

    /** When it came into its phase, by the lane's clock; not for phase Waiting, of which its place knows. */
    private long since;

    /** Who it is; set when it has logged in. */
    private @Nullable Membership membership;

    /** What it has set by its startup message, of what is not so by itself. */
    private SessionParameters startup = SessionParameters.NONE;

    /** The session that it believes to have; null before it has logged in, and in session mode. */
    private @Nullable VirtualSession session;

    /** In session mode, if its startup message set something that is not so by itself. */
    private @Nullable StartupKeeper keeper;

    /** Lent in phase Linked, and only there. */
    private @Nullable ServerConnection server;

    /** A scan is under way further up the stack, so what it leaves will be seen to there. */
    private boolean scanning;

    /** To end with this as soon as no transaction is open. */
    private @Nullable PgError ending;

    ClientConnection(Gateway gateway, Lane lane, Channel channel, Arrival arrival) {
        this.gateway = gateway;
        this.lane = lane;
        this.channel = channel;
        this.held = new HeldInput(channel.alloc());
        this.answers = new OwnAnswers(channel);
        this.mode = arrival.mode();
        this.user = arrival.name().user();
        this.id = lane.ids().next();
        this.since = lane.now();
        this.applicationName = arrival.startup().getOrDefault("application_name", "");
        this.cancelKey = gateway.cancelKeys().create(arrival.version());
        Login login = new Login(gateway, lane, this, channel, arrival);
        this.phase = new ClientPhase.LoggingIn(login);
    }

    /**
     * Starts the login.
     *
     * @param rest bytes that came behind the startup message, or null
     */
    void begin(@Nullable ByteBuf rest) {
        held.take(rest);
        if (phase instanceof ClientPhase.LoggingIn loggingIn) {
            loggingIn.login().begin();
        }
    }

    // ---- login

    CancelKeys.CancelKey key() {
        return cancelKey;
    }

    /** The login wants to see what the client says next. */
    void readOn() {
        resume();
    }

    /** The login is complete. */
    void onLoggedIn(Membership joined, SessionParameters own) {
        if (!(phase instanceof ClientPhase.LoggingIn loggingIn)) {
            throw new IllegalStateException("logged in during phase " + phase);
        }
        membership = joined;
        startup = own;
        if (mode == Mode.SESSION && !own.isNone()) {
            keeper = new StartupKeeper(this, lane.sql(), own);
        }
        if (mode == Mode.TRANSACTION) {
            session = new VirtualSession(scanner, joined.pool(), lane.sql(), own, this);
        }
        gateway.cancelKeys().add(this);
        moveTo(loggingIn.welcome());
        event(log.atInfo(), "client connected").log();
        if (ending != null) {
            endNow(ending);
        } else {
            resume();
        }
    }

    // ---- requests

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (session != null) {
            session.onRead(in);
        }
        if (held.isEmpty() && (session == null || !session.isRepetitionDue())) {
            scan(in);
            return;
        }
        held.takeMore(in);
        if (held.isFull()) {
            updateReading();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        afterScan();
    }

    private void scan(ByteBuf in) {
        scanning = true;
        ByteBuf rest = scanner.take(in);
        scanning = false;
        if (rest == null) {
            return;
        }
        if (phase instanceof ClientPhase.Closed) {
            rest.release();
        } else {
            held.take(rest);
        }
    }

    /** Goes on with what is held, when what it waited for has come about. */
    @Override
    public void resume() {
        if (scanning) {
            return;
        }
        ByteBuf in = held.giveUp();
        if (in != null) {
            scan(in);
        }
        afterScan();
        updateReading();
    }

    @Override
    public void resumeSoon() {
        lane.loop().execute(this::resume);
    }

    private void afterScan() {
        ServerConnection lent = server;
        if (lent != null) {
            lent.flushRequests();
            // A flush that fails may take the server connection away.
            if (server == lent && lent.isAtRest()) {
                // A late CopyData ended here, whose COPY had failed before; or all was answered without the server.
                giveBackIfDone(lent);
            }
        }
        answers.flush();
    }

    @Override
    public Verdict onHeader(byte type, int bodyLength) {
        return switch (phase) {
            case ClientPhase.Linked linked -> onHeaderLinked(type, bodyLength);
            case ClientPhase.Idle idle -> onHeaderIdle(type, bodyLength);
            case ClientPhase.LoggingIn loggingIn -> loggingIn.login().onHeader(type, bodyLength);
            case ClientPhase.Waiting waiting -> Verdict.STOP;
            case ClientPhase.Closed closed -> Verdict.STOP;
        };
    }

    private Verdict onHeaderLinked(byte type, int bodyLength) {
        ServerConnection lent = server;
        assert lent != null;
        if (!isAllowed(type, bodyLength)) {
            return Verdict.STOP;
        }
        if (type == Frontend.TERMINATE) {
            return onTerminate();
        }
        if (!lent.hasRoom()) {
            return Verdict.STOP; // onRoom goes on
        }
        return onHeaderFor(lent, type, bodyLength);
    }

    /** A frame of a request for the server connection that is lent. */
    private Verdict onHeaderFor(ServerConnection lent, byte type, int bodyLength) {
        VirtualSession own = session;
        if (own != null) {
            return own.onHeader(lent, type, bodyLength);
        }
        if (keeper != null) {
            return keeper.onHeader(lent, type, bodyLength);
        }
        lent.onRequest(type);
        return Verdict.FORWARD;
    }

    private Verdict onHeaderIdle(byte type, int bodyLength) {
        if (!isAllowed(type, bodyLength)) {
            return Verdict.STOP;
        }
        return switch (type) {
            case Frontend.QUERY,
                    Frontend.PARSE,
                    Frontend.BIND,
                    Frontend.DESCRIBE,
                    Frontend.EXECUTE,
                    Frontend.CLOSE,
                    Frontend.FUNCTION_CALL -> {
                if (answers.isRefusing()) {
                    answers.onRefused(type);
                    yield Verdict.SWALLOW;
                }
                yield bodyLength <= wholeLimit(type) ? Verdict.INSPECT : request(type, null, 0, bodyLength);
            }
            case Frontend.SYNC -> {
                answers.onSync();
                yield Verdict.SWALLOW;
            }
            case Frontend.TERMINATE -> onTerminate();
            default -> Verdict.SWALLOW; // Flush; the late data of a COPY that has failed
        };
    }

    @Override
    public Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        if (phase instanceof ClientPhase.LoggingIn loggingIn) {
            return loggingIn.login().onFrame(type, buffer, bodyIndex, bodyLength);
        }
        ServerConnection lent = server;
        if (lent != null) {
            return onFrameFor(lent, type, buffer, bodyIndex, bodyLength);
        }
        return request(type, buffer, bodyIndex, bodyLength);
    }

    /** Texts that are judged are awaited whole in any case. */
    private int wholeLimit(byte type) {
        boolean text = type == Frontend.QUERY || type == Frontend.PARSE;
        return text && (session != null || keeper != null) ? VirtualSession.JUDGED_LIMIT : WHOLE_LIMIT;
    }

    /**
     * The first frame of a request: now or later, a server connection is lent for it.
     *
     * @param buffer holds the whole frame; null if it has not been waited for
     */
    private Verdict request(byte type, @Nullable ByteBuf buffer, int bodyIndex, int bodyLength) {
        Membership member = membership;
        assert member != null;
        answers.flush();
        moveTo(ClientPhase.WAITING);
        member.pool().lend(this);
        ServerConnection lent = server;
        if (lent == null) {
            return Verdict.STOP;
        }
        Verdict verdict = onHeaderFor(lent, type, bodyLength);
        boolean look = verdict == Verdict.INSPECT || verdict == Verdict.PEEK;
        return look && buffer != null ? onFrameFor(lent, type, buffer, bodyIndex, bodyLength) : verdict;
    }

    private Verdict onFrameFor(ServerConnection lent, byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        if (session != null) {
            return session.onFrame(lent, type, buffer, bodyIndex, bodyLength);
        }
        if (keeper != null) {
            return keeper.onFrame(lent, type, buffer, bodyIndex, bodyLength);
        }
        throw new IllegalStateException("nobody asked to see this frame");
    }

    /** Whether Postgres would accept a frame like this; if not, the connection is on its way out. */
    private boolean isAllowed(byte type, int bodyLength) {
        int limit = Frontend.lengthLimit(type);
        if (limit < 0) {
            violation("invalid frontend message type " + (type & 0xff));
            return false;
        }
        if (bodyLength + 4 > limit) {
            violation("invalid message length");
            return false;
        }
        return true;
    }

    @Override
    public void onMalformedLength(byte type, int lengthField) {
        violation("invalid message length");
    }

    private void violation(String message) {
        scanner.cut();
        close(new Failure.ProtocolViolation(message).toPgError(), "protocol violation: " + message);
    }

    private Verdict onTerminate() {
        scanner.cut();
        ServerConnection lent = server;
        if (lent != null) {
            lent.flushRequests();
            server = null;
            lent.leave(true, isDirty(), false);
        }
        end("terminated by the client");
        channel.config().setAutoRead(false); // or io_uring arms a poll behind a close that waits for a write
        channel.close();
        return Verdict.STOP;
    }

    @Override
    public void takeRun(ByteBuf run) {
        ServerConnection lent = server;
        if (lent == null) {
            run.release();
        } else {
            lent.takeRequest(run);
        }
    }

    @Override
    public void onCut() {
        throw new IllegalStateException("no request ends a run");
    }

    // ---- as a borrower

    @Override
    public long id() {
        return id;
    }

    @Override
    public WaitingQueue.Place place() {
        return place;
    }

    @Override
    public SessionParameters parameters() {
        return session == null ? startup : session.state().parameters();
    }

    @Override
    public void onLent(ServerConnection lent) {
        if (!(phase instanceof ClientPhase.Waiting waiting)) {
            throw new IllegalStateException("lent in phase " + phase);
        }
        server = lent;
        since = lane.now();
        moveTo(waiting.link());
        if (session != null) {
            session.onLent(lent);
        } else {
            lent.session().begin(startup, new SessionBegin(this));
        }
        lent.setReading(channel.isWritable());
        if (!lent.isWritable()) {
            updateReading();
        }
        resume();
    }

    @Override
    public void onRefused(PgError error) {
        if (!(phase instanceof ClientPhase.Waiting waiting)) {
            throw new IllegalStateException("refused in phase " + phase);
        }
        event(log.atWarn(), "request refused")
                .addKeyValue("sqlstate", error.code())
                .addKeyValue("reason", error.message())
                .log();
        if (error.code().equals(Sqlstate.ADMIN_SHUTDOWN.code())) {
            close(error, error.message());
            return;
        }
        moveTo(waiting.refuse());
        // The client's own connection is sound: it may try again on it.
        answers.refuseNext(error.withSeverity(Severity.ERROR));
        resume();
    }

    @Override
    public void takeReplies(ByteBuf run) {
        if (session == null || !session.holds(run)) {
            passHeldReply();
            channel.write(run, channel.voidPromise());
        }
    }

    /** Passes on what was held back of a reply. */
    private void passHeldReply() {
        ByteBuf reply = session == null ? null : session.takeReply();
        if (reply != null) {
            channel.write(reply, channel.voidPromise());
        }
    }

    @Override
    public boolean repeats(PgError error, ByteBuf buffer, int index, int length) {
        ServerConnection lent = server;
        boolean alone = held.isEmpty() && scanner.isAtBoundary();
        return session != null && lent != null && session.repeats(lent, error, buffer, index, length, alone);
    }

    @Override
    public boolean takesError(ByteBuf buffer, int index, int length, @Nullable Fate fate) {
        if (session == null) {
            return false;
        }
        ByteBuf out = channel.alloc().buffer(length + 64);
        if (!session.translate(buffer, index, length, fate, out)) {
            out.release();
            return false;
        }
        takeOwnReply(out);
        return true;
    }

    @Override
    public void onRepeat() {
        if (session != null) {
            ByteBuf newer = held.giveUp();
            held.take(session.takeRepeatable());
            if (newer != null) {
                held.takeMore(newer);
            }
            resume();
        }
    }

    @Override
    public void onNotification(ByteBuf buffer, int index, int length) {
        if (session != null) {
            session.onNotification(buffer, index, length);
        }
    }

    @Override
    public boolean isReadyForNotifications() {
        ServerConnection lent = server;
        return channel.isWritable() && (lent == null || lent.isAtRest());
    }

    @Override
    public void takeNotification(ByteBuf frame) {
        channel.writeAndFlush(frame, channel.voidPromise());
    }

    @Override
    public ByteBufAllocator allocator() {
        return channel.alloc();
    }

    @Override
    public void onMoved() {
        ServerConnection lent = server;
        if (lent == null || !giveBackIfDone(lent)) {
            return;
        }
        resumeSoon();
    }

    @Override
    public void lendAnother() {
        ServerConnection lent = server;
        Membership member = membership;
        if (lent == null || member == null || !(phase instanceof ClientPhase.Linked linked)) {
            throw new IllegalStateException("another server connection wanted in phase " + phase);
        }
        server = null;
        moveTo(linked.requestAnother());
        lent.leave(true, true, false);
        member.pool().lend(this);
    }

    @Override
    public void onPinned(List<PinReason> reasons) {
        event(log.atInfo(), "client keeps its server connection")
                .addKeyValue("reason", reasons.stream().map(PinReason::text).toList())
                .log();
    }

    @Override
    public void tellParameter(String name, String value) {
        ByteBuf out = channel.alloc().buffer(64);
        Backend.writeParameterStatus(out, name, value);
        takeOwnReply(out);
    }

    @Override
    public void fail(PgError error) {
        close(error.withSeverity(Severity.FATAL), error.message());
    }

    @Override
    public void takeOwnReply(ByteBuf frame) {
        passHeldReply();
        answers.take(frame);
    }

    @Override
    public void onParameter(String name, String value) {
        if (session != null) {
            session.onParameter(name.toLowerCase(Locale.ROOT));
        }
    }

    @Override
    public void flushReplies() {
        passHeldReply();
        answers.flushAll();
        ServerConnection lent = server;
        if (lent != null && !channel.isWritable()) {
            lent.setReading(false);
        }
    }

    @Override
    public void onReady(boolean atRest) {
        passHeldReply();
        ServerConnection lent = server;
        if (!atRest || lent == null) {
            return;
        }
        if (ending != null) {
            endNow(ending);
        } else if (keeper != null) {
            keeper.onAtRest(lent);
        } else if (session != null) {
            channel.flush();
            if (giveBackIfDone(lent) && !held.isEmpty()) {
                resume();
            }
        }
    }

    /** @return whether it did */
    private boolean giveBackIfDone(ServerConnection lent) {
        if (session == null || scanner.isWithinForwardedFrame() || !session.onAtRest(lent)) {
            return false;
        }
        giveBack(lent);
        return true;
    }

    private void giveBack(ServerConnection lent) {
        server = null;
        since = lane.now();
        moveTo(ClientPhase.IDLE);
        if (!channel.config().isAutoRead()) {
            updateReading(); // the server connection tells us no more when it can be written to
        }
        lent.setReading(true);
        lent.giveBack();
        if (session != null) {
            session.tell();
        }
    }

    @Override
    public void onServerLost(@Nullable PgError lastWords) {
        passHeldReply();
        ServerConnection lost = server;
        server = null;
        if (lastWords != null) {
            end("server connection ended: " + lastWords.message());
            closeBehind(Unpooled.EMPTY_BUFFER);
        } else if (lost != null && lost.isMidReply()) {
            end("server connection lost in the midst of a message");
            closeBehind(Unpooled.EMPTY_BUFFER);
        } else {
            close(new Failure.ServerLost().toPgError(), "server connection lost");
        }
    }

    @Override
    public void onServerWritabilityChanged(boolean writable) {
        updateReading();
    }

    @Override
    public void onRoom() {
        resume();
    }

    /** Reads while what it would read can go on, or be held; a client that does not read our own answers is not read. */
    private void updateReading() {
        ServerConnection lent = server;
        boolean reading = !held.isFull() && (lent == null ? channel.isWritable() : lent.isWritable());
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ServerConnection lent = server;
        if (lent != null) {
            lent.setReading(channel.isWritable());
        } else {
            updateReading();
        }
        if (session != null && channel.isWritable()) {
            session.tell();
        }
    }

    // ---- cancel

    @Override
    public CancelKeys.CancelKey cancelKey() {
        return cancelKey;
    }

    @Override
    public void cancel(Runnable done) {
        lane.loop().execute(() -> {
            ServerConnection lent = server;
            Membership member = membership;
            if (lent != null) {
                lent.cancel(done);
                return;
            }
            if (phase instanceof ClientPhase.Waiting
                    && member != null
                    && member.pool().forget(this)) {
                onRefused(new Failure.CanceledWhileWaiting().toPgError());
            }
            done.run();
        });
    }

    // ---- as a resident of its tenant's home

    @Override
    public String user() {
        return user;
    }

    @Override
    public ClientView view() {
        Membership member = phase instanceof ClientPhase.LoggingIn loggingIn
                ? loggingIn.login().membership()
                : membership;
        if (member == null) {
            throw new IllegalStateException("no resident in phase " + phase);
        }
        ServerConnection lent = server;
        return new ClientView(
                id,
                member.pool().key(),
                mode == Mode.SESSION,
                state(),
                channel.remoteAddress(),
                channel.localAddress(),
                channel.pipeline().get(SslHandler.class) != null,
                connectedMillis,
                phase instanceof ClientPhase.Waiting ? place.waitedNanos(lane.now()) : lane.now() - since,
                lent == null ? 0 : lent.id(),
                applicationName,
                session == null ? 0 : session.statements(),
                session == null
                        ? List.of()
                        : session.state().pinReasons().stream()
                                .map(PinReason::text)
                                .toList());
    }

    private ClientView.State state() {
        return switch (phase) {
            case ClientPhase.Linked linked -> ClientView.State.LINKED;
            case ClientPhase.Idle idle -> ClientView.State.IDLE;
            case ClientPhase.Waiting waiting -> ClientView.State.WAITING;
            case ClientPhase.LoggingIn loggingIn -> ClientView.State.LOGGING_IN;
            case ClientPhase.Closed closed -> throw new IllegalStateException("no resident in phase " + phase);
        };
    }

    @Override
    public void endSoon(PgError error) {
        ServerConnection lent = server;
        boolean busy = phase instanceof ClientPhase.Waiting || (lent != null && !lent.isAtRest());
        if (busy) {
            ending = error;
        } else {
            endNow(error);
        }
    }

    @Override
    public void endNow(PgError error) {
        close(error, error.message());
    }

    // ---- the end

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        scanner.release();
        held.release();
        leaveServer();
        end("closed by the client");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            event(log.atDebug(), "client connection failed").setCause(cause).log();
            leaveServer();
            end("connection failed: " + cause.getMessage());
            channel.close();
        } else {
            event(log.atError(), "bug while serving a client")
                    .addKeyValue("phase", phase)
                    .setCause(cause)
                    .log();
            close(new Failure.Internal().toPgError(), "internal error");
        }
    }

    /** Says why, and closes. */
    void close(PgError error, String why) {
        if (phase instanceof ClientPhase.Closed) {
            return;
        }
        ServerConnection lent = server;
        boolean midReply = lent != null && lent.isMidReply();
        passHeldReply();
        leaveServer();
        end(why);
        if (midReply) {
            closeBehind(Unpooled.EMPTY_BUFFER); // an error would be taken for the rest of that message
            return;
        }
        ByteBuf out = channel.alloc().buffer(256);
        error.writeTo(out);
        closeBehind(out);
    }

    /** Closes when this has been written; a client that does not read is not waited for. */
    private void closeBehind(ByteBuf last) {
        passHeldReply();
        ScheduledFuture<?> limit = lane.schedule(LAST_WRITE_LIMIT, channel::close);
        channel.writeAndFlush(last).addListener(written -> {
            limit.cancel(false);
            channel.close();
        });
    }

    private void leaveServer() {
        ServerConnection lent = server;
        if (lent != null) {
            server = null;
            lent.flushRequests(); // what stood before the end of the run goes out, or its reply would never come
            lent.leave(false, isDirty(), scanner.isWithinForwardedFrame());
        }
    }

    /** Whether the server connection has what the next client must not find. */
    private boolean isDirty() {
        return session == null || session.isDirty();
    }

    private void end(String why) {
        Membership member = membership;
        ClientPhase before = phase;
        if (before instanceof ClientPhase.Closed) {
            return;
        }
        moveTo(new ClientPhase.Closed(why));
        if (before instanceof ClientPhase.LoggingIn loggingIn) {
            loggingIn.login().abandon();
            loggingIn
                    .login()
                    .event(gateway.event(log.atInfo(), "login failed", channel))
                    .addKeyValue("reason", why)
                    .log();
        }
        if (session != null) {
            session.end();
        }
        if (member != null) {
            membership = null;
            gateway.cancelKeys().remove(this);
            member.pool().forget(this);
            member.home().depart(this);
            member.pool().leave();
            member.event(gateway.event(log.atInfo(), "client disconnected", channel))
                    .addKeyValue("phase", before.getClass().getSimpleName())
                    .addKeyValue("reason", why)
                    .log();
        }
    }

    private void moveTo(ClientPhase next) {
        assert channel.eventLoop().inEventLoop() : "not on the lane";
        if (log.isTraceEnabled()) {
            event(log.atTrace(), "client phase")
                    .addKeyValue("from", phase)
                    .addKeyValue("to", next)
                    .log();
        }
        phase = next;
    }

    private LoggingEventBuilder event(LoggingEventBuilder builder, String message) {
        LoggingEventBuilder event = gateway.event(builder, message, channel);
        return membership == null ? event : membership.event(event);
    }
}
