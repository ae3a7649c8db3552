package dev.weir.bench;

import dev.weir.bench.plot.LinePlot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Rate, processor time and latency by number of clients: a line for each candidate, a panel for each protocol. */
final class LoadPlots {
    private final String name;
    private final String title;
    private final Samples<Load, Sample> samples;
    private final Plan plan;

    /**
     * @param name the begin of the files' names
     * @param title of what was measured
     */
    LoadPlots(String name, String title, Samples<Load, Sample> samples, Plan plan) {
        this.name = name;
        this.title = title;
        this.samples = samples;
        this.plan = plan;
    }

    List<LinePlot> plots(Script script) {
        return List.of(
                plot(script, "tps", "transactions per second", "tps", Sample::perSecond),
                plot(script, "cpu", "pooler's CPU per transaction", "µs", Sample::poolerCpu),
                plot(script, "p99", "99th percentile of latency", "ms", sample -> sample.p99() / 1000));
    }

    private LinePlot plot(
            Script script, String metric, String metricTitle, String unit, ToDoubleFunction<Sample> value) {
        List<LinePlot.Panel> panels = plan.protocols().stream()
                .map(protocol -> new LinePlot.Panel(protocol.option(), lines(script, protocol, value)))
                .toList();
        return new LinePlot(
                name + "-" + metric,
                title + ": " + metricTitle,
                "clients",
                unit,
                plan.clients(script).stream().map(String::valueOf).toList(),
                panels);
    }

    private List<LinePlot.Line> lines(Script script, Protocol protocol, ToDoubleFunction<Sample> value) {
        List<LinePlot.Line> lines = new ArrayList<>();
        for (CandidateKind kind : plan.candidates()) {
            List<LinePlot.Point> points = new ArrayList<>();
            List<Integer> clients = plan.clients(script);
            for (int i = 0; i < clients.size(); i++) {
                List<Sample> rounds = samples.of(new Load.Pgbench(script, protocol, clients.get(i)), kind);
                double median = Medians.median(rounds, value);
                if (!Double.isNaN(median)) {
                    points.add(
                            new LinePlot.Point(i, median, Medians.least(rounds, value), Medians.most(rounds, value)));
                }
            }
            if (!points.isEmpty()) {
                lines.add(new LinePlot.Line(
                        kind.title(), List.of(CandidateKind.values()).indexOf(kind), points));
            }
        }
        return lines;
    }
}
