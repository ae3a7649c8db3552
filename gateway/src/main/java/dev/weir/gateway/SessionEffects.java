package dev.weir.gateway;

import dev.weir.pool.Fate;
import dev.weir.pool.PreparedStatement;
import dev.weir.pool.ServerConnection;
import dev.weir.sql.Effect;
import dev.weir.sql.Judgement;
import dev.weir.sql.SessionStatement;
import dev.weir.wire.PgError;
import org.jspecify.annotations.Nullable;

/** What statements do to a client's session when they are carried out, and whether they may. Confined to a lane. */
final class SessionEffects {
    private final SessionState state;
    private final Pinning pinning;
    private final Listening listening;
    private final ClientStatements statements;

    SessionEffects(SessionState state, Pinning pinning, Listening listening, ClientStatements statements) {
        this.state = state;
        this.pinning = pinning;
        this.listening = listening;
        this.statements = statements;
    }

    /** What speaks against carrying it out; null if nothing does. */
    @Nullable
    PgError objection(Judgement judgement) {
        return pinning.objection(judgement);
    }

    /** @return whether it must wait until the client has been told what it still listens to; then it goes on soon */
    boolean isToWait(Judgement judgement) {
        return judgement.has(Effect.UNLISTEN) && listening.isToBeToldFirst();
    }

    /** A plain one is being sent. */
    void onPlain(Judgement judgement) {
        if (!judgement.isReadOnly() && state.isPathTemporary()) {
            state.onUnsure();
        }
    }

    /** It is being sent, to be carried out. */
    void onStatement(Judgement judgement) {
        onPlain(judgement);
        if (judgement.has(Effect.LISTEN)) {
            listening.onListen();
        }
        state.onStatement(judgement);
        for (SessionStatement detail : judgement.details()) {
            switch (detail) {
                case SessionStatement.Unlisten unlisten -> listening.unlistenAtCommit(unlisten.channel());
                case SessionStatement.Transaction transaction
                when transaction.verb() == SessionStatement.Verb.ROLLBACK -> listening.onError();
                default -> {
                    // of no concern here
                }
            }
        }
    }

    /** A prepared statement is executed by another statement, so what it does to the session happens now. */
    void onTarget(PreparedStatement target) {
        if (!target.judgement().isPlain()) {
            state.onStatement(target.judgement());
        }
    }

    /** A text that was not looked at is being sent. */
    void onUnseen() {
        state.onUnseen();
    }

    /** A text is being sent in an encoding in which it can't be judged. */
    void onUnjudgeable() {
        state.onUnjudgeable();
    }

    /** PREPARE in a form that Weir can't give a name of its own. */
    void onUntrackedPrepare() {
        state.onUntrackedPrepare();
    }

    /**
     * A statement that sets one parameter, and nothing else, is being sent outside a transaction.
     *
     * @param statement its text; null if it gives the parameter its default
     */
    Fate set(ServerConnection lent, String name, @Nullable String statement) {
        state.setSetting(name);
        return new Fate() {
            @Override
            public void onAnswered() {
                state.setSetting(null);
                state.onSet(lent, name, statement);
            }

            @Override
            public void onUndone() {
                state.setSetting(null); // nothing was set
            }
        };
    }

    /** What is to be done when a text that discards everything, or all prepared statements, succeeds; null if it doesn't. */
    @Nullable
    Fate discard(ServerConnection lent, Judgement judgement) {
        boolean all = judgement.details().stream()
                .anyMatch(statement -> statement instanceof SessionStatement.Discard discard
                        && discard.target() == SessionStatement.Target.ALL);
        boolean prepared = all
                || judgement.details().stream()
                        .anyMatch(statement -> statement instanceof SessionStatement.Deallocate deallocate
                                && deallocate.name() == null);
        if (!prepared) {
            return null;
        }
        lent.session().doubtStatements();
        Fate names = statements.unnameAll();
        return all ? new Both(names, new Discarding(lent)) : names;
    }

    /** DISCARD ALL. */
    private final class Discarding implements Fate {
        private final ServerConnection lent;

        Discarding(ServerConnection lent) {
            this.lent = lent;
        }

        @Override
        public void onAnswered() {
            listening.unlisten(null);
            state.onDiscarded(lent);
        }

        @Override
        public void onUndone() {
            // all is as it was
        }
    }
}
