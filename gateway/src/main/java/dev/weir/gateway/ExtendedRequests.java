package dev.weir.gateway;

import dev.weir.pool.Fate;
import dev.weir.pool.PreparedStatement;
import dev.weir.pool.PreparedStatements;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SqlReader;
import dev.weir.sql.Effect;
import dev.weir.sql.Judgement;
import dev.weir.sql.SessionStatement;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extended protocol of a client of transaction mode: its prepared statements get the names that they have on servers,
 * and are prepared where they are missing. Confined to a lane.
 */
final class ExtendedRequests {
    /** A frame up to this size is copied as a whole when its head is replaced. */
    private static final int COPIED_LIMIT = 1024;

    private final FrameScanner scanner;
    private final SqlReader sql;
    private final SessionEffects effects;
    private final ClientStatements statements;
    private final UnnamedStatement unnamed;
    private final Repetition repetition;

    /** What the next Execute carries out, if it has effects on the session. */
    private Judgement bound = UnnamedStatement.NOTHING;

    private List<PreparedStatement> boundTargets = List.of();

    ExtendedRequests(
            FrameScanner scanner,
            SqlReader sql,
            SessionEffects effects,
            ClientStatements statements,
            UnnamedStatement unnamed,
            Repetition repetition) {
        this.scanner = scanner;
        this.sql = sql;
        this.effects = effects;
        this.statements = statements;
        this.unnamed = unnamed;
        this.repetition = repetition;
    }

    void onExecute(ServerConnection lent) {
        lent.onRequest(Frontend.EXECUTE, bound.isPlain() ? null : fateOfExecution(lent, bound, boundTargets));
        bound = UnnamedStatement.NOTHING;
    }

    // ---- Parse

    Verdict onParse(ServerConnection lent, ByteBuf buffer, int index, int length) {
        boolean whole = length <= VirtualSession.JUDGED_LIMIT;
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
        Judgement judgement =
                lent.isJudgeable() ? sql.judge(textLength, lent.hasStandardStrings()) : UnnamedStatement.NOTHING;
        if (!lent.isJudgeable()) {
            effects.onUnjudgeable();
        }
        if (judgement.has(Effect.PREPARE)) {
            effects.onUntrackedPrepare();
        }
        PgError foreign = statements.foreignName(judgement);
        if (foreign != null) {
            return Refusals.refuseExtended(lent, scanner, foreign);
        }
        if (nameLength == 0) {
            return onParseUnnamed(lent, contentLength, judgement);
        }
        return onParseNamed(
                lent, buffer.toString(index, nameLength, StandardCharsets.ISO_8859_1), contentLength, judgement);
    }

    private Verdict onLongParse(ServerConnection lent, int nameLength) {
        if (nameLength > 0) {
            return Refusals.refuseExtended(
                    lent, scanner, new Failure.StatementTooLong(VirtualSession.JUDGED_LIMIT).toPgError());
        }
        unnamed.onLongParse(lent);
        effects.onUnseen();
        return forward(lent, Frontend.PARSE);
    }

    private Verdict onParseUnnamed(ServerConnection lent, int contentLength, Judgement judgement) {
        List<PreparedStatement> targets = targets(judgement);
        if (targets.isEmpty()) {
            unnamed.onParse(lent, sql.bytes(), contentLength, judgement, targets);
            return Verdict.FORWARD;
        }
        byte[] content = SqlNames.replaced(sql.bytes(), contentLength, judgement, statements);
        scanner.cut();
        prepareAll(lent, targets);
        unnamed.onParse(lent, content, content.length, judgement, targets);
        scanner.cut();
        unnamed.writeParse(lent);
        return Verdict.SWALLOW;
    }

    private List<PreparedStatement> targets(Judgement judgement) {
        boolean named = judgement.has(Effect.EXECUTE) || judgement.has(Effect.DEALLOCATE);
        return named ? statements.targets(judgement) : List.of();
    }

