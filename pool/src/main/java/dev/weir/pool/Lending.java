package dev.weir.pool;

import dev.weir.tenants.PoolSettings;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which client gets which server connection of a pool, and when. One that was idle for long is checked first, and clients
 * that find none wait in the order in which they came. Confined to its lane.
 */
final class Lending {
    private final Pool pool;
    private final Lane lane;
    private final Supply supply;
    private final Upkeep upkeep;
    private final Standstill standstill;
    private final IdleServers idle = new IdleServers();
    private final ClientQueue queue;
    private final Pace pace;

    /** Server connections that are being checked for a client that waits. */
    private final Set<ServerConnection> asked = new HashSet<>();

    Lending(Pool pool, Lane lane, Supply supply, Upkeep upkeep, Standstill standstill) {
        this.pool = pool;
        this.lane = lane;
        this.supply = supply;
        this.upkeep = upkeep;
        this.standstill = standstill;
        this.queue = new ClientQueue(lane, pool::settings, new QueueLimits());
        this.pace = new Pace(lane, this::servePaced);
    }

    ClientQueue queue() {
        return queue;
    }

    IdleServers idle() {
        return idle;
    }

    Pace pace() {
        return pace;
    }

    /** How many clients wait for one that is neither there nor on its way to them. */
    int wanted() {
        int forPace = pace.isLimited() ? idle.size() : 0;
        return queue.size() - asked.size() - forPace;
    }

    // ---- to clients

    /** Lends a server connection, now ({@link Borrower#onLent} is called within) or when one comes free. */
    void lend(Borrower borrower) {
        WaitingQueue.Place place = borrower.place();
        if (!isHeldBack() && isServedNow(place)) {
            return;
        }
        boolean rides = place.isShareable() && pool.shared().hasFor(borrower.parameters());
        queue.add(place, rides);
        if (!rides) {
            pool.shared().reserveOne();
        }
        serve();
        supply.openIfWanted();
        queue.watch();
        awaitPace();
    }

    /** Lends one that is idle, or gets it on one that is shared; false if it has to wait, or go on waiting. */
    private boolean isServedNow(WaitingQueue.Place place) {
        SessionParameters wanted = place.owner().parameters();
        boolean mayGetOn = place.isShareable() && mayGetOn(place);
        if (mayGetOn && isGotOn(place, withinWidth(wanted))) {
            return true;
        }
        ServerConnection server = idle.poll(wanted, provenAfter());
        if (server != null) {
            countServed(place);
            hand(server, place);
            return true;
        }
        return mayGetOn
                && idle.isEmpty() // else it waits for one that is checked
                && !mayHaveAnother()
                && isGotOn(place, pool.shared().choose(wanted));
    }

    private boolean isGotOn(WaitingQueue.Place place, @Nullable ServerConnection busy) {
        if (busy == null) {
            return false;
        }
        countServed(place);
        getOn(busy, place);
        return true;
    }

    /** Nobody is overtaken who waits for the same. */
    private boolean mayGetOn(WaitingQueue.Place place) {
        return !standstill.isPaused() && (queue.riding() == 0 || place.isQueued());
    }

    /** None is idle: one more may be opened, and is waited for, rather than that statements stand behind others. */
    private boolean mayHaveAnother() {
        if (supply.mayOpenAnother()) {
            supply.openIfWanted(); // to try whether more are better
            return !pool.shared().isNarrowed();
        }
        reserveOwed();
        supply.askForPortion();
        return false;
    }

    private void reserveOwed() {
        int owed = supply.places().owed();
        if (!pool.isDivided()) { // else what is too many is owed to the pool
            owed = Math.max(owed, surplus());
        }
        if (owed > 0) {
            pool.shared().reserve(owed); // or they would never come back to be given up
        }
    }

    /** How many are too many, and to be closed when they come back; the reserve is not while somebody waits. */
    private int surplus() {
        PoolSettings settings = pool.settings();
        return supply.surplus(settings.size()) - (queue.isEmpty() ? 0 : settings.reserveSize());
    }

