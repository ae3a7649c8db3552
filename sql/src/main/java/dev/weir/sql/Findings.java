package dev.weir.sql;

import java.util.ArrayList;
import java.util.List;

/** What was found in a text so far. */
final class Findings {
    private final List<SessionStatement> details = new ArrayList<>();
    private int effects;

    void add(Effect effect) {
        effects |= effect.bit();
    }

    void addAll(int bits) {
        effects |= bits;
    }

    void add(Effect effect, SessionStatement detail) {
        effects |= effect.bit();
        details.add(detail);
    }

    int effects() {
        return effects;
    }

    List<SessionStatement> details() {
        return details;
    }
}
