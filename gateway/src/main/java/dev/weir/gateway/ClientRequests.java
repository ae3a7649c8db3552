package dev.weir.gateway;

import dev.weir.pool.ServerConnection;
import dev.weir.wire.FrameHandler;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * All that comes from one client: its frames walk to the login, to the server connection that it is lent, or wait.
 * Confined to a lane.
 */
final class ClientRequests implements FrameHandler {
    private final ClientConnection client;
    private final ClientBorrower borrower;
    private final OwnAnswers answers;
    private final Channel channel;
    private final FrameScanner scanner = new FrameScanner(this);
    private final HeldInput held;
    private ClientSession session;

    /** A scan is under way further up the stack, so what it leaves will be seen to there. */
    private boolean scanning;

    /** Nothing will come any more. */
    private boolean over;

    ClientRequests(
            ClientConnection client,
            ClientBorrower borrower,
            OwnAnswers answers,
            Channel channel,
            ClientSession session) {
        this.client = client;
        this.borrower = borrower;
        this.answers = answers;
        this.channel = channel;
        this.held = new HeldInput(channel.alloc());
        this.session = session;
    }

    FrameScanner scanner() {
        return scanner;
    }

    void setSession(ClientSession begun) {
        session = begun;
    }

    /** Nothing is held. */
    boolean isEmpty() {
        return held.isEmpty();
    }

    /** Everything that has come has gone on, up to the end of a frame. */
    boolean isAllSent() {
        return held.isEmpty() && scanner.isAtBoundary();
    }

    /** A part of a frame has gone on whose rest has not come. */
    boolean isWithinSentFrame() {
        return scanner.isWithinForwardedFrame();
    }

    /** What has come before this was there is to be looked at first, ahead of what has come since. */
    void hold(@Nullable ByteBuf first) {
        ByteBuf newer = held.giveUp();
        held.take(first);
        if (newer != null) {
            held.takeMore(newer);
        }
    }

    /** What is left of a scan that was stopped; the frame that it begins with may have begun in an earlier read. */
    private void holdRest(ByteBuf rest) {
        held.take(scanner.takeUnfinished());
        held.takeMore(rest);
    }

    /** To be sent again, ahead of what has come since. */
    void repeat(ByteBuf again) {
        holdAgain(again);
        resume();
    }

    /** To be sent again when {@link #resume} is called, ahead of what has come since, be it a part of a frame. */
    void holdAgain(ByteBuf again) {
        hold(scanner.takeUnfinished());
        hold(again);
    }

    void take(ByteBuf in) {
        session.onRead(in);
        if (held.isEmpty() && !session.isRepetitionDue() && !borrower.isCanceling()) {
            scan(in);
            return;
        }
        held.takeMore(in);
        if (held.isFull()) {
            updateReading();
        }
    }

    private void scan(ByteBuf in) {
        borrower.onSpoken();
        scanning = true;
        ByteBuf rest = scanner.take(in);
        scanning = false;
        if (scanner.isWithinForwardedFrame()) {
            borrower.onPart();
        }
        client.onSpoken();
        if (rest == null) {
            return;
        }
        if (client.isClosed()) {
            rest.release();
        } else {
            holdRest(rest);
        }
    }

    /** Goes on with what is held, when what it waited for has come about. */
    void resume() {
        if (scanning || borrower.isCanceling()) {
            return;
        }
        ByteBuf in = held.giveUp();
        if (in != null) {
            scan(in);
        }
        afterScan();
        updateReading();
    }

    /** All that came in one wake-up has been taken. */
    void afterScan() {
        borrower.afterRequests();
        answers.flush();
    }

