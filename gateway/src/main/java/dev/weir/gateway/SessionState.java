package dev.weir.gateway;

import dev.weir.pool.OwnQuery;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SessionParameters;
import dev.weir.sql.Effect;
import dev.weir.sql.Judgement;
import dev.weir.sql.SessionStatement;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a client of transaction mode has in its session beside prepared statements: the parameters that it has set, which
 * go with it to whichever server connection it is lent next, and the state that can't go, for which it keeps the one that
 * it has. What is hard to know, such as what a rolled back SET leaves, the server is asked. Confined to a lane.
 */
final class SessionState {
    /** What a SET of these leads to depends on more than its text: the value before, or another parameter. */
    private static final Set<String> INVOLVED = Set.of("role", "session_authorization", "datestyle");

    /** What must not be set while a server connection waits for whoever comes next, since it ends it. */
    static final String IDLE_LIMIT = "idle_session_timeout";

    /** What ends with its transaction, however it is set, or can't be taken back. */
    private static final Set<String> UNKEPT =
            Set.of("transaction_isolation", "transaction_read_only", "transaction_deferrable", "seed");

    private final String user;
    private final SessionParameters startup;
    private SessionParameters current;

    /** Parameters that may have changed since the server was last asked. */
    private @Nullable Set<String> touched;

    /** Bits of {@link PinReason}: what may have come about, or gone, since the server was last asked. */
    private int suspected;

    /** Bits of {@link PinReason}: for what it keeps its server connection. */
    private int pins;

    private boolean asking;

    /** Bits of {@link PinReason}: what the server is being asked for. */
    private int asked;

    /** SET LOCAL in the transaction under way. */
    private boolean setLocally;

    /** Names that the server is being asked for. */
    private Set<String> askedNames = Set.of();

    /** The question was cut off by the client's own statement_timeout, and is asked again without it. */
    private boolean insisting;

    /** A text was sent unseen, so whatever can be asked for is. */
    private boolean unseen;

    /** What a statement under way sets, and nothing else; its success tells what is to be known. */
    private @Nullable String setting;

    /** What the startup message set was reset, and is to be set again. */
    private boolean restarting;

    /** Channels that the server connection lent now listens to for it. */
    private List<String> listening = List.of();

    /**
     * @param user as whom server connections are logged in
     * @param startup what the client has set by its startup message
     */
    SessionState(String user, SessionParameters startup) {
        this.user = user;
        this.startup = startup;
        this.current = startup;
    }

    SessionParameters parameters() {
        return current;
    }

    /** Whether a server connection with these parameters has all that the client has set, as far as it needs it at rest. */
    boolean isSatisfiedBy(SessionParameters there) {
        return there.equals(current) || (current.has(IDLE_LIMIT) && there.equals(current.with(IDLE_LIMIT, null)));
    }

    /** Whether any table that it makes may be a temporary one. */
    boolean isPathTemporary() {
        String path = current.statement("search_path");
        return path != null && path.contains("pg_temp");
    }

    /** A statement is being sent that may make something temporary. */
    void onUnsure() {
        suspected |= PinReason.TEMPORARY_OBJECT.bit();
    }

    /** Whether what the client sends next must wait until it has its startup parameters again. */
    boolean isRestarting() {
        return restarting;
    }

    /** It has them. */
    void onRestarted() {
        restarting = false;
    }

    /** Channels that the server connection listens to for it, once. */
    List<String> takeListening() {
        List<String> taken = listening;
        listening = List.of();
        return taken;
    }

    boolean isPinned() {
        return pins != 0;
    }

    /** Whether a server connection has, or may have, what the next client must not see. */
    boolean isDirty() {
        return pins != 0 || suspected != 0 || touched != null || asking || !listening.isEmpty();
    }

    /** For what it keeps its server connection. */
    List<PinReason> pinReasons() {
        return PinReason.in(pins);
    }

    // ---- what statements do

