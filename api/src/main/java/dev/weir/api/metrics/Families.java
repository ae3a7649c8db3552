package dev.weir.api.metrics;

import dev.weir.pool.Durations;
import dev.weir.pool.Tally;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The values of one scrape, metric by metric. */
final class Families {
    /** No moment of creation is told. */
    private static final long NO_TIME = 0;

    private static final double[] BOUNDS = bounds();

    private final Map<Metric, List<DataPointSnapshot>> points = new EnumMap<>(Metric.class);

    private static double[] bounds() {
        double[] bounds = new double[Durations.buckets()];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = Durations.boundSeconds(i);
        }
        return bounds;
    }

    private static Labels labels(Metric metric, List<String> values) {
        return Labels.of(metric.labels(), values);
    }

    /** One value of a counter, gauge or info; of an info it is not looked at. */
    void add(Metric metric, double value, List<String> labelValues) {
        Labels labels = labels(metric, labelValues);
        add(
                metric,
                switch (metric.type()) {
                    case COUNTER -> new CounterDataPointSnapshot(value, labels, null, NO_TIME);
                    case GAUGE -> new GaugeDataPointSnapshot(value, labels, null);
                    case INFO -> new InfoDataPointSnapshot(labels);
                    case HISTOGRAM, SUMMARY -> throw new IllegalArgumentException(metric + " is not one value");
                });
    }

    void add(Metric metric, double value, String... labelValues) {
        add(metric, value, List.of(labelValues));
    }

    /** A count. Prometheus has no other numbers than doubles, which are exact up to 2⁵³. */
    void add(Metric metric, long count, List<String> labelValues) {
        add(metric, (double) count, labelValues);
    }

    void add(Metric metric, long count, String... labelValues) {
        add(metric, (double) count, List.of(labelValues));
    }

    void add(Metric metric, long count, List<String> labelValues, String last) {
        add(metric, (double) count, with(labelValues, last));
    }

    private static List<String> with(List<String> labelValues, String last) {
        List<String> all = new ArrayList<>(labelValues);
        all.add(last);
        return all;
    }

    /** A counter with one label more, whose values are the kinds of what has happened. */
    void add(Metric metric, Tally tally, List<String> labelValues) {
        boolean codes = metric.labels().getLast().equals("sqlstate");
        tally.counts()
                .forEach(
                        (kind, count) -> add(metric, count, labelValues, codes ? kind : kind.toLowerCase(Locale.ROOT)));
    }

    void add(Metric metric, Durations durations, List<String> labelValues) {
        long[] counts = new long[BOUNDS.length];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = durations.count(i);
        }
        add(
                metric,
                new HistogramDataPointSnapshot(
                        ClassicHistogramBuckets.of(BOUNDS, counts),
                        durations.sumNanos() / 1e9,
                        labels(metric, labelValues),
                        Exemplars.EMPTY,
                        NO_TIME));
    }

    /** How often something happened and how long that took together. */
    void addSummary(Metric metric, long count, double sum, String... labelValues) {
        add(
                metric,
                new SummaryDataPointSnapshot(
                        count, sum, Quantiles.EMPTY, labels(metric, List.of(labelValues)), Exemplars.EMPTY, NO_TIME));
    }

    private void add(Metric metric, DataPointSnapshot point) {
        points.computeIfAbsent(metric, m -> new ArrayList<>()).add(point);
    }

    /** All that was added. */
    MetricSnapshots snapshots() {
        List<MetricSnapshot> all = new ArrayList<>();
        points.forEach((metric, values) -> all.add(snapshot(metric, values)));
        return new MetricSnapshots(all);
    }

    private static MetricSnapshot snapshot(Metric metric, List<DataPointSnapshot> values) {
        MetricMetadata metadata =
                new MetricMetadata(metric.baseName(), metric.help().replace("`", ""));
        return switch (metric.type()) {
            case COUNTER -> new CounterSnapshot(metadata, cast(values, CounterDataPointSnapshot.class));
            case GAUGE -> new GaugeSnapshot(metadata, cast(values, GaugeDataPointSnapshot.class));
            case HISTOGRAM -> new HistogramSnapshot(metadata, cast(values, HistogramDataPointSnapshot.class));
            case SUMMARY -> new SummarySnapshot(metadata, cast(values, SummaryDataPointSnapshot.class));
            case INFO -> new InfoSnapshot(metadata, cast(values, InfoDataPointSnapshot.class));
        };
    }

    private static <P extends DataPointSnapshot> Collection<P> cast(List<DataPointSnapshot> values, Class<P> type) {
        return values.stream().map(type::cast).toList();
    }
}
