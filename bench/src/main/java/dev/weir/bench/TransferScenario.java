package dev.weir.bench;

import java.io.IOException;
import java.util.List;

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
        return TransferRounds.estimateSeconds(
                plan,
                transfers.size(),
                CandidateKind.withoutPlain(plan.candidates()).size());
    }

    @Override
    public int steps(Plan plan) {
        return TransferRounds.steps(
                plan,
                transfers.size(),
                CandidateKind.withoutPlain(plan.candidates()).size());
    }

    @Override
    public void run(Bench bench) throws BenchFailure, IOException, InterruptedException {
        List<CandidateKind> kinds = CandidateKind.withoutPlain(bench.plan().candidates());
        if (transfers.contains(Transfer.COPY_IN)) {
            bench.postgres().run(Transfer.TABLE);
        }
        new TransferRounds(bench, bench.lineup(), kinds, name, Connector.PLAIN).run(transfers, samples);
    }

    @Override
    public List<Section> sections(Plan plan) {
        if (samples.isEmpty()) {
            return List.of();
        }
        String text = "One client moves " + plan.streamMegabytes() + " MB (" + method()
                + "). Memory is the most over the rounds: the peak of the pooler's resident memory meanwhile, less that"
                + " before.\n\n";
        return List.of(Section.of(title(), text + new TransferTable(samples, plan.candidates()).render(transfers)));
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
