package dev.weir.pool;

import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The session on one server connection: the parameters and prepared statements that it has, and the requests of Weir's own
 * by which it gets what the next client needs of them. Those stand amid the client's requests, and their replies are for
 * nobody. Confined to a lane.
 */
public final class ServerSession {
    private static final byte[] NO_NAME = {};

    /** Of what Weir needs for a moment amid a pipeline. */
    private static final byte[] OWN_NAME = ascii(PreparedStatements.PREFIX);

    private static final byte[] PREPARE = ascii("PREPARE ");

    private static final String COPY_FAIL_REASON = "client left";

    /** A syntax error, which undoes what came before it in the same exchange; it says in the server's log what it is. */
    private static final byte[] NO_STATEMENT = ascii("client left without Sync");

    private final Pool pool;
    private final ExpectedReplies expected;
    private final RequestAssembly requests;
    private final ServerStatements statements = new ServerStatements();

    /** What it has set, as far as Weir has had it set. */
    private SessionParameters parameters = SessionParameters.NONE;

    /** Whose unnamed statement it has; null if it has none. */
    private @Nullable Object unnamedOf;

    /** Which of its owner's unnamed statements that is. */
    private long unnamedVersion;

    ServerSession(Pool pool, ExpectedReplies expected, RequestAssembly requests) {
        this.pool = pool;
        this.expected = expected;
        this.requests = requests;
    }

    // ---- its life with one client and the next

