package dev.weir.pool;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The permits for server connections that a pool waits for, and those that it uses. A permit is a place in the pool, if
 * that is divided over several lanes, and then one in the budget of the host, if there is one. Confined to its lane.
 */
final class Places {
    private final Executor lane;
    private final Consumer<Permit> onPermit;
    private final ArrayDeque<Permit> asks = new ArrayDeque<>();

    /** Those given out for server connections that log in. */
    private final List<Permit> opening = new ArrayList<>();

    private final Map<ServerConnection, Permit> held = new HashMap<>();

    /** The tenant's part in its host's budget; null if there is none. */
    private @Nullable HostShare host;

    /** This lane's share of the pool; null if it has the whole. */
    private PoolShares.@Nullable Share share;

    private boolean asksAreUrgent;

    /** The one asked for beside the pool; null if none is, or it has come. */
    private @Nullable Permit outside;

    /** Who takes that one. */
    private Consumer<Permit> outsideTaker = Permit::giveBack;

    /**
     * @param host the tenant's part in its host's budget; null if there is none
     * @param onPermit takes each permit that was asked for, and opens a server connection or gives it back
     */
    Places(Executor lane, @Nullable HostShare host, Consumer<Permit> onPermit) {
        this.lane = lane;
        this.host = host;
        this.onPermit = onPermit;
    }

    /** For one server connection. */
    final class Permit {
        private HostShare.@Nullable Place ofPool;
        private HostShare.@Nullable Place ofHost;
        private final boolean isPoolEmpty;

        /** For a server connection beside the pool, which has no place in it. */
        private final boolean isOutside;

        private Permit(boolean isPoolEmpty, boolean isOutside) {
            this.isPoolEmpty = isPoolEmpty;
            this.isOutside = isOutside;
        }

        /** It has its place in the pool, but none with the host. */
        private boolean waitsForHost() {
            return ofHost != null;
        }

        /** Nobody waits for it any more, or its server connection is closed. Further calls do nothing. */
        void giveBack() {
            opening.remove(this);
            giveBack(ofHost);
            giveBack(ofPool);
        }

        private static void giveBack(HostShare.@Nullable Place place) {
            if (place != null) {
                place.giveBack();
            }
        }
    }

    /** @return whether it is another than before; then nothing is asked for any more but what {@link #askOutside} did */
    boolean setHost(@Nullable HostShare changed) {
        boolean other = changed == null ? host != null : !changed.equals(host);
        if (other) {
            dropAsks(0);
            boolean asksOutside = dropOutside();
            host = changed;
            if (asksOutside) {
                lane.execute(() -> askOutside(outsideTaker)); // when it is known whither the tenant has moved
            }
        }
        return other;
    }

    /** From now on this is a share of the pool only; what is there already has its places in it. */
    void divide(PoolShares.Share own) {
        dropAsks(0);
        share = own;
        List<Permit> used = new ArrayList<>(opening);
        used.addAll(held.values());
        for (Permit permit : used) {
            if (!permit.isOutside) {
                permit.ofPool = own.places().adopt();
            }
        }
    }

    /** Whether a server connection needs one. */
    boolean areNeeded() {
        return host != null || share != null;
    }

    /** Whether one more can be expected soon; takes none. */
    boolean isRoom() {
        HostShare budget = host;
        PoolShares.Share own = share;
        return (budget == null || budget.isRoomNow())
                && (own == null || own.places().isRoomNow());
    }

    boolean isAsking() {
        return !asks.isEmpty();
    }

    /** Where a place was asked for that has not come yet; null if none was, or those of the pool are used up. */
    @Nullable
    HostShare awaited() {
        for (Permit permit : asks) {
            if (permit.waitsForHost()) {
                return host;
            }
        }
        return null;
    }

    /** How many of those that are lent are to be given up when they come back. */
    int owed() {
        HostShare budget = host;
        PoolShares.Share own = share;
        return (budget == null ? 0 : budget.owed.get())
                + (own == null ? 0 : own.places().owed.get());
    }

    /** Whether the server connection that is just given back is to be closed, for others. Counts it. */
    boolean mustGiveUp() {
        HostShare budget = host;
        PoolShares.Share own = share;
        return (budget != null && budget.mustGiveUp())
                || (own != null && own.places().mustGiveUp());
    }

    // ---- asking

    /**
     * Asks for so many, those asked for before among them.
     *
     * @param urgent clients wait for them
     */
    void ask(int count, boolean urgent, boolean poolIsEmpty) {
        dropAsks(urgent == asksAreUrgent ? count : 0);
        asksAreUrgent = urgent;
        while (asks.size() < count) {
            Permit permit = new Permit(poolIsEmpty && asks.isEmpty(), false);
            asks.addLast(permit);
            PoolShares.Share own = share;
            if (own == null) {
                askHost(permit);
            } else {
                permit.ofPool = own.places().ask(urgent, permit.isPoolEmpty, _ -> askHost(permit));
            }
        }
    }

    private void askHost(Permit permit) {
        HostShare budget = host;
        if (budget == null) {
            onGranted(permit);
        } else {
            permit.ofHost = budget.ask(lane, asksAreUrgent, permit.isPoolEmpty, _ -> onGranted(permit));
        }
    }

    private void onGranted(Permit permit) {
        asks.remove(permit);
        opening.add(permit);
        onPermit.accept(permit);
    }

    /** Asks for one beside the pool; the taker gets it at once if none is needed. Only one at a time. */
    void askOutside(Consumer<Permit> taker) {
        HostShare budget = host;
        Permit permit = new Permit(true, true);
        if (budget == null) {
            taker.accept(permit);
            return;
        }
        outside = permit;
        outsideTaker = taker;
        permit.ofHost = budget.ask(lane, true, true, _ -> {
            outside = null;
            taker.accept(permit);
        });
    }

    /** Where that place was asked for and has not come yet; null if none was. */
    @Nullable
    HostShare awaitedOutside() {
        return outside == null ? null : host;
    }

    /** @return whether that place was awaited, which it no longer is */
    boolean dropOutside() {
        Permit permit = outside;
        outside = null;
        if (permit != null) {
            permit.giveBack();
        }
        return permit != null;
    }

    /** Asks for no more than so many. */
    void dropAsks(int left) {
        while (asks.size() > left) {
            asks.removeLast().giveBack();
        }
    }

    /** Whether a place in the pool is kept only to wait for one with the host. */
    boolean waitForHost() {
        return share != null && awaited() != null;
    }

    /** Gives up one such, for another share of the pool; false if there is none. */
    boolean giveUpWaiting() {
        for (Permit permit : asks) {
            if (permit.waitsForHost()) {
                asks.remove(permit);
                permit.giveBack();
                return true;
            }
        }
        return false;
    }

    // ---- having

    /** For a server connection that is to be opened. Only if none is needed. */
    Permit free() {
        Permit permit = new Permit(false, false);
        opening.add(permit);
        return permit;
    }

    void keep(ServerConnection server, Permit permit) {
        opening.remove(permit);
        held.put(server, permit);
    }

    /** It is closed. */
    void giveBack(ServerConnection server) {
        Permit permit = held.remove(server);
        if (permit != null) {
            permit.giveBack();
        }
    }
}
