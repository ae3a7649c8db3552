package dev.weir.gateway;

import dev.weir.pool.Fate;
import dev.weir.pool.OwnQuery;
import dev.weir.pool.Pool;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SessionParameters;
import dev.weir.pool.SqlReader;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The session that a client of transaction mode believes to have, on whatever server connections it is lent. It brings the
 * client's parameters along, passes the frames that could leave something behind or rely on it to {@link SimpleRequests}
 * and {@link ExtendedRequests}, and knows when the server connection can't be given back. Confined to a lane.
 */
final class VirtualSession implements ClientSession {
    /** Texts up to this size are judged; behind a longer one the server is asked what it has left. */
    static final int JUDGED_LIMIT = 1 << 20;

    private final Client client;
    private final SessionState state;
    private final Pinning pinning;
    private final Listening listening;
    private final ClientStatements statements;
    private final UnnamedStatement unnamed;
    private final Repetition repetition;
    private final Ride ride;
    private final SimpleRequests simple;
    private final ExtendedRequests extended;

    /** Nothing may be sent before the server has answered what makes it the client's own. */
    private boolean becoming;

    /** A server connection could not be made the client's own, and another is tried. */
    private boolean triedAgain;

    /** Scanning was stopped, and is to go on. */
    private boolean resumeWanted;

    /**
     * @param scanner of the client's frames
     */
    VirtualSession(FrameScanner scanner, Pool pool, SqlReader sql, SessionParameters startup, Client client) {
        this.client = client;
        this.state = new SessionState(pool.key().user(), startup);
        this.pinning = new Pinning(pool);
        this.listening = new Listening(pool.notifications(), client);
        this.statements = new ClientStatements(pool, state, client);
        this.unnamed = new UnnamedStatement(scanner);
        this.repetition = new Repetition(scanner);
        ShareableExchange exchange = new ShareableExchange(pool, sql, statements, unnamed);
        this.ride = new Ride(pool, scanner, exchange, repetition, unnamed, this);
        SessionEffects effects = new SessionEffects(state, pinning, listening, statements);
        this.simple = new SimpleRequests(scanner, sql, effects, statements, unnamed, repetition);
        this.extended = new ExtendedRequests(scanner, sql, effects, statements, unnamed, repetition);
    }

    @Override
    public SessionParameters parameters() {
        return state.parameters();
    }

    // ---- lending

    @Override
    public void onLent(ServerConnection lent) {
        SessionParameters own = state.parameters();
        SessionParameters there = lent.session().parameters();
        if (!there.equals(own)) {
            String change = SessionParameters.change(there, own);
            becoming = !SessionParameters.changesSurely(there, own);
            lent.session().runOwn(change, new Becoming(lent));
            lent.session().setParameters(own);
        }
    }

    /** What makes the server connection the client's own. */
    private class Becoming implements OwnQuery {
        private final ServerConnection lent;
        private final SessionParameters before;
        private @Nullable PgError error;

        /** Made before what it is about is told to the server connection. */
        Becoming(ServerConnection lent) {
            this.lent = lent;
            this.before = lent.session().parameters();
        }

        @Override
        public void onError(PgError failure) {
            error = failure;
        }

        @Override
        public void onAnswered() {
            triedAgain = false;
            if (becoming) {
                becoming = false;
                client.resume();
            }
        }

        @Override
        public void onUndone() {
            if (error != null) {
                lent.session().setParameters(before); // all of it was undone
                if (becoming && !triedAgain) {
                    becoming = false;
                    triedAgain = true;
                    client.lendAnother();
                } else {
                    client.fail(new Failure.ParametersLost(error.message()).toPgError());
                }
            }
        }
    }

    @Override
    public boolean onAtRest(ServerConnection lent) {
        if (becoming) {
            return false;
        }
        repetition.onAtRest();
        if (!lent.isAtRest()) {
            return false;
        }
        state.onTransactionEnd();
        listening.onCommitted();
        if (state.isToBeAsked()) {
            state.ask(lent);
            return false;
        }
        if (!state.isSatisfiedBy(lent.session().parameters())) {
            String change = SessionParameters.change(lent.session().parameters(), state.parameters());
            lent.session().runOwn(change, new Restarting(lent));
            lent.session().setParameters(state.parameters());
            lent.flushRequests();
            return false;
        }
        onRestarted();
        if (pinning.count(state.isPinned()) && state.isPinned()) {
            client.onPinned(state.pinReasons());
        }
        if (listening.isReadyToMove()) { // else when that is done
            List<String> channels = state.takeListening();
            if (!channels.isEmpty()) {
                listening.move(lent, channels);
            }
        }
        if (lent.isAtRest()) {
            listening.onAtRest();
        }
        return !state.isPinned() && !listening.isMoving() && lent.isAtRest() && !hasIdleLimit(lent);
    }

    /** A limit of the client's own must not end a server connection that waits for another; so it is taken away. */
    private boolean hasIdleLimit(ServerConnection lent) {
        SessionParameters there = lent.session().parameters();
        if (!there.has(SessionState.IDLE_LIMIT)) {
            return false;
        }
        SessionParameters without = there.with(SessionState.IDLE_LIMIT, null);
        lent.session().runOwn(SessionParameters.change(there, without), new Becoming(lent));
        lent.session().setParameters(without);
        lent.flushRequests();
        return true;
    }

