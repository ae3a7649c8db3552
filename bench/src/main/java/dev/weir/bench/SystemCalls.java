package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.StringTokenizer;
import java.util.concurrent.TimeUnit;

/**
 * Counts a pooler's system calls per transaction with {@code strace -c}. Tracing slows the pooler several times over, so that
 * more is ready at each wake-up: the figure is a hint, and below that of an untraced run.
 */
record SystemCalls(Path strace, Children children) {
    private static final int TRACED_SECONDS = 3;
    private static final int ATTACH_LIMIT_SECONDS = 10;

    double perTransaction(PgbenchRun pgbench, Load.Pgbench load, Candidate candidate)
            throws IOException, BenchFailure, InterruptedException {
        long process = candidate.poolerProcess().orElseThrow();
        // The load runs on while strace attaches; the transactions counted are those of the traced time only.
        PgbenchRun.Counted<Long> counted = pgbench.during(load, candidate, TRACED_SECONDS + 2, () -> trace(process));
        long transactions = counted.log().latencies().getTotalCount();
        if (transactions == 0) {
            throw new BenchFailure("No transaction completed while strace was attached.");
        }
        return (double) counted.result() / transactions;
    }

    private long trace(long process) throws IOException, BenchFailure, InterruptedException {
        Path summary = children.folder().resolve("strace-summary");
        Child child = children.start(
                "strace-" + process,
                "TERM",
                new ProcessBuilder(
                        strace.toString(), "-c", "-f", "-p", Long.toString(process), "-o", summary.toString()));
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ATTACH_LIMIT_SECONDS);
            while (!child.output().contains("attached")) {
                if (child.process().waitFor(10, TimeUnit.MILLISECONDS)) {
                    throw child.ended();
                }
                if (System.nanoTime() > deadline) {
                    throw new BenchFailure("strace does not attach." + child.lastOutput());
                }
            }
            child.process().waitFor(TRACED_SECONDS, TimeUnit.SECONDS);
        } finally {
            children.stop(child);
            Files.deleteIfExists(child.outputFile());
        }
        long calls = totalCalls(Files.readAllLines(summary));
        Files.delete(summary);
        return calls;
    }

    /**
     * Adds up the fourth column, calls, of a summary's rows. The line of totals is not used, since some versions leave out a column
     * there. An empty summary means no calls.
     */
    static long totalCalls(List<String> summary) {
        long calls = 0;
        boolean inRows = false;
        for (String line : summary) {
            if (line.startsWith("---")) {
                inRows = !inRows;
            } else if (inRows) {
                StringTokenizer fields = new StringTokenizer(line);
                fields.nextToken(); // % time
                fields.nextToken(); // seconds
                fields.nextToken(); // usecs/call
                calls += Long.parseLong(fields.nextToken());
            }
        }
        return calls;
    }
}
