package dev.weir.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Select-only over small pools that are a millisecond away from Postgres: what waiting costs, and what shares it. */
final class DelayScenario implements Scenario {
    private static final Duration ONE_WAY = Duration.ofNanos(500_000);
    private static final int POOL_SIZE = 5;
    private static final int CLIENTS = 64;

    private final Samples<Load, Sample> samples = new Samples<>();
    private double near = Double.NaN;
    private double far = Double.NaN;

    @Override
    public String name() {
        return "delay";
    }

    private static List<Load> loads(Plan plan) {
        return plan.protocols().stream()
                .<Load>map(protocol -> new Load.Pgbench(Script.SELECT, protocol, CLIENTS))
                .toList();
    }

    @Override
    public long estimateSeconds(Plan plan) {
        return plan.secondsOf(loads(plan).size() * plan.candidates().size()) + 2L * plan.warmUpSeconds() + 5;
    }

    @Override
    public void run(Bench bench) throws BenchFailure, IOException, InterruptedException {
        Plan plan = bench.plan();
        PostgresServer postgres = bench.postgres();
        try (DelayingProxy proxy = DelayingProxy.start(postgres.port(), ONE_WAY);
                Lineup lineup = new Lineup(bench.poolers(), new Setup(proxy.port(), POOL_SIZE))) {
            near = RoundTrips.medianMicros(postgres.port(), postgres.account());
            far = RoundTrips.medianMicros(proxy.port(), postgres.account());
            Bench.say("round trip " + Figures.whole(near) + " µs, through the proxy " + Figures.whole(far) + " µs");
            LoadRounds rounds = new LoadRounds(bench, lineup, plan.candidates(), name());
            for (Load load : loads(plan)) {
                rounds.warmUp(load, plan.warmUpSeconds() / plan.protocols().size());
            }
            rounds.run(loads(plan), samples);
        }
    }

    @Override
    public List<Section> sections(Plan plan) {
        List<Load> loads = loads(plan).stream().filter(samples::has).toList();
        if (loads.isEmpty()) {
            return List.of();
        }
        String method =
                "Select-only; pools of " + POOL_SIZE + " (direct has a connection for each client); a proxy keeps"
                        + " everything between poolers and Postgres for " + ONE_WAY.toNanos() / 1000
                        + " µs in each direction. The median round trip of an empty query on an idle connection was "
                        + Figures.whole(far) + " µs through the proxy, and " + Figures.whole(near) + " µs without.\n\n";
        return List.of(Section.of(
                "A millisecond from Postgres",
                method + new LoadTable(samples, plan.candidates()).render(loads, "tps", "transaction")));
    }
}
