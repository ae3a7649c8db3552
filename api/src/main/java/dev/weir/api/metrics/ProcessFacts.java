package dev.weir.api.metrics;

/** What is told of the process beside what its lanes hold. Asked off the lanes, by one scrape at a time; does not block. */
public interface ProcessFacts {
    /** Weir's own. */
    String version();

    /** Whether new clients are welcome. */
    boolean isReady();

    Reloads reloads();

    /** Since the start. */
    long logLinesLeftOut();
}
