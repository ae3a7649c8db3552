package dev.weir.pool;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How many of a host's places each tenant should have that wants some: the places by weight, where those who want fewer
 * leave the rest to the others (max-min fairness), but nobody less than what it is guaranteed and wants.
 */
final class FairShares {
    private final Map<HostShare, Double> shares = new HashMap<>();

    FairShares(Collection<HostShare> all, int most) {
        Set<HostShare> unsatisfied = new HashSet<>(all);
        double left = most;
        boolean changed = true;
        while (changed && !unsatisfied.isEmpty()) {
            changed = false;
            double weights =
                    unsatisfied.stream().mapToInt(share -> share.weight).sum();
            double each = Math.max(0, left) / weights;
            for (HostShare share : Set.copyOf(unsatisfied)) {
                if (share.demand() <= each * share.weight) {
                    shares.put(share, (double) share.demand());
                    left -= share.demand();
                    unsatisfied.remove(share);
                    changed = true;
                }
            }
            if (!changed) {
                unsatisfied.forEach(share -> shares.put(share, each * share.weight));
            }
        }
        shares.replaceAll((share, fair) -> Math.max(fair, Math.min(share.guaranteed, share.demand())));
    }

    double of(HostShare share) {
        return shares.getOrDefault(share, 0.0);
    }
}
