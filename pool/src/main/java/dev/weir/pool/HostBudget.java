package dev.weir.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The places for server connections on one Postgres host, shared by tenants on any lanes; or those of one pool, shared by the
 * lanes of its tenant. May be called by any thread: what
 * is asked of it is carried out one after the other, by whoever is there, and nobody is waited for. It is asked when a
 * server connection is to be opened, never for a message.
 *
 * <p>A free place goes to a tenant below its guarantee first, then to the one that has fewest for its weight. If none is
 * free, an idle connection of a tenant above its guarantee is taken back, the one idle longest; if none is idle, a tenant
 * above its fair share gives up the next that is given back, for one below. In a pool, a lane whose clients wait for long, and
 * twice as long as those of all others, gets one whatever it has: what it has may be lent to sessions.
 */
final class HostBudget {
    private static final Logger log = LoggerFactory.getLogger(HostBudget.class);

    /** No limit but the tenants' own. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    /** Within its fair share, a tenant loses a connection only when it is idle for so long, or the two would swap. */
    static final Duration SETTLED = Duration.ofMillis(100);

    /** How soon it is looked again while someone waits. */
    static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    /** In a pool, one who has not waited for so long gets what is his lane's part only. */
    static final Duration PATIENCE = Duration.ofMillis(500);

    private final boolean ofPool;
    private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();

    // ---- touched by whoever empties the inbox

    /** Those that have a place or wait for one; two of a tenant that was removed and came again. */
    private final Set<HostShare> shares = new LinkedHashSet<>();

    private int most;
    private volatile int mostNow;
    private int taken;
    private volatile int takenNow;
    private long served;
    private int takingBack;
    private boolean looking;
    private boolean lookingLater;

    /** What the shares are asked for at present, by share. */
    private final Map<HostShare, Long> idle = new HashMap<>();

    private int answersAwaited;

    /** @param most server connections at once, at least 1 */
    HostBudget(int most) {
        this(most, false);
    }

    /** @param ofPool whether it is one pool's, whose shares' clients are to wait equally long */
    HostBudget(int most, boolean ofPool) {
        this.ofPool = ofPool;
        this.most = most;
        this.mostNow = most;
    }

    /** Carries out what was asked for, after all that was asked for before. */
    void run(Runnable action) {
        inbox.add(action);
        if (pending.getAndIncrement() != 0) {
            return; // who is at it goes on with this
        }
        do {
            Runnable next = inbox.poll();
            try {
                if (next != null) {
                    next.run();
                }
            } catch (RuntimeException bug) {
                log.atError()
                        .setMessage("the budget of a host failed")
                        .setCause(bug)
                        .log();
            }
        } while (pending.decrementAndGet() != 0);
    }

    /** Another limit, from now on; what is above it goes as {@link HostBudget} says. */
    void setMost(int changed) {
        run(() -> {
            most = changed;
            mostNow = changed;
            serve();
        });
    }

    /** The share changes its settings by this, and what follows from it is done. */
    void change(Runnable change) {
        run(() -> {
            change.run();
            serve();
        });
    }

    // ---- within run

    void add(HostShare.Place place, HostShare share) {
        shares.add(share);
        share.add(place);
        serve();
    }

    /** Takes a place for what is there already. */
    void adopt(HostShare.Place place, HostShare share) {
        shares.add(share);
        share.grantAtOnce(place);
        take(share, 1);
        serve();
    }

    void onReturned(HostShare share) {
        take(share, -1);
        assert taken >= 0 && share.held >= 0 : "a place was returned twice";
        forgetIfUnused(share);
        serve();
    }

    void forgetIfUnused(HostShare share) {
        if (share.isUnused()) {
            shares.remove(share);
            share.owed.set(0);
        }
    }

    private void take(HostShare share, int change) {
        taken += change;
        takenNow = taken;
        share.hold(change);
    }

    void serve() {
        while (taken < most) {
            HostShare next = next();
            if (next == null) {
                break;
            }
            HostShare.Place place = next.poll();
            take(next, 1);
            next.servedAt = ++served;
            next.favoured = false;
            place.grant();
        }
        look();
    }

    private @Nullable HostShare next() {
        HostShare best = null;
        for (HostShare share : shares) {
            if (share.mayHaveMore() && (best == null || share.comesBefore(best))) {
                best = share;
            }
        }
        return best;
    }

    // ---- taking back

    /** Those who wait and could be served if others gave up, and what is above the limit. */
    private int wanted() {
        int wanted = Math.max(0, taken - most);
        for (HostShare share : shares) {
            wanted += share.urgent();
        }
        return wanted;
    }

