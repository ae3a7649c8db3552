package dev.weir.pool;

import dev.weir.tenants.Allotment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's part in the budget of its host, or a share's part in that of its pool. Its methods but for those that say
 * otherwise are for the lanes of those who ask and give back.
 */
final class HostShare {
    /** The pools of one lane that have places of it. */
    interface Holdings extends Executor {
        /** Runs it on the lane after a time. */
        void after(Duration delay, Runnable task);

        /** How long the server connection idle longest is, in nanoseconds; negative if none is idle. On the lane. */
        long longestIdle();

        /** Closes the one idle longest; false if none is idle. On the lane. */
        boolean closeLongestIdle();

        /** How long the first client has waited, in nanoseconds, where that matters; else 0. On the lane. */
        default long longestWait() {
            return 0;
        }
    }

    private final HostBudget budget;

    /** One for each lane; may change at any time. */
    private final List<Holdings> parts;

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

    /** Whose idle server connection is the longest idle, as far as was answered last. */
    private @Nullable Holdings idlest;

    /** How long its first client has waited, in nanoseconds, as was answered last. */
    long waitNanos;

    /** It comes before all others, once. */
    boolean favoured;

    /** A count that rises with each place granted to anyone: who was served longest ago comes first among equals. */
    long servedAt;

    /** On one lane only. */
    HostShare(HostBudget budget, Allotment allotment, Holdings holdings) {
        this(budget, allotment, List.of(holdings));
    }

    /** @param parts one for each lane; borrowed, and may change at any time, on any thread */
    HostShare(HostBudget budget, Allotment allotment, List<Holdings> parts) {
        this.budget = budget;
        this.parts = parts;
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

    /** How things stand while a place is awaited, a moment ago. On any thread. */
    Hindrance.NoPlace shortage() {
        return new Hindrance.NoPlace(heldNow, limit(mostOfTenant), budget.takenNow(), limit(budget.mostNow()));
    }

    private static OptionalInt limit(int most) {
        return most == HostBudget.UNLIMITED ? OptionalInt.empty() : OptionalInt.of(most);
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

    /** Asks for a place, on its only lane. */
    Place ask(boolean urgent, boolean poolIsEmpty, Consumer<Place> onGranted) {
        return ask(parts.getFirst(), urgent, poolIsEmpty, onGranted);
    }

    /** Takes a place for a server connection that is there already, even if none is free. */
    Place adopt() {
        Place place = new Place(parts.getFirst(), false, false, _ -> {});
        budget.run(() -> budget.adopt(place, this));
        return place;
    }

    /**
     * Asks for a place.
     *
     * @param by the lane that asks
     * @param urgent a client waits for it, so another's idle one may be closed for it
     * @param poolIsEmpty whether the pool that asks has no server connection at all
     * @param onGranted called on the lane, unless the place was given back before
     */
    Place ask(Executor by, boolean urgent, boolean poolIsEmpty, Consumer<Place> onGranted) {
        Place place = new Place(by, urgent, poolIsEmpty, onGranted);
        budget.run(() -> budget.add(place, this));
        return place;
    }

    /** Whether the server connection that is just given back is to be closed, for others. Counts it. */
    boolean mustGiveUp() {
        return owed.get() > 0 && owed.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    }

    /** A place asked for, or got. */
    final class Place {
        private final Executor lane;
        private final boolean urgent;
        private final boolean poolIsEmpty;
        private final Consumer<Place> onGranted;

        /** On the lane. */
        private boolean givenBack;

        /** Within the budget. */
        private boolean granted;

        private Place(Executor lane, boolean urgent, boolean poolIsEmpty, Consumer<Place> onGranted) {
            this.lane = lane;
            this.urgent = urgent;
            this.poolIsEmpty = poolIsEmpty;
            this.onGranted = onGranted;
        }

        /** Within the budget. A lane that has ended takes nothing any more, so the place is free again. */
        void grant() {
            granted = true;
            try {
                lane.execute(() -> {
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
        if (favoured != other.favoured) {
            return favoured;
        }
        boolean poor = held < guaranteed;
        boolean otherPoor = other.held < other.guaranteed;
        if (poor != otherPoor) {
            return poor;
        }
        long load = (long) (held + 1) * (poor ? other.guaranteed : other.weight);
        long otherLoad = (long) (other.held + 1) * (poor ? guaranteed : weight);
        return load != otherLoad ? load < otherLoad : servedAt < other.servedAt;
    }

    void grantAtOnce(Place place) {
        place.granted = true;
    }

    /** @param answer called within the budget, once */
    void askIdle(LongConsumer answer) {
        List<Holdings> asked = List.copyOf(parts);
        idlest = null;
        IdleAnswers answers = new IdleAnswers(asked.size() + 1, answer);
        for (Holdings part : asked) {
            try {
                part.execute(() -> {
                    long nanos = part.longestIdle();
                    long wait = part.longestWait();
                    budget.run(() -> answers.take(part, nanos, wait));
                });
            } catch (RejectedExecutionException ended) {
                answers.take(part, -1, 0);
            }
        }
        budget.run(() -> answers.take(null, -1, 0));
    }

    /** Gathers what the lanes say. Within the budget. */
    private final class IdleAnswers {
        private final LongConsumer answer;
        private int awaited;
        private long longest = -1;
        private long longestWait;

        IdleAnswers(int awaited, LongConsumer answer) {
            this.awaited = awaited;
            this.answer = answer;
        }

        void take(@Nullable Holdings from, long nanos, long wait) {
            longestWait = Math.max(longestWait, wait);
            if (nanos > longest) {
                longest = nanos;
                idlest = from;
            }
            awaited--;
            if (awaited == 0) {
                waitNanos = longestWait;
                answer.accept(longest);
            }
        }
    }

    void takeBackIdle(Consumer<Boolean> answer) {
        Holdings from = idlest;
        if (from == null) {
            answer.accept(false);
            return;
        }
        try {
            from.execute(() -> answer.accept(from.closeLongestIdle()));
        } catch (RejectedExecutionException ended) {
            answer.accept(false);
        }
    }

    /** @return false if the lanes have ended, and with them all who waited there */
    boolean after(Duration delay, Runnable task) {
        for (Holdings part : parts) {
            try {
                part.after(delay, task);
                return true;
            } catch (RejectedExecutionException ended) {
                // the next one's lane may go on
            }
        }
        waiting.clear();
        urgent = 0;
        return false;
    }
}
