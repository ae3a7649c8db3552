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

    /** Server connections that are being checked for a client that waits. */
    private final Set<ServerConnection> asked = new HashSet<>();

    Lending(Pool pool, Lane lane, Supply supply, Upkeep upkeep, Standstill standstill) {
        this.pool = pool;
        this.lane = lane;
        this.supply = supply;
        this.upkeep = upkeep;
        this.standstill = standstill;
        this.queue = new ClientQueue(lane, pool::settings, new QueueLimits());
    }

    ClientQueue queue() {
        return queue;
    }

    IdleServers idle() {
        return idle;
    }

    /** How many clients wait for one that is not on its way to them. */
    int wanted() {
        return queue.size() - asked.size();
    }

    // ---- to clients

    /** Lends a server connection, now ({@link Borrower#onLent} is called within) or when one comes free. */
    void lend(Borrower borrower) {
        WaitingQueue.Place place = borrower.place();
        ServerConnection server = idle.poll(borrower.parameters(), provenAfter());
        if (server != null) {
            supply.counters().lentAtOnce++;
            hand(server, place);
            return;
        }
        if (place.isShareable() && getsOn(place)) {
            return;
        }
        queue.add(place);
        if (!place.isShareable()) {
            pool.shared().reserveOne();
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

    /** All are busy: one that may share gets behind others, if no more can be opened for it. */
    private boolean getsOn(WaitingQueue.Place place) {
        if (supply.mayOpenAnother() || standstill.isPaused()) {
            return false;
        }
        ServerConnection busy = pool.shared().choose(place.owner().parameters());
        if (busy == null) {
            return false;
        }
        supply.counters().lentAtOnce++;
        pool.shared().getOn(busy, place);
        return true;
    }

    /** A server that has not answered since then, by the lane's clock, is asked whether it does before it is lent. */
    private long provenAfter() {
        return lane.now() - pool.settings().life().checkDelay().toNanos();
    }

    /** Checks one idle server connection for each client that waits and has none on its way. */
    void serve() {
        while (wanted() > 0 && !standstill.isPaused()) {
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
            supply.openIfWanted();
        }

        @Override
        public void onLate(WaitingQueue.Place place, long waitedNanos, int inQueue) {
            long millis = Duration.ofNanos(waitedNanos).toMillis();
            int size = pool.settings().size();
            PgError trouble = supply.trouble();
            pool.counters()
                    .onRefusal(trouble != null ? PoolCounters.Refused.NO_SERVER : PoolCounters.Refused.QUEUE_TIMEOUT);
            place.owner()
                    .onRefused(trouble != null ? trouble : new Failure.QueueTimeout(millis, size, inQueue).toPgError());
        }
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
        WaitingQueue.Place next = queue.poll();
        if (next == null) {
            idle.add(server);
            return;
        }
        supply.counters().lentAfterWaiting++;
        next.serve();
        hand(server, next);
        if (server.isShared()) {
            getMoreOn(server);
        }
    }

    /** Those who wait next get on with the first, as many as are this server connection's share of them. */
    private void getMoreOn(ServerConnection server) {
        for (int left = queue.size() / pool.settings().size(); left > 0; left--) {
            WaitingQueue.Place next = queue.peek();
            if (next == null
                    || !next.isShareable()
                    || !pool.shared().accepts(server, next.owner().parameters())) {
                return;
            }
            queue.remove(next);
            supply.counters().lentAfterWaiting++;
            next.serve();
            pool.shared().getOn(server, next);
        }
    }

    /** Why it is not lent again; null if it may be. */
    private @Nullable CloseReason against(ServerConnection server) {
        if (standstill.isPaused()) {
            return CloseReason.ADMINISTRATOR;
        }
        PoolSettings settings = pool.settings();
        int surplus = supply.size() - settings.size();
        if (surplus > 0 && (queue.isEmpty() || surplus > settings.reserveSize())) {
            return CloseReason.SURPLUS;
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

    /** Asks all that are idle whether they answer. */
    void checkIdle() {
        for (ServerConnection server : idle.all()) {
            if (server.isIdle()) {
                idle.remove(server);
                check(server);
            }
        }
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
