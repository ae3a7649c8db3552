package dev.weir.pool;

import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Secret;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.Upstream;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;
import dev.weir.wire.auth.ScramKeys;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The server connections of one (tenant, database, user), shared by its session and its transaction clients; of a tenant with
 * several lanes, the {@link PoolShares share} of one lane. {@link Supply}
 * opens them, {@link Lending} says who gets which, {@link Upkeep} closes those that are too old or not used, and
 * {@link Reception} tells those who log in what they find. Confined to its lane.
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

        /**
         * The server may have gone, and with it the connections of other pools.
         *
         * @param lost one that was open has told so; else one could not be opened
         */
        default void onServerInDoubt(boolean lost) {
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
    private final Upkeep upkeep;
    private final Standstill standstill = new Standstill();
    private final Lending lending;
    private final SharedServers shared;
    private final Reception reception = new Reception(new Fittings(this));

    private final PreparedStatements statements;
    private final StatementNames sharedNames;

    /** Clients that keep a server connection for state that can't be moved. */
    private int pinned;

    private final PoolCounters counters = new PoolCounters();

    private final Notifications notifications;

    /** Clients that have joined and not left. */
    private int clients;

    private boolean unusedTold;

    /** Null if this lane has the whole pool. */
    private PoolShares.@Nullable Share share;

    Pool(
            PoolKey key,
            Lane lane,
            PoolSettings settings,
            Upstream upstream,
            Secret secret,
            SecureRandom random,
            @Nullable HostShare budget,
            @Nullable Rate pace,
            Host host) {
        this.key = key;
        this.lane = lane;
        this.settings = settings;
        this.host = host;
        this.supply = new Supply(this, new Clients(), lane, budget, upstream, secret, random);
        this.upkeep = new Upkeep(this, lane, supply);
        this.shared = new SharedServers(
                lane, counters, () -> this.settings.sharing(), () -> this.settings.size(), supply::opening);
        this.lending = new Lending(this, lane, supply, upkeep, standstill);
        lending.pace().set(pace);
        this.notifications = new Notifications(lane, new OutsideThePool());
        this.statements = new PreparedStatements(settings.sessions().statementBytes());
        this.sharedNames = new StatementNames(statements, null);
    }

    /** What has happened in it. */
    public PoolCounters counters() {
        return counters;
    }

    /** The statements that its clients have prepared. */
    public PreparedStatements statements() {
        return statements;
    }

    /** Names of SQL's PREPARE that all its clients have, if they share them. */
    public StatementNames sharedNames() {
        return sharedNames;
    }

    // ---- with other lanes

    /** From now on this is one lane's share of the pool. */
    void divide(PoolShares.Share own) {
        share = own;
        own.countPinned(pinned);
        own.setInUse(clients > 0);
        if (reception.known() != null) {
            own.report(reception.known());
        }
        supply.divide(own);
    }

    boolean isDivided() {
        return share != null;
    }

    /** This lane's part in the pool. */
    private final class LanePart implements PoolShares.Part {
        @Override
        public void execute(Runnable task) {
            lane.loop().execute(task);
        }

        @Override
        public void after(Duration delay, Runnable task) {
            lane.schedule(delay, task);
        }

        /** A place that waits for one with the host is no better than idle, but it has only begun to be. */
        @Override
        public long longestIdle() {
            long idle = lending.longestIdle();
            return idle < 0 && supply.places().waitForHost() ? 0 : idle;
        }

        @Override
        public boolean closeLongestIdle() {
            if (lending.closeLongestIdle()) {
                return true;
            }
            boolean gaveUp = supply.places().giveUpWaiting();
            supply.openIfWanted();
            return gaveUp;
        }

        @Override
        public long longestWait() {
            return lending.queue().longestWait();
        }

        @Override
        public void onOthersChanged() {
            upkeep.renew();
            supply.openIfWanted();
        }

        @Override
        public void onAllUnused() {
            tellIfUnused();
        }
    }

    /** What other lanes' shares see of this one. */
    PoolShares.Part part() {
        return new LanePart();
    }

    // ---- pinned clients

    /**
     * A client wants to keep its server connection.
     *
     * @return whether it may, as far as {@code max_pinned} goes; then it is counted
     */
    public boolean pinOne() {
        int most = settings.sessions().pinned();
        PoolShares.Share own = share;
        boolean may = own == null ? pinned < most : own.pinOne(most);
        pinned += may ? 1 : 0;
        return may;
    }

    /** @param change 1 when a client begins to keep its server connection, whether it may or not; -1 when it ceases to */
    public void countPinned(int change) {
        pinned += change;
        PoolShares.Share own = share;
        if (own != null) {
            own.countPinned(change);
        }
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

    /** Makes these changes of it as one: no server connection is opened as only some of them say. */
    void change(Runnable changes) {
        supply.change(changes);
    }

    /** Takes effect at once; surplus connections that are lent go when they are given back. */
    void setSettings(PoolSettings newSettings) {
        settings = newSettings;
        PoolShares.Share own = share;
        if (own != null) {
            own.setSettings(newSettings);
        }
        statements.setByteLimit(settings.sessions().statementBytes());
        lending.onSettings();
        notifications.onSettings();
        upkeep.renew();
        supply.openIfWanted();
    }

    /**
     * From now on connections go elsewhere or log in otherwise; those that are open are closed, the lent ones when they
     * are given back.
     */
    void setUpstream(Upstream upstream, Secret secret) {
        reception.forgetServer();
        report(null);
        supply.setUpstream(upstream, secret);
    }

    /** What the tenant may have of what tenants share has changed. */
    void setBudget(@Nullable HostShare budget, @Nullable Rate pace) {
        lending.pace().set(pace);
        supply.setHost(budget);
        lending.servePaced();
    }

    /** How long the server connection idle longest is, in nanoseconds; negative if none is idle. */
    long longestIdle() {
        return lending.longestIdle();
    }

    /** Closes the one idle longest; false if none is idle. */
    boolean closeLongestIdle() {
        return lending.closeLongestIdle();
    }

    /** A client is going to use this pool. */
    public void join() {
        clients++;
        if (share != null) {
            share.setInUse(true);
        }
        supply.openIfWanted();
    }

    public void leave() {
        clients--;
        if (clients == 0 && share != null) {
            share.setInUse(false);
        }
        if (clients == 0 && settings.minSize() > 0) {
            upkeep.renew(); // none is kept any more
        }
        tellIfUnused();
    }

    private void tellIfUnused() {
        standstill.look();
        PoolShares.Share own = share;
        boolean unused = clients == 0 && supply.isEmpty() && !unusedTold;
        if (unused && (own == null || supply.isClosed() || own.isLastUnused())) {
            unusedTold = true;
            if (own != null) {
                own.leave();
            }
            upkeep.stop();
            lending.queue().cancelTimer();
            lending.pace().cancelTimer();
            supply.end();
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
                lending.queue().size() + notifications.waiting(),
                Math.max(lending.queue().longestWait(), notifications.longestWait()),
                hindrance(),
                pinned,
                shared.width(),
                standstill.isPaused(),
                counters.copy(),
                supply.counters().copy());
    }

    private Hindrance hindrance() {
        HostShare awaited = supply.places().awaited();
        PgError trouble = supply.trouble();
        if (lending.queue().isEmpty()) {
            HostShare outside = supply.places().awaitedOutside();
            return outside == null ? new Hindrance.None() : outside.shortage();
        }
        if (lending.pace().isUsedUp()) {
            return new Hindrance.Rate(lending.pace().perSecond());
        }
        if (awaited != null) {
            return awaited.shortage();
        }
        return trouble == null ? new Hindrance.None() : new Hindrance.NoServer(trouble.message());
    }

    /** What has happened in it. Borrowed. */
    public PoolTotals totals() {
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
        PoolShares.Share own = share;
        Map<String, String> elsewhere = own == null ? null : own.reported();
        if (elsewhere != null && reception.known() == null) {
            reception.learn(elsewhere);
        }
        reception.welcome(startup, taker);
        supply.openIfWanted();
        if (reception.isWaiting() && supply.places().isAsking()) {
            lane.schedule(settings.queueTimeout(), () -> refuseUnwelcomed(taker));
        }
    }

    /** The login's own time limit would not tell that it is the budget that has no place. */
    private void refuseUnwelcomed(WelcomeTaker taker) {
        if (supply.places().isAsking()) {
            long millis = settings.queueTimeout().toMillis();
            reception.refuse(taker, lending.whyNone(millis, reception.waiting()).toPgError());
            supply.dropNeedlessAsks();
        }
    }

    /** The client has gone before it was welcomed. */
    public void forget(WelcomeTaker taker) {
        reception.forget(taker);
        supply.dropNeedlessAsks();
    }

    /** Which server connections are shared, and what statements take. */
    public SharedServers shared() {
        return shared;
    }

    /** Lends a server connection, now ({@link Borrower#onLent} is called within) or when one comes free. */
    public void lend(Borrower borrower) {
        lane.assertInLane();
        lending.lend(borrower);
    }

    /**
     * The borrower waits no longer.
     *
     * @return whether it did
     */
    public boolean forget(Borrower borrower) {
        boolean waited = lending.queue().remove(borrower.place());
        supply.dropNeedlessAsks();
        return waited;
    }

    // ---- server connections

    /** The configuration of the server has changed, which clients to come are told. */
    void onReported(String name, String value) {
        reception.onReported(name, value);
        report(reception.known());
    }

    /** Clients of other lanes are told the same. */
    private void report(@Nullable Map<String, String> parameters) {
        PoolShares.Share own = share;
        if (own != null) {
            own.report(parameters);
        }
    }

    void onGivenBack(ServerConnection server) {
        lending.take(server);
    }

    /** One statement less stands on it, of several. */
    void onRoom() {
        lending.onRoom();
    }

    void onServerClosed(ServerConnection server, CloseReason why, @Nullable PgError lastWords) {
        supply.onServerClosed(server, why);
        lending.forget(server);
        event(log.atInfo(), "server connection closed")
                .addKeyValue("server_pid", server.processId())
                .addKeyValue("reason", lastWords == null ? why : why + ": " + lastWords.message())
                .log();
        if (why == CloseReason.CHECK_TIMEOUT || (why == CloseReason.BY_SERVER && mayHaveGone(lastWords))) {
            doubtServer(true);
        }
        lending.serve();
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

    private void doubtServer(boolean lost) {
        if (supply.isClosed()) {
            return;
        }
        checkIdle(); // before one is checked for a client that waits: it would have to wait for nothing
        host.onServerInDoubt(lost);
    }

    /** Asks all that are idle whether they answer, since others of the same server do not. */
    void checkIdle() {
        lending.checkIdle();
    }

    /** What clients want of the supply, and how they are told of it. */
    private final class Clients implements Supply.Demand {
        @Override
        public int wanted() {
            if (standstill.isPaused()) {
                return 0;
            }
            int forWelcome = reception.isWaiting() && supply.servers().isEmpty() ? 1 : 0;
            int toBeKept = leastSize() - supply.servers().size();
            int lacking = supply.lacking();
            int forRiders = lacking > 0 && shared.isCrowded() ? lacking : 0;
            int forTrial =
                    supply.mayOpenAnother() ? shared.wanted(lending.idle().size()) : 0;
            return Math.max(Math.max(lending.wanted(), forWelcome), Math.max(Math.max(toBeKept, forRiders), forTrial));
        }

        @Override
        public boolean isUrgent() {
            return !lending.queue().isEmpty() || reception.isWaiting() || (supply.lacking() > 0 && shared.isCrowded());
        }

        @Override
        public int limit() {
            return settings.size() + (lending.queue().isReserveDue() ? settings.reserveSize() : 0);
        }

        @Override
        public void onSupplied(ServerConnection server, OpenedServer opened) {
            reception.learn(opened.parameters());
            report(opened.parameters());
            upkeep.onOpened();
            lending.take(server);
            reception.welcomeAll(opened.parameters());
        }

        @Override
        public void onFailed(PgError error, boolean lasting) {
            PoolShares.Share own = share;
            boolean elsewhere = own != null && own.takenNow() > 0; // another lane has what can be had
            if (lasting && !elsewhere) {
                refuseAll(error, PoolCounters.Refused.NO_SERVER);
            }
            if (mayHaveGone(error)) {
                doubtServer(false);
            }
            if (own != null && error.code().equals(Sqlstate.TOO_MANY_CONNECTIONS.code())) {
                own.onServerFull();
            }
        }

        @Override
        public void onLess() {
            tellIfUnused();
        }
    }

    /** How many are kept open: none until one has shown that it is possible. */
    int leastSize() {
        if (clients == 0 || !supply.everOpened()) {
            return 0;
        }
        PoolShares.Share own = share;
        return own == null ? settings.minSize() : own.keeps(settings.minSize());
    }

    /** Its first client has waited for the reserve, or nobody waits any more. */
    void claimReserve(boolean due) {
        PoolShares.Share own = share;
        if (own != null) {
            own.claimReserve(due);
        }
    }

    /** The server connection beside the pool's on which is listened. */
    private final class OutsideThePool implements Notifications.Source {
        @Override
        public void open(Borrower borrower) {
            supply.openOutside(borrower);
        }

        @Override
        public boolean isAwaitingPlace() {
            return supply.places().awaitedOutside() != null;
        }

        @Override
        public void giveUp() {
            supply.giveUpOutside();
        }

        @Override
        public Duration limit() {
            return settings.queueTimeout();
        }

        @Override
        public PgError onLate(long waitedNanos, int waiting) {
            HostShare awaited = supply.places().awaitedOutside();
            if (awaited == null) {
                throw new IllegalStateException("late for a place that is not awaited");
            }
            counters.onRefusal(PoolCounters.Refused.QUEUE_TIMEOUT);
            long millis = Duration.ofNanos(waitedNanos).toMillis();
            return lending.noPlace(awaited, millis, waiting).toPgError();
        }

        @Override
        public void close(ServerConnection server) {
            server.discard(CloseReason.NO_LISTENER);
        }
    }

    private void refuseAll(PgError error, PoolCounters.Refused why) {
        reception.refuseAll(error);
        lending.refuseAll(error, why);
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
        lending.queue().stop();
        supply.dropNeedlessAsks();
        lending.retireIdle(CloseReason.ADMINISTRATOR);
        standstill.await(() -> !standstill.isPaused() || supply.isEmpty(), whenPaused);
    }

    public void resume() {
        lane.assertInLane();
        standstill.end();
        lending.queue().go();
        lending.servePaced();
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
        lending.queue().cancelTimer();
        lending.pace().cancelTimer();
        upkeep.stop();
        notifications.close(new Failure.ShuttingDown().toPgError());
        supply.close(why);
        refuseAll(new Failure.ShuttingDown().toPgError(), PoolCounters.Refused.CLOSED);
    }

    LoggingEventBuilder event(LoggingEventBuilder builder, String message) {
        return builder.setMessage(message)
                .addKeyValue("tenant", key.tenant())
                .addKeyValue("user", key.user())
                .addKeyValue("database", key.database());
    }
}
