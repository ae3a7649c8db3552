package dev.weir.api.metrics;

import java.time.Instant;
import java.util.Optional;

/** What is told of the process beside what its lanes hold. Asked off the lanes, by one scrape at a time; does not block. */
public interface ProcessFacts {
    /** Weir's own. */
    String version();

    /** Whether new clients are welcome. */
    boolean isReady();

    Reloads reloads();

    /** Since the start. */
    long logLinesLeftOut();

    /** The end of the certificate that clients are shown; empty if there is none. */
    Optional<Instant> certificateEnd();
}
