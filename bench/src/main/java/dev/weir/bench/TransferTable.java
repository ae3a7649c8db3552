package dev.weir.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** What one client moved through the candidates, side by side. */
final class TransferTable {
    private final Samples<Transfer, TransferRun.Sample> samples;
    private final List<CandidateKind> candidates;

    TransferTable(Samples<Transfer, TransferRun.Sample> samples, List<CandidateKind> candidates) {
        this.samples = samples;
        this.candidates = candidates;
    }

    /** A line for each transfer and candidate that was measured. */
    String render(List<Transfer> transfers) {
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
            for (CandidateKind kind : candidates) {
                if (!samples.of(transfer, kind).isEmpty()) {
                    table.row(row(transfer, kind));
                }
            }
        }
        return table.render();
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
}
