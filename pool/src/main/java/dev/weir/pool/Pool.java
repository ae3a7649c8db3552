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
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** Idle server connections that are looked at for one that needs no change of parameters. */
    private static final int LOOKED_AT = 8;

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
    private PoolSettings settings;

    private final Supply supply;
    private final ArrayDeque<ServerConnection> idle = new ArrayDeque<>();
    private final WaitingQueue waiting = new WaitingQueue();
    private final ArrayList<Unwelcomed> unwelcomed = new ArrayList<>();
    /** Parameters of the server connection opened last; null until the first. */
    private @Nullable Map<String, String> parameters;

    private final PreparedStatements statements;
    private final StatementNames sharedNames;

    /** Clients that keep a server connection for state that can't be moved. */
    private int pinned;

    private final PoolCounters counters = new PoolCounters();

    private final Fittings fittings = new Fittings(this);
    private final Notifications notifications = new Notifications(new OutsideThePool());

    private @Nullable ScheduledFuture<?> queueTimer;

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
        this.onUnused = onUnused;
        this.supply = new Supply(this, new Clients(), lane, upstream, secret, random);
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

    /** How long a cancel request may take to reach the server. */
    public Duration cancelTimeout() {
        return settings.cancelTimeout();
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
        supply.openIfWanted();
    }

    /**
     * From now on connections go elsewhere or log in otherwise; those that are open are closed, the lent ones when they
     * are given back.
     */
    void setUpstream(Upstream upstream, Secret secret) {
        parameters = null; // the next server's may be others
        fittings.forget();
        supply.setUpstream(upstream, secret);
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
        long longestWait = waiting.isEmpty() ? 0 : lane.now() - waiting.oldestSince();
        return new PoolView(
                key,
                settings,
                supply.view(),
                supply.opening(),
                clients,
                waiting.size(),
                longestWait,
                pinned,
                counters.copy());
    }

    /** Server connections, counting those that log in. */
    public int size() {
        return supply.size();
    }

    // ---- clients

    /** Keys recovered from a client's proof, with which its server connections log in. */
    public void rememberKeys(ScramKeys keys) {
        supply.rememberKeys(keys);
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
        supply.openIfWanted();
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
        supply.openIfWanted();
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
        supply.onServerClosed(server);
        idle.remove(server);
        event(log.atInfo(), "server connection closed")
                .addKeyValue("server_pid", server.processId())
                .addKeyValue("reason", lastWords == null ? why : why + ": " + lastWords.message())
                .log();
        supply.openIfWanted();
        tellIfUnused();
    }

    /** What clients want of the supply, and how they are told of it. */
    private final class Clients implements Supply.Demand {
        @Override
        public int wanted() {
            return Math.max(waiting.size(), unwelcomed.isEmpty() || supply.hasServers() ? 0 : 1);
        }

        @Override
        public int limit() {
            return settings.size();
        }

        @Override
        public void onSupplied(ServerConnection server, OpenedServer opened) {
            parameters = opened.parameters();
            onGivenBack(server);
            for (Unwelcomed waiter : takeUnwelcomed()) {
                fittings.welcome(opened.parameters(), waiter.startup(), waiter.taker());
            }
        }

        @Override
        public void onFailed(PgError error, boolean lasting) {
            if (lasting) {
                refuseAll(error);
            }
        }

        @Override
        public void onLess() {
            tellIfUnused();
        }
    }

    /** The server connection beside the pool's on which is listened. */
    private final class OutsideThePool implements Notifications.Source {
        @Override
        public void open(Borrower borrower) {
            supply.openOutside(borrower);
        }

        @Override
        public void close(ServerConnection server) {
            server.discard(CloseReason.RETIRED);
        }
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
        if (queueTimer != null) {
            queueTimer.cancel(false);
            queueTimer = null;
        }
        refuseAll(new Failure.ShuttingDown().toPgError());
        supply.close(why);
    }

    LoggingEventBuilder event(LoggingEventBuilder builder, String message) {
        return builder.setMessage(message)
                .addKeyValue("tenant", key.tenant())
                .addKeyValue("user", key.user())
                .addKeyValue("database", key.database());
    }
}
