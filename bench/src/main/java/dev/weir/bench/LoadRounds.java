package dev.weir.bench;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Runs loads against candidates: in each round each load against all of them in turn, another first each round. */
final class LoadRounds {
    private final Bench bench;
    private final Lineup lineup;
    private final List<CandidateKind> kinds;
    private final String name;

    /** @param name of what is measured, for progress lines */
    LoadRounds(Bench bench, Lineup lineup, List<CandidateKind> kinds, String name) {
        this.bench = bench;
        this.lineup = lineup;
        this.kinds = kinds;
        this.name = name;
    }

    /** Long for a JVM, which compiles while it runs; short for the others. Nothing is kept. */
    void warmUp(Load load, int jvmSeconds) throws InterruptedException {
        for (CandidateKind kind : kinds) {
            Optional<String> refusal = refusal(kind, load);
            if (refusal.isPresent()) {
                bench.skip(refusal.get());
                continue;
            }
            int seconds = kind.isWeir() ? Math.max(1, jvmSeconds) : 1;
            bench.attempt(
                    name + ", warm-up, " + load.title(),
                    kind,
                    () -> measure(load, kind, seconds).summary());
        }
    }

    /** All rounds of the plan. */
    void run(List<? extends Load> loads, Samples<Load, Sample> samples) throws InterruptedException {
        run(loads, samples, bench.plan().rounds());
    }

    /** One round. */
    void once(List<? extends Load> loads, Samples<Load, Sample> samples) throws InterruptedException {
        run(loads, samples, 1);
    }

    /** How many measurements that many rounds of that many loads are, with that many warm-ups of each candidate before. */
    static int steps(int rounds, int loads, int warmUps, int candidates) {
        return (rounds * loads + warmUps) * candidates;
    }

    private void run(List<? extends Load> loads, Samples<Load, Sample> samples, int count) throws InterruptedException {
        for (int round = 0; round < count; round++) {
            for (Load load : loads) {
                for (CandidateKind kind : Plan.order(kinds, round)) {
                    Optional<String> refusal = refusal(kind, load);
                    if (refusal.isPresent()) {
                        bench.skip(refusal.get());
                        continue;
                    }
                    String title = name + ", round " + (round + 1) + "/" + count + ", " + load.title();
                    bench.attempt(title, kind, () -> {
                        Sample sample = measure(load, kind, bench.plan().seconds());
                        samples.add(load, kind, sample);
                        return sample.summary();
                    });
                }
            }
        }
    }

    private Sample measure(Load load, CandidateKind kind, int seconds)
            throws BenchFailure, IOException, InterruptedException {
        Candidate candidate = lineup.get(kind);
        return switch (load) {
            case Load.Pgbench script -> bench.pgbench().measure(script, candidate, seconds);
            case Load.Connects connects ->
                new ConnectRun(bench.postgres(), bench.proc(), lineup.setup().tls())
                        .measure(connects, candidate, seconds);
        };
    }

    /** With a pooler in transaction mode. */
    private boolean standsStill(Load load) {
        return load instanceof Load.Pgbench pgbench
                && pgbench.script() == Script.TPCB
                && pgbench.protocol() == Protocol.PREPARED
                && pgbench.clients() > lineup.setup().poolSize();
    }

    /** Why this load is not run against this candidate, if so. */
    Optional<String> refusal(CandidateKind kind, Load load) {
        if (kind != CandidateKind.DIRECT && standsStill(load)) {
            return Optional.of(
                    "TPC-B, prepared, with a pooler and more clients than its pool has server connections: pgbench"
                            + " waits for the answer to one client's Parse, for which none is free, while its other clients keep"
                            + " their transactions open.");
        }
        if (kind != CandidateKind.PGBOUNCER) {
            return Optional.empty();
        }
        return switch (load) {
            case Load.Connects connects ->
                connects.session()
                        ? Optional.of("Connect, session, with PgBouncer: it pools transactions here.")
                        : Optional.empty();
            case Load.Pgbench script ->
                script.protocol() == Protocol.PREPARED
                        ? bench.tools().pgbouncer().flatMap(PgBouncer::refusalOfPrepared)
                        : Optional.empty();
        };
    }
}
