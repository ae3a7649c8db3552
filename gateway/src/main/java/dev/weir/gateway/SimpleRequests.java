package dev.weir.gateway;

import dev.weir.pool.Fate;
import dev.weir.pool.PreparedStatement;
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
import java.util.Arrays;
import java.util.List;

/**
 * The simple protocol of a client of transaction mode: texts that have effects on its session, and PREPARE, EXECUTE and
 * DEALLOCATE, which get the names that statements have on servers. Confined to a lane.
 */
final class SimpleRequests {
    /** A SET up to this size is kept as it was written. */
    private static final int KEPT_TEXT_LIMIT = 1024;

    private final FrameScanner scanner;
    private final SqlReader sql;
    private final SessionEffects effects;
    private final ClientStatements statements;
    private final UnnamedStatement unnamed;
    private final Repetition repetition;

    SimpleRequests(
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

    Verdict onQuery(ServerConnection lent, ByteBuf buffer, int index, int length) {
        unnamed.forget(lent);
        int textLength = buffer.bytesBefore(index, length, (byte) 0);
        if (textLength < 0) {
            return forward(lent); // the server says what is wrong with it
        }
        if (!lent.isJudgeable()) {
            effects.onUnjudgeable();
            return forward(lent);
        }
        sql.load(buffer, index, textLength);
        Judgement judgement = sql.judge(textLength, lent.hasStandardStrings());
        if (judgement.isPlain()) {
            effects.onPlain(judgement);
            return forward(lent);
        }
        PgError foreign = statements.foreignName(judgement);
        if (foreign != null) {
            return Refusals.refuseQuery(lent, scanner, foreign);
        }
        if (effects.isToWait(judgement)) {
            return Verdict.STOP;
        }
        PgError objection = effects.objection(judgement);
        if (objection != null) {
            return Refusals.refuseQuery(lent, scanner, objection);
        }
        String simplySet = SessionState.simplySet(judgement);
        if (simplySet != null
                && textLength <= KEPT_TEXT_LIMIT
                && lent.isInStep()
                && lent.status() == Backend.IDLE
                && isPlainSet(textLength)) {
            String statement = SessionState.isDefault(judgement)
                    ? null
                    : new String(sql.bytes(), 0, textLength, StandardCharsets.US_ASCII);
            lent.onRequest(Frontend.QUERY, effects.set(lent, simplySet, statement));
            return Verdict.FORWARD;
        }
        effects.onStatement(judgement);
        if (judgement.has(Effect.PREPARE) && judgement.count() == 1) {
            return onPrepare(lent, judgement, textLength);
        }
        if (judgement.has(Effect.EXECUTE) || judgement.has(Effect.DEALLOCATE)) {
            return onNames(lent, judgement, textLength);
        }
        lent.onRequest(Frontend.QUERY, effects.discard(lent, judgement));
        return Verdict.FORWARD;
    }

    /** Whether the text that was loaded begins with SET or RESET, and means the same in every session: in every encoding, and
     * whether or not a backslash escapes.
     */
    private boolean isPlainSet(int length) {
        byte[] text = sql.bytes();
        boolean set = length > 5 && ((text[0] | 0x20) == 's' || (text[0] | 0x20) == 'r');
        int e = set && (text[0] | 0x20) == 's' ? 1 : 3;
        if (!set || (text[e] | 0x20) != 'e' || (text[e + 1] | 0x20) != 't' || text[e + 2] > ' ') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (text[i] < 0 || text[i] == '\\') {
                return false;
            }
        }
        return true;
    }

    private static Verdict forward(ServerConnection lent) {
        lent.onRequest(Frontend.QUERY);
        return Verdict.FORWARD;
    }

    private Verdict onPrepare(ServerConnection lent, Judgement judgement, int textLength) {
        SessionStatement.Prepare prepare = judgement.details().stream()
                .filter(SessionStatement.Prepare.class::isInstance)
                .map(SessionStatement.Prepare.class::cast)
                .findFirst()
                .orElseThrow();
        if (statements.find(SqlNames.inBytes(prepare.name())) != null) {
            if (statements.isNamingUnderway()) {
                statements.awaitNamings(lent);
                return Verdict.STOP;
            }
            return Refusals.refuseQuery(lent, scanner, new Failure.DuplicateStatement(prepare.name()).toPgError());
        }
        PreparedStatement statement = statements.hold(
                PreparedStatement.Kind.SQL,
                sql.bytes(),
                prepare.nameEnd(),
                textLength - prepare.nameEnd(),
                judgement,
                List.of());
        if (statement == null) {
            return Refusals.refuseQuery(lent, scanner, statements.tooMany());
        }
        scanner.cut();
        if (lent.session().mayHave(statement)) {
            lent.session().close(statement, true);
        }
        lent.session().makeRoom(true);
        Fate naming = statements.nameBySql(SqlNames.inBytes(prepare.name()), statement);
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
    private Verdict onNames(ServerConnection lent, Judgement judgement, int textLength) {
        Fate fate = effects.discard(lent, judgement);
        ByteBuf text = lent.allocator().buffer(textLength + 32);
        try {
            int done = 0;
            for (SessionStatement detail : judgement.details()) {
                PreparedStatement target = statements.target(detail);
                if (target == null) {
                    continue;
                }
                if (done == 0) {
                    scanner.cut();
                    repetition.keep(lent);
                }
                lent.session().prepare(target, false);
                if (detail instanceof SessionStatement.Execute) {
                    effects.onTarget(target);
                }
                if (detail instanceof SessionStatement.Deallocate deallocate && deallocate.name() != null) {
                    Fate removal = new Both(
                            lent.session().onDeallocation(target),
                            statements.unname(SqlNames.inBytes(deallocate.name()), target));
                    fate = fate == null ? removal : new Both(fate, removal);
                }
                text.writeBytes(sql.bytes(), done, SqlNames.start(detail) - done);
                text.writeBytes(target.serverName());
                done = SqlNames.end(detail);
            }
            text.writeBytes(sql.bytes(), done, textLength - done);
            scanner.cut();
            int shift = text.readableBytes() - textLength;
            lent.onRequest(Frontend.QUERY, new Renamed(fate, SqlNames.start(judgement), shift));
            ByteBuf out = lent.assembly();
            int start = Frames.begin(out, Frontend.QUERY);
            out.writeBytes(text).writeByte(0);
            Frames.end(out, start);
            return Verdict.SWALLOW;
        } finally {
            text.release();
        }
    }
}
