package dev.weir.pool;

import dev.weir.tenants.Secret;
import dev.weir.tenants.Upstream;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;
import dev.weir.wire.auth.ScramKeys;
import io.netty.util.concurrent.ScheduledFuture;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The server connections of one pool: opens as many as are wanted, within its size, and not too soon after a failure.
 * Confined to its lane.
 */
final class Supply {
    private static final Logger log = LoggerFactory.getLogger(Supply.class);

    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(50);
    private static final Duration LONGEST_BACK_OFF = Duration.ofSeconds(5);

    /** For whom they are opened. */
    interface Demand {
        /** How many more are wanted than there are, counting those that log in as not there. */
        int wanted();

        /** Whether clients want them now. */
        boolean isUrgent();

        /** How many there may be, counting those that log in. */
        int limit();

        /** One more is there. */
        void onSupplied(ServerConnection server, OpenedServer opened);

        /**
         * One could not be opened.
         *
         * @param lasting there is none, and who waits waits in vain
         */
        void onFailed(PgError error, boolean lasting);

        /** One less is there, or on its way. */
        void onLess();
    }

    private final Pool pool;
    private final Demand demand;
    private final Lane lane;
    private final SecureRandom random;
    private final Places places;

    /** Null if this lane has the whole pool. */
    private PoolShares.@Nullable Share share;

    private UpstreamLogin login;
    private ServerOpener opener;

    private final Set<ServerConnection> servers = new HashSet<>();

    /** Server connections that are not for lending. */
    private final Set<ServerConnection> outside = new HashSet<>();

    private int opening;

    /** Of those that are not for lending; not among {@link #opening}. */
    private int openingOutside;

    private final SupplyCounters counters = new SupplyCounters();

    /** Counts changes of the upstream, and wishes to connect anew; what was begun before the last one is not used. */
    private int generation;

    /** Of {@link #opening}, those begun in an older generation. */
    private int outdated;

    /** Whether this upstream has ever let one log in. */
    private boolean everOpened;

    private int failuresInRow;

    /** No connection is opened before this moment; only meaningful while {@link #failuresInRow} is not 0. */
    private long notBefore;

    /** Why the last one could not be opened; null if it could. */
    private @Nullable PgError lastFailure;

    private @Nullable ScheduledFuture<?> retryTimer;
    private @Nullable CloseReason closed;

    /** Amid changes that belong together. */
    private boolean changing;

    /** @param host the tenant's part in its host's budget; null if there is none */
    Supply(
            Pool pool,
            Demand demand,
            Lane lane,
            @Nullable HostShare host,
            Upstream upstream,
            Secret secret,
            SecureRandom random) {
        this.pool = pool;
        this.demand = demand;
        this.lane = lane;
        this.random = random;
        this.places = new Places(lane.loop(), host, this::onPermit);
        this.login = new UpstreamLogin(pool.key().user(), pool.key().database(), secret);
        this.opener = new ServerOpener(lane, upstream, login, random);
    }

    /** Server connections, counting those that log in. */
    int size() {
        return servers.size() + opening;
    }

    int opening() {
        return opening;
    }

    /** Whether there is none, not even beside the pool or on its way there. */
    boolean isEmpty() {
        return size() == 0 && outside.isEmpty() && openingOutside == 0;
    }

    /** Those that are logged in, and not beside the pool. Borrowed. */
    Set<ServerConnection> servers() {
        return servers;
    }

    /** Whether some are still to be closed that shall not be lent again. */
    boolean isRetiring() {
        if (outdated > 0) {
            return true;
        }
        for (ServerConnection server : servers) {
            if (server.recovery().isRetiring()) {
                return true;
            }
        }
        return false;
    }

    Places places() {
        return places;
    }

    /** Another budget holds for those to come; those that are there keep the places that they have. */
    void setHost(@Nullable HostShare host) {
        if (places.setHost(host)) {
            openIfWanted();
        }
    }

    /** From now on this is one lane's share of the pool, whose size holds for all of them together. */
    void divide(PoolShares.Share own) {
        share = own;
        places.divide(own);
        openIfWanted();
    }

    /** How many more there are than the pool's size. */
    int surplus(int poolSize) {
        PoolShares.Share own = share;
        return own == null ? size() - poolSize : own.takenNow() - poolSize;
    }

    /** How many this lane lacks of its part of the pool; 0 if it has the whole. */
    int lacking() {
        PoolShares.Share own = share;
        return own == null ? 0 : Math.max(0, own.portion() - servers.size());
    }

    /** Those who share server connections have too few of the pool's. */
    void askForPortion() {
        if (share != null && opening == 0 && !places.isAsking() && lacking() > 0) {
            openIfWanted();
        }
    }

