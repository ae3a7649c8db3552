package dev.weir.bench.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A vertical axis from 0 to a round figure, with a tick at each step.
 *
 * @param step 1, 2 or 5 times a power of ten
 * @param steps how many of them the axis has
 */
record Scale(double step, int steps) {
    private static final int MOST_STEPS = 6;

    /** The finest scale of at most six steps that reaches a value; of nothing, one from 0 to 1. */
    static Scale upTo(double most) {
        if (!(most > 0)) {
            return new Scale(1, 1);
        }
        double power = Math.pow(10, Math.floor(Math.log10(most / MOST_STEPS)));
        for (double factor : new double[] {1, 2, 5, 10}) {
            int steps = (int) Math.ceil(most / (factor * power) - 1e-9);
            if (steps <= MOST_STEPS) {
                return new Scale(factor * power, Math.max(1, steps));
            }
        }
        throw new AssertionError("no step for " + most);
    }

    double most() {
        return step * steps;
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i <= steps; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    /** As a label: no more decimals than the step has, thousands parted. */
    String label(double tick) {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        return String.format(Locale.ROOT, "%,." + decimals + "f", tick);
    }
}
