package dev.weir.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Medians and extremes over the rounds. */
final class Medians {
    private Medians() {}

    /** The median, of an even number the mean of the two in the middle; NaN of nothing. Values that are NaN do not count. */
    static <T> double median(List<T> rounds, ToDoubleFunction<T> value) {
        double[] sorted = sorted(rounds, value);
        int half = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    static <T> double least(List<T> rounds, ToDoubleFunction<T> value) {
        double[] sorted = sorted(rounds, value);
        return sorted.length == 0 ? Double.NaN : sorted[0];
    }

    static <T> double most(List<T> rounds, ToDoubleFunction<T> value) {
        double[] sorted = sorted(rounds, value);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length - 1];
    }

    private static <T> double[] sorted(List<T> rounds, ToDoubleFunction<T> value) {
        return rounds.stream()
                .mapToDouble(value)
                .filter(number -> !Double.isNaN(number))
                .sorted()
                .toArray();
    }
}
