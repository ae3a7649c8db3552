package dev.weir.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Select-only over small pools that are a millisecond away from Postgres: what waiting costs, and what shares it. */
final class DelayScenario implements Scenario {
    private static final Duration ONE_WAY = Duration.ofNanos(500_000);
    private static final int POOL_SIZE = 5;
    private static final int CLIENTS = 64;

    private final Samples<Load, Sample> samples = new Samples<>();
    private double near = Double.NaN;
    private double far = Double.NaN;
    private double keptMedian = Double.NaN;
    private double keptMost = Double.NaN;
    private boolean realTime;

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
    public int steps(Plan plan) {
        return LoadRounds.steps(
                plan.rounds(),
                loads(plan).size(),
                loads(plan).size(),
                plan.candidates().size());
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
            proxy.kept(); // what was before does not count
            rounds.run(loads(plan), samples);
            Histogram kept = proxy.kept();
            keptMedian = kept.getValueAtPercentile(50);
            keptMost = kept.getValueAtPercentile(99);
            realTime = proxy.hasRealTime();
        }
    }

    @Override
    public List<Section> sections(Plan plan) {
        List<Load> loads = loads(plan).stream().filter(samples::has).toList();
        if (loads.isEmpty()) {
            return List.of();
        }
        String method = "Select-only; pools of " + POOL_SIZE
                + " (direct has a connection for each client); a proxy keeps"
                + " what passes between poolers and Postgres. Measured: the median round trip of an empty query,"
                + " before the load, took " + Figures.millis(far) + " ms through the proxy and "
                + Figures.millis(near) + " ms without; under load the proxy kept bytes for "
                + Figures.millis(keptMedian) + " ms in each direction in the median, " + Figures.millis(keptMost)
                + " ms at the 99th percentile (it was told " + Figures.millis(ONE_WAY.toNanos() / 1000.0)
                + " ms). Its thread had " + (realTime ? "" : "no ") + "real-time priority.\n\n";
        return List.of(Section.of(
                "Postgres " + Figures.oneDecimal(2 * keptMedian / 1000) + " ms away",
                method + new LoadTable(samples, plan.candidates()).render(loads, "tps", "transaction")));
    }
}
