package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.concurrent.TimeUnit;

/**
 * Counts with {@code strace -c}. Tracing slows the process several times over, so that more is ready at each wake-up: the figure
 * is a hint, and below that of an untraced run.
 */
record StraceCalls(Path strace, Children children) implements CallCounter {
    private static final int ATTACH_LIMIT_SECONDS = 10;
    private static final long POLL_MILLIS = 10;

    @Override
    public String program() {
        return "strace -c, which slows the pooler and so lowers the figures";
    }

    @Override
    public Calls count(long process, int seconds, PgbenchRun.Window window)
            throws IOException, BenchFailure, InterruptedException {
        Path summary = children.folder().resolve("strace-summary");
        Child child = children.start(
                "strace-" + process,
                "TERM",
                new ProcessBuilder(
                        strace.toString(), "-c", "-f", "-p", Long.toString(process), "-o", summary.toString()));
        long from;
        double counted;
        try {
            awaitAttached(child);
            window.begin();
            from = System.nanoTime();
            child.process().waitFor(seconds, TimeUnit.SECONDS);
            window.end();
            counted = (System.nanoTime() - from) / 1e9;
        } finally {
            children.stop(child);
            Files.deleteIfExists(child.outputFile());
        }
        Calls calls = new Calls(parse(Files.readAllLines(summary)), counted);
        Files.delete(summary);
        return calls;
    }

    private static void awaitAttached(Child child) throws BenchFailure, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ATTACH_LIMIT_SECONDS);
        while (!child.output().contains("attached")) {
            if (child.process().waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw child.ended();
            }
            if (System.nanoTime() > deadline) {
                throw new BenchFailure("strace does not attach." + child.lastOutput());
            }
        }
    }

    /**
     * The fourth column, calls, of a summary's rows, by the last, the name. The line of totals is not used, since some versions
     * leave out a column there. An empty summary means no calls.
     */
    static Map<String, Long> parse(List<String> summary) {
        Map<String, Long> byName = new HashMap<>();
        boolean inRows = false;
        for (String line : summary) {
            if (line.startsWith("---")) {
                inRows = !inRows;
            } else if (inRows) {
                StringTokenizer fields = new StringTokenizer(line);
                fields.nextToken(); // % time
                fields.nextToken(); // seconds
                fields.nextToken(); // usecs/call
                long calls = Long.parseLong(fields.nextToken());
                String name = fields.nextToken(); // errors, or the name where there were none
                while (fields.hasMoreTokens()) {
                    name = fields.nextToken();
                }
                byName.merge(name, calls, Long::sum);
            }
        }
        return byName;
    }
}
