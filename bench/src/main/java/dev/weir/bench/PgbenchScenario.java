package dev.weir.bench;

import dev.weir.bench.plot.LinePlot;
import java.util.ArrayList;
import java.util.List;

/** One of pgbench's own scripts, as fast as it goes, with several protocols and numbers of clients. */
final class PgbenchScenario implements Scenario {
    private static final int WARM_UP_CLIENTS = 32;

    private final String name;
    private final Script script;
    private final Samples<Load, Sample> samples = new Samples<>();

    PgbenchScenario(String name, Script script) {
        this.name = name;
        this.script = script;
    }

    @Override
    public String name() {
        return name;
    }

    private List<Load> loads(Plan plan) {
        List<Load> loads = new ArrayList<>();
        for (Protocol protocol : plan.protocols()) {
            for (int clients : plan.clients(script)) {
                loads.add(new Load.Pgbench(script, protocol, clients));
            }
        }
        return loads;
    }

    @Override
    public long estimateSeconds(Plan plan) {
        return plan.secondsOf(loads(plan).size() * plan.candidates().size()) + 2L * plan.warmUpSeconds();
    }

    @Override
    public int steps(Plan plan) {
        return LoadRounds.steps(
                plan.rounds(),
                loads(plan).size(),
                plan.protocols().size(),
                plan.candidates().size());
    }

    @Override
    public void run(Bench bench) throws InterruptedException {
        Plan plan = bench.plan();
        LoadRounds rounds = new LoadRounds(bench, bench.lineup(), plan.candidates(), name);
        int seconds = plan.warmUpSeconds();
        for (Protocol protocol : plan.protocols()) {
            rounds.warmUp(new Load.Pgbench(script, protocol, WARM_UP_CLIENTS), seconds);
            seconds = Math.max(1, plan.warmUpSeconds() / 3);
        }
        rounds.run(loads(plan), samples);
    }

    @Override
    public List<Section> sections(Plan plan) {
        List<Load> loads = loads(plan).stream().filter(samples::has).toList();
        if (loads.isEmpty()) {
            return List.of();
        }
        String title = script == Script.SELECT ? "Select-only" : "TPC-B";
        List<LinePlot> plots = new LoadPlots(name, title, samples, plan).plots(script);
        return List.of(new Section(
                title, new LoadTable(samples, plan.candidates()).render(loads, "tps", "transaction"), plots));
    }
}
