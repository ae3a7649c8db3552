package dev.weir.gateway;

import dev.weir.pool.Fate;
import dev.weir.pool.OwnQuery;
import dev.weir.pool.Pool;
import dev.weir.pool.PreparedStatement;
import dev.weir.pool.PreparedStatements;
import dev.weir.pool.Refusal;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SessionParameters;
import dev.weir.pool.SqlReader;
import dev.weir.pool.StatementNames;
import dev.weir.sql.Effect;
import dev.weir.sql.Judgement;
import dev.weir.sql.SessionStatement;
import dev.weir.tenants.SessionSettings;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The session that a client of transaction mode believes to have, on whatever server connections it is lent. It looks at
 * the frames that could leave something behind or rely on it: gives prepared statements the names that they have on
 * servers, has them prepared where they are missing, brings the client's parameters along, and knows when the server
 * connection can't be given back. Confined to a lane.
 */
final class VirtualSession {
    /** Texts up to this size are judged; a longer one is taken for a plain write. */
    static final int JUDGED_LIMIT = 1 << 20;

    /** A frame up to this size is copied as a whole when its head is replaced. */
    private static final int COPIED_LIMIT = 1024;

    /** A request up to this size may be sent again. */
    private static final int REPEATED_LIMIT = 8 * 1024;

    /** A SET up to this size is kept as it was written. */
    private static final int KEPT_TEXT_LIMIT = 1024;