    /** A text with effects on the session is being sent. */
    void onStatement(Judgement judgement) {
        suspected |= PinReason.causedBy(judgement);
        int found = pins | asked | (listening.isEmpty() ? 0 : PinReason.LISTEN.bit());
        if (found != 0 && mayRelease(judgement)) {
            suspected |= found; // it may be gone by then
        }
        for (SessionStatement statement : judgement.details()) {
            switch (statement) {
                case SessionStatement.SetParameter set -> {
                    if (set.local()) {
                        setLocally = true;
                    } else {
                        touch(set.name());
                        restarting |= set.isDefault() && startup.has(set.name());
                    }
                }
                case SessionStatement.ResetParameter reset -> {
                    if (reset.name() == null) {
                        touchAll();
                        restarting = !startup.isNone();
                    } else {
                        touch(reset.name());
                        restarting |= startup.has(reset.name());
                    }
                }
                case SessionStatement.Discard discard -> {
                    if (discard.target() == SessionStatement.Target.ALL) {
                        touchAll();
                        restarting = !startup.isNone();
                    }
                }
                case SessionStatement.Prepare prepare -> {
                    if (judgement.count() > 1) {
                        suspected |= PinReason.PREPARED_STATEMENT.bit();
                    }
                }
                case SessionStatement.Transaction transaction -> {}
                case SessionStatement.Execute execute -> {}
                case SessionStatement.Deallocate deallocate -> {}
                case SessionStatement.Listen listen -> {}
                case SessionStatement.Unlisten unlisten -> {}
                case SessionStatement.Notify notify -> {}
            }
        }
    }

    /** Whether what pinned may be gone after it. */
    private static boolean mayRelease(Judgement judgement) {
        return judgement.has(Effect.DROP)
                || judgement.has(Effect.CLOSE_CURSOR)
                || judgement.has(Effect.ADVISORY_UNLOCK)
                || judgement.has(Effect.UNLISTEN)
                || judgement.has(Effect.DEALLOCATE)
                || judgement.has(Effect.DISCARD);
    }

    /** A text that was not looked at is being sent: it may set anything. */
    void onUnseen() {
        unseen = true;
        suspected |= PinReason.ASKABLE;
        touchAll();
    }

    /** A text is being sent in an encoding in which it can't be judged. */
    void onUnjudgeable() {
        suspected |= PinReason.CLIENT_ENCODING.bit();
    }

    /** The server has reported a parameter that the client has not been seen to set, or whose SET is under way. */
    void onParameter(String name) {
        if (!name.equals(setting)) {
            touch(name);
        }
    }

    /** A SET of one parameter is under way, or, with null, it is not any more. */
    void setSetting(@Nullable String name) {
        setting = name;
    }

    /** PREPARE in a form that Weir can't give a name of its own. */
    void onUntrackedPrepare() {
        suspected |= PinReason.PREPARED_STATEMENT.bit();
    }

    void touch(String name) {
        if (UNKEPT.contains(name)) {
            return;
        }
        if (touched == null) {
            touched = new TreeSet<>();
        }
        touched.add(name);
        if (name.equals("session_authorization")) {
            touched.add("role");
        }
    }

    private void touchAll() {
        for (String name : current.names()) {
            touch(name);
        }
        for (String name : startup.names()) {
            touch(name);
        }
        for (String name : askedNames) {
            touch(name);
        }
    }

    /** DISCARD ALL has been carried out. */
    void onDiscarded(ServerConnection server) {
        pins = 0; // what was suspected is asked for nevertheless, since it may stand behind this
        current = startup;
        server.session().setParameters(SessionParameters.NONE);
    }

    /** The parameter that this text sets, if it is one whose success alone tells what is set from then on; or null. */
    @Nullable
    static String simplySet(Judgement judgement) {
        if (judgement.count() != 1 || judgement.details().size() != 1) {
            return null;
        }
        @Nullable
        String name = switch (judgement.details().getFirst()) {
            case SessionStatement.SetParameter set when judgement.has(Effect.SET) && !set.local() -> set.name();
            case SessionStatement.ResetParameter reset -> reset.name();
            default -> null;
        };
        return name == null || INVOLVED.contains(name) || UNKEPT.contains(name) ? null : name;
    }

    /** @return whether the text, which {@link #simplySet}, gives the parameter its default */
    static boolean isDefault(Judgement judgement) {
        return !(judgement.details().getFirst() instanceof SessionStatement.SetParameter set) || set.isDefault();
    }

    /** A statement outside a transaction has set a parameter so, or with null has given it its default. */
    void onSet(ServerConnection server, String name, @Nullable String statement) {
        server.session().setParameters(server.session().parameters().with(name, statement));
        restarting |= statement == null && startup.has(name);
        current = current.with(name, statement != null ? statement : startup.statement(name));
    }

