package dev.weir.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the rounds gave, by what was measured and candidate.
 *
 * @param <K> what was measured, a record
 * @param <S> what one round gives
 */
final class Samples<K, S> {
    private final Map<K, Map<CandidateKind, List<S>>> samples = new LinkedHashMap<>();

    void add(K measured, CandidateKind candidate, S sample) {
        samples.computeIfAbsent(measured, key -> new LinkedHashMap<>())
                .computeIfAbsent(candidate, key -> new ArrayList<>())
                .add(sample);
    }

    /** Of all rounds, in their order. */
    List<S> of(K measured, CandidateKind candidate) {
        return samples.getOrDefault(measured, Map.of()).getOrDefault(candidate, List.of());
    }

    boolean has(K measured) {
        return samples.containsKey(measured);
    }

    boolean isEmpty() {
        return samples.isEmpty();
    }
}
