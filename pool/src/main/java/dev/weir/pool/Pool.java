package dev.weir.pool;

import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Secret;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.Upstream;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import dev.weir.wire.auth.ScramKeys;
import io.netty.util.concurrent.ScheduledFuture;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The server connections of one (tenant, database, user), shared by its session and its transaction clients. The one
 * given back last is lent first; clients that find none wait in the order in which they came. Confined to its lane.
 */
public final class Pool {
    private static final Logger log = LoggerFactory.getLogger(Pool.class);

    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(50);
    /** Idle server connections that are looked at for one that needs no change of parameters. */
    private static final int LOOKED_AT = 8;

    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(5);

    /** What a client that logs in waits for: the parameters that it is greeted with. */
    public interface WelcomeTaker {
        /**
         * @param reported parameters of a real server connection with what the client has asked for, in its order
         * @param own what it has asked for that is not so by itself
         */
        void onWelcome(Map<String, String> reported, SessionParameters own);

        void onNoWelcome(PgError error);
    }

    private final PoolKey key;
    private final Lane lane;
    private final SecureRandom random;
    private UpstreamLogin login;
    private ServerOpener opener;
    private PoolSettings settings;

    private final ArrayDeque<ServerConnection> idle = new ArrayDeque<>();
    private final Set<ServerConnection> servers = new HashSet<>();
    private final WaitingQueue waiting = new WaitingQueue();
    private final ArrayList<Unwelcomed> unwelcomed = new ArrayList<>();
    private int opening;

    /** Counts changes of the upstream; what was begun under an older one is not used. */
    private int generation;

    /** Of {@link #opening}, those begun under an older upstream. */
    private int outdated;

    /** Parameters of the server connection opened last; null until the first. */
    private @Nullable Map<String, String> parameters;

    private final PreparedStatements statements;
    private final StatementNames sharedNames;

    /** Clients that keep a server connection for state that can't be moved. */
    private int pinned;

    private final PoolCounters counters = new PoolCounters();

    private final Fittings fittings = new Fittings(this);
    private final Notifications notifications = new Notifications(new OutsideThePool());

    /** Server connections that are not for lending. */
    private final Set<ServerConnection> outside = new HashSet<>();

    private int failuresInRow;

    /** No connection is opened before this moment; only meaningful while {@link #failuresInRow} is not 0. */
    private long notBefore;

    private @Nullable ScheduledFuture<?> retryTimer;
    private @Nullable ScheduledFuture<?> queueTimer;
    private @Nullable CloseReason closed;

    /** Clients that have joined and not left. */
    private int clients;

    private final Consumer<Pool> onUnused;

    /** @param onUnused called when the last client has left and the last server connection is closed */
    Pool(
            PoolKey key,
            Lane lane,
            PoolSettings settings,
            Upstream upstream,
            Secret secret,
            SecureRandom random,
            Consumer<Pool> onUnused) {
        this.key = key;
        this.lane = lane;
        this.settings = settings;
        this.random = random;
        this.login = new UpstreamLogin(key.user(), key.database(), secret);
        this.opener = new ServerOpener(lane, upstream, login, random);
        this.onUnused = onUnused;
        this.statements = new PreparedStatements(settings.sessions().statementBytes());
        this.sharedNames = new StatementNames(statements, null);
    }

    /** The statements that its clients have prepared. */
    public PreparedStatements statements() {
        return statements;
    }

    /** Names of SQL's PREPARE that all its clients have, if they share them. */
    public StatementNames sharedNames() {
        return sharedNames;
    }

    /** How many clients keep a server connection for state that can't be moved. */
    public int pinned() {
        return pinned;
    }

    /** @param change 1 when a client begins to keep its server connection, -1 when it ceases to */
    public void countPinned(int change) {
        pinned += change;
    }

    /** What listens for its clients of transaction mode. */
    public Notifications notifications() {
        return notifications;
    }

    public SessionSettings sessionSettings() {
        return settings.sessions();
    }

    public PoolKey key() {
        return key;
    }

    Lane lane() {
        return lane;
    }