    /** Asks all who may have to give up something what they have idle. */
    void look() {
        int wanted = wanted();
        if (wanted == 0) {
            shares.forEach(share -> share.owed.set(0));
        }
        if (looking || wanted <= takingBack) {
            return;
        }
        List<HostShare> candidates = shares.stream()
                .filter(share -> share.held > 0 || (ofPool && share.urgent() > 0))
                .toList();
        if (candidates.isEmpty()) {
            return;
        }
        looking = true;
        idle.clear();
        shares.forEach(share -> share.waitNanos = 0);
        answersAwaited = candidates.size();
        for (HostShare share : candidates) {
            share.askIdle(nanos -> run(() -> onAnswer(share, nanos)));
        }
    }

    /** @param nanos how long the one idle longest is; negative if none is */
    private void onAnswer(HostShare share, long nanos) {
        if (nanos >= 0) {
            idle.put(share, nanos);
        }
        answersAwaited--;
        if (answersAwaited > 0) {
            return;
        }
        looking = false;
        FairShares fair = new FairShares(shares, most);
        HostShare victim = idle.entrySet().stream()
                .filter(entry -> mayLoseIdle(entry.getKey(), entry.getValue(), fair))
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(null);
        if (victim == null) {
            recallLent(fair);
            lookLater();
            return;
        }
        takingBack++;
        victim.takeBackIdle(took -> run(() -> {
            takingBack--;
            if (took) {
                look(); // whether one more is needed; the place itself comes when it is closed
            } else {
                lookLater();
            }
        }));
    }

    private boolean mayLoseIdle(HostShare share, long idleNanos, FairShares fair) {
        if (!ofPool && share.urgent() > 0 && (taken >= most || !share.isBelowOwnMost())) {
            return true; // another pool of the same tenant waits
        }
        if (taken < most || share.held <= share.guaranteed) {
            return false;
        }
        boolean other = taken > most;
        for (HostShare waiter : shares) {
            other |= !waiter.equals(share) && waiter.mayHaveMore() && waiter.urgent() > 0;
        }
        return other && (share.held > fair.of(share) || idleNanos >= SETTLED.toNanos());
    }

    /** Lets those above their fair share give up connections that are lent, as soon as they come back. */
    private void recallLent(FairShares fair) {
        for (HostShare share : shares) {
            share.owed.set(share.starvesItself() ? 1 : 0);
        }
        int wanted = Math.max(0, taken - most);
        for (HostShare waiter : shares) {
            if (taken >= most && waiter.mayHaveMore()) {
                double due = Math.max(fair.of(waiter), waiter.guaranteed) - waiter.held;
                wanted += Math.clamp((long) due, 0, waiter.urgent());
            }
        }
        List<HostShare> rich = new ArrayList<>(shares);
        if (ofPool) {
            favourWhoWaitsForLong().ifPresent(rich::remove);
        }
        while (wanted > 0) {
            HostShare richest = rich.stream()
                    .max(Comparator.comparingDouble(share -> surplus(share, fair)))
                    .orElse(null);
            if (richest == null || surplus(richest, fair) <= 0) {
                return;
            }
            richest.owed.incrementAndGet();
            wanted--;
        }
    }

    /** Another gives up the next for the share whose clients wait for long, and twice as long as all others', if there is one. */
    private Optional<HostShare> favourWhoWaitsForLong() {
        shares.forEach(share -> share.favoured = false);
        HostShare longest = shares.stream()
                .filter(share -> share.urgent() > 0)
                .max(Comparator.comparingLong(share -> share.waitNanos))
                .orElse(null);
        HostShare giver = shares.stream()
                .filter(share -> share.held > 0 && !share.equals(longest))
                .min(Comparator.comparingLong((HostShare share) -> share.waitNanos)
                        .thenComparingInt(share -> -share.held))
                .orElse(null);
        if (longest == null || giver == null || longest.waitNanos < PATIENCE.toNanos()) {
            return Optional.empty();
        }
        long half = longest.waitNanos / 2;
        if (shares.stream().anyMatch(share -> !share.equals(longest) && share.waitNanos >= half)) {
            return Optional.empty();
        }
        longest.favoured = true;
        giver.owed.incrementAndGet();
        return Optional.of(longest);
    }

    /** How far it is above what it may keep, when it has given up what it owes. */
    private static double surplus(HostShare share, FairShares fair) {
        return share.held - share.owed.get() - Math.max(fair.of(share), share.guaranteed);
    }

    private void lookLater() {
        if (lookingLater || wanted() == 0) {
            return;
        }
        for (HostShare share : shares) {
            boolean scheduled = share.after(
                    LOOK_AGAIN,
                    () -> run(() -> {
                        lookingLater = false;
                        serve();
                    }));
            if (scheduled) {
                lookingLater = true;
                return;
            }
        }
    }

    /** How many places are taken, a moment ago. On any thread. */
    int takenNow() {
        return takenNow;
    }

    /** How many there are. On any thread. */
    int mostNow() {
        return mostNow;
    }
}
