package dev.weir.bench;

import java.util.List;
import java.util.Map;

/** The memory of idle clients, a line for each candidate. */
final class IdleTable {
    private final Map<CandidateKind, IdleRun.Sample> samples;

    IdleTable(Map<CandidateKind, IdleRun.Sample> samples) {
        this.samples = samples;
    }

    String render() {
        MarkdownTable table = new MarkdownTable(
                1,
                "candidate",
                "clients",
                "bytes per client",
                "again",
                "of it heap",
                "MiB ready",
                "MiB with clients",
                "MiB after",
                "MiB again",
                "/ PgBouncer");
        IdleRun.Sample pgbouncer = samples.get(CandidateKind.PGBOUNCER);
        double reference = pgbouncer == null ? Double.NaN : pgbouncer.firstPerClient();
        samples.forEach((kind, sample) -> table.row(List.of(
                kind.title(),
                Figures.whole(sample.clients()),
                Figures.whole(sample.firstPerClient()),
                Figures.whole(sample.againPerClient()),
                Figures.whole(sample.heapPerClient()),
                Figures.mebibytes((double) sample.ready()),
                Figures.mebibytes((double) sample.first()),
                Figures.mebibytes((double) sample.left()),
                Figures.mebibytes((double) sample.again()),
                Figures.ratio(sample.firstPerClient(), reference))));
        return table.render();
    }
}