    /** Where statements are spread over as many as they are to be, one of those; else null. */
    private @Nullable ServerConnection withinWidth(SessionParameters wanted) {
        if (!pool.shared().isWideEnough()) {
            return null;
        }
        reserveOwed();
        return pool.shared().chooseWithinWidth(wanted);
    }

    private void countServed(WaitingQueue.Place place) {
        if (queue.remove(place)) {
            supply.counters().lentAfterWaiting++;
            place.serve();
        } else {
            supply.counters().lentAtOnce++;
        }
    }

    private void getOn(ServerConnection server, WaitingQueue.Place place) {
        pace.spend();
        pool.shared().getOn(server, place);
    }

    private void hand(ServerConnection server, WaitingQueue.Place place) {
        pace.spend();
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

    // ---- not more often than it may be

    /** Whether a newcomer has to wait for the pace, or for those who do. */
    private boolean isHeldBack() {
        return pace.isLimited() && (!queue.isEmpty() || pace.isUsedUp());
    }

    private void awaitPace() {
        if (pace.isLimited() && !queue.isEmpty() && pace.isUsedUp()) {
            pace.arm();
        }
    }

    /** The pace allows more, or there is none any more. */
    void servePaced() {
        WaitingQueue.Place next = queue.peek();
        while (next != null && !standstill.isPaused() && !pace.isUsedUp() && isServedNow(next)) {
            next = queue.peek();
        }
        serve(); // those that were idle for long
        supply.dropNeedlessAsks();
        awaitPace();
    }

    /** A server that has not answered since then, by the lane's clock, is asked whether it does before it is lent. */
    private long provenAfter() {
        return lane.now() - pool.settings().life().checkDelay().toNanos();
    }

    /** Checks one idle server connection for each client that waits and has none on its way. */
    void serve() {
        while (queue.size() > asked.size() && !standstill.isPaused() && !pace.isUsedUp()) {
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

    private final class QueueLimits implements ClientQueue.Limits {
        @Override
        public void onReserveDue() {
            pool.claimReserve(true);
            supply.openIfWanted();
        }

        @Override
        public void onNobodyWaits() {
            pool.claimReserve(false);
        }

        @Override
        public void onLate(WaitingQueue.Place place, long waitedNanos, int inQueue) {
            long millis = Duration.ofNanos(waitedNanos).toMillis();
            PgError trouble = supply.trouble();
            pool.counters()
                    .onRefusal(trouble != null ? PoolCounters.Refused.NO_SERVER : PoolCounters.Refused.QUEUE_TIMEOUT);
            place.owner()
                    .onRefused(
                            trouble != null ? trouble : whyNone(millis, inQueue).toPgError());
            supply.dropNeedlessAsks();
        }
    }

    /** What to tell one who has waited in vain. */
    Failure whyNone(long waitedMillis, int inQueue) {
        int size = pool.settings().size();
        HostShare budget = supply.places().awaited();
        if (pace.isLimited() && !idle.isEmpty()) {
            return new Failure.TooManyTransactions(waitedMillis, pace.perSecond(), inQueue);
        }
        return budget == null
                ? new Failure.QueueTimeout(waitedMillis, size, inQueue)
                : noPlace(budget, waitedMillis, inQueue);
    }

    /** What to tell one who has waited in vain for a place there. */
    Failure noPlace(HostShare budget, long waitedMillis, int inQueue) {
        return new Failure.NoPlaceOnHost(
                waitedMillis,
                supply.size(),
                pool.settings().size(),
                budget.heldNow(),
                budget.mostOfTenant(),
                budget.budget().takenNow(),
                budget.budget().mostNow(),
                inQueue);
    }

    /** None can be had by anyone who waits. */
    void refuseAll(PgError error, PoolCounters.Refused why) {
        int count = queue.size(); // those who come back at once wait for the next attempt
        for (int i = 0; i < count; i++) {
            WaitingQueue.Place refused = queue.poll();
            if (refused != null) {
                pool.counters().onRefusal(why);
                refused.owner().onRefused(error);
            }
        }
        supply.dropNeedlessAsks();
    }

    // ---- from clients

    /** It is free: for the next client, or for later, unless it is to go. */
    void take(ServerConnection server) {
        if (!asked.isEmpty()) {
            asked.remove(server);
        }
        CloseReason against = against(server);
        if (against != null) {
            server.retire(against);
            return;
        }
        if (pool.shared().isWideEnough()) {
            getMoreOn(); // rather than on this one
        }
        WaitingQueue.Place next = pace.isUsedUp() ? null : queue.poll();
        if (next == null) {
            idle.add(server);
            awaitPace();
            return;
        }
        supply.dropNeedlessAsks();
        supply.counters().lentAfterWaiting++;
        next.serve();
        hand(server, next);
        getMoreOn();
        if (queue.notRiding() > 0) {
            pool.shared().reserve(queue.notRiding()); // what comes free next is theirs, whatever this one had before
        }
    }

    /** One statement less stands on a server connection: there may be room for those who wait for it. */
    void onRoom() {
        if (queue.riding() > 0) {
            getMoreOn();
        }
    }

    /** Those who wait get behind others, in their order, while there is room. */
    private void getMoreOn() {
        WaitingQueue.Place next = nextToRide();
        while (next != null && !pace.isUsedUp() && !standstill.isPaused() && isGotOn(next, busyFor(next))) {
            next = nextToRide();
        }
    }

    /** Nobody who waits for a server connection alone is held up by it: those that are reserved accept none. */
    private WaitingQueue.@Nullable Place nextToRide() {
        WaitingQueue.Place first = queue.peek();
        boolean mayRide = first != null
                && first.isShareable()
                && pool.shared().hasFor(first.owner().parameters()); // else it waits for one that is free
        return mayRide ? first : queue.peekRiding();
    }

    private @Nullable ServerConnection busyFor(WaitingQueue.Place place) {
        SessionParameters wanted = place.owner().parameters();
        ServerConnection within = withinWidth(wanted);
        if (within != null) {
            return within;
        }
        return idle.isEmpty() && !mayHaveAnother() ? pool.shared().choose(wanted) : null;
    }

    /** Why it is not lent again; null if it may be. */
    private @Nullable CloseReason against(ServerConnection server) {
        if (standstill.isPaused()) {
            return CloseReason.ADMINISTRATOR;
        }
        if (surplus() > 0) {
            return CloseReason.SURPLUS;
        }
        if (supply.places().mustGiveUp()) {
            return CloseReason.NEEDED_ELSEWHERE;
        }
        return upkeep.isExpired(server, server.provenAt()) ? CloseReason.LIFETIME : null;
    }

    /** It is closed. */
    void forget(ServerConnection server) {
        idle.remove(server);
        asked.remove(server);
        pool.shared().remove(server);
    }

    // ---- while they are idle

    /**
     * Asks all that are idle whether they answer. They are not among {@link #asked}: a client that comes meanwhile does not
     * wait for them but has another opened, if the pool may have one more, and takes what is there first.
     */
    void checkIdle() {
        for (ServerConnection server : idle.all()) {
            if (server.isIdle()) {
                idle.remove(server);
                check(server);
            }
        }
    }

    /** How long the one idle longest is, in nanoseconds; negative if none is idle. */
    long longestIdle() {
        return idle.isEmpty() ? -1 : lane.now() - idle.first().idleSince();
    }

    /** Closes the one idle longest; false if none is idle. */
    boolean closeLongestIdle() {
        if (idle.isEmpty()) {
            return false;
        }
        idle.first().retire(CloseReason.NEEDED_ELSEWHERE);
        return true;
    }

    void retireIdle(CloseReason why) {
        for (ServerConnection server : idle.all()) {
            server.retire(why);
        }
    }

    /** The settings have changed. */
    void onSettings() {
        while (supply.size() > pool.settings().size() && !idle.isEmpty()) {
            idle.first().retire(CloseReason.SURPLUS);
        }
        for (ServerConnection server : idle.all()) {
            if (server.forgetSurplusStatements()) {
                idle.remove(server);
            }
        }
        queue.onSettings();
    }
}
