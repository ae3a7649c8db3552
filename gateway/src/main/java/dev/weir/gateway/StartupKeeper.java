package dev.weir.gateway;

import dev.weir.pool.OwnQuery;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SessionParameters;
import dev.weir.pool.SqlReader;
import dev.weir.sql.Effect;
import dev.weir.sql.Judgement;
import dev.weir.sql.SessionStatement;
import dev.weir.wire.Failure;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * In session mode, what a client has set by its startup message is for Postgres a SET like any other, so RESET takes it
 * away. This gives it back, so that RESET means for the client what it means in Postgres. Confined to a lane.
 */
final class StartupKeeper extends DirectSession implements OwnQuery {
    private final Client client;
    private final SqlReader sql;
    private final SessionParameters startup;

    /** What was reset and is to be set again. */
    private SessionParameters lost = SessionParameters.NONE;

    private boolean restoring;
    private @Nullable PgError error;

    StartupKeeper(SessionParameters startup, SqlReader sql, Client client) {
        super(startup, client);
        this.client = client;
        this.sql = sql;
        this.startup = startup;
    }

    /** Texts are judged, so they are awaited whole. */
    @Override
    public int wholeLimit(byte type) {
        return type == Frontend.QUERY || type == Frontend.PARSE ? VirtualSession.JUDGED_LIMIT : WHOLE_LIMIT;
    }

    @Override
    public Verdict onHeader(ServerConnection lent, byte type, int bodyLength) {
        boolean text = type == Frontend.QUERY || type == Frontend.PARSE;
        if (restoring && lent.isWithoutRequests()) {
            return Verdict.STOP;
        }
        if (text && bodyLength <= VirtualSession.JUDGED_LIMIT) {
            return Verdict.INSPECT;
        }
        lent.onRequest(type);
        return Verdict.FORWARD;
    }

    @Override
    public Verdict onFrame(ServerConnection lent, byte type, ByteBuf buffer, int index, int length) {
        int nameLength = type == Frontend.PARSE ? buffer.bytesBefore(index, length, (byte) 0) + 1 : 0;
        int textLength = buffer.bytesBefore(index + nameLength, length - nameLength, (byte) 0);
        if (textLength > 0) {
            sql.load(buffer, index + nameLength, textLength);
            Judgement judgement = sql.judge(textLength, lent.hasStandardStrings());
            if (judgement.has(Effect.RESET) || judgement.has(Effect.DISCARD) || judgement.has(Effect.SET)) {
                judgement.details().forEach(this::note);
            }
        }
        lent.onRequest(type);
        return Verdict.FORWARD;
    }

    private void note(SessionStatement statement) {
        switch (statement) {
            case SessionStatement.ResetParameter reset -> lose(reset.name());
            case SessionStatement.SetParameter set when set.isDefault() && !set.local() -> lose(set.name());
            case SessionStatement.Discard discard when discard.target() == SessionStatement.Target.ALL -> lose(null);
            default -> {
                // takes nothing away
            }
        }
    }

    private void lose(@Nullable String name) {
        if (name == null) {
            lost = startup;
        } else if (startup.has(name)) {
            lost = lost.with(name, startup.statement(name));
        }
    }

    @Override
    public boolean onAtRest(ServerConnection lent) {
        if (lost.isNone() || restoring) {
            return false;
        }
        restoring = true;
        lent.session().runOwn(SessionParameters.change(SessionParameters.NONE, lost), this);
        lost = SessionParameters.NONE;
        lent.flushRequests();
        return false;
    }

    @Override
    public void onParameter(String name, String value) {
        client.tellParameter(name, value);
    }

    @Override
    public void onError(PgError failure) {
        error = failure;
    }

    @Override
    public void onAnswered() {
        restoring = false;
        client.resumeSoon();
    }

    @Override
    public void onUndone() {
        if (error != null) {
            client.fail(new Failure.ParametersLost(error.message()).toPgError());
        }
    }
}