    private Verdict onParseNamed(ServerConnection lent, String name, int contentLength, Judgement judgement) {
        if (statements.find(name) != null) {
            if (statements.isNamingUnderway()) {
                statements.awaitNamings(lent);
                return Verdict.STOP;
            }
            return Refusals.refuseExtended(
                    lent, scanner, new Failure.DuplicateStatement(SqlNames.readable(name)).toPgError());
        }
        List<PreparedStatement> targets = List.of();
        byte[] content = sql.bytes();
        int newLength = contentLength;
        if (judgement.has(Effect.EXECUTE) || judgement.has(Effect.DEALLOCATE)) {
            targets = statements.targets(judgement);
            content = SqlNames.replaced(content, contentLength, judgement, statements);
            newLength = content.length;
            scanner.cut();
            prepareAll(lent, targets);
        }
        PreparedStatement statement =
                statements.hold(PreparedStatement.Kind.PROTOCOL, content, 0, newLength, judgement, targets);
        if (statement == null) {
            return Refusals.refuseExtended(lent, scanner, statements.tooMany());
        }
        Fate naming = statements.name(name, statement);
        lent.session().counters().onClientParse();
        if (lent.session().isPrepared(statement) && lent.status() != Backend.IN_FAILED_TRANSACTION) {
            scanner.cut();
            lent.session().counters().onStatementHit();
            lent.putIn(Backend.PARSE_COMPLETE, naming);
            return Verdict.SWALLOW;
        }
        scanner.cut();
        if (lent.session().mayHave(statement)) {
            lent.session().close(statement, false);
        }
        lent.session().makeRoom(false);
        lent.onRequest(Frontend.PARSE, new Both(lent.session().onPreparation(statement), naming));
        Frontend.writeParseContent(lent.assembly(), statement.serverName(), statement.bytes(), statement.size());
        return Verdict.SWALLOW;
    }

    // ---- Bind, Describe, Close

