package dev.weir.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The report in Markdown. */
final class Report {
    private final Plan plan;
    private final Results results;
    private final Map<String, String> facts;

    /** @param facts what the run was made on and with, in order; each a line */
    Report(Plan plan, Results results, Map<String, String> facts) {
        this.plan = plan;
        this.results = results;
        this.facts = facts;
    }

    String render() {
        StringBuilder text = new StringBuilder("# Weir, side by side\n\n");
        facts.forEach((name, value) ->
                text.append("- ").append(name).append(": ").append(value).append('\n'));
        text.append('\n');
        for (Scenario scenario : plan.scenarios()) {
            List<Load> loads = plan.loads().stream()
                    .filter(load -> load.scenario() == scenario)
                    .filter(this::hasSamples)
                    .toList();
            if (!loads.isEmpty()) {
                text.append(loadSection(scenario, loads));
            }
        }
        text.append(streamSection()).append(idleSection());
        list(text, "Left out", List.copyOf(results.skipped()));
        list(text, "Failed", List.copyOf(results.failures()));
        return text.toString();
    }

    private boolean hasSamples(Load load) {
        return plan.candidates().stream()
                .anyMatch(candidate -> !results.samples(load, candidate).isEmpty());
    }

    private String loadSection(Scenario scenario, List<Load> loads) {
        boolean calls = results.hasSystemCalls() && scenario != Scenario.CONNECT;
        String unit = scenario == Scenario.CONNECT ? "connections/s" : "tps";
        List<String> header = new ArrayList<>(List.of(
                "protocol",
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
                "CPU / PgBouncer"));
        if (calls) {
            header.add("system calls");
        }
        MarkdownTable table = new MarkdownTable(3, header.toArray(new String[0]));
        for (Load load : loads) {
            for (CandidateKind candidate : plan.candidates()) {
                if (!results.samples(load, candidate).isEmpty()) {
                    List<String> row = row(load, candidate);
                    if (calls) {
                        row.add(Figures.oneDecimal(results.systemCalls(load, candidate)));
                    }
                    table.row(row);
                }
            }
        }
        String per = scenario == Scenario.CONNECT ? "connection" : "transaction";
        return "## " + title(scenario) + "\n\n" + "Medians over the rounds; CPU is per " + per
                + "; a ratio is that of two medians.\n\n" + table.render() + "\n";
    }

    private List<String> row(Load load, CandidateKind candidate) {
        List<Sample> samples = results.samples(load, candidate);
        List<Sample> direct = results.samples(load, CandidateKind.DIRECT);
        List<Sample> pgbouncer = results.samples(load, CandidateKind.PGBOUNCER);
        return new ArrayList<>(List.of(
                load.protocolTitle(),
                Integer.toString(load.clients()),
                candidate.title(),
                Figures.whole(Medians.median(samples, Sample::perSecond)),
                Figures.whole(Medians.least(samples, Sample::perSecond)) + "-"
                        + Figures.whole(Medians.most(samples, Sample::perSecond)),
                Figures.millis(Medians.median(samples, Sample::p50)),
                Figures.millis(Medians.median(samples, Sample::p99)),
                Figures.oneDecimal(Medians.median(samples, Sample::poolerCpu)),
                Figures.oneDecimal(Medians.median(samples, Sample::postgresCpu)),
                ratio(samples, direct, Sample::perSecond),
                ratio(samples, pgbouncer, Sample::perSecond),
                ratio(samples, pgbouncer, Sample::p99),
                ratio(samples, pgbouncer, Sample::poolerCpu)));
    }

    private static <T> String ratio(List<T> these, List<T> those, ToDoubleFunction<T> value) {
        return Figures.ratio(Medians.median(these, value), Medians.median(those, value));
    }

    private String streamSection() {
        MarkdownTable table = new MarkdownTable(
                1,
                "candidate",
                "MB/s",
                "least-most",
                "pooler CPU µs per MB",
                "peak memory growth MiB",
                "rate / direct",
                "rate / PgBouncer",
                "CPU / PgBouncer");
        List<StreamRun.Sample> direct = results.streams(CandidateKind.DIRECT);
        List<StreamRun.Sample> pgbouncer = results.streams(CandidateKind.PGBOUNCER);
        boolean any = false;
        for (CandidateKind candidate : plan.candidates()) {
            List<StreamRun.Sample> samples = results.streams(candidate);
            if (!samples.isEmpty()) {
                any = true;
                ToDoubleFunction<StreamRun.Sample> rate = StreamRun.Sample::megabytesPerSecond;
                table.row(List.of(
                        candidate.title(),
                        Figures.whole(Medians.median(samples, rate)),
                        Figures.whole(Medians.least(samples, rate)) + "-" + Figures.whole(Medians.most(samples, rate)),
                        Figures.whole(Medians.median(samples, StreamRun.Sample::poolerCpu)),
                        Figures.mebibytes(Medians.most(samples, StreamRun.Sample::peakGrowth)),
                        ratio(samples, direct, rate),
                        ratio(samples, pgbouncer, rate),
                        ratio(samples, pgbouncer, StreamRun.Sample::poolerCpu)));
            }
        }
        return any
                ? "## Stream\n\nOne client reads " + plan.streamMegabytes()
                        + " MB in rows of 1000 bytes. Memory is the most over the rounds: the peak of the pooler's resident"
                        + " memory while it streams, less that before.\n\n" + table.render() + "\n"
                : "";
    }

    private String idleSection() {
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
        double pgbouncer = results.idle(CandidateKind.PGBOUNCER)
                .map(IdleRun.Sample::firstPerClient)
                .orElse(Double.NaN);
        boolean any = false;
        for (CandidateKind candidate : plan.candidates()) {
            IdleRun.Sample sample = results.idle(candidate).orElse(null);
            if (sample != null) {
                any = true;
                table.row(List.of(
                        candidate.title(),
                        Figures.whole(sample.clients()),
                        Figures.whole(sample.firstPerClient()),
                        Figures.whole(sample.againPerClient()),
                        Figures.whole(sample.heapPerClient()),
                        Figures.mebibytes((double) sample.ready()),
                        Figures.mebibytes((double) sample.first()),
                        Figures.mebibytes((double) sample.left()),
                        Figures.mebibytes((double) sample.again()),
                        Figures.ratio(sample.firstPerClient(), pgbouncer)));
            }
        }
        return any ? "## Idle clients\n\n" + IDLE_METHOD + "\n\n" + table.render() + "\n" : "";
    }

    private static final String IDLE_METHOD = """
            Process memory with that many logged-in clients that do nothing, in a process started for this. Of poolers the
            resident set, of direct Postgres the proportional set of all its processes. Read four times: ready (200 clients have
            come and gone), with all clients, after they have left, with all of them again. "Bytes per client" is the growth from
            the first reading to the second, "again" that from the third to the fourth, where memory is used that the process has
            kept. Before each reading of Weir its JVM made a full collection (jcmd GC.run); "of it heap" is the growth of its used
            heap. Memory of the kernel's sockets is not in it.""";

    private static String title(Scenario scenario) {
        return scenario.title().substring(0, 1).toUpperCase(Locale.ROOT)
                + scenario.title().substring(1);
    }

    private static void list(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append("## ").append(title).append("\n\n");
            lines.forEach(line -> text.append("- ").append(line).append('\n'));
            text.append('\n');
        }
    }
}
