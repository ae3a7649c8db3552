package dev.weir.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Candidates side by side, a line for each load and candidate. Where PgBouncer was not run with protocol prepared, since it keeps
 * no prepared statements, the ratios are to what it did with protocol extended and as many clients, and say so.
 */
final class LoadTable {
    private static final String EXTENDED_MARK = " (ext.)";
    private static final String EXTENDED_NOTE =
            "This PgBouncer keeps no prepared statements in transaction mode (1.21 and later do), so it has no figures of"
                    + " protocol prepared. Ratios marked" + EXTENDED_MARK
                    + " are to what it did with protocol extended and as many clients.";

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
        boolean noted = false;
        for (Load load : loads) {
            noted |= isReplaced(load);
            for (CandidateKind candidate : candidates) {
                if (!samples.of(load, candidate).isEmpty()) {
                    table.row(row(load, candidate, first.apply(load)));
                }
            }
        }
        return "Medians over the rounds; CPU is per " + per + "; a ratio is that of two medians."
                + (noted ? " " + EXTENDED_NOTE : "") + "\n\n" + table.render();
    }

    /** Whether PgBouncer's figures with protocol extended stand in for those of this load. */
    private boolean isReplaced(Load load) {
        return samples.of(load, CandidateKind.PGBOUNCER).isEmpty()
                && !samples.of(reference(load), CandidateKind.PGBOUNCER).isEmpty();
    }

    /** The load whose figures of PgBouncer the ratios are to. */
    private Load reference(Load load) {
        return load instanceof Load.Pgbench pgbench
                        && pgbench.protocol() == Protocol.PREPARED
                        && samples.of(load, CandidateKind.PGBOUNCER).isEmpty()
                ? new Load.Pgbench(pgbench.script(), Protocol.EXTENDED, pgbench.clients(), pgbench.rate())
                : load;
    }

    private List<String> row(Load load, CandidateKind candidate, String first) {
        List<Sample> these = samples.of(load, candidate);
        List<Sample> direct = samples.of(load, CandidateKind.DIRECT);
        List<Sample> pgbouncer = samples.of(reference(load), CandidateKind.PGBOUNCER);
        double rate = Medians.median(these, Sample::perSecond);
        String mark = isReplaced(load) ? EXTENDED_MARK : "";
        return new ArrayList<>(List.of(
                first,
                Integer.toString(load.clients()),
                candidate.title(),
                Figures.whole(rate) + (load.isReached(rate) ? "" : " (not reached)"),
                spread(these, Sample::perSecond),
                Figures.millis(Medians.median(these, Sample::p50)),
                Figures.millis(Medians.median(these, Sample::p99)),
                Figures.oneDecimal(Medians.median(these, Sample::poolerCpu)),
                Figures.oneDecimal(Medians.median(these, Sample::postgresCpu)),
                ratio(these, direct, Sample::perSecond),
                ratio(these, pgbouncer, Sample::perSecond) + mark,
                ratio(these, pgbouncer, Sample::p99) + mark,
                ratio(these, pgbouncer, Sample::poolerCpu) + mark));
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
