package dev.weir.pool;

import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.FrameHandler;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
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

    /** The description of 1,664 columns, the most that there can be, with names of 63 bytes. */
    private static final int DESCRIPTION_LIMIT = 1664 * (64 + 18) + 2;

    /** No Postgres sends more, since it can't allocate more; what claims to be longer is out of step. */
    private static final int LENGTH_LIMIT = 0x3fffffff;

    /** Between two cancels of what a client left running. */
    private static final Duration CANCEL_INTERVAL = Duration.ofMillis(50);

    /** Requests up to this size are copied behind what is assembled, which is cheaper than one more buffer to write. */
    private static final int COPIED_LIMIT = 1024;

    private static final int ASSEMBLY_CAPACITY = 2048;

    /** A cancel waits so long and looks again, while a statement of Weir's own runs. */
    private static final Duration OWN_STATEMENT_PAUSE = Duration.ofMillis(1);

    private static final byte[] NO_NAME = {};

    /** Of what Weir needs for a moment amid a pipeline. */
    private static final byte[] OWN_NAME = ascii(PreparedStatements.PREFIX);

    private static final byte[] PREPARE = ascii("PREPARE ");

    private static final String COPY_FAIL_REASON = "client left";

    /** A syntax error, which undoes what came before it in the same exchange; it says in the server's log what it is. */
    private static final byte[] NO_STATEMENT = ascii("client left without Sync");

    private final Pool pool;
    private final Lane lane;
    private final Channel channel;
    private final BackendKey backendKey;
    private final CancelSender cancels;
    private final ExpectedReplies expected = new ExpectedReplies();
    private final FrameScanner scanner = new FrameScanner(this);
    private final ServerStatements statements = new ServerStatements();

    private ServerPhase phase = ServerPhase.IDLE;

    /** Whom replies are for; null swallows them. The borrower of {@link ServerPhase.Lent}, at hand for the hot path. */
    private @Nullable Borrower replyTo;

    /** Transaction status of the last ReadyForQuery. */
    private byte status = Backend.IDLE;

    /** What the session on the server has set, as far as Weir has had it set. */
    private SessionParameters parameters = SessionParameters.NONE;

    private final Map<String, String> reported;

    /** Whose unnamed statement the server has; null if it has none. */
    private @Nullable Object unnamedOf;

    /** Requests of Weir's own, and small ones behind them, before they are written; null between two flushes. */
    private @Nullable ByteBuf assembly;

    private @Nullable PgError lastWords;
    private int cancelsUnderway;
    private boolean cleanupFailed;
    private boolean roomAwaited;

    /** The borrower repeats the request under way when its ReadyForQuery has come, and has seen nothing of it. */
    private boolean repeating;

    /** The run that is being taken ends with ReadyForQuery. */
    private boolean readyTaken;

    /** To be closed instead of lent again. */
    private @Nullable CloseReason retiring;

    private @Nullable ScheduledFuture<?> deadline;

    ServerConnection(Pool pool, Lane lane, OpenedServer opened, CancelSender cancels) {
        this.pool = pool;
        this.lane = lane;
        this.channel = opened.channel();
        this.backendKey = opened.key();
        this.reported = new LinkedHashMap<>(opened.parameters());
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
        onRequest(type, null);
    }

    /** @param fate is told what becomes of it, or null */
    public void onRequest(byte type, @Nullable Fate fate) {
        expected.onRequest(type, fate);
        if (type == Frontend.SYNC) {
            statements.onSync();
        }
    }

    public void takeRequest(ByteBuf run) {
        ByteBuf out = assembly;
        if (out != null) {
            if (run.readableBytes() <= COPIED_LIMIT) {
                out.writeBytes(run);
                run.release();
                return;
            }
            writeAssembly();
        }
        channel.write(run, channel.voidPromise());
    }

    public void flushRequests() {
        writeAssembly();
        channel.flush();
    }

    public ByteBufAllocator allocator() {
        return channel.alloc();
    }

    /** What the server has reported of its parameters, in the order in which it did first. Borrowed. */
    Map<String, String> reported() {
        return reported;
    }

    /** Where a request is written that the borrower's is replaced by, behind all that was taken so far. */
    public ByteBuf assembly() {
        ByteBuf out = assembly;
        if (out == null) {
            out = channel.alloc().buffer(ASSEMBLY_CAPACITY);
            assembly = out;
        }
        return out;
    }

    private void writeAssembly() {
        ByteBuf out = assembly;
        if (out != null) {
            assembly = null;
            channel.write(out, channel.voidPromise());
        }
    }

    /**
     * A frame of the borrower's is not sent, but answered with a reply of this type when its turn comes.
     *
     * @param type ParseComplete or CloseComplete
     */
    public void putIn(byte type, @Nullable Fate fate) {
        expected.onPutIn(type, fate);
        putInDue();
    }

    /** Runs a statement of Weir's own before whatever the borrower sends next. */
    public void runOwn(String sql, OwnQuery query) {
        expected.onOwnRequest(Frontend.QUERY, query);
        unnamedOf = null;
        Frontend.writeQuery(assembly(), sql);
    }

    /** What the session on the server has set. */
    public SessionParameters parameters() {
        return parameters;
    }

    /** The borrower has had it set so, or has found it so. */
    public void setParameters(SessionParameters found) {
        parameters = found;
    }

    /** Whose unnamed statement the server has; null if it has none. */
    public @Nullable Object unnamedOf() {
        return unnamedOf;
    }

    public void setUnnamedOf(@Nullable Object owner) {
        unnamedOf = owner;
    }

    /**
     * A session begins: it finds nothing but what it asked for itself.
     *
     * @param startup what it has set by its startup message
     */
    public void beginSession(SessionParameters startup, OwnQuery query) {
        String change = SessionParameters.change(parameters, startup);
        if (unnamedOf != null) {
            closeUnnamed();
            sendOwnSync();
        }
        if (statements.size() > 0) {
            change = change.isEmpty() ? "DEALLOCATE ALL" : "DEALLOCATE ALL;" + change;
            statements.clear();
        }
        if (!change.isEmpty()) {
            runOwn(change, query);
            parameters = startup;
        }
    }

    /** The transaction status of the last ReadyForQuery, a byte as in {@link Backend#IDLE}. */
    public byte status() {
        return status;
    }

    /** Whether the borrower has but one request outstanding, of which only ReadyForQuery is still to come. */
    public boolean isLastRequest() {
        return expected.isSingle();
    }

    /** Whether nothing that the borrower has sent is still to be answered by the server. */
    public boolean isWithoutRequests() {
        return expected.isWithoutClients();
    }

    /** Whether what is sent now is read when the server has answered all before, and no error was among that. */
    public boolean isInStep() {
        return expected.isEmpty() && !expected.isSkipping();
    }

    // ---- prepared statements

    /**
     * Makes sure that the server has a statement when it reads what is sent next.
     *
     * @param extended that is a message of the extended protocol; else it is a Query
     */
    public void prepare(PreparedStatement statement, boolean extended) {
        ServerStatements.Presence presence = statements.presence(statement);
        if (presence == ServerStatements.Presence.PRESENT || expected.isSkipping()) {
            return;
        }
        boolean alone = !extended && !expected.isOpen();
        boolean byQuery = alone && statement.kind() == PreparedStatement.Kind.SQL;
        PreparedStatement inTheWay =
                presence == ServerStatements.Presence.DOUBTFUL ? statement : statementBeyondLimit();
        if (inTheWay != null) {
            closeStatement(inTheWay, byQuery);
        }
        Fate fate = statements.add(statement, false);
        if (byQuery) {
            expected.onOwnRequest(Frontend.QUERY, fate);
            unnamedOf = null;
            Frontend.writeQuery(assembly(), PREPARE, statement.serverName(), statement.bytes());
        } else {
            sendPreparation(statement, fate);
            if (alone) {
                sendOwnSync();
            }
        }
    }

    private @Nullable PreparedStatement statementBeyondLimit() {
        return statements.size() >= pool.settings().sessions().statementsPerServer() ? statements.evict() : null;
    }

    private void sendPreparation(PreparedStatement statement, Fate fate) {
        ByteBuf out = assembly();
        if (statement.kind() == PreparedStatement.Kind.PROTOCOL) {
            expected.onOwnRequest(Frontend.PARSE, fate);
            Frontend.writeParseContent(out, statement.serverName(), statement.bytes(), statement.bytes().length);
            return;
        }
        // As a portal with a name, so that it can stand amid a pipeline without touching what the client has there.
        expected.onOwnRequest(Frontend.PARSE, null);
        Frontend.writeParse(out, OWN_NAME, PREPARE, statement.serverName(), statement.bytes());
        expected.onOwnRequest(Frontend.BIND, null);
        Frontend.writeBind(out, OWN_NAME, OWN_NAME);
        expected.onOwnRequest(Frontend.EXECUTE, fate);
        Frontend.writeExecute(out, OWN_NAME);
        expected.onOwnRequest(Frontend.CLOSE, null);
        Frontend.writeClose(out, Frontend.STATEMENT, OWN_NAME);
        expected.onOwnRequest(Frontend.CLOSE, null);
        Frontend.writeClose(out, Frontend.PORTAL, OWN_NAME);
    }

    private void sendOwnSync() {
        expected.onOwnRequest(Frontend.SYNC, null);
        statements.onSync();
        Frames.writeEmpty(assembly(), Frontend.SYNC);
    }

    /** Makes sure that one more statement can be prepared on the server without exceeding the limit. */
    public void makeRoom() {
        PreparedStatement oldest = statementBeyondLimit();
        if (oldest != null) {
            closeStatement(oldest, false);
        }
    }

    /** Whether the server may have it when it reads what is sent next. */
    public boolean mayHave(PreparedStatement statement) {
        return statements.presence(statement) != ServerStatements.Presence.ABSENT;
    }

    /** Whether the server surely has it when it reads what is sent next. */
    public boolean isPrepared(PreparedStatement statement) {
        return statements.presence(statement) == ServerStatements.Presence.PRESENT;
    }

    /** The borrower is about to send what prepares it. */
    public Fate onPreparation(PreparedStatement statement) {
        return statements.add(statement, true);
    }

    /** The borrower sends what removes it from the server, if that succeeds. */
    public Fate onDeallocation(PreparedStatement statement) {
        Fate removal = statements.remove(statement);
        statements.doubt(statement); // until it is known
        return removal;
    }

    /** What the borrower sends may remove all statements from the server. */
    public void doubtStatements() {
        statements.doubtAll();
    }

    /** What the borrower has sent has removed all statements from the server. */
    public void onDeallocationOfAll() {
        statements.clear();
        unnamedOf = null;
    }

    /**
     * Removes a statement from the server, so that it can be prepared as if for the first time; no error if it isn't there.
     *
     * @param alone a Query follows
     */
    public void closeStatement(PreparedStatement statement, boolean alone) {
        expected.onOwnRequest(Frontend.CLOSE, statements.remove(statement));
        Frontend.writeClose(assembly(), Frontend.STATEMENT, statement.serverName());
        if (alone) {
            sendOwnSync();
        }
    }

    /** Removes the unnamed statement, which is another's. */
    public void closeUnnamed() {
        unnamedOf = null;
        expected.onOwnRequest(Frontend.CLOSE, null);
        Frontend.writeClose(assembly(), Frontend.STATEMENT, NO_NAME);
    }

    /** Prepares the unnamed statement anew. */
    public void prepareUnnamed(byte[] content, int length, Object owner) {
        unnamedOf = owner;
        expected.onOwnRequest(Frontend.PARSE, null);
        Frontend.writeParseContent(assembly(), NO_NAME, content, length);
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
     * @param session its session's state, which is still on the server, goes with it
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
        repeating = false;
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
        Borrower borrower = replyTo;
        if (expected.isOurs() && channel.isActive()) {
            // What runs is not the borrower's; its own statement is next.
            lane.schedule(OWN_STATEMENT_PAUSE, () -> {
                if (borrower != null && borrower.equals(replyTo)) {
                    cancel(done);
                } else {
                    done.run();
                }
            });
            return;
        }
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
                yield onError(null) ? passOn() : Verdict.SWALLOW;
            }
            case Backend.PARAMETER_STATUS -> bodyLength <= INSPECT_LIMIT ? Verdict.INSPECT : passOn();
            case Backend.NOTICE_RESPONSE -> expected.isOurs() ? Verdict.SWALLOW : passOn();
            case Backend.NOTIFICATION_RESPONSE -> bodyLength <= INSPECT_LIMIT ? Verdict.INSPECT : passOn();
            default -> {
                if (bodyLength > LENGTH_LIMIT) {
                    yield violation("message of " + bodyLength + " bytes");
                }
                if (expected.isOurs() || expected.isPutInNext()) {
                    yield onHeaderAmidOurs(type, bodyLength);
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

    /** A reply to a message of Weir's own, or one that may be followed by a reply that is to be put in. */
    private Verdict onHeaderAmidOurs(byte type, int bodyLength) {
        boolean large = type == Backend.DATA_ROW || type == Backend.COPY_DATA || type == Backend.PARAMETER_DESCRIPTION;
        if (bodyLength <= INSPECT_LIMIT && (expected.isOurs() || !large)) {
            return Verdict.INSPECT;
        }
        if (type == Backend.ROW_DESCRIPTION && bodyLength <= DESCRIPTION_LIMIT) {
            return Verdict.INSPECT;
        }
        boolean ours = expected.isOurs();
        if (!expected.onReply(type)) {
            return violation("unexpected message type 0x" + Integer.toHexString(type & 0xff));
        }
        return ours ? Verdict.SWALLOW : passOn();
    }

    @Override
    public Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        return switch (type) {
            case Backend.READY_FOR_QUERY -> onReadyForQuery(buffer.getByte(bodyIndex));
            case Backend.ERROR_RESPONSE -> onErrorFrame(buffer, bodyIndex, bodyLength);
            case Backend.PARAMETER_STATUS -> onParameter(buffer, bodyIndex, bodyLength);
            case Backend.NOTIFICATION_RESPONSE -> {
                if (replyTo != null) {
                    replyTo.onNotification(buffer, bodyIndex, bodyLength);
                }
                yield passOn();
            }
            default -> onFrameAmidOurs(type, buffer, bodyIndex, bodyLength);
        };
    }

    private Verdict onReadyForQuery(byte newStatus) {
        status = newStatus;
        boolean ours = expected.isOurs();
        if (ours) {
            scanner.cut(); // what stands before it is for the borrower of now
        }
        Borrower borrower = replyTo;
        if (!expected.onReadyForQuery()) {
            return violation("ReadyForQuery without a request");
        }
        if (borrower == null) {
            onReadyAlone();
        } else if (repeating) {
            repeating = false;
            borrower.onRepeat();
        } else if (!ours) {
            readyTaken = true;
            return Verdict.FORWARD_AND_CUT;
        } else if (borrower.equals(replyTo)) { // whoever was told of the answer may have left
            putInDue();
            borrower.onReady(isAtRest());
        }
        return phase instanceof ServerPhase.Closed ? Verdict.STOP : Verdict.SWALLOW;
    }

    private Verdict onFrameAmidOurs(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        boolean ours = expected.isOurs();
        if (ours) {
            scanner.cut();
        }
        if (ours && type == Backend.DATA_ROW && expected.fate() instanceof OwnQuery query) {
            query.onRow(buffer, bodyIndex, bodyLength);
        }
        if (!expected.onReply(type)) {
            return violation("unexpected message type 0x" + Integer.toHexString(type & 0xff));
        }
        if (replyTo != null && !ours) {
            return Verdict.FORWARD_AND_CUT;
        }
        putInDue();
        return Verdict.SWALLOW;
    }

    private Verdict onParameter(ByteBuf buffer, int bodyIndex, int bodyLength) {
        int nameLength = buffer.bytesBefore(bodyIndex, bodyLength, (byte) 0);
        int valueAt = bodyIndex + nameLength + 1;
        int valueLength = nameLength < 0 ? -1 : buffer.bytesBefore(valueAt, bodyIndex + bodyLength - valueAt, (byte) 0);
        if (valueLength < 0) {
            return violation("malformed ParameterStatus");
        }
        String name = buffer.toString(bodyIndex, nameLength, StandardCharsets.UTF_8);
        String value = buffer.toString(valueAt, valueLength, StandardCharsets.UTF_8);
        reported.put(name, value);
        if (expected.isOurs()) {
            if (expected.fate() instanceof OwnQuery query) {
                query.onParameter(name, value);
            }
            return Verdict.SWALLOW;
        }
        Borrower borrower = replyTo;
        if (borrower != null) {
            borrower.onParameter(name, value);
        }
        return passOn();
    }

    @Override
    public void onCut() {
        putInDue();
        Borrower borrower = replyTo;
        if (readyTaken && borrower != null) {
            readyTaken = false;
            borrower.onReady(isAtRest());
        }
    }

    /** Writes the replies whose turn has come of those that the server was not asked for. */
    private void putInDue() {
        byte type = expected.takePutIn();
        while (type != 0) {
            Borrower borrower = replyTo;
            if (borrower != null) {
                ByteBuf out = channel.alloc().buffer(FrameScanner.HEADER_LENGTH);
                Frames.writeEmpty(out, type);
                borrower.takeOwnReply(out);
            }
            type = expected.takePutIn();
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

    /** @return whether the borrower is to see it as it is */
    private boolean onError(@Nullable PgError error) {
        Fate fate = expected.fate();
        boolean shown = expected.onError();
        cleanupFailed = true; // read in phase Cleaning only, and cleared where it begins
        if (expected.isAmbiguous() && phase instanceof ServerPhase.Draining) {
            armDeadline();
        }
        if (error != null && error.isFatal()) {
            lastWords = error;
            return true;
        }
        if (fate instanceof OwnQuery query) {
            query.onError(error != null ? error : new Failure.Internal().toPgError());
        } else if (fate instanceof Refusal refusal && replyTo != null) {
            scanner.cut();
            ByteBuf out = channel.alloc().buffer(256);
            refusal.error().writeTo(out);
            replyTo.takeOwnReply(out);
            return false;
        }
        return shown;
    }

    private Verdict onErrorFrame(ByteBuf buffer, int bodyIndex, int bodyLength) {
        PgError error = PgError.parse(buffer, bodyIndex, bodyLength).orElse(null);
        Fate fate = expected.fate();
        if (!onError(error)) {
            return Verdict.SWALLOW;
        }
        Borrower borrower = replyTo;
        if (borrower == null && lastWords != null) {
            discard(CloseReason.BY_SERVER); // it closes in a moment, and is not to be lent until then
            return Verdict.STOP;
        }
        if (borrower == null || error == null || error.isFatal()) {
            return passOn();
        }
        if (borrower.repeats(error, buffer, bodyIndex, bodyLength)) {
            scanner.dropRun();
            repeating = true;
            return Verdict.SWALLOW;
        }
        scanner.cut();
        return borrower.takesError(buffer, bodyIndex, bodyLength, fate) ? Verdict.SWALLOW : Verdict.FORWARD;
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
                    startCleanup(Cleanup.reset(pool.settings().sessions().resetQuery()));
                } else {
                    onCleaned(cleaning.cleanup());
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
            startCleanup(Cleanup.reset(pool.settings().sessions().resetQuery()));
        } else {
            finish();
        }
    }

    /** The reset query ends what a session has set; whether it leaves prepared statements, only the server knows. */
    private void onCleaned(Cleanup cleanup) {
        if (cleanup.sql().equals(Cleanup.RESET_QUERY)) {
            statements.clear();
        } else {
            statements.doubtAll();
        }
        parameters = SessionParameters.NONE;
    }

    private void startCleanup(Cleanup cleanup) {
        if (!cleanup.then()
                && cleanup.ofSession()
                && !pool.settings().sessions().reuse()) {
            discard(CloseReason.RETIRED);
            return;
        }
        moveTo(new ServerPhase.Cleaning(cleanup));
        cleanupFailed = false;
        armDeadline();
        expected.onRequest(Frontend.QUERY);
        unnamedOf = null;
        Frontend.writeQuery(assembly(), cleanup.sql());
        flushRequests();
    }

    /** Makes the server come to an end with what the client left open. */
    private void endOpenExchange() {
        boolean copyIn = expected.isCopyIn();
        boolean open = expected.isOpen();
        if (!copyIn && !open) {
            return;
        }
        ByteBuf out = assembly();
        if (copyIn) {
            expected.onRequest(Frontend.COPY_FAIL);
            Frontend.writeCopyFail(out, COPY_FAIL_REASON);
        }
        if (open) {
            // Sync alone would commit what the client has not; Postgres undoes it when a client leaves without one.
            expected.onRequest(Frontend.PARSE);
            unnamedOf = null;
            Frontend.writeParse(out, NO_NAME, NO_STATEMENT);
            expected.onRequest(Frontend.SYNC);
            Frames.writeEmpty(out, Frontend.SYNC);
        }
        flushRequests();
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
        boolean atRest = isAtRest();
        moveTo(closed);
        Borrower borrower = replyTo;
        replyTo = null;
        expected.abandon();
        if (channel.isActive() && atRest) {
            Frames.writeEmpty(assembly(), Frontend.TERMINATE);
            flushRequests();
        }
        if (assembly != null) {
            assembly.release();
            assembly = null;
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

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "server " + backendKey.processId() + " of " + pool.key();
    }
}