    Verdict onBind(ServerConnection lent, ByteBuf buffer, int index, int length) {
        int shown = Math.min(length, FrameScanner.PEEK_LENGTH);
        int portalLength = buffer.bytesBefore(index, shown, (byte) 0);
        int nameIndex = index + portalLength + 1;
        int nameLength = portalLength < 0 ? -1 : buffer.bytesBefore(nameIndex, index + shown - nameIndex, (byte) 0);
        if (nameLength < 0) {
            return forward(lent, Frontend.BIND);
        }
        if (nameLength == 0) {
            unnamed.bringTo(lent);
            PgError objection = onBound(lent, unnamed.judgement(), unnamed.targets());
            if (objection != null) {
                return Refusals.refuseExtended(lent, scanner, objection);
            }
            return forward(lent, Frontend.BIND);
        }
        PreparedStatement statement = statements.find(buffer, nameIndex, nameLength);
        if (statement == null) {
            return forwardUnknown(lent, Frontend.BIND, buffer, nameIndex, nameLength);
        }
        PgError objection = onBound(lent, statement.judgement(), statement.targets());
        if (objection != null) {
            return Refusals.refuseExtended(lent, scanner, objection);
        }
        scanner.cut();
        repetition.keep(lent);
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

    /** @return what speaks against carrying out what is bound; null if nothing does */
    private @Nullable PgError onBound(ServerConnection lent, Judgement judgement, List<PreparedStatement> targets) {
        bound = judgement;
        boundTargets = targets;
        if (judgement.isPlain()) {
            effects.onPlain(judgement);
            return null;
        }
        if (judgement.has(Effect.PREPARE)) {
            effects.onUntrackedPrepare();
        }
        PgError objection = effects.objection(judgement);
        if (objection != null) {
            return objection;
        }
        effects.onStatement(judgement);
        if (!targets.isEmpty()) {
            scanner.cut();
            prepareAll(lent, targets);
            for (PreparedStatement target : targets) {
                effects.onTarget(target);
            }
        }
        return null;
    }

    private static void prepareAll(ServerConnection lent, List<PreparedStatement> targets) {
        for (PreparedStatement target : targets) {
            lent.session().prepare(target, true);
        }
    }

    private @Nullable Fate fateOfExecution(
            ServerConnection lent, Judgement judgement, List<PreparedStatement> targets) {
        Fate fate = effects.discard(lent, judgement);
        if (fate == null
                && !targets.isEmpty()
                && judgement.details().getFirst() instanceof SessionStatement.Deallocate deallocate
                && deallocate.name() != null) {
            PreparedStatement target = targets.getFirst();
            return new Both(
                    lent.session().onDeallocation(target),
                    statements.unname(SqlNames.inBytes(deallocate.name()), target));
        }
        return fate;
    }

    Verdict onDescribe(ServerConnection lent, ByteBuf buffer, int index, int length) {
        int nameLength = length < 2 || buffer.getByte(index) != Frontend.STATEMENT
                ? -1
                : buffer.bytesBefore(index + 1, Math.min(length, FrameScanner.PEEK_LENGTH) - 1, (byte) 0);
        if (nameLength < 0) {
            return forward(lent, Frontend.DESCRIBE);
        }
        if (nameLength == 0) {
            if (!unnamed.targets().isEmpty()) {
                scanner.cut();
                prepareAll(lent, unnamed.targets());
            }
            unnamed.bringTo(lent);
            return forward(lent, Frontend.DESCRIBE);
        }
        PreparedStatement statement = statements.find(buffer, index + 1, nameLength);
        if (statement == null) {
            return forwardUnknown(lent, Frontend.DESCRIBE, buffer, index + 1, nameLength);
        }
        scanner.cut();
        repetition.keep(lent);
        prepareAll(lent, statement.targets());
        lent.session().prepare(statement, true);
        lent.onRequest(Frontend.DESCRIBE);
        ByteBuf out = lent.assembly();
        int start = Frames.begin(out, Frontend.DESCRIBE);
        out.writeByte(Frontend.STATEMENT).writeBytes(statement.serverName()).writeByte(0);
        Frames.end(out, start);
        return Verdict.SWALLOW;
    }

    Verdict onClose(ServerConnection lent, ByteBuf buffer, int index, int length) {
        int nameLength = length < 2 || buffer.getByte(index) != Frontend.STATEMENT
                ? -1
                : buffer.bytesBefore(index + 1, Math.min(length, FrameScanner.PEEK_LENGTH) - 1, (byte) 0);
        if (nameLength < 0) {
            return forward(lent, Frontend.CLOSE);
        }
        if (nameLength == 0) {
            unnamed.forget(lent);
            return forward(lent, Frontend.CLOSE);
        }
        PreparedStatement statement = statements.find(buffer, index + 1, nameLength);
        scanner.cut();
        if (statement == null) {
            lent.putIn(Backend.CLOSE_COMPLETE, null);
            return Verdict.SWALLOW;
        }
        String name = buffer.toString(index + 1, nameLength, StandardCharsets.ISO_8859_1);
        lent.putIn(Backend.CLOSE_COMPLETE, statements.unname(name, statement));
        return Verdict.SWALLOW;
    }

    /** The server does not know it either, and says so; unless the name is one that Weir gives. */
    private Verdict forwardUnknown(ServerConnection lent, byte type, ByteBuf buffer, int nameIndex, int nameLength) {
        String name = buffer.toString(nameIndex, nameLength, StandardCharsets.ISO_8859_1);
        if (name.startsWith(PreparedStatements.PREFIX)) {
            return Refusals.refuseExtended(
                    lent, scanner, new Failure.UnknownStatement(SqlNames.readable(name)).toPgError());
        }
        bound = UnnamedStatement.NOTHING;
        return forward(lent, type);
    }

    private static Verdict forward(ServerConnection lent, byte type) {
        lent.onRequest(type);
        return Verdict.FORWARD;
    }
}