    /** What the startup message set is set again behind a RESET, which the client has been told of. */
    private final class Restarting extends Becoming {
        Restarting(ServerConnection lent) {
            super(lent);
        }

        @Override
        public void onParameter(String name, String value) {
            client.tellParameter(name, value);
        }
    }

    private void onRestarted() {
        state.onRestarted();
        if (resumeWanted) {
            resumeWanted = false;
            client.resumeSoon();
        }
    }

    @Override
    public void onParameter(String name) {
        state.onParameter(name);
    }

    @Override
    public void onNotification(ByteBuf buffer, int index, int length) {
        listening.onToldByLent(buffer, index, length);
    }

    @Override
    public void tell() {
        listening.tell();
    }

    @Override
    public int statements() {
        return statements.size();
    }

    @Override
    public List<PinReason> pinReasons() {
        return state.pinReasons();
    }

    @Override
    public long waitedToListen() {
        return listening.waited();
    }

    @Override
    public boolean isDirty() {
        return state.isDirty() || listening.isMoving();
    }

    @Override
    public void end() {
        pinning.count(false);
        listening.end();
        repetition.end();
        statements.end();
    }

    @Override
    public Ride ride() {
        return ride;
    }

    @Override
    public boolean isMovable() {
        return !isDirty() && !state.isRestarting();
    }

    // ---- frames

    /** Texts are judged, so they are awaited whole. */
    @Override
    public int wholeLimit(byte type) {
        return type == Frontend.QUERY || type == Frontend.PARSE ? JUDGED_LIMIT : DirectSession.WHOLE_LIMIT;
    }

    @Override
    public Verdict onHeader(ServerConnection lent, byte type, int bodyLength) {
        if (becoming) {
            return Verdict.STOP;
        }
        if (lent.isCopyIn()) {
            lent.onRequest(type); // the server says what does not belong there
            return Verdict.FORWARD;
        }
        if (state.isRestarting() && lent.status() == Backend.IDLE && lent.isBetweenExchanges()) {
            resumeWanted = true;
            return Verdict.STOP;
        }
        return switch (type) {
            case Frontend.QUERY, Frontend.PARSE ->
                bodyLength <= JUDGED_LIMIT ? Verdict.INSPECT : onLongText(lent, type);
            case Frontend.BIND, Frontend.DESCRIBE, Frontend.CLOSE -> Verdict.PEEK;
            case Frontend.EXECUTE -> {
                extended.onExecute(lent);
                yield Verdict.FORWARD;
            }
            default -> {
                lent.onRequest(type);
                yield Verdict.FORWARD;
            }
        };
    }

    /** Sent unseen, but for the name of a Parse. */
    private Verdict onLongText(ServerConnection lent, byte type) {
        if (type == Frontend.PARSE) {
            return Verdict.PEEK;
        }
        unnamed.forget(lent);
        state.onUnseen();
        lent.onRequest(type);
        return Verdict.FORWARD;
    }

    @Override
    public Verdict onFrame(ServerConnection lent, byte type, ByteBuf buffer, int index, int length) {
        return switch (type) {
            case Frontend.QUERY -> simple.onQuery(lent, buffer, index, length);
            case Frontend.PARSE -> extended.onParse(lent, buffer, index, length);
            case Frontend.BIND -> extended.onBind(lent, buffer, index, length);
            case Frontend.DESCRIBE -> extended.onDescribe(lent, buffer, index, length);
            case Frontend.CLOSE -> extended.onClose(lent, buffer, index, length);
            default -> {
                lent.onRequest(type);
                yield Verdict.FORWARD;
            }
        };
    }

    // ---- errors

    @Override
    public void onRead(ByteBuf in) {
        repetition.onRead(in);
    }

    @Override
    public boolean holds(ByteBuf run) {
        return repetition.holds(run);
    }

    @Override
    public boolean isHolding() {
        return repetition.isHolding();
    }

    @Override
    public @Nullable ByteBuf takeReply() {
        return repetition.takeReply();
    }

    @Override
    public boolean repeats(ServerConnection lent, PgError error, ByteBuf buffer, int index, int length, boolean alone) {
        return repetition.repeats(lent, error, buffer, index, length, alone);
    }

    @Override
    public boolean isRepetitionDue() {
        return repetition.isDue();
    }

    @Override
    public ByteBuf takeRepeatable() {
        return repetition.take();
    }

    @Override
    public boolean translate(ByteBuf buffer, int index, int length, @Nullable Fate fate, ByteBuf out) {
        listening.onError();
        boolean named = ErrorText.speaksOfNames(buffer, index, length);
        int shift = fate instanceof Renamed renamed ? renamed.shift() : 0;
        int from = fate instanceof Renamed renamed ? renamed.from() : 0;
        if (!named && shift == 0) {
            return false;
        }
        ErrorText.translate(buffer, index, length, statements::nameOf, from, shift, out);
        return true;
    }
}
