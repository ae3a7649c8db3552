package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** System calls for each transaction, of each pooler and each way of Weir to talk to the kernel. No rate is taken from here. */
final class SystemCallScenario implements Scenario {
    private static final int COUNTED_SECONDS = 3;
    private static final int CLIENTS = 64;
    private static final List<CandidateKind> IO_KINDS =
            List.of(CandidateKind.WEIR_EPOLL, CandidateKind.WEIR_IO_URING, CandidateKind.WEIR_NIO);

    private final Map<Key, Counted> counted = new LinkedHashMap<>();
    private String program = "";

    private record Key(Load.Pgbench load, CandidateKind kind) {}

    /** @param transactions per second, meanwhile */
    private record Counted(CallCounter.Calls calls, double transactions) {
        double perTransaction() {
            return calls.perSecond() / transactions;
        }
    }

    @Override
    public String name() {
        return "syscalls";
    }

    @Override
    public long estimateSeconds(Plan plan) {
        return (long) kinds(plan).size() * (loads(plan).size() * (COUNTED_SECONDS + 3L) + plan.warmUpSeconds());
    }

    private static List<Load.Pgbench> loads(Plan plan) {
        List<Load.Pgbench> loads = new ArrayList<>();
        plan.protocols().forEach(protocol -> loads.add(new Load.Pgbench(Script.SELECT, protocol, CLIENTS)));
        loads.add(new Load.Pgbench(Script.TPCB, Protocol.SIMPLE, CLIENTS));
        return loads;
    }

    private static List<CandidateKind> kinds(Plan plan) {
        List<CandidateKind> kinds = new ArrayList<>(plan.candidates());
        kinds.remove(CandidateKind.DIRECT);
        if (kinds.contains(CandidateKind.WEIR)) {
            kinds.addAll(IO_KINDS);
        }
        return kinds.stream().distinct().sorted().toList();
    }

    @Override
    public int steps(Plan plan) {
        return kinds(plan).size() * (loads(plan).size() + 1);
    }

    @Override
    public void run(Bench bench) throws IOException, InterruptedException {
        Optional<CallCounter> counter = counter(bench);
        if (counter.isEmpty()) {
            bench.findings()
                    .skip("System calls: neither perf (apt-get install linux-perf; it needs the right to trace) nor"
                            + " strace (apt-get install strace) works here.");
            return;
        }
        program = counter.get().program();
        for (CandidateKind kind : kinds(bench.plan())) {
            // One after the other, so that none shares the processors with another's threads.
            try (Lineup alone = new Lineup(
                    bench.poolers(),
                    new Setup(bench.postgres().port(), bench.plan().poolSize()))) {
                count(bench, counter.get(), alone, kind);
            }
        }
    }

    private void count(Bench bench, CallCounter counter, Lineup alone, CandidateKind kind) throws InterruptedException {
        LoadRounds rounds = new LoadRounds(bench, alone, List.of(kind), name());
        List<Load.Pgbench> loads = loads(bench.plan());
        rounds.warmUp(loads.getFirst(), bench.plan().warmUpSeconds() / 2);
        for (Load.Pgbench load : loads) {
            Optional<String> refusal = rounds.refusal(kind, load);
            if (refusal.isPresent()) {
                bench.skip(refusal.get());
                continue;
            }
            bench.attempt(name() + ", " + load.title(), kind, () -> {
                Candidate candidate = alone.get(kind);
                long process = candidate.poolerProcess().orElseThrow();
                // The load runs on while the counter attaches.
                PgbenchRun.Counted<CallCounter.Calls> during = bench.pgbench()
                        .during(
                                load,
                                candidate,
                                COUNTED_SECONDS + 2,
                                window -> counter.count(process, COUNTED_SECONDS, window));
                Counted result = new Counted(during.result(), during.perSecond());
                counted.put(new Key(load, kind), result);
                return Figures.twoDecimals(result.perTransaction()) + " system calls per transaction";
            });
        }
    }

    private static Optional<CallCounter> counter(Bench bench) throws InterruptedException {
        Programs programs = bench.tools().programs();
        Optional<Path> perf = programs.find("perf");
        if (perf.isPresent()) {
            PerfCalls calls = new PerfCalls(perf.get(), bench.children());
            if (calls.works()) {
                return Optional.of(calls);
            }
        }
        return programs.find("strace").map(strace -> new StraceCalls(strace, bench.children()));
    }

    @Override
    public List<Section> sections(Plan plan) {
        if (counted.isEmpty()) {
            return List.of();
        }
        MarkdownTable table = new MarkdownTable(
                3, "load", "candidate", "most frequent, each per transaction", "all", "tps meanwhile");
        for (Load.Pgbench load : loads(plan)) {
            for (CandidateKind kind : kinds(plan)) {
                Counted result = counted.get(new Key(load, kind));
                if (result != null) {
                    table.row(List.of(
                            load.scriptTitle() + ", " + load.protocolTitle(),
                            kind.title(),
                            result.calls().frequent(result.transactions()),
                            Figures.twoDecimals(result.perTransaction()),
                            Figures.whole(result.transactions())));
                }
            }
        }
        return List.of(Section.of(
                "System calls",
                "System calls of the pooler's process per transaction, with " + CLIENTS + " clients, over "
                        + COUNTED_SECONDS + " s, each pooler in a process of its own. Counted by " + program + ".\n\n"
                        + table.render()));
    }
}
