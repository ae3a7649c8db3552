package dev.weir.pool;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.PoolSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the shares of one pool have in common, where its tenant has several lanes: the places for its server connections,
 * which go to the share that needs them; how many clients are pinned; what the server has said of itself. Safe for all
 * threads. It is asked when a server connection is to be opened and when one is given back, by a look at a number.
 */
final class PoolShares {
    /** For how long a server that is full is not asked for more. */
    private static final Duration FULL = Duration.ofSeconds(5);

    private static final int NO_CEILING = Integer.MAX_VALUE;

    private final HostBudget places;
    private final List<Share> shares = new CopyOnWriteArrayList<>();
    private final AtomicInteger reserveClaims = new AtomicInteger();
    private final AtomicInteger pinned = new AtomicInteger();
    private volatile PoolSettings settings;

    /** As many as the server has let in at once of late, if it has let in no more. */
    private volatile int ceiling = NO_CEILING;

    /** Parameters of the server connection opened last on any lane; null before the first. */
    private volatile @Nullable Map<String, String> reported;

    PoolShares(PoolSettings settings) {
        this.settings = settings;
        this.places = new HostBudget(settings.size(), true);
    }

    /** The part of a pool that one lane has. */
    interface Part extends HostShare.Holdings {
        /** Others use the pool now, or no longer. On the lane. */
        void onOthersChanged();

        /** No share has anything any more. On the lane. */
        void onAllUnused();
    }

    /** The share of one lane. Its methods are for that lane. */
    final class Share {
        private final Part part;
        private final HostShare own;
        private boolean claimsReserve;
        private volatile boolean inUse;
        private volatile boolean unused;

        private Share(Part part) {
            this.part = part;
            this.own = new HostShare(places, Allotment.NONE, part);
        }

        HostShare places() {
            return own;
        }

        /** Places taken on all lanes, a moment ago. */
        int takenNow() {
            return places.takenNow();
        }

        /** How many server connections are its part, if those lanes have the same whose clients use the pool; at least 1. */
        int portion() {
            return Math.max(1, settings.size() / Math.max(1, usedShares()));
        }

        /** Its part of those that are to be kept open. */
        int keeps(int minSize) {
            int used = 0;
            int before = 0;
            for (Share share : shares) {
                before += share.equals(this) ? used : 0;
                used += share.inUse ? 1 : 0;
            }
            return used == 0 ? 0 : minSize / used + (before < minSize % used ? 1 : 0);
        }

        /** @param now whether it has clients */
        void setInUse(boolean now) {
            if (inUse == now) {
                return;
            }
            inUse = now;
            unused = false;
            if (settings.minSize() > 0) {
                others().forEach(share -> share.part.execute(share.part::onOthersChanged));
            }
        }

        /**
         * It has neither clients nor server connections.
         *
         * @return whether none has; the others are told
         */
        boolean isLastUnused() {
            unused = true;
            boolean all = shares.stream().allMatch(share -> share.unused);
            if (all) {
                others().forEach(share -> share.part.execute(share.part::onAllUnused));
            }
            return all;
        }

        private List<Share> others() {
            return shares.stream().filter(share -> !share.equals(this)).toList();
        }

        /** Whether its clients have waited so long that the reserve is opened. */
        void claimReserve(boolean due) {
            if (claimsReserve != due) {
                claimsReserve = due;
                reserveClaims.addAndGet(due ? 1 : -1);
                limit();
            }
        }

        /** @return whether one more may be pinned; then it is counted */
        boolean pinOne(int most) {
            while (true) {
                int now = pinned.get();
                if (now >= most) {
                    return false;
                }
                if (pinned.compareAndSet(now, now + 1)) {
                    return true;
                }
            }
        }

        void countPinned(int change) {
            pinned.addAndGet(change);
        }

        /** What a server connection of any share has reported last; null if none has. */
        @Nullable
        Map<String, String> reported() {
            return reported;
        }

        /** @param parameters null if the next server's may be others */
        void report(@Nullable Map<String, String> parameters) {
            reported = parameters;
        }

        /** The server lets no more in: who waits gets what another lane has, not what the pool might have. */
        void onServerFull() {
            places.run(() -> ceiling = Math.max(1, places.takenNow()));
            limit();
            part.after(FULL, () -> {
                ceiling = NO_CEILING;
                limit();
            });
        }

        /** The settings have changed; every share says so. */
        void setSettings(PoolSettings changed) {
            settings = changed;
            limit();
        }

        /** It has ended. */
        void leave() {
            claimReserve(false);
            shares.remove(this);
        }
    }

    private int usedShares() {
        int used = 0;
        for (Share share : shares) {
            used += share.inUse ? 1 : 0;
        }
        return used;
    }

    private void limit() {
        places.run(
                () -> { // so that the last one looks last
                    PoolSettings now = settings;
                    int most = now.size() + (reserveClaims.get() > 0 ? now.reserveSize() : 0);
                    places.setMost(Math.min(most, ceiling));
                });
    }

    /** One more lane has a share. */
    Share join(Part part) {
        Share share = new Share(part);
        shares.add(share);
        return share;
    }

    boolean isEmpty() {
        return shares.isEmpty();
    }
}
