package dev.weir.pool;

import dev.weir.wire.Backend;
import dev.weir.wire.FrameHandler;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One logged-in connection to a Postgres. It passes replies on to the client that it is lent to, knows by its
 * {@link ExpectedReplies} when an exchange is complete, and cleans up behind a client that left. Confined to its lane.
 */
public final class ServerConnection extends ChannelInboundHandlerAdapter implements FrameHandler {
    private static final Logger log = LoggerFactory.getLogger(ServerConnection.class);

    /** Errors and parameters up to this size are read; a larger error passes unread. */
    private static final int INSPECT_LIMIT = 64 * 1024;

    /** No Postgres sends more, since it can't allocate more; what claims to be longer is out of step. */
    private static final int LENGTH_LIMIT = 0x3fffffff;

    /** Between two cancels of what a client left running. */
    private static final Duration CANCEL_INTERVAL = Duration.ofMillis(50);

    private static final String COPY_FAIL_REASON = "client left";

    /** A syntax error, which undoes what came before it in the same exchange; it says in the server's log what it is. */
    private static final String NO_STATEMENT = "client left without Sync";

    private final Pool pool;
    private final Lane lane;
    private final Channel channel;
    private final BackendKey backendKey;
    private final CancelSender cancels;
    private final ExpectedReplies expected = new ExpectedReplies();
    private final FrameScanner scanner = new FrameScanner(this);

    private ServerPhase phase = ServerPhase.IDLE;

    /** Whom replies are for; null swallows them. The borrower of {@link ServerPhase.Lent}, at hand for the hot path. */
    private @Nullable Borrower replyTo;

    /** Transaction status of the last ReadyForQuery. */
    private byte status = Backend.IDLE;

    private @Nullable PgError lastWords;
    private int cancelsUnderway;
    private boolean cleanupFailed;
    private boolean roomAwaited;

    /** To be closed instead of lent again. */
    private @Nullable CloseReason retiring;

    private @Nullable ScheduledFuture<?> deadline;

    ServerConnection(Pool pool, Lane lane, Channel channel, BackendKey backendKey, CancelSender cancels) {
        this.pool = pool;
        this.lane = lane;
        this.channel = channel;
        this.backendKey = backendKey;
        this.cancels = cancels;
    }

    // ---- what the pool does with it

    ServerPhase phase() {
        return phase;
    }

    /** The server's process number, as in {@code pg_stat_activity.pid}. */
    public int processId() {
        return backendKey.processId();
    }

    void lend(ServerPhase.Lent to) {
        if (!(phase instanceof ServerPhase.Idle idle)) {
            throw illegal("lend");
        }
        moveTo(idle.lend(to));
        replyTo = to.to();
        to.to().onLent(this);
    }

    /** Closes it now if it is idle, else when it would be given back. */
    void retire(CloseReason why) {
        if (phase instanceof ServerPhase.Idle idle) {
            close(idle.retire(why));
        } else {
            retiring = why;
        }
    }

    // ---- what the borrower does with it

    /** Accounts for a frame that the borrower sends; before its bytes are passed to {@link #takeRequest}. */
    public void onRequest(byte type) {
        expected.onRequest(type);
    }

    public void takeRequest(ByteBuf run) {
        channel.write(run, channel.voidPromise());
    }

