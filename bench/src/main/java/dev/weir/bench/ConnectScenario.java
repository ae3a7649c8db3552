package dev.weir.bench;

import java.util.List;

/** New connections per second: connect, log in, {@code select 1}, close. */
final class ConnectScenario implements Scenario {
    private static final List<Load> LOADS = List.of(
            new Load.Connects(1, false),
            new Load.Connects(8, false),
            new Load.Connects(1, true),
            new Load.Connects(8, true));

    private final Samples<Load, Sample> samples = new Samples<>();

    @Override
    public String name() {
        return "connect";
    }

    @Override
    public long estimateSeconds(Plan plan) {
        return plan.secondsOf(
                LOADS.size() * CandidateKind.withoutPlain(plan.candidates()).size());
    }

    @Override
    public int steps(Plan plan) {
        return LoadRounds.steps(
                plan.rounds(),
                LOADS.size(),
                1,
                CandidateKind.withoutPlain(plan.candidates()).size());
    }

    @Override
    public void run(Bench bench) throws InterruptedException {
        List<CandidateKind> kinds = CandidateKind.withoutPlain(bench.plan().candidates());
        LoadRounds rounds = new LoadRounds(bench, bench.lineup(), kinds, name());
        rounds.warmUp(new Load.Connects(8, false), bench.plan().warmUpSeconds() / 3);
        rounds.run(LOADS, samples);
    }

    @Override
    public List<Section> sections(Plan plan) {
        List<Load> loads = LOADS.stream().filter(samples::has).toList();
        return loads.isEmpty()
                ? List.of()
                : List.of(Section.of(
                        "Connect",
                        new LoadTable(samples, plan.candidates()).render(loads, "connections/s", "connection")));
    }
}
