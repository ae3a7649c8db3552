package dev.weir.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Candidates side by side, a line for each load and candidate. */
final class LoadTable {
    private final Samples<Load, Sample> samples;
    private final List<CandidateKind> candidates;

    LoadTable(Samples<Load, Sample> samples, List<CandidateKind> candidates) {
        this.samples = samples;
        this.candidates = candidates;
    }

    /**
     * The method, and the table.
     *
     * @param unit of the rate, like "tps"
     * @param per what processor time is counted for, like "transaction"
     */
    String render(List<? extends Load> loads, String unit, String per) {
        return render(loads, unit, per, "protocol", Load::protocolTitle);
    }

    /**
     * As above, with a first column other than the protocol.
     *
     * @param heading of the first column
     * @param first what stands there for a load
     */
    String render(List<? extends Load> loads, String unit, String per, String heading, Function<Load, String> first) {
        MarkdownTable table = new MarkdownTable(
                3,
                heading,
                "clients",
                "candidate",
                unit,
                "least-most",
                "p50 ms",
                "p99 ms",
                "pooler CPU µs",
                "Postgres CPU µs",
                "rate / direct",
                "rate / PgBouncer",
                "p99 / PgBouncer",
                "CPU / PgBouncer");
        for (Load load : loads) {
            for (CandidateKind candidate : candidates) {
                if (!samples.of(load, candidate).isEmpty()) {
                    table.row(row(load, candidate, first.apply(load)));
                }
            }
        }
        return "Medians over the rounds; CPU is per " + per + "; a ratio is that of two medians.\n\n" + table.render();
    }

    private List<String> row(Load load, CandidateKind candidate, String first) {
        List<Sample> these = samples.of(load, candidate);
        List<Sample> direct = samples.of(load, CandidateKind.DIRECT);
        List<Sample> pgbouncer = samples.of(load, CandidateKind.PGBOUNCER);
        return new ArrayList<>(List.of(
                first,
                Integer.toString(load.clients()),
                candidate.title(),
                Figures.whole(Medians.median(these, Sample::perSecond)),
                spread(these, Sample::perSecond),
                Figures.millis(Medians.median(these, Sample::p50)),
                Figures.millis(Medians.median(these, Sample::p99)),
                Figures.oneDecimal(Medians.median(these, Sample::poolerCpu)),
                Figures.oneDecimal(Medians.median(these, Sample::postgresCpu)),
                ratio(these, direct, Sample::perSecond),
                ratio(these, pgbouncer, Sample::perSecond),
                ratio(these, pgbouncer, Sample::p99),
                ratio(these, pgbouncer, Sample::poolerCpu)));
    }

    /** The least and the most. */
    static <T> String spread(List<T> samples, ToDoubleFunction<T> value) {
        return Figures.whole(Medians.least(samples, value)) + "-" + Figures.whole(Medians.most(samples, value));
    }

    /** Of two medians. */
    static <T> String ratio(List<T> these, List<T> those, ToDoubleFunction<T> value) {
        return Figures.ratio(Medians.median(these, value), Medians.median(those, value));
    }
}