    /**
     * A client's session begins: it finds nothing but what it asked for itself.
     *
     * @param startup what it has set by its startup message
     */
    public void begin(SessionParameters startup, OwnQuery query) {
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

    /** Runs a statement of Weir's own before whatever the borrower sends next. */
    public void runOwn(String sql, OwnQuery query) {
        expected.onOwnRequest(Frontend.QUERY, query);
        unnamedOf = null;
        Frontend.writeQuery(requests.buffer(), sql);
    }

    /** A Sync of the borrower's goes to the server. */
    void onSync() {
        statements.onSync();
    }

    /** Makes the server come to an end with what a client that left has left open. */
    void endOpenExchange() {
        boolean copyIn = expected.isCopyIn();
        boolean open = expected.isOpen();
        if (!copyIn && !open) {
            return;
        }
        ByteBuf out = requests.buffer();
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
        requests.flush();
    }

    /** Runs what cleans up behind a client that left, or a check. */
    void clean(Cleanup cleanup) {
        if (cleanup.purpose() == Cleanup.Purpose.FORGET) {
            closeSurplus(0);
            sendOwnSync();
            requests.flush();
            return;
        }
        expected.onRequest(Frontend.QUERY);
        unnamedOf = null;
        Frontend.writeQuery(requests.buffer(), cleanup.sql());
        requests.flush();
    }

    /** The reset query ends what a session has set; whether it leaves prepared statements, only the server knows. */
    void onReset(Cleanup cleanup) {
        if (cleanup.sql().equals(Cleanup.RESET_QUERY)) {
            statements.clear();
        } else {
            statements.doubtAll();
        }
        parameters = SessionParameters.NONE;
    }

    // ---- parameters

    /** How many prepared statements it has for clients. */
    int statements() {
        return statements.size();
    }

    /** What it has set. */
    public SessionParameters parameters() {
        return parameters;
    }

    /** The borrower has had it set so, or has found it so. */
    public void setParameters(SessionParameters found) {
        parameters = found;
    }

    // ---- the unnamed statement

    /** Whether its unnamed statement is this owner's, and that of its Parse with this number. */
    public boolean hasUnnamed(Object owner, long version) {
        return owner.equals(unnamedOf) && version == unnamedVersion;
    }

    /** Whether it has an unnamed statement, whosoever. */
    public boolean hasUnnamed() {
        return unnamedOf != null;
    }

    /**
     * The borrower sends what makes its unnamed statement that of this owner.
     *
     * @param owner null if it does away with it
     */
    public void setUnnamedOf(@Nullable Object owner, long version) {
        unnamedOf = owner;
        unnamedVersion = version;
    }

    /** Removes the unnamed statement, which is another's. */
    public void closeUnnamed() {
        unnamedOf = null;
        expected.onOwnRequest(Frontend.CLOSE, null);
        Frontend.writeClose(requests.buffer(), Frontend.STATEMENT, NO_NAME);
    }

    /** Prepares the unnamed statement anew. */
    public void prepareUnnamed(byte[] content, int length, Object owner, long version) {
        setUnnamedOf(owner, version);
        expected.onOwnRequest(Frontend.PARSE, null);
        Frontend.writeParseContent(requests.buffer(), NO_NAME, content, length);
    }

    // ---- prepared statements

    /** What has happened in its pool. */
    public PoolCounters counters() {
        return pool.counters();
    }

    /** Whether it may have a statement when the server reads what is sent next. */
    public boolean mayHave(PreparedStatement statement) {
        return statements.presence(statement) != ServerStatements.Presence.ABSENT;
    }

    /** Whether it surely has a statement when the server reads what is sent next. */
    public boolean isPrepared(PreparedStatement statement) {
        return statements.presence(statement) == ServerStatements.Presence.PRESENT;
    }

    /**
     * Makes sure that it has a statement when the server reads what is sent next.
     *
     * @param extended that is a message of the extended protocol; else it is a Query
     */
    public void prepare(PreparedStatement statement, boolean extended) {
        ServerStatements.Presence presence = statements.presence(statement);
        if (presence == ServerStatements.Presence.PRESENT || expected.isSkipping()) {
            pool.counters().statementHits += presence == ServerStatements.Presence.PRESENT ? 1 : 0;
            return;
        }
        pool.counters().statementMisses++;
        boolean alone = !extended && !expected.isOpen();
        boolean byQuery = alone && statement.kind() == PreparedStatement.Kind.SQL;
        if (presence == ServerStatements.Presence.DOUBTFUL) {
            close(statement, byQuery);
        } else {
            makeRoom(byQuery);
        }
        Fate fate = statements.add(statement, false);
        if (byQuery) {
            expected.onOwnRequest(Frontend.QUERY, fate);
            unnamedOf = null;
            Frontend.writeQuery(requests.buffer(), PREPARE, statement.serverName(), statement.bytes());
        } else {
            sendPreparation(statement, fate);
            if (alone) {
                sendOwnSync();
            }
        }
    }

    /** Whether it has more than it may, since that was lowered, and can remove some of them. */
    boolean hasTooManyStatements() {
        return statements.size() > pool.settings().sessions().statementsPerServer() && statements.hasEvictable();
    }

    /**
     * Removes those used least recently, until there is room.
     *
     * @param room for how many
     * @return whether any was removed
     */
    private boolean closeSurplus(int room) {
        int most = pool.settings().sessions().statementsPerServer() - room;
        boolean any = false;
        PreparedStatement oldest = statements.size() > most ? statements.evict() : null;
        while (oldest != null) {
            pool.counters().statementEvictions++;
            close(oldest, false);
            any = true;
            oldest = statements.size() > most ? statements.evict() : null;
        }
        return any;
    }

    private void sendPreparation(PreparedStatement statement, Fate fate) {
        ByteBuf out = requests.buffer();
        if (statement.kind() == PreparedStatement.Kind.PROTOCOL) {
            expected.onOwnRequest(Frontend.PARSE, fate);
            pool.counters().serverParses++;
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

    /** Ends an exchange that the borrower has not ended, or one of Weir's own. */
    void sendOwnSync() {
        expected.onOwnRequest(Frontend.SYNC, null);
        statements.onSync();
        Frames.writeEmpty(requests.buffer(), Frontend.SYNC);
    }

    /**
     * Makes sure that one more statement can be prepared without exceeding the limit.
     *
     * @param alone a Query follows
     */
    public void makeRoom(boolean alone) {
        if (closeSurplus(1) && alone) {
            sendOwnSync();
        }
    }

    /**
     * Removes a statement, so that it can be prepared as if for the first time; no error if it isn't there.
     *
     * @param alone a Query follows
     */
    public void close(PreparedStatement statement, boolean alone) {
        expected.onOwnRequest(Frontend.CLOSE, statements.remove(statement));
        Frontend.writeClose(requests.buffer(), Frontend.STATEMENT, statement.serverName());
        if (alone) {
            sendOwnSync();
        }
    }

    /** The borrower is about to send what prepares a statement. */
    public Fate onPreparation(PreparedStatement statement) {
        if (statement.kind() == PreparedStatement.Kind.PROTOCOL) {
            pool.counters().statementMisses++;
            pool.counters().serverParses++;
        }
        return statements.add(statement, true);
    }

    /** The borrower sends what removes a statement, if that succeeds. */
    public Fate onDeallocation(PreparedStatement statement) {
        Fate removal = statements.remove(statement);
        statements.doubt(statement); // until it is known
        return removal;
    }

    /** What the borrower sends may remove all statements. */
    public void doubtStatements() {
        statements.doubtAll();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