    /** A text that fails, for what is not to be carried out. It does no more than that. */
    private static final byte[] FAILING = "refused by Weir".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] FAILING_NAME = "weir_refused".getBytes(StandardCharsets.US_ASCII);

    /** The client as its session sees it. */
    interface Client extends Subscriptions.Client {
        /** Goes on with its frames, after {@link Verdict#STOP}. */
        void resume();

        /** Tells it what a parameter is. */
        void tellParameter(String name, String value);

        /** The same, but not within this call. */
        void resumeSoon();
    }

    private final Client client;
    private final FrameScanner scanner;
    private final Pool pool;
    private final SqlReader sql;
    private final SessionState state;
    private final StatementNames names;

    /** Null until it listens. */
    private @Nullable Subscriptions subscriptions;

    /** The body of the Parse of the unnamed statement behind its name; its room is kept. */
    private byte[] unnamed = {};

    /** Bytes of {@link #unnamed} in use; -1 if there is no unnamed statement. */
    private int unnamedLength = -1;

    private Judgement unnamedJudgement = NOTHING;
    private List<PreparedStatement> unnamedTargets = List.of();

    /** Who is to know what becomes of the next Execute. */
    private @Nullable Fate boundFate;

    /** Parses of the unnamed statement whose fate is not known. */
    private int unnamedUnderway;

    private final Fate unnamedFate = new UnnamedFate();

    /** What was sent last and may be sent again: from the first frame on that the server has not answered; or null. */
    private @Nullable ByteBuf repeatable;

    /** It is being sent again, which is done once. */
    private boolean repeated;

    /** Counts among those who keep a server connection, or may from this transaction on. */
    private boolean countedAsPinned;

    /** Scanning was stopped, and is to go on. */
    private boolean resumeWanted;

    /** It has been told all that was notified before it ceases to listen. */
    private boolean toldAll;

    /** Statements that have a name, but may still come to nothing. */
    private int namingsUnderway;

    private boolean namingsAwaited;

    /** The statement whose preparation failed last, of which errors may still speak, and its name. */
    private @Nullable PreparedStatement failed;

    private String failedName = "";

    private boolean ended;

    /** Nothing may be sent before the server has answered what makes it the client's own. */
    private boolean becoming;

    private static final Judgement NOTHING = dev.weir.sql.SqlJudge.judge(new byte[0], 0, 0, true);

    /**
     * @param scanner of the client's frames
     */
    VirtualSession(FrameScanner scanner, Pool pool, SqlReader sql, SessionParameters startup, Client client) {
        this.scanner = scanner;
        this.pool = pool;
        this.sql = sql;
        this.client = client;
        this.state = new SessionState(pool.key().user(), startup);
        boolean shared = pool.sessionSettings().sharedStatements();
        this.names = new StatementNames(pool.statements(), shared ? pool.sharedNames() : null);
    }

    SessionState state() {
        return state;
    }

    // ---- lending

    void onLent(ServerConnection lent) {
        SessionParameters own = state.parameters();
        SessionParameters there = lent.session().parameters();
        if (!there.equals(own)) {
            String change = SessionParameters.change(there, own);
            becoming = SessionParameters.changesIdentity(there, own);
            lent.session().setParameters(own);
            lent.session().runOwn(change, new Becoming());
        }
    }

    /** What makes the server connection the client's own. */
    private class Becoming implements OwnQuery {
        private @Nullable PgError error;

        @Override
        public void onError(PgError failure) {
            error = failure;
        }

        @Override
        public void onAnswered() {
            if (becoming) {
                becoming = false;
                client.resume();
            }
        }

        @Override
        public void onUndone() {
            if (error != null) {
                client.fail(new Failure.ParametersLost(error.message()).toPgError());
            }
        }
    }

    /**
     * Nothing is outstanding and no transaction open.
     *
     * @return whether the server connection can be given back; if not now, this may be asked again
     */
    boolean onAtRest(ServerConnection lent) {
        if (becoming) {
            return false;
        }
        onReply();
        repeated = false;
        if (!lent.isAtRest()) {
            return false;
        }
        if (state.isToBeAsked()) {
            state.ask(lent);
            return false;
        }
        if (!lent.session().parameters().equals(state.parameters())) {
            lent.session()
                    .runOwn(
                            SessionParameters.change(lent.session().parameters(), state.parameters()),
                            new Restarting());
            lent.session().setParameters(state.parameters());
            lent.flushRequests();
            return false;
        }
        onRestarted();
        countPinned(state.isPinned());
        List<String> listening = state.takeListening();
        if (!listening.isEmpty()) {
            subscriptions().move(lent, listening);
        }
        Subscriptions own = subscriptions;
        if (own != null && lent.isAtRest()) {
            own.proceed();
            own.tell();
        }
        return !state.isPinned() && (own == null || !own.isMoving()) && lent.isAtRest();
    }

    /** What the startup message set is set again behind a RESET, which the client has been told of. */
    private final class Restarting extends Becoming {
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

    private Subscriptions subscriptions() {
        Subscriptions own = subscriptions;
        if (own == null) {
            own = new Subscriptions(pool.notifications(), client);
            subscriptions = own;
        }
        return own;
    }

    /** A notification that the server connection lent to it passes on. */
    void onNotification(ByteBuf buffer, int index, int length) {
        if (subscriptions != null) {
            subscriptions.onToldByLent(buffer, index, length);
        }
    }

    /** Tells it what is kept for it, if it is ready. */
    void tell() {
        if (subscriptions != null) {
            subscriptions.tell();
        }
    }

    /** Whether a server connection has, or may have, what the next client must not see. */
    boolean isDirty() {
        return state.isDirty() || (subscriptions != null && subscriptions.isMoving());
    }

    /** The client has gone. */
    void end() {
        ended = true;
        countPinned(false);
        if (subscriptions != null) {
            subscriptions.end();
        }
        onReply();
        names.clear();
    }

    // ---- frames

    /** A frame that Postgres would accept begins; a server connection is lent. */
    Verdict onHeader(ServerConnection lent, byte type, int bodyLength) {
        if (becoming) {
            return Verdict.STOP;
        }
        if (state.isRestarting() && lent.status() == Backend.IDLE && lent.isWithoutRequests()) {
            resumeWanted = true;
            return Verdict.STOP;
        }
        return switch (type) {
            case Frontend.QUERY, Frontend.PARSE ->
                bodyLength <= JUDGED_LIMIT ? Verdict.INSPECT : onLongText(lent, type);
            case Frontend.BIND, Frontend.DESCRIBE, Frontend.CLOSE -> Verdict.PEEK;
            case Frontend.EXECUTE -> {
                lent.onRequest(type, boundFate);
                boundFate = null;
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
        forgetUnnamed(lent);
        lent.onRequest(type);
        return Verdict.FORWARD;
    }

    Verdict onFrame(ServerConnection lent, byte type, ByteBuf buffer, int index, int length) {
        return switch (type) {
            case Frontend.QUERY -> onQuery(lent, buffer, index, length);
            case Frontend.PARSE -> onParse(lent, buffer, index, length);
            case Frontend.BIND -> onBind(lent, buffer, index, length);
            case Frontend.DESCRIBE -> onDescribe(lent, buffer, index, length);
            case Frontend.CLOSE -> onClose(lent, buffer, index, length);
            default -> forward(lent, type);
        };
    }

    private static Verdict forward(ServerConnection lent, byte type) {
        lent.onRequest(type);
        return Verdict.FORWARD;
    }

    // ---- Query

    private Verdict onQuery(ServerConnection lent, ByteBuf buffer, int index, int length) {
        forgetUnnamed(lent);
        int textLength = buffer.bytesBefore(index, length, (byte) 0);
        if (textLength < 0) {
            return forward(lent, Frontend.QUERY); // the server says what is wrong with it
        }
        sql.load(buffer, index, textLength);
        Judgement judgement = sql.judge(textLength, true);
        if (judgement.isPlain()) {
            return forward(lent, Frontend.QUERY);
        }
        if (judgement.has(Effect.UNLISTEN) && isToBeToldFirst()) {
            return Verdict.STOP;
        }
        PgError objection = objection(judgement);
        if (objection != null) {
            return refuseQuery(lent, objection);
        }
        String simplySet = SessionState.simplySet(judgement);
        if (simplySet != null
                && textLength <= KEPT_TEXT_LIMIT
                && lent.isInStep()
                && lent.status() == Backend.IDLE
                && isPlainSet(textLength)) {
            lent.onRequest(Frontend.QUERY, simpleSet(lent, simplySet, judgement, textLength));
            return Verdict.FORWARD;
        }
        onEffects(judgement);
        if (judgement.has(Effect.PREPARE) && judgement.count() == 1) {
            return onSqlPrepare(lent, judgement, textLength);
        }
        if (judgement.has(Effect.EXECUTE) || judgement.has(Effect.DEALLOCATE)) {
            return onSqlNames(lent, judgement, textLength);
        }
        lent.onRequest(Frontend.QUERY, discard(lent, judgement));
        return Verdict.FORWARD;
    }

    /** Whether the text that was loaded begins with SET or RESET, and means the same in every encoding. */
    private boolean isPlainSet(int length) {
        byte[] text = sql.bytes();
        boolean set = length > 5 && ((text[0] | 0x20) == 's' || (text[0] | 0x20) == 'r');
        int e = set && (text[0] | 0x20) == 's' ? 1 : 3;
        if (!set || (text[e] | 0x20) != 'e' || (text[e + 1] | 0x20) != 't' || text[e + 2] > ' ') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private Fate simpleSet(ServerConnection lent, String name, Judgement judgement, int textLength) {
        @Nullable
        String statement = SessionState.isDefault(judgement)
                ? null
                : new String(sql.bytes(), 0, textLength, StandardCharsets.US_ASCII);
        return new Fate() {
            @Override
            public void onAnswered() {
                state.onSet(lent, name, statement);
            }

            @Override
            public void onUndone() {
                // nothing was set
            }
        };
    }

    /** What is to be done when a text that discards everything, or all prepared statements, succeeds; null if it doesn't. */
    private @Nullable Fate discard(ServerConnection lent, Judgement judgement) {
        boolean all = judgement.details().stream()
                .anyMatch(statement -> statement instanceof SessionStatement.Discard discard
                        && discard.target() == SessionStatement.Target.ALL);
        boolean statements = all
                || judgement.details().stream()
                        .anyMatch(statement -> statement instanceof SessionStatement.Deallocate deallocate
                                && deallocate.name() == null);
        if (!statements) {
            return null;
        }
        lent.session().doubtStatements();
        return new Discarding(lent, all, names.takeAll());
    }

    /** DISCARD ALL, DEALLOCATE ALL: the names are gone at once, unless it fails. */
    private final class Discarding implements Fate {
        private final ServerConnection lent;
        private final boolean all;
        private final Map<StatementNames.Name, PreparedStatement> taken;

        Discarding(ServerConnection lent, boolean all, Map<StatementNames.Name, PreparedStatement> taken) {
            this.lent = lent;
            this.all = all;
            this.taken = taken;
        }

        @Override
        public void onAnswered() {
            names.letGo(taken);
            if (all && subscriptions != null) {
                subscriptions.unlisten(null);
            }
            if (all) {
                state.onDiscarded(lent);
            }
        }

        @Override
        public void onUndone() {
            if (ended) {
                names.letGo(taken);
            } else {
                names.putBack(taken);
            }
        }
    }

    // ---- PREPARE, EXECUTE, DEALLOCATE of SQL

    private Verdict onSqlPrepare(ServerConnection lent, Judgement judgement, int textLength) {
        SessionStatement.Prepare prepare = judgement.details().stream()
                .filter(SessionStatement.Prepare.class::isInstance)
                .map(SessionStatement.Prepare.class::cast)
                .findFirst()
                .orElseThrow();
        if (names.find(prepare.name()) != null) {
            if (namingsUnderway > 0) {
                return awaitNamings(lent);
            }
            return refuseQuery(lent, new Failure.DuplicateStatement(prepare.name()).toPgError());
        }
        PreparedStatement statement = names.size() >= settings().statementsPerClient()
                ? null
                : pool.statements()
                        .hold(
                                PreparedStatement.Kind.SQL,
                                sql.bytes(),
                                prepare.nameEnd(),
                                textLength - prepare.nameEnd(),
                                scope(),
                                judgement,
                                List.of());
        if (statement == null) {
            return refuseQuery(lent, tooManyStatements());
        }
        if (lent.session().mayHave(statement)) {
            lent.session().close(statement, true);
        }
        scanner.cut();
        Fate naming = name(settings().sharedStatements() ? pool.sharedNames() : names, prepare.name(), statement);
        Fate both = new Both(lent.session().onPreparation(statement), naming);
        int shift = statement.serverName().length - (prepare.nameEnd() - prepare.nameStart());
        lent.onRequest(Frontend.QUERY, new Renamed(both, prepare.nameStart(), shift));
        Frontend.writeQuery(
                lent.assembly(),
                Arrays.copyOf(sql.bytes(), prepare.nameStart()),
                statement.serverName(),
                statement.bytes());
        return Verdict.SWALLOW;
    }

    /** Puts in the names on the server, which then has what they name. */
    private Verdict onSqlNames(ServerConnection lent, Judgement judgement, int textLength) {
        Fate fate = discard(lent, judgement);
        ByteBuf text = lent.allocator().buffer(textLength + 32);
        try {
            int done = 0;
            for (SessionStatement detail : judgement.details()) {
                PreparedStatement target = target(detail);
                if (target == null) {
                    continue;
                }
                if (done == 0) {
                    scanner.cut();
                    keepRepeatable(lent);
                }
                lent.session().prepare(target, false);
                if (detail instanceof SessionStatement.Execute) {
                    onTarget(target);
                }
                if (detail instanceof SessionStatement.Deallocate deallocate && deallocate.name() != null) {
                    Fate removal = new Both(lent.session().onDeallocation(target), unname(deallocate.name(), target));
                    fate = fate == null ? removal : new Both(fate, removal);
                }
                text.writeBytes(sql.bytes(), done, nameStart(detail) - done);
                text.writeBytes(target.serverName());
                done = nameEnd(detail);
            }
            text.writeBytes(sql.bytes(), done, textLength - done);
            scanner.cut();
            lent.onRequest(Frontend.QUERY, renamedFate(fate, judgement, textLength, text.readableBytes()));
            ByteBuf out = lent.assembly();
            int start = Frames.begin(out, Frontend.QUERY);
            out.writeBytes(text).writeByte(0);
            Frames.end(out, start);
            return Verdict.SWALLOW;
        } finally {
            text.release();
        }
    }

    private @Nullable PreparedStatement target(SessionStatement detail) {
        return switch (detail) {
            case SessionStatement.Execute execute -> names.find(execute.name());
            case SessionStatement.Deallocate deallocate ->
                deallocate.name() == null ? null : names.find(deallocate.name());
            default -> null;
        };
    }

    private static int nameStart(SessionStatement detail) {
        return switch (detail) {
            case SessionStatement.Execute execute -> execute.nameStart();
            case SessionStatement.Deallocate deallocate -> deallocate.nameStart();
            default -> throw new IllegalArgumentException("names nothing: " + detail);
        };
    }

    private static int nameEnd(SessionStatement detail) {
        return switch (detail) {
            case SessionStatement.Execute execute -> execute.nameEnd();
            case SessionStatement.Deallocate deallocate -> deallocate.nameEnd();
            default -> throw new IllegalArgumentException("names nothing: " + detail);
        };
    }

    // ---- Parse

    private Verdict onParse(ServerConnection lent, ByteBuf buffer, int index, int length) {
        boolean whole = length <= JUDGED_LIMIT;
        int nameLength = buffer.bytesBefore(index, Math.min(length, FrameScanner.PEEK_LENGTH), (byte) 0);
        int contentIndex = index + nameLength + 1;
        int contentLength = length - nameLength - 1;
        if (nameLength < 0 || contentLength < 1) {
            return forward(lent, Frontend.PARSE);
        }
        if (!whole) {
            return onLongParse(lent, nameLength);
        }
        sql.load(buffer, contentIndex, contentLength);
        int textLength = buffer.bytesBefore(contentIndex, contentLength, (byte) 0);
        if (textLength < 0) {
            return forward(lent, Frontend.PARSE);
        }
        Judgement judgement = sql.judge(textLength, true);
        if (judgement.has(Effect.PREPARE)) {
            state.onUntrackedPrepare();
        }
        if (nameLength == 0) {
            return onParseUnnamed(lent, contentLength, judgement);
        }
        return onParseNamed(lent, buffer.toString(index, nameLength, StandardCharsets.UTF_8), contentLength, judgement);
    }

    private Verdict onLongParse(ServerConnection lent, int nameLength) {
        if (nameLength > 0) {
            return refuseExtended(lent, new Failure.StatementTooLong(JUDGED_LIMIT).toPgError());
        }
        unnamedLength = -1; // too long to be kept for another server connection
        unnamedJudgement = NOTHING;
        lent.session().setUnnamedOf(this);
        return forward(lent, Frontend.PARSE);
    }

    private Verdict onParseUnnamed(ServerConnection lent, int contentLength, Judgement judgement) {
        byte[] content = sql.bytes();
        int newLength = contentLength;
        unnamedTargets = List.of();
        boolean renamed = false;
        if (judgement.has(Effect.EXECUTE) || judgement.has(Effect.DEALLOCATE)) {
            unnamedTargets = targets(judgement);
            if (!unnamedTargets.isEmpty()) {
                content = renamed(judgement, contentLength);
                newLength = content.length;
                renamed = true;
                scanner.cut();
                prepareAll(lent, unnamedTargets);
            }
        }
        if (unnamed.length < newLength) {
            unnamed = new byte[Math.max(newLength, 128)];
        }
        System.arraycopy(content, 0, unnamed, 0, newLength);
        unnamedLength = newLength;
        unnamedJudgement = judgement;
        lent.session().setUnnamedOf(this);
        unnamedUnderway++;
        lent.onRequest(Frontend.PARSE, unnamedFate);
        if (!renamed) {
            return Verdict.FORWARD;
        }
        scanner.cut();
        Frontend.writeParseContent(lent.assembly(), new byte[0], unnamed, unnamedLength);
        return Verdict.SWALLOW;
    }

    private List<PreparedStatement> targets(Judgement judgement) {
        List<PreparedStatement> targets = new ArrayList<>();
        for (SessionStatement detail : judgement.details()) {
            PreparedStatement target = target(detail);
            if (target != null) {
                targets.add(target);
            }
        }
        return targets;
    }

    /** What was loaded, with the names on the server. */
    private byte[] renamed(Judgement judgement, int contentLength) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream(contentLength + 32);
        int done = 0;
        for (SessionStatement detail : judgement.details()) {
            PreparedStatement target = target(detail);
            if (target != null) {
                out.write(sql.bytes(), done, nameStart(detail) - done);
                out.writeBytes(target.serverName());
                done = nameEnd(detail);
            }
        }
        out.write(sql.bytes(), done, contentLength - done);
        return out.toByteArray();
    }

    private Verdict onParseNamed(ServerConnection lent, String name, int contentLength, Judgement judgement) {
        if (names.find(name) != null) {
            if (namingsUnderway > 0) {
                return awaitNamings(lent);
            }
            return refuseExtended(lent, new Failure.DuplicateStatement(name).toPgError());
        }
        List<PreparedStatement> targets = List.of();
        byte[] content = sql.bytes();
        int newLength = contentLength;
        if (judgement.has(Effect.EXECUTE) || judgement.has(Effect.DEALLOCATE)) {
            targets = targets(judgement);
            content = renamed(judgement, contentLength);
            newLength = content.length;
            scanner.cut();
            prepareAll(lent, targets);
        }
        PreparedStatement statement = names.size() >= settings().statementsPerClient()
                ? null
                : pool.statements()
                        .hold(PreparedStatement.Kind.PROTOCOL, content, 0, newLength, scope(), judgement, targets);
        if (statement == null) {
            return refuseExtended(lent, tooManyStatements());
        }
        Fate naming = name(names, name, statement);
        if (lent.session().isPrepared(statement) && lent.status() != Backend.IN_FAILED_TRANSACTION) {
            scanner.cut();
            lent.putIn(Backend.PARSE_COMPLETE, naming);
            return Verdict.SWALLOW;
        }
        scanner.cut();
        if (lent.session().mayHave(statement)) {
            lent.session().close(statement, false);
        }
        lent.session().makeRoom();
        lent.onRequest(Frontend.PARSE, new Both(lent.session().onPreparation(statement), naming));
        Frontend.writeParseContent(lent.assembly(), statement.serverName(), statement.bytes(), statement.size());
        return Verdict.SWALLOW;
    }

    // ---- Bind, Describe, Close

    private Verdict onBind(ServerConnection lent, ByteBuf buffer, int index, int length) {
        int shown = Math.min(length, FrameScanner.PEEK_LENGTH);
        int portalLength = buffer.bytesBefore(index, shown, (byte) 0);
        int nameIndex = index + portalLength + 1;
        int nameLength = portalLength < 0 ? -1 : buffer.bytesBefore(nameIndex, index + shown - nameIndex, (byte) 0);
        if (nameLength < 0) {
            return forward(lent, Frontend.BIND);
        }
        if (nameLength == 0) {
            haveUnnamed(lent);
            if (!onBound(lent, unnamedJudgement, unnamedTargets)) {
                return refuseExtended(lent, refusedFor(unnamedJudgement));
            }
            return forward(lent, Frontend.BIND);
        }
        PreparedStatement statement = names.find(buffer, nameIndex, nameLength);
        if (statement == null) {
            return forwardUnknown(lent, Frontend.BIND, buffer, nameIndex, nameLength);
        }
        if (!onBound(lent, statement.judgement(), statement.targets())) {
            return refuseExtended(lent, refusedFor(statement.judgement()));
        }
        scanner.cut();
        keepRepeatable(lent);
        lent.session().prepare(statement, true);
        lent.onRequest(Frontend.BIND);
        byte[] serverName = statement.serverName();
        int headLength = portalLength + nameLength + 2;
        ByteBuf out = lent.assembly();
        out.writeByte(Frontend.BIND);
        out.writeInt(4 + length - nameLength + serverName.length);
        out.writeBytes(buffer, index, portalLength + 1);
        out.writeBytes(serverName).writeByte(0);
        return passRest(out, buffer, index, headLength, length);
    }

    /** The rest of a frame whose head was written anew: copied if it is short and has come, else passed on as it is. */
    private Verdict passRest(ByteBuf out, ByteBuf buffer, int index, int headLength, int length) {
        if (length <= COPIED_LIMIT && index + length <= buffer.writerIndex()) {
            out.writeBytes(buffer, index + headLength, length - headLength);
            return Verdict.SWALLOW;
        }
        scanner.replaceHead(headLength);
        return Verdict.FORWARD;
    }

    /** @return false if what is bound may not be carried out */
    private boolean onBound(ServerConnection lent, Judgement judgement, List<PreparedStatement> targets) {
        boundFate = null;
        if (judgement.isPlain()) {
            return true;
        }
        if (objection(judgement) != null) {
            return false;
        }
        onEffects(judgement);
        if (!targets.isEmpty()) {
            scanner.cut();
            prepareAll(lent, targets);
            for (PreparedStatement target : targets) {
                onTarget(target);
            }
        }
        boundFate = fateOfExecution(lent, judgement, targets);
        return true;
    }

    /** Before it ceases to listen it is told what was notified before, as a session of its own would be. */
    private boolean isToBeToldFirst() {
        Subscriptions own = subscriptions;
        if (own == null || own.isEmpty() || toldAll) {
            toldAll = false;
            return false;
        }
        own.afterAll(() -> {
            toldAll = true;
            client.resumeSoon();
        });
        return true;
    }

    private void onEffects(Judgement judgement) {
        state.onStatement(judgement);
        Subscriptions own = subscriptions;
        if (own != null && judgement.has(Effect.UNLISTEN)) {
            for (SessionStatement detail : judgement.details()) {
                if (detail instanceof SessionStatement.Unlisten unlisten) {
                    own.unlisten(unlisten.channel());
                }
            }
        }
    }

    private static void prepareAll(ServerConnection lent, List<PreparedStatement> targets) {
        for (PreparedStatement target : targets) {
            lent.session().prepare(target, true);
        }
    }

    /** It is executed, so what it does to the session happens now. */
    private void onTarget(PreparedStatement target) {
        if (!target.judgement().isPlain()) {
            state.onStatement(target.judgement());
        }
    }

    private @Nullable Fate fateOfExecution(
            ServerConnection lent, Judgement judgement, List<PreparedStatement> targets) {
        Fate fate = discard(lent, judgement);
        if (fate == null
                && !targets.isEmpty()
                && judgement.details().getFirst() instanceof SessionStatement.Deallocate deallocate
                && deallocate.name() != null) {
            PreparedStatement target = targets.getFirst();
            return new Both(lent.session().onDeallocation(target), unname(deallocate.name(), target));
        }
        return fate;
    }

    private Verdict onDescribe(ServerConnection lent, ByteBuf buffer, int index, int length) {
        int nameLength = length < 2 || buffer.getByte(index) != Frontend.STATEMENT
                ? -1
                : buffer.bytesBefore(index + 1, Math.min(length, FrameScanner.PEEK_LENGTH) - 1, (byte) 0);
        if (nameLength < 0) {
            return forward(lent, Frontend.DESCRIBE);
        }
        if (nameLength == 0) {
            if (!unnamedTargets.isEmpty()) {
                scanner.cut();
                prepareAll(lent, unnamedTargets);
            }
            haveUnnamed(lent);
            return forward(lent, Frontend.DESCRIBE);
        }
        PreparedStatement statement = names.find(buffer, index + 1, nameLength);
        if (statement == null) {
            return forwardUnknown(lent, Frontend.DESCRIBE, buffer, index + 1, nameLength);
        }
        scanner.cut();
        keepRepeatable(lent);
        prepareAll(lent, statement.targets());
        lent.session().prepare(statement, true);
        lent.onRequest(Frontend.DESCRIBE);
        ByteBuf out = lent.assembly();
        int start = Frames.begin(out, Frontend.DESCRIBE);
        out.writeByte(Frontend.STATEMENT).writeBytes(statement.serverName()).writeByte(0);
        Frames.end(out, start);
        return Verdict.SWALLOW;
    }

    private Verdict onClose(ServerConnection lent, ByteBuf buffer, int index, int length) {
        int nameLength = length < 2 || buffer.getByte(index) != Frontend.STATEMENT
                ? -1
                : buffer.bytesBefore(index + 1, Math.min(length, FrameScanner.PEEK_LENGTH) - 1, (byte) 0);
        if (nameLength < 0) {
            return forward(lent, Frontend.CLOSE);
        }
        if (nameLength == 0) {
            forgetUnnamed(lent);
            return forward(lent, Frontend.CLOSE);
        }
        PreparedStatement statement = names.find(buffer, index + 1, nameLength);
        scanner.cut();
        if (statement == null) {
            lent.putIn(Backend.CLOSE_COMPLETE, null);
            return Verdict.SWALLOW;
        }
        String name = buffer.toString(index + 1, nameLength, StandardCharsets.UTF_8);
        lent.putIn(Backend.CLOSE_COMPLETE, unname(name, statement));
        return Verdict.SWALLOW;
    }

    /** The server does not know it either, and says so; unless the name is one that Weir gives. */
    private Verdict forwardUnknown(ServerConnection lent, byte type, ByteBuf buffer, int nameIndex, int nameLength) {
        String name = buffer.toString(nameIndex, nameLength, StandardCharsets.UTF_8);
        if (name.startsWith(PreparedStatements.PREFIX)) {
            return refuseExtended(lent, new Failure.UnknownStatement(name).toPgError());
        }
        boundFate = null;
        return forward(lent, type);
    }

    // ---- the unnamed statement

    /** Makes the server's unnamed statement the client's. */
    private void haveUnnamed(ServerConnection lent) {
        Object owner = lent.session().unnamedOf();
        if (owner == this) {
            return;
        }
        scanner.cut();
        if (unnamedLength >= 0) {
            lent.session().prepareUnnamed(unnamed, unnamedLength, this);
        } else if (owner != null) {
            lent.session().closeUnnamed();
        }
    }

    /** A Parse that fails does away with the unnamed statement, as a new one does. */
    private final class UnnamedFate implements Fate {
        @Override
        public void onAnswered() {
            unnamedUnderway--;
        }

        @Override
        public void onUndone() {
            unnamedUnderway--;
            if (unnamedUnderway == 0) {
                unnamedLength = -1;
                unnamedJudgement = NOTHING;
            }
        }
    }

    /** A Query, or Close, does away with it. */
    private void forgetUnnamed(ServerConnection lent) {
        unnamedLength = -1;
        unnamedJudgement = NOTHING;
        lent.session().setUnnamedOf(null);
    }

    // ---- names

    /** Gives a statement its name, unless its preparation fails. */
    private Fate name(StatementNames where, String name, PreparedStatement statement) {
        where.put(name, statement);
        namingsUnderway++;
        return new Naming(name, statement);
    }

    /** Whether a name is taken can't be told before it is known what became of those who were to take one. */
    private Verdict awaitNamings(ServerConnection lent) {
        namingsAwaited = true;
        Frames.writeEmpty(lent.assembly(), Frontend.FLUSH); // or the server may not tell before the next Sync
        return Verdict.STOP;
    }

    private void onNamingKnown() {
        namingsUnderway--;
        if (namingsUnderway == 0 && namingsAwaited) {
            namingsAwaited = false;
            client.resumeSoon();
        }
    }

    private final class Naming implements Fate {
        private final String name;
        private final PreparedStatement statement;

        Naming(String name, PreparedStatement statement) {
            this.name = name;
            this.statement = statement;
        }

        @Override
        public void onAnswered() {
            onNamingKnown();
        }

        @Override
        public void onUndone() {
            onNamingKnown();
            if (statement.equals(names.find(name))) {
                names.remove(name, statement);
                pool.statements().letGo(statement);
                failedName = name;
                failed = statement;
            }
        }
    }

    /** Takes its name away, unless what does so fails. */
    private Fate unname(String name, PreparedStatement statement) {
        names.remove(name, statement);
        return new Closing(name, statement);
    }

    /** Close or DEALLOCATE of a statement: its name is gone at once, unless that fails or is skipped. */
    private final class Closing implements Fate {
        private final String name;
        private final PreparedStatement statement;

        Closing(String name, PreparedStatement statement) {
            this.name = name;
            this.statement = statement;
        }

        @Override
        public void onAnswered() {
            pool.statements().letGo(statement);
        }

        @Override
        public void onUndone() {
            if (ended || names.find(name) != null) {
                pool.statements().letGo(statement);
            } else {
                names.put(name, statement);
            }
        }
    }

    /** Of a Query in which names were replaced, so that what stands behind them is elsewhere than the client believes. */
    private record Renamed(@Nullable Fate inner, int from, int shift) implements Fate {
        @Override
        public void onAnswered() {
            if (inner != null) {
                inner.onAnswered();
            }
        }

        @Override
        public void onUndone() {
            if (inner != null) {
                inner.onUndone();
            }
        }
    }

    private Fate renamedFate(@Nullable Fate inner, Judgement judgement, int before, int after) {
        for (SessionStatement detail : judgement.details()) {
            if (detail instanceof SessionStatement.Execute || detail instanceof SessionStatement.Deallocate) {
                return new Renamed(inner, nameStart(detail), after - before);
            }
        }
        throw new IllegalArgumentException("names nothing: " + judgement);
    }

    private record Both(Fate first, Fate second) implements Fate {
        @Override
        public void onAnswered() {
            first.onAnswered();
            second.onAnswered();
        }

        @Override
        public void onUndone() {
            second.onUndone();
            first.onUndone();
        }
    }

    // ---- errors

    /** Keeps what the client sends now, to be sent again if the server can't do it for a reason that is not the client's. */
    private void keepRepeatable(ServerConnection lent) {
        if (repeatable == null && !repeated && lent.status() == Backend.IDLE && lent.isWithoutRequests()) {
            repeatable = scanner.retainRest(REPEATED_LIMIT);
        }
    }

    /** Something of the reply reaches the client, so it can't be repeated any more. */
    void onReply() {
        if (repeatable != null) {
            repeatable.release();
            repeatable = null;
        }
    }

    /**
     * Whether to send the request again, of which nothing has reached the client.
     *
     * @param alone the client has sent nothing else that is not answered yet
     */
    boolean repeats(ServerConnection lent, PgError error, ByteBuf buffer, int index, int length, boolean alone) {
        boolean named = ErrorText.speaksOfNames(buffer, index, length);
        if (!isOfPooling(error, named, buffer, index, length)) {
            return false;
        }
        lent.session().doubtStatements();
        return repeatable != null && alone && lent.isLastRequest();
    }

    /**
     * Writes an error as the client is to see it.
     *
     * @return false if it is to see it as it is
     */
    boolean translate(ByteBuf buffer, int index, int length, @Nullable Fate fate, ByteBuf out) {
        boolean named = ErrorText.speaksOfNames(buffer, index, length);
        int shift = fate instanceof Renamed renamed ? renamed.shift() : 0;
        int from = fate instanceof Renamed renamed ? renamed.from() : 0;
        if (!named && shift == 0) {
            return false;
        }
        ErrorText.translate(buffer, index, length, this::nameOf, from, shift, out);
        return true;
    }

    private String nameOf(String serverName) {
        return failed != null && failed.toString().equals(serverName) ? failedName : names.nameOf(serverName);
    }

    /** Whether a client with a server process of its own would not have met it, or could help itself. */
    private static boolean isOfPooling(PgError error, boolean named, ByteBuf buffer, int index, int length) {
        return switch (error.code()) {
            case "0A000" -> ErrorText.routine(buffer, index, length).equals("RevalidateCachedQuery");
            case "26000", "42P05" -> named;
            default -> false;
        };
    }

    /** What is to be sent again; the caller's own. */
    ByteBuf takeRepeatable() {
        ByteBuf again = repeatable;
        if (again == null) {
            throw new IllegalStateException("nothing to repeat");
        }
        repeatable = null;
        repeated = true;
        return again;
    }

    // ---- what is not carried out

    private @Nullable PgError objection(Judgement judgement) {
        int reasons = PinReason.causedBy(judgement) & ~PinReason.LISTEN.bit(); // for which it is not kept
        if (reasons == 0 || countedAsPinned) {
            return null;
        }
        if (!settings().pinning()) {
            return new Failure.PinningRefused(PinReason.first(reasons).text()).toPgError();
        }
        if (pool.pinned() >= settings().pinned()) {
            return new Failure.TooManyPinned(settings().pinned()).toPgError();
        }
        countPinned(true);
        return null;
    }

    private void countPinned(boolean pinned) {
        if (countedAsPinned != pinned) {
            countedAsPinned = pinned;
            pool.countPinned(pinned ? 1 : -1);
        }
    }

    private PgError refusedFor(Judgement judgement) {
        PgError objection = objection(judgement);
        return objection != null ? objection : new Failure.Internal().toPgError();
    }

    private PgError tooManyStatements() {
        return new Failure.TooManyStatements(names.size(), settings().statementsPerClient()).toPgError();
    }

    private Verdict refuseQuery(ServerConnection lent, PgError error) {
        scanner.cut();
        lent.onRequest(Frontend.QUERY, new Refusal(error));
        Frontend.writeQuery(lent.assembly(), FAILING);
        return Verdict.SWALLOW;
    }

    private Verdict refuseExtended(ServerConnection lent, PgError error) {
        scanner.cut();
        lent.onRequest(Frontend.PARSE, new Refusal(error));
        Frontend.writeParse(lent.assembly(), FAILING_NAME, FAILING);
        return Verdict.SWALLOW;
    }

    private SessionSettings settings() {
        return pool.sessionSettings();
    }

    /** The search path decides what names in a statement mean, so equal texts are the same only under the same one. */
    private String scope() {
        String path = state.parameters().statement("search_path");
        return path == null ? "" : path;
    }
}
