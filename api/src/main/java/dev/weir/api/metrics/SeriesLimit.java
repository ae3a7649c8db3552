package dev.weir.api.metrics;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.Supplier;

/**
 * Who has series of its own and who is summed up with others, when there are more than so many. Whoever has been put among
 * the others stays there while it exists, and what it has counted stays in their sum when it is gone: that never goes down,
 * as a counter must not. Confined to one scrape at a time.
 *
 * @param <K> whom the series are about
 * @param <C> what is counted of each
 */
final class SeriesLimit<K, C> {
    private final int limit;
    private final Supplier<C> zero;
    private final BiConsumer<C, C> add;
    private final BiPredicate<C, C> begunAnew;

    private final Set<K> own = new HashSet<>();

    /** What was counted at the last scrape of those that are summed up. */
    private final Map<K, C> others = new HashMap<>();

    /** What was counted of those that were summed up and are gone. */
    private final C gone;

    private boolean everExceeded;

    /**
     * @param limit how many may have series of their own
     * @param add adds the second to the first
     * @param begunAnew whether the second is not a continuation of the first
     */
    SeriesLimit(int limit, Supplier<C> zero, BiConsumer<C, C> add, BiPredicate<C, C> begunAnew) {
        this.limit = limit;
        this.zero = zero;
        this.add = add;
        this.begunAnew = begunAnew;
        this.gone = zero.get();
    }

    /** Takes note of all that exist now. */
    void update(Map<K, C> present) {
        own.retainAll(present.keySet());
        others.entrySet().removeIf(entry -> {
            C now = present.get(entry.getKey());
            boolean ended = now == null || begunAnew.test(entry.getValue(), now);
            if (ended) {
                add.accept(gone, entry.getValue());
            }
            return now == null;
        });
        present.forEach((key, counts) -> {
            if (own.contains(key)) {
                return;
            }
            if (!others.containsKey(key) && own.size() < limit) {
                own.add(key);
            } else {
                others.put(key, counts);
                everExceeded = true;
            }
        });
    }

    boolean isOwn(K key) {
        return own.contains(key);
    }

    /** How many are summed up. */
    int others() {
        return others.size();
    }

    /** Whether there is a sum to tell. */
    boolean hasSum() {
        return everExceeded;
    }

    /** What all those have counted that are, or were, summed up. */
    C sum() {
        C sum = zero.get();
        add.accept(sum, gone);
        others.values().forEach(counts -> add.accept(sum, counts));
        return sum;
    }
}
