package dev.weir.pool;

import dev.weir.wire.Backend;
import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One logged-in connection to a Postgres: in the pool, lent to a client, or between two of them. {@link ExpectedReplies}
 * tell when an exchange is complete, {@link ServerReplies} pass on what comes, {@link ServerSession} is what the server has
 * of its clients, and {@link ServerRecovery} cleans up behind them. Confined to its lane.
 */
public final class ServerConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ServerConnection.class);

    /** A cancel waits so long and looks again, while a statement of Weir's own runs. */
    private static final Duration OWN_STATEMENT_PAUSE = Duration.ofMillis(1);

    private final Pool pool;
    private final Lane lane;
    private final Channel channel;
    private final BackendKey backendKey;
    private final ExpectedReplies expected = new ExpectedReplies();
    private final RequestAssembly requests;
    private final ServerSession session;
    private final ServerReplies replies;
    private final ServerRecovery recovery;
    private final Sharing sharing;
    private final ServerMeter meter;

    private final long id;
    private final long connectedMillis = System.currentTimeMillis();

    private ServerPhase phase = ServerPhase.IDLE;

    /** By the lane's clock. */
    private final long openedAt;

    /** When it came into the pool last from a client, by the lane's clock. */
    private long idleSince;

    /** When it came into the pool last, be it from a check, by the lane's clock. */
    private long provenAt;

    private boolean used;

    private boolean roomAwaited;

    ServerConnection(Pool pool, Lane lane, OpenedServer opened, CancelSender cancels) {
        this.pool = pool;
        this.lane = lane;
        this.channel = opened.channel();
        this.backendKey = opened.key();
        this.id = lane.ids().next();
        this.meter = new ServerMeter(lane, pool.counters());
        this.requests = new RequestAssembly(channel, pool.counters());
        this.session = new ServerSession(pool, expected, requests);
        this.replies = new ServerReplies(this, channel, expected, opened.parameters());
        this.sharing = new Sharing(this, pool, lane, replies, requests);
        this.recovery = new ServerRecovery(this, pool, lane, opened, cancels, expected, session, replies);
        this.openedAt = lane.now();
        this.idleSince = openedAt;
        this.provenAt = openedAt;
    }

    // ---- what the pool does with it

    ServerPhase phase() {
        return phase;
    }

    ServerMeter meter() {
        return meter;
    }

    /** When it was lent last, by the lane's clock. */
    public long lentAt() {
        return meter.lentAt();
    }

    /** How long the borrower has waited for it, in nanoseconds; 0 if it had not to. */
    public long waitedFor() {
        return meter.waited();
    }

    /** When the borrower's last request was answered, by the lane's clock; if none was, when it was lent. */
    public long readyAt() {
        return meter.readyAt();
    }

    ServerRecovery recovery() {
        return recovery;
    }

    /** The server's process number, as in {@code pg_stat_activity.pid}. */
    public int processId() {
        return backendKey.processId();
    }

    /** Unique among all connections of this process. */
    public long id() {
        return id;
    }

    ServerView view() {
        ServerView.State state = switch (phase) {
            case ServerPhase.Idle idle -> ServerView.State.IDLE;
            case ServerPhase.Lent lent -> ServerView.State.LENT;
            case ServerPhase.Shared shared -> ServerView.State.LENT;
            case ServerPhase.Draining draining -> ServerView.State.DRAINING;
            case ServerPhase.Cleaning cleaning -> ServerView.State.TESTED;
            case ServerPhase.Settling settling -> ServerView.State.SETTLING;
            case ServerPhase.Closed closed -> throw illegal("look at it");
        };
        Borrower borrower = replies.borrower();
        return new ServerView(
                id,
                state,
                backendKey.processId(),
                channel.remoteAddress(),
                channel.localAddress(),
                channel.pipeline().get(SslHandler.class) != null,
                connectedMillis,
                phase instanceof ServerPhase.Idle ? lane.now() - idleSince : 0,
                borrower == null ? 0 : borrower.id(),
                recovery.isRetiring(),
                session.statements());
    }

    void lend(ServerPhase.Lent to) {
        if (!(phase instanceof ServerPhase.Idle idle)) {
            throw illegal("lend");
        }
        moveTo(idle.lend(to));
        used = true;
        replies.passTo(to.to());
        meter.onLent(to.to());
        to.to().onLent(this);
    }

    /** Asks it whether it answers; it comes back into the pool, or is closed. Only while it is idle. */
    void check() {
        if (!(phase instanceof ServerPhase.Idle idle)) {
            throw illegal("check");
        }
        recovery.check(idle);
    }

    /**
     * Removes prepared statements beyond their limit, if it has so many; it comes back into the pool. If it is not idle,
     * that is done behind its client.
     *
     * @return whether it is at it, and no longer idle
     */
    boolean forgetSurplusStatements() {
        if (phase instanceof ServerPhase.Idle idle && session.hasTooManyStatements()) {
            recovery.forget(idle);
            return true;
        }
        return false;
    }

    boolean isIdle() {
        return phase instanceof ServerPhase.Idle;
    }

    /** Whether it has been lent. */
    boolean isUsed() {
        return used;
    }

    /** By the lane's clock. */
    long openedAt() {
        return openedAt;
    }

    /** Since when nobody has used it, by the lane's clock. Only while it is idle. */
    long idleSince() {
        return idleSince;
    }

    /** When the server has answered last, as far as that is known, by the lane's clock. Only while it is idle. */
    long provenAt() {
        return provenAt;
    }

    // ---- sharing

    /** Those who share it. */
    public Sharing sharing() {
        return sharing;
    }

    /** Whether it is shared by several borrowers, each with one statement. */
    public boolean isShared() {
        return phase instanceof ServerPhase.Shared;
    }

    /** Whether texts sent to it are in an encoding, and read by rules, that every statement can be judged by. */
    boolean isPlain() {
        return replies.hasStandardStrings() && replies.isJudgeable();
    }

    /** One gets on, who is to send its one statement within the call. */
    void share(WaitingQueue.Place place) {
        if (phase instanceof ServerPhase.Idle idle) {
            moveTo(idle.share());
            used = true;
            sharing.begin();
            pool.shared().add(this);
        } else if (!isShared()) {
            throw illegal("share");
        }
        sharing.board(place);
        place.owner().onLent(this);
    }

    /** A ReadyForQuery was taken by this borrower. */
    void onReady(Borrower borrower) {
        if (isShared()) {
            sharing.onReady(borrower);
        } else {
            borrower.onReady(isAtRest());
        }
    }

    /** A ReadyForQuery has come that is for nobody. */
    void onReadyAlone() {
        if (isShared()) {
            sharing.onReadyAlone();
        } else {
            recovery.onReadyAlone();
        }
    }

    /** The borrower is to send again what has just been answered. */
    void onRepeat(Borrower borrower) {
        if (isShared()) {
            sharing.onRepeat(borrower);
        } else {
            borrower.onRepeat();
        }
    }

    /** Closes it now if it is idle, else when it would be given back. */
    void retire(CloseReason why) {
        if (phase instanceof ServerPhase.Idle idle) {
            close(idle.retire(why));
        } else {
            recovery.retire(why);
        }
    }

    // ---- what the borrower does with it

    /** Accounts for a frame that the borrower sends; before its bytes are passed to {@link #takeRequest}. */
    public void onRequest(byte type) {
        onRequest(type, null);
    }

    /** @param fate is told what becomes of it, or null */
    public void onRequest(byte type, @Nullable Fate fate) {
        expected.onRequest(type, fate);
        meter.onRequest(type);
        if (type == Frontend.SYNC) {
            session.onSync();
        }
    }

    public void takeRequest(ByteBuf run) {
        requests.take(run);
    }

    public void flushRequests() {
        requests.flush();
    }

    /** Where a request is written that the borrower's is replaced by, behind all that was taken so far. */
    public ByteBuf assembly() {
        return requests.buffer();
    }

    public ByteBufAllocator allocator() {
        return channel.alloc();
    }

    /** In which the client's texts are. */
    public Charset charset() {
        return replies.charset();
    }

    /** Whether a backslash in a plain string of a client's is but a backslash. */
    public boolean hasStandardStrings() {
        return replies.hasStandardStrings();
    }

    /** Whether the encoding of the client's texts has ASCII bytes only for ASCII characters. */
    public boolean isJudgeable() {
        return replies.isJudgeable();
    }

    /** The server has reported a parameter that no client has set: its configuration has changed. */
    void onParameterOfItsOwn(String name, String value) {
        if (phase instanceof ServerPhase.Idle || isShared()) {
            pool.onReported(name, value);
        }
    }

    /** What the server has reported of its parameters, in the order in which it did first. Borrowed. */
    Map<String, String> reported() {
        return replies.reported();
    }

    /** What the session on the server has, and how it gets more. */
    public ServerSession session() {
        return session;
    }

    /**
     * A frame of the borrower's is not sent, but answered with a reply of this type when its turn comes.
     *
     * @param type ParseComplete or CloseComplete
     */
    public void putIn(byte type, @Nullable Fate fate) {
        expected.onPutIn(type, fate);
        replies.putInDue();
    }

    /** The transaction status of the last ReadyForQuery, a byte as in {@link Backend#IDLE}. */
    public byte status() {
        return replies.status();
    }

    /** Whether of all that the borrower has sent only ReadyForQuery is still to come, or the Sync that asks for it. */
    public boolean isLastRequest() {
        return expected.isSingle() || expected.isSkipping();
    }

    /** Whether what the borrower sends next begins an exchange: nothing is outstanding, nor open without a Sync. */
    public boolean isBetweenExchanges() {
        return expected.isWithoutClients() && !expected.isOpen();
    }

    /** Whether the server still owes something: a reply, or the end of a statement. */
    public boolean isBusy() {
        return expected.isBusy();
    }

    /** Whether the server takes COPY data from the borrower. */
    public boolean isCopyIn() {
        return expected.isCopyIn();
    }

    /** Whether nothing that the borrower has sent is still to be answered by the server. */
    public boolean isWithoutRequests() {
        return expected.isWithoutClients();
    }

    /** Whether what is sent now is read when the server has answered all before, and no error was among that. */
    public boolean isInStep() {
        return expected.isEmpty() && !expected.isSkipping();
    }

    /** Whether more requests may be sent before replies come; once false, {@link Borrower#onRoom} tells. */
    public boolean hasRoom() {
        if (expected.hasRoom()) {
            return true;
        }
        roomAwaited = true;
        return false;
    }

    public boolean isWritable() {
        return channel.isWritable();
    }

    /** Nothing outstanding, no transaction open, no reply half passed on: it can be given back. */
    public boolean isAtRest() {
        return replies.isAtRest();
    }

    /** Whether the borrower has had a part of a message whose rest has not come, so that nothing may be put behind it. */
    public boolean isMidReply() {
        return replies.isMidReply();
    }

    /** Stops and resumes reading of replies, for a client that does not read. */
    public void setReading(boolean reading) {
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    /** The borrower needs it no more, and it is at rest. */
    public void giveBack() {
        lane.assertInLane();
        if (!(phase instanceof ServerPhase.Lent) || !isAtRest()) {
            throw illegal("give back");
        }
        replies.passTo(null);
        recovery.finish();
    }

    /**
     * The borrower leaves, in whatever state.
     *
     * @param graceful it said Terminate: what it sent before is still to be carried out; else it is cancelled
     * @param dirty its session's state, which is still on the server, goes with it
     * @param midMessage a part of a message was sent and the rest will never come
     */
    public void leave(boolean graceful, boolean dirty, boolean midMessage) {
        lane.assertInLane();
        if (!(phase instanceof ServerPhase.Lent lent)) {
            throw illegal("leave");
        }
        replies.leave();
        meter.onLeft();
        roomAwaited = false;
        setReading(true);
        if (midMessage) {
            recovery.sendCancel(() -> {});
            close(lent.discard(CloseReason.CLIENT_LEFT_MID_MESSAGE));
            return;
        }
        moveTo(lent.leave(dirty, !graceful));
        recovery.begin(graceful, dirty);
    }

    /**
     * Asks the server to cancel what this borrower's statement does, if one is running.
     *
     * @param done called on the lane when the request has been delivered, or there was nothing to cancel
     */
    public void cancel(Runnable done) {
        lane.assertInLane();
        Borrower borrower = replies.borrower();
        if (expected.isOurs() && channel.isActive()) {
            // What runs is not the borrower's; its own statement is next.
            lane.schedule(OWN_STATEMENT_PAUSE, () -> {
                if (borrower != null && borrower.equals(replies.borrower())) {
                    cancel(done);
                } else {
                    done.run();
                }
            });
            return;
        }
        if (isShared()) {
            sharing.onCancelSent();
        }
        recovery.sendCancel(done);
    }

    // ---- replies

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        meter.counters().bytesFromServers += in.readableBytes();
        replies.take(in);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        replies.putInDue();
        Borrower borrower = replies.borrower();
        if (borrower != null) {
            borrower.flushReplies();
            if (roomAwaited && expected.hasAmpleRoom()) {
                roomAwaited = false;
                borrower.onRoom();
            }
        }
    }

    // ---- the end

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        replies.release();
        discard(CloseReason.BY_SERVER);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            event(log.atDebug(), "server connection failed").setCause(cause).log();
            discard(CloseReason.BY_SERVER);
        } else {
            event(log.atError(), "bug while serving a server connection")
                    .addKeyValue("phase", phase)
                    .setCause(cause)
                    .log();
            discard(CloseReason.INTERNAL);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Borrower borrower = replies.borrower();
        if (borrower != null) {
            borrower.onServerWritabilityChanged(channel.isWritable());
        }
    }

    /** The server has sent what it may not. */
    void onViolation(String what) {
        event(log.atWarn(), "server violated the protocol")
                .addKeyValue("what", what)
                .log();
        discard(CloseReason.PROTOCOL);
    }

    boolean isClosed() {
        return phase instanceof ServerPhase.Closed;
    }

    /** Ends it from whichever phase. */
    void discard(CloseReason why) {
        switch (phase) {
            case ServerPhase.Lent lent -> close(lent.discard(why));
            case ServerPhase.Idle idle -> close(idle.retire(why));
            case ServerPhase.Draining draining -> close(draining.discard(why));
            case ServerPhase.Cleaning cleaning -> close(cleaning.discard(why));
            case ServerPhase.Settling settling -> close(settling.discard(why));
            case ServerPhase.Shared shared -> close(shared.discard(why));
            case ServerPhase.Closed closed -> {
                // once is enough
            }
        }
    }

    void close(ServerPhase.Closed closed) {
        recovery.disarmDeadline();
        boolean atRest = isAtRest();
        boolean shared = isShared();
        moveTo(closed);
        Borrower borrower = replies.borrower();
        replies.passTo(null);
        expected.abandon();
        if (channel.isActive() && atRest) {
            Frames.writeEmpty(requests.buffer(), Frontend.TERMINATE);
            requests.flush();
        }
        requests.drop();
        // Netty 4.2.18 with io_uring arms another poll in a read that closes behind a write, and the poll holds the
        // socket.
        setReading(false);
        channel.close();
        pool.onServerClosed(this, closed.why(), replies.lastWords());
        if (shared) {
            sharing.abandon(borrower);
        } else if (borrower != null) {
            borrower.onServerLost(replies.lastWords());
        }
    }

    void becomeIdle(ServerPhase.Idle idle) {
        provenAt = lane.now();
        if (!(phase instanceof ServerPhase.Cleaning cleaning
                && cleaning.cleanup().isCheck())) {
            idleSince = provenAt;
        }
        moveTo(idle);
    }

    void moveTo(ServerPhase next) {
        assert channel.eventLoop().inEventLoop() : "not on the lane";
        if (log.isTraceEnabled()) {
            event(log.atTrace(), "server phase")
                    .addKeyValue("from", phase)
                    .addKeyValue("to", next)
                    .log();
        }
        phase = next;
    }

    IllegalStateException illegal(String what) {
        return new IllegalStateException(what + " in phase " + phase);
    }

    private LoggingEventBuilder event(LoggingEventBuilder builder, String message) {
        return pool.event(builder, message).addKeyValue("server_pid", backendKey.processId());
    }

    @Override
    public String toString() {
        return "server " + backendKey.processId() + " of " + pool.key();
    }
}