    /** Whether it is not known now what is set: in a transaction that sets something, and until the server is asked. */
    boolean isUncertain() {
        return touched != null || asking || setLocally;
    }

    /** The transaction is over. */
    void onTransactionEnd() {
        setLocally = false;
    }

    /** Whether the server is to be asked before the session goes on elsewhere. */
    boolean isToBeAsked() {
        return !asking && (touched != null || suspected != 0);
    }

    // ---- asking the server

    /** Sends the question; until it is answered the server connection stays lent. */
    void ask(ServerConnection server) {
        asking = true;
        asked = suspected;
        Set<String> names = touched == null ? Set.of() : touched;
        askedNames = names;
        int reasons = suspected;
        touched = null;
        suspected = 0;
        StateQuestion question = new StateQuestion(names, reasons, unseen);
        server.session()
                .runOwn(
                        insisting ? question.insistingText() : question.text(),
                        new Answer(server, names, reasons, unseen, insisting));
        insisting = false;
        unseen = false;
        server.flushRequests();
    }

    /** What the server says. */
    private final class Answer implements OwnQuery {
        private final ServerConnection server;
        private final Set<String> names;
        private final int reasons;
        private final boolean all;
        private final boolean insisted;
        private @Nullable PgError error;
        private SessionParameters found;
        private SessionParameters wanted;
        private final List<String> channels = new ArrayList<>();
        private int present;

        Answer(ServerConnection server, Set<String> names, int reasons, boolean all, boolean insisted) {
            this.server = server;
            this.names = names;
            this.reasons = reasons;
            this.all = all;
            this.insisted = insisted;
            SessionParameters onServer = server.session().parameters();
            SessionParameters own = current;
            for (String name : names) {
                onServer = onServer.with(name, null);
                own = own.with(name, startup.statement(name));
            }
            this.found = onServer;
            this.wanted = own;
        }

        @Override
        public void onRow(ByteBuf buffer, int index, int length) {
            String kind = "";
            String name = "";
            @Nullable String value = null;
            int position = index + 2;
            for (int column = 0; column < buffer.getShort(index); column++) {
                int size = buffer.getInt(position);
                position += 4;
                if (size >= 0) {
                    String text = buffer.toString(position, size, server.charset());
                    position += size;
                    switch (column) {
                        case 0 -> kind = text;
                        case 1 -> name = text;
                        default -> value = text;
                    }
                }
            }
            if (kind.equals("l") && server.charset().equals(StandardCharsets.UTF_8)) {
                channels.add(name);
            } else if (kind.equals("l")) {
                present |= PinReason.LISTEN.bit(); // the notification connection would tell it in UTF-8
            } else if (kind.equals("s")) {
                present |= PinReason.valueOf(name).bit();
            } else if (value != null && !isUnset(name, value)) {
                String statement = SessionParameters.assignment(name, value);
                found = found.with(name, statement);
                wanted = wanted.with(name, statement);
            }
        }

        private boolean isUnset(String name, String value) {
            return switch (name) {
                case "role" -> value.equals("none");
                case "session_authorization" -> value.equals(user);
                default -> value.isEmpty() && !StateQuestion.isListed(name);
            };
        }

        @Override
        public void onError(PgError failure) {
            error = failure;
        }

        @Override
        public void onAnswered() {
            asking = false;
            asked = 0;
            askedNames = Set.of();
            int forGood = 0;
            for (PinReason reason : PinReason.values()) {
                if (reason.question() == null) {
                    forGood |= reason.bit() & (pins | reasons);
                }
            }
            pins = (pins & ~reasons) | present | forGood;
            if ((reasons & PinReason.LISTEN.bit()) != 0) { // else it was not asked for, and stays as it was
                listening = List.copyOf(channels);
            }
            current = wanted;
            server.session().setParameters(found);
        }

        @Override
        public void onUndone() {
            asking = false;
            asked = 0;
            PgError reason = error;
            if (reason == null) {
                return; // the server connection is gone
            }
            if (reason.code().equals(Sqlstate.QUERY_CANCELED.code()) && !insisted) {
                names.forEach(SessionState.this::touch);
                suspected |= reasons;
                unseen |= all;
                insisting = true;
            } else {
                pins |=
                        PinReason.UNKNOWN_STATE
                                .bit(); // so that it keeps what it has, and all is discarded when it leaves
            }
        }
    }
}
