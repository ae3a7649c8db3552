package dev.weir.api.metrics;

import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What a test says of the process. */
public record FixedFacts(String version, BooleanSupplier ready, Reloads reloads, Optional<Instant> certificateEnd)
        implements ProcessFacts {
    public static FixedFacts of(String version, BooleanSupplier ready) {
        return new FixedFacts(version, ready, Reloads.none(0), Optional.empty());
    }

    @Override
    public boolean isReady() {
        return ready.getAsBoolean();
    }

    @Override
    public long logLinesLeftOut() {
        return 0;
    }
}
