package dev.weir.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Latency at the same offered load for all: shares of what the slowest of them does at most. */
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

    /** As fast as they go. */
    private static List<Load> unlimited(Plan plan) {
        return protocols(plan).stream()
                .<Load>map(protocol -> new Load.Pgbench(Script.SELECT, protocol, CLIENTS))
                .toList();
    }

    @Override
    public long estimateSeconds(Plan plan) {
        int loads = protocols(plan).size() * plan.candidates().size();
        return plan.secondsOf(loads * PERCENTS.size()) + plan.secondsOf(loads) / plan.rounds() + plan.warmUpSeconds();
    }

    @Override
    public int steps(Plan plan) {
        return protocols(plan).isEmpty()
                ? 0
                : LoadRounds.steps(
                                1, protocols(plan).size(), 1, plan.candidates().size())
                        + LoadRounds.steps(
                                plan.rounds(),
                                protocols(plan).size() * PERCENTS.size(),
                                0,
                                plan.candidates().size());
    }

    @Override
    public void run(Bench bench) throws InterruptedException {
        Plan plan = bench.plan();
        LoadRounds rounds = new LoadRounds(bench, bench.lineup(), plan.candidates(), name());
        List<Load> unlimited = unlimited(plan);
        if (unlimited.isEmpty()) {
            bench.findings().skip("Latency at equal load: only with protocols simple and extended.");
            return;
        }
        rounds.warmUp(unlimited.getFirst(), plan.warmUpSeconds() / 2);
        Samples<Load, Sample> most = new Samples<>();
        rounds.once(unlimited, most);
        offer(most, plan);
        rounds.run(new ArrayList<>(offered.keySet()), samples);
    }

    /** Settles the rates: shares of what the slowest did at most. */
    void offer(Samples<Load, Sample> most, Plan plan) {
        for (Protocol protocol : protocols(plan)) {
            Load load = new Load.Pgbench(Script.SELECT, protocol, CLIENTS);
            plan.candidates().stream()
                    .map(kind -> most.of(load, kind))
                    .filter(these -> !these.isEmpty())
                    .mapToDouble(these -> Medians.median(these, Sample::perSecond))
                    .min()
                    .ifPresent(slowest -> PERCENTS.forEach(percent -> offer(protocol, percent, slowest)));
        }
    }

    private void offer(Protocol protocol, int percent, double slowest) {
        int rate = Math.max(1, (int) (slowest * percent / 100));
        offered.put(
                new Load.Pgbench(Script.SELECT, protocol, CLIENTS, OptionalInt.of(rate)),
                protocol.option() + ", " + Figures.whole(rate) + "/s (" + percent + " %)");
    }

    /** The loads at their rates, and what the report calls them. */
    Map<Load, String> offered() {
        return offered;
    }

    @Override
    public List<Section> sections(Plan plan) {
        List<Load> loads = offered.keySet().stream().filter(samples::has).toList();
        if (loads.isEmpty()) {
            return List.of();
        }
        String method =
                "Select-only, offered at a fixed rate (pgbench --rate): so much of what the slowest candidate did at most"
                        + " right before, with as many clients. Latency counts from when a transaction was due. Who did not"
                        + " reach the rate fell behind more and more, so that its latency tells how long the load was. ";
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
