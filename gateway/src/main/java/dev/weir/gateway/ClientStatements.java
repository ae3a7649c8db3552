package dev.weir.gateway;

import dev.weir.pool.Fate;
import dev.weir.pool.Pool;
import dev.weir.pool.PreparedStatement;
import dev.weir.pool.PreparedStatements;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.StatementNames;
import dev.weir.sql.Judgement;
import dev.weir.sql.SessionStatement;
import dev.weir.tenants.SessionSettings;
import dev.weir.wire.Failure;
import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The prepared statements that one client has, by the names that it gave them. A name is taken, and given up, as soon as the
 * client sends what does so, and that is taken back if it comes to nothing. Confined to a lane.
 */
final class ClientStatements {
    private final Pool pool;
    private final SessionState state;
    private final ClientSession.Client client;
    private final StatementNames names;

    /** Statements that have a name, but may still come to nothing. */
    private int namingsUnderway;

    private boolean namingsAwaited;

    /** The statement whose preparation failed last, of which errors may still speak, and its name. */
    private @Nullable PreparedStatement failed;

    private String failedName = "";

    /** Statements that are not shared, since it was not known what parameters they were prepared by. */
    private long privateScopes;

    private boolean ended;

    ClientStatements(Pool pool, SessionState state, ClientSession.Client client) {
        this.pool = pool;
        this.state = state;
        this.client = client;
        boolean shared = pool.sessionSettings().sharedStatements();
        this.names = new StatementNames(pool.statements(), shared ? pool.sharedNames() : null);
    }

    // ---- what has a name

    @Nullable
    PreparedStatement find(String name) {
        return names.find(name);
    }

    @Nullable
    PreparedStatement find(ByteBuf buffer, int nameIndex, int nameLength) {
        return names.find(buffer, nameIndex, nameLength);
    }

    /** The statement that this one executes or deallocates by its name; null if there is none. */
    @Nullable
    PreparedStatement target(SessionStatement detail) {
        return switch (detail) {
            case SessionStatement.Execute execute -> names.find(SqlNames.inBytes(execute.name()));
            case SessionStatement.Deallocate deallocate ->
                deallocate.name() == null ? null : names.find(SqlNames.inBytes(deallocate.name()));
            default -> null;
        };
    }

    /** What is said of a name that only Weir gives, and so isn't the client's; null if there is none in it. */
    @Nullable
    PgError foreignName(Judgement judgement) {
        for (SessionStatement detail : judgement.details()) {
            String name = switch (detail) {
                case SessionStatement.Execute execute -> execute.name();
                case SessionStatement.Deallocate deallocate -> deallocate.name();
                default -> null;
            };
            if (name != null
                    && name.startsWith(PreparedStatements.PREFIX)
                    && names.find(SqlNames.inBytes(name)) == null) {
                return new Failure.UnknownStatement(name).toPgError();
            }
        }
        return null;
    }

    List<PreparedStatement> targets(Judgement judgement) {
        List<PreparedStatement> targets = new ArrayList<>();
        for (SessionStatement detail : judgement.details()) {
            PreparedStatement target = target(detail);
            if (target != null) {
                targets.add(target);
            }
        }
        return targets;
    }

    /** The client's name for the statement of this name on servers; that name itself if it has none. */
    String nameOf(String serverName) {
        return failed != null && failed.toString().equals(serverName) ? failedName : names.nameOf(serverName);
    }

    // ---- giving a name

    /**
     * Holds a statement that is to be given a name.
     *
     * @return null if the client has too many of them, or the pool has
     */
    @Nullable
    PreparedStatement hold(
            PreparedStatement.Kind kind,
            byte[] bytes,
            int from,
            int length,
            Judgement judgement,
            List<PreparedStatement> targets) {
        return names.size() >= settings().statementsPerClient()
                ? null
                : pool.statements().hold(kind, bytes, from, length, scope(), judgement, targets);
    }

    /** Why {@link #hold} holds none. */
    PgError tooMany() {
        return new Failure.TooManyStatements(names.size(), settings().statementsPerClient()).toPgError();
    }

    /** Gives a statement its name, unless its preparation fails. */
    Fate name(String name, PreparedStatement statement) {
        return name(names, name, statement);
    }

    /** The same, where PREPARE of SQL puts names: among the client's own, or among those that all share. */
    Fate nameBySql(String name, PreparedStatement statement) {
        return name(settings().sharedStatements() ? pool.sharedNames() : names, name, statement);
    }

    int size() {
        return names.size();
    }

    private Fate name(StatementNames where, String name, PreparedStatement statement) {
        where.put(name, statement);
        namingsUnderway++;
        return new Naming(name, statement);
    }

    /** Whether a name that is taken may turn out not to be. */
    boolean isNamingUnderway() {
        return namingsUnderway > 0;
    }

    /** Whether a name is taken can't be told before it is known what became of those who were to take one. */
    void awaitNamings(ServerConnection lent) {
        namingsAwaited = true;
        Frames.writeEmpty(lent.assembly(), Frontend.FLUSH); // or the server may not tell before the next Sync
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

    private SessionSettings settings() {
        return pool.sessionSettings();
    }

    /** Parameters, as the search path, decide what a text means: equal texts are the same only under the same ones. */
    private String scope() {
        if (state.isUncertain()) {
            privateScopes++;
            return client.hashCode() + "/" + privateScopes; // shared with nobody
        }
        return state.parameters().scope();
    }

    // ---- taking names away

    /** Takes its name away, unless what does so fails. */
    Fate unname(String name, PreparedStatement statement) {
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

    /** Takes all names away, unless what does so fails. */
    Fate unnameAll() {
        return new ClosingAll(names.takeAll());
    }

    /** DISCARD ALL, DEALLOCATE ALL: the names are gone at once, unless it fails. */
    private final class ClosingAll implements Fate {
        private final Map<StatementNames.Name, PreparedStatement> taken;

        ClosingAll(Map<StatementNames.Name, PreparedStatement> taken) {
            this.taken = taken;
        }

        @Override
        public void onAnswered() {
            names.letGo(taken);
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

    /** The client has gone. */
    void end() {
        ended = true;
        names.clear();
    }
}
