package dev.weir.bench;

import java.io.IOException;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Megabytes per second of one client, and processor time per megabyte. */
final class TransferScenario implements Scenario {
    private final String name;
    private final List<Transfer> transfers;
    private final Samples<Transfer, TransferRun.Sample> samples = new Samples<>();

    TransferScenario(String name, Transfer... transfers) {
        this.name = name;
        this.transfers = List.of(transfers);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long estimateSeconds(Plan plan) {
        long runs = (long) CandidateKind.withoutPlain(plan.candidates()).size() * (plan.rounds() + 1);
        return runs * transfers.size() * (1 + plan.streamMegabytes() / 400);
    }

    @Override
    public void run(Bench bench) throws BenchFailure, IOException, InterruptedException {
        Plan plan = bench.plan();
        List<CandidateKind> kinds = CandidateKind.withoutPlain(plan.candidates());
        if (transfers.contains(Transfer.COPY_IN)) {
            bench.postgres().run(Transfer.TABLE);
        }
        TransferRun transferRun = new TransferRun(bench.postgres(), bench.proc());
        // Round 0 is a warm-up: a JVM compiles while it runs.
        for (int round = 0; round <= plan.rounds(); round++) {
            for (Transfer transfer : transfers) {
                for (CandidateKind kind : Plan.order(kinds, round)) {
                    boolean counts = round > 0;
                    String when = counts ? "round " + round + "/" + plan.rounds() : "warm-up";
                    bench.attempt(name + ", " + when + ", " + transfer.title(), kind, () -> {
                        TransferRun.Sample sample =
                                transferRun.measure(transfer, bench.lineup().get(kind), plan.streamMegabytes());
                        if (counts) {
                            samples.add(transfer, kind, sample);
                        }
                        return sample.summary();
                    });
                }
            }
        }
    }

    @Override
    public List<Section> sections(Plan plan) {
        if (samples.isEmpty()) {
            return List.of();
        }
        MarkdownTable table = new MarkdownTable(
                2,
                "what",
                "candidate",
                "MB/s",
                "least-most",
                "pooler CPU µs per MB",
                "Postgres CPU µs per MB",
                "peak memory growth MiB",
                "rate / direct",
                "rate / PgBouncer",
                "CPU / PgBouncer");
        for (Transfer transfer : transfers) {
            for (CandidateKind kind : plan.candidates()) {
                if (!samples.of(transfer, kind).isEmpty()) {
                    table.row(row(transfer, kind));
                }
            }
        }
        String text = "One client moves " + plan.streamMegabytes() + " MB (" + method()
                + "). Memory is the most over the rounds: the peak of the pooler's resident memory meanwhile, less that"
                + " before.\n\n";
        return List.of(Section.of(title(), text + table.render()));
    }

    private List<String> row(Transfer transfer, CandidateKind kind) {
        List<TransferRun.Sample> these = samples.of(transfer, kind);
        List<TransferRun.Sample> direct = samples.of(transfer, CandidateKind.DIRECT);
        List<TransferRun.Sample> pgbouncer = samples.of(transfer, CandidateKind.PGBOUNCER);
        ToDoubleFunction<TransferRun.Sample> rate = TransferRun.Sample::megabytesPerSecond;
        return List.of(
                transfer.title(),
                kind.title(),
                Figures.whole(Medians.median(these, rate)),
                LoadTable.spread(these, rate),
                Figures.whole(Medians.median(these, TransferRun.Sample::poolerCpu)),
                Figures.whole(Medians.median(these, TransferRun.Sample::postgresCpu)),
                Figures.mebibytes(Medians.most(these, TransferRun.Sample::peakGrowth)),
                LoadTable.ratio(these, direct, rate),
                LoadTable.ratio(these, pgbouncer, rate),
                LoadTable.ratio(these, pgbouncer, TransferRun.Sample::poolerCpu));
    }

    private String title() {
        return transfers.contains(Transfer.COPY_IN)
                ? "COPY"
                : transfers.contains(Transfer.ROWS_1MB) ? "Rows of 1 MB" : "Stream";
    }

    private String method() {
        return transfers.contains(Transfer.COPY_IN)
                ? "rows of 1 kB; of COPY in, Postgres parses the rows and stores none of them"
                : transfers.getFirst().title();
    }
}
