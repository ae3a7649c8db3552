package dev.weir.pool;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The places in its host's budget that a pool waits for, and those that its server connections have. Confined to its lane. */
final class Places {
    private final Consumer<HostShare.Place> onPlace;
    private final ArrayDeque<HostShare.Place> asks = new ArrayDeque<>();
    private final Map<ServerConnection, HostShare.Place> held = new HashMap<>();

    /** The tenant's part in its host's budget; null if there is none. */
    private @Nullable HostShare share;

    private boolean asksAreUrgent;

    /** @param onPlace takes each place that was asked for, and opens a server connection or gives it back */
    Places(@Nullable HostShare share, Consumer<HostShare.Place> onPlace) {
        this.share = share;
        this.onPlace = onPlace;
    }

    /** @return whether it is another than before; then nothing is asked for any more */
    boolean setShare(@Nullable HostShare changed) {
        boolean other = changed == null ? share != null : !changed.equals(share);
        if (other) {
            dropAsks(0);
            share = changed;
        }
        return other;
    }

    /** Whether a server connection needs one. */
    boolean areNeeded() {
        return share != null;
    }

    /** Whether one more can be expected soon; takes none. */
    boolean isRoom() {
        HostShare budget = share;
        return budget == null || budget.isRoomNow();
    }

    boolean isAsking() {
        return !asks.isEmpty();
    }

    /** Where a place was asked for that has not come yet; null if none was. */
    @Nullable
    HostShare awaited() {
        return asks.isEmpty() ? null : share;
    }

    /** How many of those that are lent are to be given up when they come back. */
    int owed() {
        HostShare budget = share;
        return budget == null ? 0 : budget.owed.get();
    }

    /** Whether the server connection that is just given back is to be closed, for others. Counts it. */
    boolean mustGiveUp() {
        HostShare budget = share;
        return budget != null && budget.mustGiveUp();
    }

    // ---- asking

    /**
     * Asks for so many, those asked for before among them.
     *
     * @param urgent clients wait for them
     */
    void ask(int count, boolean urgent, boolean poolIsEmpty) {
        HostShare budget = share;
        if (budget == null) {
            throw new IllegalStateException("no place is needed");
        }
        dropAsks(urgent == asksAreUrgent ? count : 0);
        asksAreUrgent = urgent;
        while (asks.size() < count) {
            asks.addLast(budget.ask(urgent, poolIsEmpty && asks.isEmpty(), this::onGranted));
        }
    }

    private void onGranted(HostShare.Place place) {
        asks.remove(place);
        onPlace.accept(place);
    }

    /** Asks for one beside the pool. The taker gets null, at once, if none is needed. */
    void askOne(Consumer<HostShare.@Nullable Place> taker) {
        HostShare budget = share;
        if (budget == null) {
            taker.accept(null);
        } else {
            budget.ask(true, true, taker);
        }
    }

    /** Asks for no more than so many. */
    void dropAsks(int left) {
        while (asks.size() > left) {
            asks.removeLast().giveBack();
        }
    }

    // ---- having

    /** @param place null if it needs none */
    void keep(ServerConnection server, HostShare.@Nullable Place place) {
        if (place != null) {
            held.put(server, place);
        }
    }

    /** It is closed. */
    void giveBack(ServerConnection server) {
        giveBack(held.remove(server));
    }

    static void giveBack(HostShare.@Nullable Place place) {
        if (place != null) {
            place.giveBack();
        }
    }
}
