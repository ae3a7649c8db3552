package dev.weir.pool;

import dev.weir.tenants.Allotment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A tenant's part in the budget of its host. Its methods but for those that say otherwise are for the tenant's lane. */
final class HostShare {
    /** The tenant's pools, on its lane. */
    interface Holdings extends Executor {
        /** Runs it on the lane after a time. */
        void after(Duration delay, Runnable task);

        /** How long the server connection idle longest is, in nanoseconds; negative if none is idle. On the lane. */
        long longestIdle();

        /** Closes the one idle longest; false if none is idle. On the lane. */
        boolean closeLongestIdle();
    }

    private final HostBudget budget;
    private final Holdings holdings;

    /** Server connections to be given up when they are given back; written by the budget, read and counted down here. */
    final AtomicInteger owed = new AtomicInteger();

    /** A copy of {@link #held} for other threads. */
    private volatile int heldNow;

    // ---- touched within the budget only

    private final ArrayDeque<Place> waiting = new ArrayDeque<>();
    private int urgent;
    int held;
    int weight;
    int guaranteed;
    private int most;
    private volatile int mostOfTenant;
    private volatile int guaranteedNow;

    /** A count that rises with each place granted to anyone: who was served longest ago comes first among equals. */
    long servedAt;

    HostShare(HostBudget budget, Allotment allotment, Holdings holdings) {
        this.budget = budget;
        this.holdings = holdings;
        take(allotment);
    }

    private void take(Allotment allotment) {
        weight = allotment.weight();
        guaranteed = allotment.guaranteed();
        most = allotment.maxServers().orElse(HostBudget.UNLIMITED);
        mostOfTenant = most;
        guaranteedNow = guaranteed;
    }

    /** How many places it has, a moment ago. On any thread. */
    int heldNow() {
        return heldNow;
    }

    /** How many it may have. On any thread. */
    int mostOfTenant() {
        return mostOfTenant;
    }

    /** Whether a place can be expected without others having to lack it: a look at it, which takes none. On any thread. */
    boolean isRoomNow() {
        int now = heldNow;
        return now < mostOfTenant && (budget.takenNow() < budget.mostNow() || now < guaranteedNow);
    }

    HostBudget budget() {
        return budget;
    }

    void setAllotment(Allotment allotment) {
        budget.change(() -> take(allotment));
    }

    /**
     * Asks for a place.
     *
     * @param urgent a client waits for it, so another's idle one may be closed for it
     * @param poolIsEmpty whether the pool that asks has no server connection at all
     * @param onGranted called on the lane, unless the place was given back before
     */
    Place ask(boolean urgent, boolean poolIsEmpty, Consumer<Place> onGranted) {
        Place place = new Place(urgent, poolIsEmpty, onGranted);
        budget.run(() -> budget.add(place, this));
        return place;
    }

    /** Whether the server connection that is just given back is to be closed, for others. Counts it. */
    boolean mustGiveUp() {
        return owed.get() > 0 && owed.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    }

    /** A place asked for, or got. */
    final class Place {
        private final boolean urgent;
        private final boolean poolIsEmpty;
        private final Consumer<Place> onGranted;

        /** On the lane. */
        private boolean givenBack;

        /** Within the budget. */
        private boolean granted;

        private Place(boolean urgent, boolean poolIsEmpty, Consumer<Place> onGranted) {
            this.urgent = urgent;
            this.poolIsEmpty = poolIsEmpty;
            this.onGranted = onGranted;
        }

        /** Within the budget. A lane that has ended takes nothing any more, so the place is free again. */
        void grant() {
            granted = true;
            try {
                holdings.execute(() -> {
                    if (!givenBack) {
                        onGranted.accept(this);
                    }
                });
            } catch (RejectedExecutionException ended) {
                budget.run(() -> budget.onReturned(HostShare.this));
            }
        }

        /** Nobody waits for it any more, or its server connection is closed. Once; further calls do nothing. */
        void giveBack() {
            if (givenBack) {
                return;
            }
            givenBack = true;
            budget.run(() -> {
                if (granted) {
                    budget.onReturned(HostShare.this);
                } else {
                    remove(this);
                    budget.forgetIfUnused(HostShare.this);
                    budget.serve();
                }
            });
        }
    }

    // ---- within the budget

    void hold(int change) {
        held += change;
        heldNow = held;
    }

    boolean isBelowOwnMost() {
        return held < most;
    }

    /** Of those that wait, how many are for clients. */
    int urgent() {
        return urgent;
    }

    void add(Place place) {
        waiting.addLast(place);
        urgent += place.urgent ? 1 : 0;
    }

    Place poll() {
        Place place = waiting.removeFirst();
        urgent -= place.urgent ? 1 : 0;
        return place;
    }

    private void remove(Place place) {
        if (waiting.remove(place)) {
            urgent -= place.urgent ? 1 : 0;
        }
    }

    boolean mayHaveMore() {
        return !waiting.isEmpty() && isBelowOwnMost();
    }

    boolean isUnused() {
        return held == 0 && waiting.isEmpty();
    }

    int demand() {
        return (int) Math.min(most, (long) held + waiting.size());
    }

    /** Whether a pool of it has nothing while others have all that the tenant may have. */
    boolean starvesItself() {
        return !isBelowOwnMost() && waiting.stream().anyMatch(place -> place.urgent && place.poolIsEmpty);
    }

    boolean comesBefore(HostShare other) {
        boolean poor = held < guaranteed;
        boolean otherPoor = other.held < other.guaranteed;
        if (poor != otherPoor) {
            return poor;
        }
        long load = (long) (held + 1) * (poor ? other.guaranteed : other.weight);
        long otherLoad = (long) (other.held + 1) * (poor ? guaranteed : weight);
        return load != otherLoad ? load < otherLoad : servedAt < other.servedAt;
    }

    void askIdle(LongConsumer answer) {
        try {
            holdings.execute(() -> answer.accept(holdings.longestIdle()));
        } catch (RejectedExecutionException ended) {
            answer.accept(-1);
        }
    }

    void takeBackIdle(Consumer<Boolean> answer) {
        try {
            holdings.execute(() -> answer.accept(holdings.closeLongestIdle()));
        } catch (RejectedExecutionException ended) {
            answer.accept(false);
        }
    }

    /** @return false if the lane has ended, and with it all who waited there */
    boolean after(Duration delay, Runnable task) {
        try {
            holdings.after(delay, task);
            return true;
        } catch (RejectedExecutionException ended) {
            waiting.clear();
            urgent = 0;
            return false;
        }
    }
}
