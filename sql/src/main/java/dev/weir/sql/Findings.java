package dev.weir.sql;

import java.util.ArrayList;
import java.util.List;

/** What was found in a text so far. */
final class Findings {
    /** A text that holds more is not judged, so that it costs no memory out of proportion. */
    private static final int MOST_DETAILS = 1000;

    private final List<SessionStatement> details = new ArrayList<>();
    private int effects;
    private long steps;

    void add(Effect effect) {
        effects |= effect.bit();
    }

    void addAll(int bits) {
        effects |= bits;
    }

    void add(Effect effect, SessionStatement detail) {
        effects |= effect.bit();
        if (details.size() < MOST_DETAILS) {
            details.add(detail);
        } else {
            effects |= Effect.UNJUDGED.bit();
        }
    }

    /** Counts bytes that a reader has passed, so that tests can tell that it passes none too often. */
    void countSteps(int bytes) {
        steps += bytes;
    }

    long steps() {
        return steps;
    }

    int effects() {
        return effects;
    }

    List<SessionStatement> details() {
        return details;
    }
}
