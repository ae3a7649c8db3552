package dev.weir.bench;

import java.util.LinkedHashSet;
import java.util.Set;

/** What could not be measured, and why. */
final class Findings {
    private final Set<String> skipped = new LinkedHashSet<>();
    private final Set<String> failures = new LinkedHashSet<>();

    /** Something is left out by intent; the reason is a sentence. Said twice counts once. */
    void skip(String reason) {
        skipped.add(reason);
    }

    void fail(String what) {
        failures.add(what);
    }

    Set<String> skipped() {
        return skipped;
    }

    Set<String> failures() {
        return failures;
    }
}
