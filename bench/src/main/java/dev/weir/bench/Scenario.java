package dev.weir.bench;

import java.io.IOException;
import java.util.List;

/** A part of the benchmark: what it measures, and how the report shows it. {@link Scenarios} has the list. */
interface Scenario {
    /** As on the command line. */
    String name();

    /** Roughly how long it takes, in seconds, set-up included. */
    long estimateSeconds(Plan plan);

    /** How many measurements it makes, warm-ups included: calls of {@link Bench#attempt} and {@link Bench#skip}. */
    int steps(Plan plan);

    /**
     * Measures, and keeps what it has measured. A single measurement that fails goes through {@link Bench#attempt}, so that the
     * rest goes on.
     */
    void run(Bench bench) throws BenchFailure, IOException, InterruptedException;

    /** What it has measured; empty when nothing. */
    List<Section> sections(Plan plan);
}
