package dev.weir.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Latency at the same offered load for all: shares of what PgBouncer, or direct Postgres where it is none, does at most. */
final class RateScenario implements Scenario {
    private static final int CLIENTS = 64;
    private static final List<Integer> PERCENTS = List.of(50, 80);

    private final Samples<Load, Sample> samples = new Samples<>();
    private final Map<Load, String> offered = new LinkedHashMap<>();

    @Override
    public String name() {
        return "rate";
    }

    /** Those that every PgBouncer knows. */
    private static List<Protocol> protocols(Plan plan) {
        return plan.protocols().stream()
                .filter(protocol -> protocol != Protocol.PREPARED)
                .toList();
    }

    private static CandidateKind reference(Plan plan) {
        return plan.candidates().contains(CandidateKind.PGBOUNCER) ? CandidateKind.PGBOUNCER : CandidateKind.DIRECT;
    }

    @Override
    public long estimateSeconds(Plan plan) {
        return plan.secondsOf(protocols(plan).size()
                        * (PERCENTS.size() * plan.candidates().size() + 1))
                + plan.warmUpSeconds();
    }

    @Override
    public void run(Bench bench) throws InterruptedException {
        Plan plan = bench.plan();
        List<Load> most = protocols(plan).stream()
                .<Load>map(protocol -> new Load.Pgbench(Script.SELECT, protocol, CLIENTS))
                .toList();
        Samples<Load, Sample> unlimited = new Samples<>();
        new LoadRounds(bench, bench.lineup(), List.of(reference(plan)), name() + ", at most").run(most, unlimited);
        for (Protocol protocol : protocols(plan)) {
            Load load = new Load.Pgbench(Script.SELECT, protocol, CLIENTS);
            double rate = Medians.median(unlimited.of(load, reference(plan)), Sample::perSecond);
            if (!Double.isNaN(rate)) {
                PERCENTS.forEach(percent -> offer(protocol, percent, rate));
            }
        }
        LoadRounds rounds = new LoadRounds(bench, bench.lineup(), plan.candidates(), name());
        if (!offered.isEmpty()) {
            rounds.warmUp(offered.keySet().iterator().next(), plan.warmUpSeconds() / 2);
            rounds.run(new ArrayList<>(offered.keySet()), samples);
        }
    }

    private void offer(Protocol protocol, int percent, double most) {
        int rate = Math.max(1, (int) (most * percent / 100));
        offered.put(
                new Load.Pgbench(Script.SELECT, protocol, CLIENTS, OptionalInt.of(rate)),
                protocol.option() + ", " + Figures.whole(rate) + "/s (" + percent + " %)");
    }

    @Override
    public List<Section> sections(Plan plan) {
        List<Load> loads = offered.keySet().stream().filter(samples::has).toList();
        if (loads.isEmpty()) {
            return List.of();
        }
        String method = "Select-only, offered at a fixed rate (pgbench --rate): so much of what "
                + reference(plan).title()
                + " did at most right before, with as many clients. Latency counts from when a"
                + " transaction was due. ";
        return List.of(Section.of(
                "Latency at equal load",
                method
                        + new LoadTable(samples, plan.candidates())
                                .render(
                                        loads,
                                        "tps",
                                        "transaction",
                                        "offered",
                                        load -> offered.getOrDefault(load, ""))));
    }
}