    public void flushRequests() {
        channel.flush();
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

    /** Whether a request is being answered. */
    public boolean isBusy() {
        return expected.isBusy();
    }

    /** Nothing outstanding, no transaction open, no reply half passed on: it can be given back. */
    public boolean isAtRest() {
        return status == Backend.IDLE && expected.isAtRest() && !scanner.isWithinForwardedFrame();
    }

    /** Whether the borrower has had a part of a message whose rest has not come, so that nothing may be put behind it. */
    public boolean isMidReply() {
        return scanner.isWithinForwardedFrame();
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
        replyTo = null;
        finish();
    }

    /**
     * The borrower leaves, in whatever state.
     *
     * @param graceful it said Terminate: what it sent before is still to be carried out; else it is cancelled
     * @param session its session's state goes with it
     * @param midMessage a part of a message was sent and the rest will never come
     */
    public void leave(boolean graceful, boolean session, boolean midMessage) {
        lane.assertInLane();
        if (!(phase instanceof ServerPhase.Lent lent)) {
            throw illegal("leave");
        }
        replyTo = null;
        scanner.dropRest();
        roomAwaited = false;
        setReading(true);
        if (midMessage) {
            sendCancel(() -> {});
            close(lent.discard(CloseReason.CLIENT_LEFT_MID_MESSAGE));
            return;
        }
        moveTo(lent.leave(session, !graceful));
        if (expected.isAtRest()) {
            onDrained(session);
            return;
        }
        endOpenExchange();
        if (!graceful) {
            cancelUntilDrained();
        }
        if (!graceful || expected.isAmbiguous()) { // what is ambiguous may never seem complete
            armDeadline();
        }
    }

    /**
     * Asks the server to cancel what this borrower's statement does, if one is running.
     *
     * @param done called on the lane when the request has been delivered, or there was nothing to cancel
     */
    public void cancel(Runnable done) {
        lane.assertInLane();
        sendCancel(done);
    }

    // ---- replies

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf rest = scanner.take((ByteBuf) message);
        if (rest != null) {
            rest.release(); // stopped, so it is being closed
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Borrower borrower = replyTo;
        if (borrower != null) {
            borrower.flushReplies();
            if (roomAwaited && expected.hasAmpleRoom()) {
                roomAwaited = false;
                borrower.onRoom();
            }
        }
    }

    @Override
    public Verdict onHeader(byte type, int bodyLength) {
        return switch (type) {
            case Backend.READY_FOR_QUERY ->
                bodyLength == 1 ? Verdict.INSPECT : violation("ReadyForQuery of wrong length");
            case Backend.ERROR_RESPONSE -> {
                if (bodyLength <= INSPECT_LIMIT) {
                    yield Verdict.INSPECT;
                }
                onError();
                yield passOn();
            }
            case Backend.PARAMETER_STATUS, Backend.NOTICE_RESPONSE, Backend.NOTIFICATION_RESPONSE -> passOn();
            default -> {
                if (bodyLength > LENGTH_LIMIT) {
                    yield violation("message of " + bodyLength + " bytes");
                }
                if (!expected.onReply(type)) {
                    yield violation("unexpected message type 0x" + Integer.toHexString(type & 0xff));
                }
                if (type == Backend.COPY_IN_RESPONSE && phase instanceof ServerPhase.Draining) {
                    endOpenExchange();
                }
                yield passOn();
            }
        };
    }

    @Override
    public Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        if (type == Backend.READY_FOR_QUERY) {
            status = buffer.getByte(bodyIndex);
            if (!expected.onReadyForQuery()) {
                return violation("ReadyForQuery without a request");
            }
            if (replyTo != null) {
                return Verdict.FORWARD_AND_CUT;
            }
            onReadyAlone();
            return phase instanceof ServerPhase.Closed ? Verdict.STOP : Verdict.SWALLOW;
        }
        onError();
        PgError.parse(buffer, bodyIndex, bodyLength).ifPresent(error -> {
            if (error.isFatal()) {
                lastWords = error;
            }
        });
        if (lastWords != null && replyTo == null) {
            discard(CloseReason.BY_SERVER); // it closes in a moment, and is not to be lent until then
            return Verdict.STOP;
        }
        return passOn();
    }

    @Override
    public void onCut() {
        Borrower borrower = replyTo;
        if (borrower != null) {
            borrower.onReady(isAtRest());
        }
    }

    @Override
    public void takeRun(ByteBuf run) {
        Borrower borrower = replyTo;
        if (borrower == null) {
            run.release();
        } else {
            borrower.takeReplies(run);
        }
    }

    @Override
    public void onMalformedLength(byte type, int lengthField) {
        violation("invalid message length " + lengthField);
    }

    private Verdict passOn() {
        return replyTo == null ? Verdict.SWALLOW : Verdict.FORWARD;
    }

    private void onError() {
        expected.onError();
        cleanupFailed = true; // read in phase Cleaning only, and cleared where it begins
        if (expected.isAmbiguous() && phase instanceof ServerPhase.Draining) {
            armDeadline();
        }
    }

    private Verdict violation(String what) {
        scanner.cut(); // what came before it was sound, perhaps the server's last words
        event(log.atWarn(), "server violated the protocol")
                .addKeyValue("what", what)
                .log();
        discard(CloseReason.PROTOCOL);
        return Verdict.STOP;
    }

    // ---- after a client left

    private void onReadyAlone() {
        switch (phase) {
            case ServerPhase.Cleaning cleaning -> {
                if (!expected.isAtRest()) {
                    return;
                }
                if (cleanupFailed || status != Backend.IDLE) {
                    close(cleaning.discard(CloseReason.CLEANUP_FAILED));
                } else if (cleaning.cleanup().then()) {
                    startCleanup(Cleanup.reset());
                } else {
                    finish();
                }
            }
            case ServerPhase.Draining draining -> {
                if (expected.isAtRest()) {
                    onDrained(draining.session());
                }
            }
            case ServerPhase.Idle idle -> violation("ReadyForQuery while idle");
            case ServerPhase.Settling settling -> violation("ReadyForQuery while idle");
            case ServerPhase.Lent lent -> throw illegal("ReadyForQuery without a borrower");
            case ServerPhase.Closed closed -> {
                // bytes that were read before the close
            }
        }
    }

    private void onDrained(boolean session) {
        if (status != Backend.IDLE) {
            startCleanup(Cleanup.rollback(session));
        } else if (session) {
            startCleanup(Cleanup.reset());
        } else {
            finish();
        }
    }