    PoolSettings settings() {
        return settings;
    }

    /** Takes effect at once; surplus connections that are lent go when they are given back. */
    void setSettings(PoolSettings newSettings) {
        settings = newSettings;
        while (size() > settings.size() && !idle.isEmpty()) {
            idle.getFirst().retire(CloseReason.RETIRED);
        }
        if (queueTimer != null) {
            queueTimer.cancel(false);
            queueTimer = null;
        }
        if (!waiting.isEmpty()) {
            armQueueTimer();
        }
        openIfWanted();
    }

    /**
     * From now on connections go elsewhere or log in otherwise; those that are open are closed, the lent ones when they
     * are given back.
     */
    void setUpstream(Upstream upstream, Secret secret) {
        login = new UpstreamLogin(key.user(), key.database(), secret);
        opener = new ServerOpener(lane, upstream, login, random);
        failuresInRow = 0;
        parameters = null; // the next server's may be others
        fittings.forget();
        generation++;
        outdated = opening;
        for (ServerConnection server : List.copyOf(servers)) {
            server.retire(CloseReason.RETIRED);
        }
        for (ServerConnection server : List.copyOf(outside)) {
            server.discard(CloseReason.RETIRED);
        }
        openIfWanted();
    }

    /** A client is going to use this pool. */
    public void join() {
        clients++;
    }

    public void leave() {
        clients--;
        tellIfUnused();
    }

    private void tellIfUnused() {
        if (clients == 0 && size() == 0) {
            onUnused.accept(this);
        }
    }

    PoolView view() {
        List<ServerView> views = new ArrayList<>(servers.size() + outside.size());
        servers.forEach(server -> views.add(server.view()));
        outside.forEach(server -> views.add(server.view()));
        long longestWait = waiting.isEmpty() ? 0 : lane.now() - waiting.oldestSince();
        return new PoolView(
                key, settings, views, opening, clients, waiting.size(), longestWait, pinned, counters.copy());
    }

    /** Server connections, counting those that log in. */
    public int size() {
        return servers.size() + opening;
    }

    // ---- clients

    /** Keys recovered from a client's proof, with which its server connections log in. */
    public void rememberKeys(ScramKeys keys) {
        if (login.password() == null) {
            login.remember(keys);
        }
    }

    /**
     * Tells the parameters that a client finds: at once if they are known, else when a server connection has been asked.
     *
     * @param startup parameters that the client's startup message sets, by lower-case name
     */
    public void welcome(Map<String, String> startup, WelcomeTaker taker) {
        lane.assertInLane();
        if (parameters != null) {
            fittings.welcome(parameters, startup, taker);
            return;
        }
        unwelcomed.add(new Unwelcomed(startup, taker));
        openIfWanted();
    }

    /** The client has gone before it was welcomed. */
    public void forget(WelcomeTaker taker) {
        unwelcomed.removeIf(waiter -> waiter.taker().equals(taker));
        fittings.forget(taker);
    }

    private record Unwelcomed(Map<String, String> startup, WelcomeTaker taker) {}

    /** Lends a server connection, now ({@link Borrower#onLent} is called within) or when one comes free. */
    public void lend(Borrower borrower) {
        lane.assertInLane();
        ServerConnection server = takeIdle(borrower.parameters());
        if (server != null) {
            server.lend(borrower.place().lent());
            return;
        }
        waiting.add(borrower.place(), lane.now());
        openIfWanted();
        if (queueTimer == null) {
            armQueueTimer();
        }
    }

    /** The one given back last, or one of a few before it that has what the borrower has set; null if there is none. */
    private @Nullable ServerConnection takeIdle(SessionParameters wanted) {
        ServerConnection last = idle.peekLast();
        if (last == null || last.session().parameters().equals(wanted)) {
            return idle.pollLast();
        }
        int left = LOOKED_AT;
        for (Iterator<ServerConnection> others = idle.descendingIterator(); left > 0 && others.hasNext(); left--) {
            ServerConnection other = others.next();
            if (other.session().parameters().equals(wanted)) {
                others.remove();
                return other;
            }
        }
        return idle.pollLast();
    }

