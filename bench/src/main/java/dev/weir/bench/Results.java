package dev.weir.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What has been measured so far, by load and candidate, and what could not be. */
final class Results {
    private final Map<Cell, List<Sample>> samples = new HashMap<>();
    private final Map<Cell, Double> systemCalls = new HashMap<>();
    private final Map<CandidateKind, List<StreamRun.Sample>> streams = new HashMap<>();
    private final Map<CandidateKind, IdleRun.Sample> idle = new HashMap<>();
    private final Set<String> skipped = new LinkedHashSet<>();
    private final Set<String> failures = new LinkedHashSet<>();

    private record Cell(Load load, CandidateKind candidate) {}

    void add(Load load, CandidateKind candidate, Sample sample) {
        samples.computeIfAbsent(new Cell(load, candidate), cell -> new ArrayList<>())
                .add(sample);
    }

    void addSystemCalls(Load load, CandidateKind candidate, double perTransaction) {
        systemCalls.put(new Cell(load, candidate), perTransaction);
    }

    void addStream(CandidateKind candidate, StreamRun.Sample sample) {
        streams.computeIfAbsent(candidate, kind -> new ArrayList<>()).add(sample);
    }

    void addIdle(CandidateKind candidate, IdleRun.Sample sample) {
        idle.put(candidate, sample);
    }

    /** Something is left out by intent; the reason is a sentence. Said twice counts once. */
    void skip(String reason) {
        skipped.add(reason);
    }

    void fail(String what) {
        failures.add(what);
    }

    List<Sample> samples(Load load, CandidateKind candidate) {
        return samples.getOrDefault(new Cell(load, candidate), List.of());
    }

    /** Per transaction; NaN when not counted. */
    double systemCalls(Load load, CandidateKind candidate) {
        return systemCalls.getOrDefault(new Cell(load, candidate), Double.NaN);
    }

    boolean hasSystemCalls() {
        return !systemCalls.isEmpty();
    }

    List<StreamRun.Sample> streams(CandidateKind candidate) {
        return streams.getOrDefault(candidate, List.of());
    }

    Optional<IdleRun.Sample> idle(CandidateKind candidate) {
        return Optional.ofNullable(idle.get(candidate));
    }

    Set<String> skipped() {
        return skipped;
    }

    Set<String> failures() {
        return failures;
    }
}