    private void startCleanup(Cleanup cleanup) {
        moveTo(new ServerPhase.Cleaning(cleanup));
        cleanupFailed = false;
        armDeadline();
        expected.onRequest(Frontend.QUERY);
        ByteBuf out = channel.alloc().buffer(64);
        Frontend.writeQuery(out, cleanup.sql());
        channel.writeAndFlush(out, channel.voidPromise());
    }

    /** Makes the server come to an end with what the client left open. */
    private void endOpenExchange() {
        boolean copyIn = expected.isCopyIn();
        boolean open = expected.isOpen();
        if (!copyIn && !open) {
            return;
        }
        ByteBuf out = channel.alloc().buffer(64);
        if (copyIn) {
            expected.onRequest(Frontend.COPY_FAIL);
            Frontend.writeCopyFail(out, COPY_FAIL_REASON);
        }
        if (open) {
            // Sync alone would commit what the client has not; Postgres undoes it when a client leaves without one.
            expected.onRequest(Frontend.PARSE);
            Frontend.writeParse(out, NO_STATEMENT);
            expected.onRequest(Frontend.SYNC);
            Frames.writeEmpty(out, Frontend.SYNC);
        }
        channel.writeAndFlush(out, channel.voidPromise());
    }

    /** Again and again: a cancel ends one statement of a pipeline, and none if it comes before the statement does. */
    private void cancelUntilDrained() {
        if (phase instanceof ServerPhase.Draining draining && draining.canceled()) {
            sendCancel(() -> lane.schedule(CANCEL_INTERVAL, this::cancelUntilDrained));
        }
    }

    private void sendCancel(Runnable done) {
        if (!expected.isBusy() || !channel.isActive()) {
            done.run();
            return;
        }
        cancelsUnderway++;
        cancels.send(channel.remoteAddress(), backendKey, delivered -> {
            cancelsUnderway--;
            if (!delivered && retiring == null) {
                retiring = CloseReason.UNCERTAIN; // it may yet arrive, and hit whoever is served then
            }
            done.run();
            if (phase instanceof ServerPhase.Settling settling && cancelsUnderway == 0) {
                toPool(settling.giveBack());
            }
        });
    }

    /** At rest and clean: back into the pool, unless something speaks against it. */
    private void finish() {
        disarmDeadline();
        CloseReason against = expected.isDoubtful() ? CloseReason.UNCERTAIN : retiring;
        if (against != null) {
            discard(against);
        } else if (cancelsUnderway > 0) {
            moveTo(new ServerPhase.Settling());
        } else {
            toPool(ServerPhase.IDLE);
        }
    }

    private void toPool(ServerPhase.Idle idle) {
        moveTo(idle);
        if (retiring != null) {
            close(idle.retire(retiring));
        } else {
            pool.onGivenBack(this);
        }
    }

    private void armDeadline() {
        if (deadline == null) {
            deadline = lane.schedule(pool.settings().cleanupTimeout(), () -> {
                deadline = null;
                discard(CloseReason.CLEANUP_TIMEOUT);
            });
        }
    }

    private void disarmDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    // ---- the end

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        scanner.release();
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
        Borrower borrower = replyTo;
        if (borrower != null) {
            borrower.onServerWritabilityChanged(channel.isWritable());
        }
    }

    /** Ends it from whichever phase. */
    void discard(CloseReason why) {
        switch (phase) {
            case ServerPhase.Lent lent -> close(lent.discard(why));
            case ServerPhase.Idle idle -> close(idle.retire(why));
            case ServerPhase.Draining draining -> close(draining.discard(why));
            case ServerPhase.Cleaning cleaning -> close(cleaning.discard(why));
            case ServerPhase.Settling settling -> close(settling.discard(why));
            case ServerPhase.Closed closed -> {
                // once is enough
            }
        }
    }

    private void close(ServerPhase.Closed closed) {
        disarmDeadline();
        moveTo(closed);
        Borrower borrower = replyTo;
        replyTo = null;
        if (channel.isActive() && isAtRest()) {
            ByteBuf out = channel.alloc().buffer(FrameScanner.HEADER_LENGTH);
            Frames.writeEmpty(out, Frontend.TERMINATE);
            channel.writeAndFlush(out, channel.voidPromise());
        }
        // Netty 4.2.18 with io_uring arms another poll in a read that closes behind a write, and the poll holds the
        // socket.
        setReading(false);
        channel.close();
        pool.onServerClosed(this, closed.why(), lastWords);
        if (borrower != null) {
            borrower.onServerLost(lastWords);
        }
    }

    private void moveTo(ServerPhase next) {
        assert channel.eventLoop().inEventLoop() : "not on the lane";
        if (log.isTraceEnabled()) {
            event(log.atTrace(), "server phase")
                    .addKeyValue("from", phase)
                    .addKeyValue("to", next)
                    .log();
        }
        phase = next;
    }

    private IllegalStateException illegal(String what) {
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
