package dev.weir.pool;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How often each of a few kinds of a thing has happened. The kinds come from an enum or a fixed list, never from a peer, so
 * there is an end to them. Confined to a lane; a copy is for whoever looks from elsewhere.
 */
public final class Tally {
    /** Arrays of one, so that counting what has been seen before allocates nothing. */
    private final SortedMap<String, long[]> counts = new TreeMap<>();

    public void count(String kind) {
        add(kind, 1);
    }

    private void add(String kind, long more) {
        counts.computeIfAbsent(kind, k -> new long[1])[0] += more;
    }

    /** Adds those of another. */
    public void add(Tally more) {
        more.counts.forEach((kind, count) -> add(kind, count[0]));
    }

    /** How often it has happened; 0 if never. */
    public long of(String kind) {
        long[] count = counts.get(kind);
        return count == null ? 0 : count[0];
    }

    /** All that have happened, by kind. */
    public SortedMap<String, Long> counts() {
        SortedMap<String, Long> copy = new TreeMap<>();
        for (Map.Entry<String, long[]> entry : counts.entrySet()) {
            copy.put(entry.getKey(), entry.getValue()[0]);
        }
        return Collections.unmodifiableSortedMap(copy);
    }

    /** As it is now. */
    public Tally copy() {
        Tally copy = new Tally();
        copy.add(this);
        return copy;
    }

    @Override
    public String toString() {
        return counts().toString();
    }
}