    /** Reads while what it would read can go on, or be held; a client that does not read our own answers is not read. */
    void updateReading() {
        if (over) {
            return;
        }
        ServerConnection lent = borrower.server();
        boolean reading = !held.isFull() && (lent == null ? channel.isWritable() : lent.isWritable());
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    /** Ends the run before the current frame. */
    void cut() {
        scanner.cut();
    }

    /**
     * Nothing will come any more.
     *
     * @return whether the client has said so in a Terminate that it has not been looked at yet, behind requests that it wants
     *     carried out; else what is held is dropped
     */
    boolean onOver() {
        over = true;
        if (goesOn() && held.endsWithTerminate()) {
            return true;
        }
        release();
        return false;
    }

    /** Whether what is held is looked at when what it waits for has come about, be the client there or not. */
    private boolean goesOn() {
        return switch (client.phase()) {
            case ClientPhase.Linked linked -> true;
            case ClientPhase.Riding riding -> true;
            case ClientPhase.Idle idle -> true;
            case ClientPhase.Waiting waiting -> true;
            case ClientPhase.LoggingIn loggingIn -> false;
            case ClientPhase.Closed closed -> false;
        };
    }

    boolean isOver() {
        return over;
    }

    void release() {
        scanner.release();
        held.release();
    }

    // ---- frames

    @Override
    public Verdict onHeader(byte type, int bodyLength) {
        return switch (client.phase()) {
            case ClientPhase.Linked linked -> onHeaderLinked(type, bodyLength);
            case ClientPhase.Riding riding -> borrower.onHeader(type, bodyLength);
            case ClientPhase.Idle idle -> onHeaderIdle(type, bodyLength);
            case ClientPhase.LoggingIn loggingIn -> loggingIn.login().onHeader(type, bodyLength);
            case ClientPhase.Waiting waiting -> Verdict.STOP;
            case ClientPhase.Closed closed -> Verdict.STOP;
        };
    }

    private Verdict onHeaderLinked(byte type, int bodyLength) {
        ServerConnection lent = borrower.server();
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
        return session.onHeader(lent, type, bodyLength);
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
                yield bodyLength <= session.wholeLimit(type) ? Verdict.INSPECT : request(type, null, 0, bodyLength);
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
        if (client.phase() instanceof ClientPhase.LoggingIn loggingIn) {
            return loggingIn.login().onFrame(type, buffer, bodyIndex, bodyLength);
        }
        ServerConnection lent = borrower.server();
        if (lent != null) {
            return session.onFrame(lent, type, buffer, bodyIndex, bodyLength);
        }
        return request(type, buffer, bodyIndex, bodyLength);
    }

    /**
     * The first frame of a request: now or later, a server connection is lent for it.
     *
     * @param buffer holds the whole frame; null if it has not been waited for
     */
    private Verdict request(byte type, @Nullable ByteBuf buffer, int bodyIndex, int bodyLength) {
        answers.flush();
        ServerConnection lent = borrower.request(type, buffer, bodyIndex, bodyLength);
        if (lent == null) {
            return Verdict.STOP;
        }
        Verdict verdict =
                client.isRiding() ? borrower.onHeader(type, bodyLength) : session.onHeader(lent, type, bodyLength);
        boolean look = verdict == Verdict.INSPECT || verdict == Verdict.PEEK;
        return look && buffer != null ? session.onFrame(lent, type, buffer, bodyIndex, bodyLength) : verdict;
    }

    /** Whether Postgres would accept a frame like this; if not, the connection is on its way out. */
    private boolean isAllowed(byte type, int bodyLength) {
        int limit = Frontend.lengthLimit(type);
        if (limit < 0) {
            client.onViolation("invalid frontend message type " + (type & 0xff));
            return false;
        }
        if (bodyLength + 4 > limit) {
            client.onViolation("invalid message length");
            return false;
        }
        return true;
    }

    @Override
    public void onMalformedLength(byte type, int lengthField) {
        client.onViolation("invalid message length");
    }

    private Verdict onTerminate() {
        scanner.cut();
        client.onTerminate();
        return Verdict.STOP;
    }

    @Override
    public void takeRun(ByteBuf run) {
        ServerConnection lent = borrower.server();
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
}