    SupplyCounters counters() {
        return counters;
    }

    /** Whether this upstream has ever let one log in. */
    boolean everOpened() {
        return everOpened;
    }

    /**
     * Why none can be opened at present; null if there is one, or none was tried. Never 57P01, by which a server that stops
     * means its own connections and a client would take its own to be ended.
     */
    @Nullable
    PgError trouble() {
        PgError failure = servers.isEmpty() ? lastFailure : null;
        return failure != null && failure.code().equals(Sqlstate.ADMIN_SHUTDOWN.code()) ? null : failure;
    }

    /** Those logged in; those outside the pool's size among them. */
    List<ServerView> view() {
        List<ServerView> views = new ArrayList<>(servers.size() + outside.size());
        servers.forEach(server -> views.add(server.view()));
        outside.forEach(server -> views.add(server.view()));
        return views;
    }

    /** Keys recovered from a client's proof, with which its server connections log in. */
    void rememberKeys(ScramKeys keys) {
        if (login.password() == null) {
            login.remember(keys);
        }
    }

    /**
     * From now on connections go elsewhere or log in otherwise; those that are open are closed, the lent ones when they
     * are given back.
     */
    void setUpstream(Upstream upstream, Secret secret) {
        login = new UpstreamLogin(pool.key().user(), pool.key().database(), secret);
        opener.close();
        opener = new ServerOpener(lane, upstream, login, random);
        failuresInRow = 0;
        lastFailure = null;
        everOpened = false;
        renew(CloseReason.RETIRED);
    }

    /** Replaces all: the idle ones and those beside the pool now, the others when they are given back. */
    void renew(CloseReason why) {
        generation++;
        outdated = opening;
        retireAll(why);
        openIfWanted();
    }

    /** Ends all now. */
    void discardAll(CloseReason why) {
        for (ServerConnection server : List.copyOf(servers)) {
            server.discard(why);
        }
        for (ServerConnection server : List.copyOf(outside)) {
            server.discard(why);
        }
    }

    private void retireAll(CloseReason why) {
        for (ServerConnection server : List.copyOf(servers)) {
            server.retire(why);
        }
        for (ServerConnection server : List.copyOf(outside)) {
            server.discard(why);
        }
    }

    /** Opens no more; idle connections close now, the others when they are given back. */
    void close(CloseReason why) {
        closed = why;
        places.dropAsks(0);
        end();
        retireAll(why);
    }

    boolean isClosed() {
        return closed != null;
    }

    /** Lets go of what it has; it has no server connections to open any more. */
    void end() {
        if (retryTimer != null) {
            retryTimer.cancel(false);
            retryTimer = null;
        }
        opener.close();
    }

    void onServerClosed(ServerConnection server, CloseReason why) {
        servers.remove(server);
        outside.remove(server);
        places.giveBack(server);
        counters.countClosed(why);
    }

    // ---- opening

    /** Makes these changes as one: what they allow or ask for is opened when all are made, as they say together. */
    void change(Runnable changes) {
        changing = true;
        try {
            changes.run();
        } finally {
            changing = false;
        }
        openIfWanted();
    }

    /** Opens as many as are wanted, within the size, and not too soon after a failure. */
    void openIfWanted() {
        if (closed != null || changing) {
            return;
        }
        int useful = opening - outdated;
        int more = demand.wanted() - useful;
        more = Math.min(more, demand.limit() - size());
        if (more <= 0) {
            places.dropAsks(0);
            return;
        }
        if (failuresInRow > 0) {
            long pause = notBefore - lane.now();
            if (pause > 0) {
                places.dropAsks(0);
                retryAfter(pause);
                return;
            }
            more = Math.min(more, useful == 0 ? 1 : 0); // after failures, one goes ahead
        }
        if (places.areNeeded()) {
            places.ask(more, demand.isUrgent(), size() == 0);
            return;
        }
        for (int i = 0; i < more; i++) {
            open(places.free());
        }
    }

    /** The one place where it is asked whether one more may be opened, for all that counts. Takes nothing by asking. */
    boolean mayOpenAnother() {
        return size() < demand.limit() && places.isRoom();
    }

    private void open(Places.Permit permit) {
        opening++;
        opener.open(new Opening(permit));
    }

    private void onPermit(Places.Permit permit) {
        boolean tooSoon = failuresInRow > 0 && notBefore - lane.now() > 0;
        boolean wanted = size() < demand.limit() && demand.wanted() > opening - outdated;
        if (closed == null && !tooSoon && wanted) {
            open(permit);
        } else {
            permit.giveBack();
        }
    }

