package dev.weir.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** From the start of a pooler's process to the answer of a first query through it. */
final class StartScenario implements Scenario {
    private static final long POLL_MILLIS = 2;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Seconds. */
    private final Samples<String, Double> samples = new Samples<>();

    @Override
    public String name() {
        return "start";
    }

    private static List<CandidateKind> kinds(Plan plan) {
        return CandidateKind.withoutPlain(plan.candidates()).stream()
                .filter(kind -> kind != CandidateKind.DIRECT)
                .toList();
    }

    @Override
    public long estimateSeconds(Plan plan) {
        return 2L * kinds(plan).size() * (plan.rounds() + 1);
    }

    @Override
    public int steps(Plan plan) {
        return kinds(plan).size() * (plan.rounds() + 1);
    }

    @Override
    public void run(Bench bench) throws InterruptedException {
        Plan plan = bench.plan();
        // Round 0 is for the files to be in memory, and for ./weir to build what is missing.
        for (int round = 0; round <= plan.rounds(); round++) {
            for (CandidateKind kind : Plan.order(kinds(plan), round)) {
                boolean counts = round > 0;
                String when = counts ? "round " + round + "/" + plan.rounds() : "warm-up";
                bench.attempt(name() + ", " + when, kind, () -> {
                    double seconds = measure(bench, kind);
                    if (counts) {
                        samples.add(name(), kind, seconds);
                    }
                    return Figures.twoDecimals(seconds) + " s";
                });
            }
        }
    }

    private static double measure(Bench bench, CandidateKind kind)
            throws BenchFailure, IOException, InterruptedException {
        PostgresServer postgres = bench.postgres();
        Setup setup = new Setup(postgres.port(), bench.plan().poolSize());
        WeirPorts ports = WeirPorts.free();
        long start = System.nanoTime();
        Child process = bench.poolers().launch(kind, setup, ports);
        try {
            awaitAnswer(process, ports.transaction(), postgres.account());
            return (System.nanoTime() - start) / 1e9;
        } finally {
            bench.children().stop(process);
        }
    }

    private static void awaitAnswer(Child process, int port, Account account)
            throws BenchFailure, InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        Scram scram = new Scram(account.password());
        ByteBuffer buffer = PostgresConnection.newBuffer();
        while (true) {
            try (PostgresConnection connection = PostgresConnection.open(port, account, scram, buffer)) {
                connection.query("select 1");
                return;
            } catch (IOException e) {
                if (!process.process().isAlive()) {
                    throw process.ended();
                }
                if (System.nanoTime() > deadline) {
                    throw new BenchFailure(process.name() + " answers nothing: " + e.getMessage(), e);
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        }
    }

    @Override
    public List<Section> sections(Plan plan) {
        if (samples.isEmpty()) {
            return List.of();
        }
        MarkdownTable table = new MarkdownTable(1, "candidate", "seconds", "least-most");
        for (CandidateKind kind : kinds(plan)) {
            List<Double> rounds = samples.of(name(), kind);
            if (!rounds.isEmpty()) {
                table.row(List.of(
                        kind.title(),
                        Figures.twoDecimals(Medians.median(rounds, each -> each)),
                        Figures.twoDecimals(Medians.least(rounds, each -> each)) + "-"
                                + Figures.twoDecimals(Medians.most(rounds, each -> each))));
            }
        }
        return List.of(Section.of(
                "Start",
                "From the start of the process, which is `./weir` itself with Weir, to the answer of a first query:"
                        + " login and server connection included. Medians over the rounds.\n\n"
                        + table.render()));
    }
}
