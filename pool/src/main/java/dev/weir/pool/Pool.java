package dev.weir.pool;

import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Secret;
import dev.weir.tenants.ServerLife;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.Upstream;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import dev.weir.wire.auth.ScramKeys;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /** What a client that logs in waits for: the parameters that it is greeted with. */
    public interface WelcomeTaker {
        /**
         * @param reported parameters of a real server connection with what the client has asked for, in its order
         * @param own what it has asked for that is not so by itself
         */
        void onWelcome(Map<String, String> reported, SessionParameters own);

        void onNoWelcome(PgError error);
    }

    /** Where the pool belongs. */
    interface Host {
        /** The last client has left, and the last server connection is closed. */
        void onUnused(Pool pool);

        /** The server may have gone, and with it the connections of other pools. */
        default void onServerInDoubt() {
            // for a pool by itself
        }

        /** Its clients are to go now, with this error. */
        default void endClients(PoolKey pool, PgError error) {
            // for a pool without any
        }
    }

    private final PoolKey key;
    private final Lane lane;
    private final Host host;
    private PoolSettings settings;

    private final Supply supply;
    private final IdleServers idle = new IdleServers();
    private final Upkeep upkeep;
    private final Standstill standstill = new Standstill();
    private final ClientQueue queue;

    /** Server connections that are being checked for a client that waits. */
    private final Set<ServerConnection> asked = new HashSet<>();

    private final ArrayList<Unwelcomed> unwelcomed = new ArrayList<>();
    private final SharedServers shared;

    /** Parameters of the server connection opened last; null until the first. */
    private @Nullable Map<String, String> parameters;

    private final PreparedStatements statements;
    private final StatementNames sharedNames;

    /** Clients that keep a server connection for state that can't be moved. */
    private int pinned;

    private final PoolCounters counters = new PoolCounters();

    private final Fittings fittings = new Fittings(this);
    private final Notifications notifications = new Notifications(new OutsideThePool());

    /** Clients that have joined and not left. */
    private int clients;

    private boolean unusedTold;

    Pool(
            PoolKey key,
            Lane lane,
            PoolSettings settings,
            Upstream upstream,
            Secret secret,
            SecureRandom random,
            Host host) {
        this.key = key;
        this.lane = lane;
        this.settings = settings;
        this.host = host;
        this.shared = new SharedServers(lane, counters, () -> this.settings.sharing());
        this.supply = new Supply(this, new Clients(), lane, upstream, secret, random);
        this.upkeep = new Upkeep(lane, new Stock());
        this.queue = new ClientQueue(lane, this::settings, new QueueLimits());
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
        statements.setByteLimit(settings.sessions().statementBytes());
        while (size() > settings.size() && !idle.isEmpty()) {
            idle.first().retire(CloseReason.SURPLUS);
        }
        for (ServerConnection server : idle.all()) {
            if (server.forgetSurplusStatements()) {
                idle.remove(server);
            }
        }
        queue.onSettings();
        upkeep.renew();
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
        supply.openIfWanted();
    }

    public void leave() {
        clients--;
        if (clients == 0 && settings.minSize() > 0) {
            upkeep.renew(); // none is kept any more
        }
        tellIfUnused();
    }

    private void tellIfUnused() {
        standstill.look();
        if (clients == 0 && supply.isEmpty() && !unusedTold) {
            unusedTold = true;
            upkeep.stop();
            queue.cancelTimer();
            supply.cancelTimer();
            host.onUnused(this);
        }
    }

    PoolView view() {
        return new PoolView(
                key,
                settings,
                supply.view(),
                supply.opening(),
                clients,
                queue.size(),
                queue.longestWait(),
                pinned,
                standstill.isPaused(),
                counters.copy(),
                supply.counters().copy());
    }

    /** What has happened in it. Borrowed. */
    PoolTotals totals() {
        return new PoolTotals(counters, supply.counters());
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
        WaitingQueue.Place place = borrower.place();
        ServerConnection server = idle.poll(borrower.parameters(), provenAfter());
        if (server != null) {
            supply.counters().lentAtOnce++;
            hand(server, place);
            return;
        }
        ServerConnection busy = place.isShareable() && size() >= settings.size() && !standstill.isPaused()
                ? shared.choose(borrower.parameters())
                : null;
        if (busy != null) {
            supply.counters().lentAtOnce++;
            shared.getOn(busy, place);
            return;
        }
        queue.add(place);
        if (!place.isShareable()) {
            shared.reserveOne();
        }
        serve();
        supply.openIfWanted();
        queue.watch();
    }

    private void hand(ServerConnection server, WaitingQueue.Place place) {
        if (server.isUsed()) {
            supply.counters().reused++;
        }
        if (place.isShareable()
                && server.isPlain()
                && server.session().parameters().equals(place.owner().parameters())) {
            server.share(place); // so that others can share it as well
        } else {
            server.lend(place.lent());
        }
    }

    /** Which server connections are shared, and what statements take. */
    public SharedServers shared() {
        return shared;
    }

    /** A server that has not answered since then, by the lane's clock, is asked whether it does before it is lent. */
    private long provenAfter() {
        return lane.now() - settings.life().checkDelay().toNanos();
    }

    /** Checks one idle server connection for each client that waits and has none on its way. */
    private void serve() {
        while (asked.size() < queue.size() && !standstill.isPaused()) {
            ServerConnection server = idle.pollLast();
            if (server == null) {
                return;
            }
            asked.add(server);
            check(server);
        }
    }

    private void check(ServerConnection server) {
        supply.counters().checks++;
        server.check();
    }

    /**
     * The borrower waits no longer.
     *
     * @return whether it did
     */
    public boolean forget(Borrower borrower) {
        return queue.remove(borrower.place());
    }

    private final class QueueLimits implements ClientQueue.Limits {
        @Override
        public void onReserveDue() {
            supply.openIfWanted();
        }

        @Override
        public void onLate(WaitingQueue.Place place, long waitedNanos, int inQueue) {
            long millis = Duration.ofNanos(waitedNanos).toMillis();
            PgError trouble = supply.trouble();
            place.owner()
                    .onRefused(
                            trouble != null
                                    ? trouble
                                    : new Failure.QueueTimeout(millis, settings.size(), inQueue).toPgError());
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
        if (!asked.isEmpty()) {
            asked.remove(server);
        }
        CloseReason against = against(server);
        if (against != null) {
            server.retire(against);
            return;
        }
        WaitingQueue.Place next = queue.poll();
        if (next == null) {
            idle.add(server);
            return;
        }
        supply.counters().lentAfterWaiting++;
        hand(server, next);
        for (int more = server.isShared() ? queue.size() / settings.size() : 0; more > 0; more--) {
            WaitingQueue.Place behind = queue.peek();
            if (behind == null
                    || !behind.isShareable()
                    || !shared.accepts(server, behind.owner().parameters())) {
                return;
            }
            queue.remove(behind);
            supply.counters().lentAfterWaiting++;
            shared.getOn(server, behind);
        }
    }

    /** Why it is not lent again; null if it may be. */
    private @Nullable CloseReason against(ServerConnection server) {
        if (standstill.isPaused()) {
            return CloseReason.ADMINISTRATOR;
        }
        int surplus = size() - settings.size();
        if (surplus > 0 && (queue.isEmpty() || surplus > settings.reserveSize())) {
            return CloseReason.SURPLUS;
        }
        return upkeep.isExpired(server, server.provenAt()) ? CloseReason.LIFETIME : null;
    }

    void onServerClosed(ServerConnection server, CloseReason why, @Nullable PgError lastWords) {
        supply.onServerClosed(server, why);
        shared.remove(server);
        idle.remove(server);
        asked.remove(server);
        event(log.atInfo(), "server connection closed")
                .addKeyValue("server_pid", server.processId())
                .addKeyValue("reason", lastWords == null ? why : why + ": " + lastWords.message())
                .log();
        if (why == CloseReason.CHECK_TIMEOUT || (why == CloseReason.BY_SERVER && mayHaveGone(lastWords))) {
            doubtServer();
        }
        serve();
        supply.openIfWanted();
        tellIfUnused();
    }

    /** @param error what a server said last; null if nothing */
    private static boolean mayHaveGone(@Nullable PgError error) {
        String code = error == null ? "" : error.code();
        return switch (code) {
            case "", "57P01", "57P02", "57P03", "08006" -> true;
            default -> false;
        };
    }

    private void doubtServer() {
        checkIdle(); // before one is checked for a client that waits: it would have to wait for nothing
        host.onServerInDoubt();
    }

    /** Asks all that are idle whether they answer, since others of the same server do not. */
    void checkIdle() {
        for (ServerConnection server : idle.all()) {
            if (server.isIdle()) {
                idle.remove(server);
                check(server);
            }
        }
    }

    /** What clients want of the supply, and how they are told of it. */
    private final class Clients implements Supply.Demand {
        @Override
        public int wanted() {
            if (standstill.isPaused()) {
                return 0;
            }
            int forQueue = queue.size() - asked.size();
            int forWelcome = unwelcomed.isEmpty() || !supply.servers().isEmpty() ? 0 : 1;
            int toBeKept = leastSize() - supply.servers().size();
            return Math.max(Math.max(forQueue, forWelcome), toBeKept);
        }

        @Override
        public int limit() {
            return settings.size() + (queue.isReserveDue() ? settings.reserveSize() : 0);
        }

        @Override
        public void onSupplied(ServerConnection server, OpenedServer opened) {
            parameters = opened.parameters();
            upkeep.onOpened();
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
            if (mayHaveGone(error)) {
                doubtServer();
            }
        }

        @Override
        public void onLess() {
            tellIfUnused();
        }
    }

    /** How many are kept open: none until one has shown that it is possible. */
    private int leastSize() {
        return clients > 0 && supply.everOpened() ? settings.minSize() : 0;
    }

    private final class Stock implements Upkeep.Stock {
        @Override
        public ServerLife life() {
            return settings.life();
        }

        @Override
        public List<ServerConnection> servers() {
            return List.copyOf(supply.servers());
        }

        @Override
        public List<ServerConnection> idle() {
            return idle.all();
        }

        @Override
        public boolean hasSpare() {
            return supply.servers().size() > leastSize();
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
            server.discard(CloseReason.NO_LISTENER);
        }
    }

    private void refuseAll(PgError error) {
        for (Unwelcomed waiter : takeUnwelcomed()) {
            waiter.taker().onNoWelcome(error);
        }
        int count = queue.size(); // those who come back at once wait for the next attempt
        for (int i = 0; i < count; i++) {
            WaitingQueue.Place refused = queue.poll();
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

    // ---- what administrators ask for

    /**
     * Lends no more until {@link #resume}: clients wait, and their time does not run. Server connections are closed as
     * they come free.
     *
     * @param whenPaused called on the lane when none is left, or when the pause has been ended before;
     *     {@link #isPaused} tells which
     */
    public void pause(Runnable whenPaused) {
        lane.assertInLane();
        standstill.begin();
        queue.stop();
        for (ServerConnection server : idle.all()) {
            server.retire(CloseReason.ADMINISTRATOR);
        }
        standstill.await(() -> !standstill.isPaused() || supply.isEmpty(), whenPaused);
    }

    public void resume() {
        lane.assertInLane();
        standstill.end();
        queue.go();
        supply.openIfWanted();
        standstill.look();
    }

    public boolean isPaused() {
        return standstill.isPaused();
    }

    /** Replaces all server connections: the idle ones now, the others when they are given back. */
    public void reconnect() {
        lane.assertInLane();
        supply.renew(CloseReason.RECONNECT);
    }

    /** Ends clients, with this error, and server connections now, and pauses. */
    public void kill(PgError error) {
        lane.assertInLane();
        pause(() -> {});
        host.endClients(key, error);
        supply.discardAll(CloseReason.ADMINISTRATOR);
    }

    /** @param then called on the lane when no server connection is left that is to be closed instead of lent again */
    public void awaitNoneRetiring(Runnable then) {
        lane.assertInLane();
        standstill.await(() -> !supply.isRetiring(), then);
    }

    /** Lends no more; idle connections close now, the others when they are given back. */
    void close(CloseReason why) {
        lane.assertInLane();
        queue.cancelTimer();
        upkeep.stop();
        supply.close(why);
        refuseAll(new Failure.ShuttingDown().toPgError());
    }

    LoggingEventBuilder event(LoggingEventBuilder builder, String message) {
        return builder.setMessage(message)
                .addKeyValue("tenant", key.tenant())
                .addKeyValue("user", key.user())
                .addKeyValue("database", key.database());
    }
}