    /**
     * The borrower waits no longer.
     *
     * @return whether it did
     */
    public boolean forget(Borrower borrower) {
        return waiting.remove(borrower.place());
    }

    // ---- the queue's time limit: one timer for all, at the moment when the longest wait runs out

    private void armQueueTimer() {
        long left = waiting.oldestSince() + settings.queueTimeout().toNanos() - lane.now();
        queueTimer = lane.schedule(Duration.ofNanos(Math.max(left, 1)), this::onQueueTimer);
    }

    private void onQueueTimer() {
        queueTimer = null;
        long limit = settings.queueTimeout().toNanos();
        while (!waiting.isEmpty() && lane.now() - waiting.oldestSince() >= limit) {
            long waitedMillis =
                    Duration.ofNanos(lane.now() - waiting.oldestSince()).toMillis();
            int inQueue = waiting.size();
            WaitingQueue.Place late = waiting.poll();
            if (late != null) {
                late.owner().onRefused(new Failure.QueueTimeout(waitedMillis, settings.size(), inQueue).toPgError());
            }
        }
        if (!waiting.isEmpty() && queueTimer == null) { // one who was refused may be back, and have armed it
            armQueueTimer();
        }
    }

    // ---- server connections

    /** The configuration of the server has changed, which clients to come are told. */
    void onReported(String name, String value) {
        Map<String, String> known = parameters;
        if (known != null && !value.equals(known.get(name))) {
            Map<String, String> changed = new LinkedHashMap<>(known);
            changed.put(name, value);
            parameters = changed;
            fittings.forget();
        }
    }

    void onGivenBack(ServerConnection server) {
        if (size() > settings.size()) {
            server.retire(CloseReason.RETIRED);
            return;
        }
        WaitingQueue.Place next = waiting.poll();
        if (next != null) {
            server.lend(next.lent());
        } else {
            idle.addLast(server);
        }
    }

    void onServerClosed(ServerConnection server, CloseReason why, @Nullable PgError lastWords) {
        servers.remove(server);
        outside.remove(server);
        idle.remove(server);
        event(log.atInfo(), "server connection closed")
                .addKeyValue("server_pid", server.processId())
                .addKeyValue("reason", lastWords == null ? why : why + ": " + lastWords.message())
                .log();
        openIfWanted();
        tellIfUnused();
    }

    /** Opens as many as clients wait for, within the size, and not too soon after a failure. */
    private void openIfWanted() {
        if (closed != null) {
            return;
        }
        int wanted = Math.max(waiting.size(), unwelcomed.isEmpty() || !servers.isEmpty() ? 0 : 1);
        int room = settings.size() - size();
        int useful = opening - outdated;
        int more = Math.min(wanted - useful, room);
        if (more <= 0) {
            return;
        }
        if (failuresInRow > 0) {
            long pause = notBefore - lane.now();
            if (pause > 0) {
                retryAfter(pause);
                return;
            }
            more = Math.min(more, useful == 0 ? 1 : 0); // after failures, one goes ahead
        }
        for (int i = 0; i < more; i++) {
            opening++;
            opener.open(new Opening());
        }
    }

    private void retryAfter(long pauseNanos) {
        if (retryTimer == null) {
            retryTimer = lane.schedule(Duration.ofNanos(pauseNanos), () -> {
                retryTimer = null;
                openIfWanted();
            });
        }
    }

    /** Opens a server connection that is not counted and never lent to another. */
    private final class OutsideThePool implements Notifications.Source {
        @Override
        public void open(Borrower borrower) {
            ServerOpener begunBy = opener;
            begunBy.open(new ServerOpening.Outcome() {
                @Override
                public void onOpened(OpenedServer opened, ServerOpening handler) {
                    ServerConnection server = new ServerConnection(Pool.this, lane, opened, begunBy);
                    opened.channel().pipeline().replace(handler, "server", server);
                    outside.add(server);
                    server.lend(borrower.place().lent());
                    if (closed != null || !begunBy.equals(opener)) {
                        server.discard(CloseReason.RETIRED);
                    }
                }

                @Override
                public void onFailed(OpenFailure failure) {
                    borrower.onRefused(failure.error());
                }
            });
        }