    /** Asks the host's budget for no more than are wanted by now. */
    void dropNeedlessAsks() {
        if (places.isAsking()) {
            places.dropAsks(Math.max(0, demand.wanted() - (opening - outdated)));
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

    /** Doubles from {@link #FIRST_BACK_OFF} to {@link #LONGEST_BACK_OFF}, less up to a half at random. */
    private void backOff() {
        long longest = Math.min(LONGEST_BACK_OFF.toNanos(), FIRST_BACK_OFF.toNanos() << Math.min(failuresInRow, 20));
        failuresInRow++;
        notBefore = lane.now() + longest - random.nextLong(longest / 2);
    }

    /** What one opening leads to. */
    private final class Opening implements ServerOpening.Outcome {
        private final long begunAt = lane.now();
        private final int begunIn = generation;
        private final ServerOpener begunBy = opener;
        private final Places.Permit permit;

        private Opening(Places.Permit permit) {
            this.permit = permit;
        }

        private void countDown() {
            opening--;
            if (begunIn != generation) {
                outdated--;
            }
        }

        @Override
        public void onOpened(OpenedServer opened, ServerOpening handler) {
            countDown();
            ServerConnection server = new ServerConnection(pool, lane, opened, begunBy);
            opened.channel().pipeline().replace(handler, "server", server);
            servers.add(server);
            places.keep(server, permit);
            countOpened(begunAt);
            pool.event(log.atInfo(), "server connection opened")
                    .addKeyValue("server_pid", server.processId())
                    .addKeyValue("server", Address.text(opened.channel().remoteAddress()))
                    .log();
            if (closed != null || begunIn != generation) {
                server.retire(closed != null ? closed : CloseReason.RETIRED);
                return;
            }
            failuresInRow = 0;
            lastFailure = null;
            everOpened = true;
            demand.onSupplied(server, opened);
            openIfWanted();
        }

        @Override
        public void onFailed(OpenFailure failure) {
            countDown();
            permit.giveBack();
            countFailed(failure);
            logFailed(failure.error());
            if (begunIn == generation) { // else it says nothing about the upstream of now
                backOff();
                lastFailure = failure.error();
                boolean lasting = servers.isEmpty() && opening == outdated && !(failure.passing() && everOpened);
                demand.onFailed(failure.error(), lasting);
            }
            openIfWanted();
            demand.onLess();
        }
    }

    private void countOpened(long begunAt) {
        counters.opened++;
        pool.counters().connectTimes.record(lane.now() - begunAt);
    }

    private void logFailed(PgError error) {
        String message = "server connection could not be opened";
        String tenant = pool.key().tenant().value();
        if (lane.logLimit().admits(new LogLimit.Kind(Level.WARN, message, tenant, error.code()))) {
            pool.event(log.atWarn(), message)
                    .addKeyValue("sqlstate", error.code())
                    .addKeyValue("reason", error.message())
                    .log();
        }
    }

    private void countFailed(OpenFailure failure) {
        counters.openFailures++;
        pool.counters().openFailures.count(SqlstateKinds.of(failure.error().code()));
    }

    // ---- beside the pool

    /** Opens a server connection that is not counted and never lent to another. Only one at a time. */
    void openOutside(Borrower borrower) {
        openingOutside++;
        places.askOutside(permit -> {
            if (closed == null) {
                openOutside(borrower, permit);
                return;
            }
            openingOutside--;
            permit.giveBack();
            borrower.onRefused(new Failure.ShuttingDown().toPgError());
            demand.onLess();
        });
    }

    /** None is to be opened any more for which a place is still awaited. */
    void giveUpOutside() {
        if (places.dropOutside()) {
            openingOutside--;
            demand.onLess();
        }
    }

    private void openOutside(Borrower borrower, Places.Permit permit) {
        ServerOpener begunBy = opener;
        int begunIn = generation;
        long begunAt = lane.now();
        begunBy.open(new ServerOpening.Outcome() {
            @Override
            public void onOpened(OpenedServer opened, ServerOpening handler) {
                openingOutside--;
                ServerConnection server = new ServerConnection(pool, lane, opened, begunBy);
                opened.channel().pipeline().replace(handler, "server", server);
                outside.add(server);
                places.keep(server, permit);
                countOpened(begunAt);
                server.lend(borrower.place().lent());
                if (closed != null || begunIn != generation) {
                    server.discard(closed != null ? closed : CloseReason.RETIRED);
                }
            }

            @Override
            public void onFailed(OpenFailure failure) {
                openingOutside--;
                permit.giveBack();
                countFailed(failure);
                borrower.onRefused(failure.error());
                demand.onLess();
            }
        });
    }
}
