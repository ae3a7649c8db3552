package dev.weir.bench;

import java.util.List;

/** Lets one client move data through each candidate in turn, another first each round. */
final class TransferRounds {
    private final Bench bench;
    private final Lineup lineup;
    private final List<CandidateKind> kinds;
    private final String name;
    private final TransferRun transferRun;

    /**
     * @param name of what is measured, for progress lines
     * @param connector how the client connects
     */
    TransferRounds(Bench bench, Lineup lineup, List<CandidateKind> kinds, String name, Connector connector) {
        this.bench = bench;
        this.lineup = lineup;
        this.kinds = kinds;
        this.name = name;
        this.transferRun = new TransferRun(bench.postgres(), bench.proc(), connector);
    }

    /** How many measurements {@link #run} makes. */
    static int steps(Plan plan, int transfers, int candidates) {
        return (plan.rounds() + 1) * transfers * candidates;
    }

    /** Roughly how long {@link #run} takes. */
    static long estimateSeconds(Plan plan, int transfers, int candidates) {
        return Math.round(steps(plan, transfers, candidates) * (0.5 + plan.streamMegabytes() / 400.0));
    }

    /** All rounds of the plan. */
    void run(List<Transfer> transfers, Samples<Transfer, TransferRun.Sample> samples) throws InterruptedException {
        Plan plan = bench.plan();
        // Round 0 is a warm-up: a JVM compiles while it runs.
        for (int round = 0; round <= plan.rounds(); round++) {
            for (Transfer transfer : transfers) {
                for (CandidateKind kind : Plan.order(kinds, round)) {
                    boolean counts = round > 0;
                    String when = counts ? "round " + round + "/" + plan.rounds() : "warm-up";
                    bench.attempt(name + ", " + when + ", " + transfer.title(), kind, () -> {
                        TransferRun.Sample sample =
                                transferRun.measure(transfer, lineup.get(kind), plan.streamMegabytes());
                        if (counts) {
                            samples.add(transfer, kind, sample);
                        }
                        return sample.summary();
                    });
                }
            }
        }
    }
}