        @Override
        public void close(ServerConnection server) {
            server.discard(CloseReason.RETIRED);
        }
    }

    /** What one opening leads to. */
    private final class Opening implements ServerOpening.Outcome {
        private final int begunIn = generation;
        private final ServerOpener begunBy = opener;

        private void countDown() {
            opening--;
            if (begunIn != generation) {
                outdated--;
            }
        }

        @Override
        public void onOpened(OpenedServer opened, ServerOpening handler) {
            countDown();
            ServerConnection server = new ServerConnection(Pool.this, lane, opened, begunBy);
            opened.channel().pipeline().replace(handler, "server", server);
            servers.add(server);
            event(log.atInfo(), "server connection opened")
                    .addKeyValue("server_pid", server.processId())
                    .addKeyValue("server", opened.channel().remoteAddress())
                    .log();
            if (closed != null || begunIn != generation) {
                server.retire(closed != null ? closed : CloseReason.RETIRED);
                return;
            }
            failuresInRow = 0;
            parameters = opened.parameters();
            onGivenBack(server);
            for (Unwelcomed waiter : takeUnwelcomed()) {
                fittings.welcome(opened.parameters(), waiter.startup(), waiter.taker());
            }
            openIfWanted();
        }

        @Override
        public void onFailed(OpenFailure failure) {
            countDown();
            event(log.atWarn(), "server connection could not be opened")
                    .addKeyValue("sqlstate", failure.error().code())
                    .addKeyValue("reason", failure.error().message())
                    .log();
            if (begunIn != generation) {
                openIfWanted(); // says nothing about the upstream of now
                tellIfUnused();
                return;
            }
            boolean everOpened = parameters != null;
            backOff();
            if (servers.isEmpty() && opening == outdated && !(failure.passing() && everOpened)) {
                refuseAll(failure.error());
            }
            openIfWanted();
            tellIfUnused();
        }
    }

    /** Doubles from {@link #FIRST_BACK_OFF} to {@link #LONGEST_BACK_OFF}, less up to a half at random. */
    private void backOff() {
        long longest = Math.min(LONGEST_BACK_OFF.toNanos(), FIRST_BACK_OFF.toNanos() << Math.min(failuresInRow, 20));
        failuresInRow++;
        notBefore = lane.now() + longest - random.nextLong(longest / 2);
    }

    private void refuseAll(PgError error) {
        for (Unwelcomed waiter : takeUnwelcomed()) {
            waiter.taker().onNoWelcome(error);
        }
        int count = waiting.size(); // those who come back at once wait for the next attempt
        for (int i = 0; i < count; i++) {
            WaitingQueue.Place refused = waiting.poll();
            if (refused != null) {
                refused.owner().onRefused(error);
            }
        }
    }

    private List<Unwelcomed> takeUnwelcomed() {
        List<Unwelcomed> waiters = List.copyOf(unwelcomed);
        unwelcomed.clear();
        return waiters;
    }

    /** Lends no more; idle connections close now, the others when they are given back. */
    void close(CloseReason why) {
        lane.assertInLane();
        closed = why;
        if (retryTimer != null) {
            retryTimer.cancel(false);
            retryTimer = null;
        }
        if (queueTimer != null) {
            queueTimer.cancel(false);
            queueTimer = null;
        }
        refuseAll(new Failure.ShuttingDown().toPgError());
        for (ServerConnection server : List.copyOf(servers)) {
            server.retire(why);
        }
        for (ServerConnection server : List.copyOf(outside)) {
            server.discard(why);
        }
    }

    LoggingEventBuilder event(LoggingEventBuilder builder, String message) {
        return builder.setMessage(message)
                .addKeyValue("tenant", key.tenant())
                .addKeyValue("user", key.user())
                .addKeyValue("database", key.database());
    }
}
