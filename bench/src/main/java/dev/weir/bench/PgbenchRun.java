package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs pgbench and measures over a window inside the run: it begins when pgbench has logged its first transactions, so that
 * connecting is outside. Transactions, latencies and processor time are all of the same window.
 */
final class PgbenchRun {
    /**
     * pgbench is told to run for longer than the window by this, since its time begins before it connects; it is ended when the
     * window is over.
     */
    private static final int MARGIN_SECONDS = 120;

    private static final int START_LIMIT_SECONDS = 60;
    private static final long POLL_MILLIS = 10;

    private final PostgresServer postgres;
    private final Children children;
    private final Proc proc;
    private final int threads;
    private int runs;

    PgbenchRun(PostgresServer postgres, Children children, Proc proc, int threads) {
        this.postgres = postgres;
        this.children = children;
        this.proc = proc;
        this.threads = threads;
    }

    /** What to do while pgbench runs. */
    interface During<T> {
        T run(Window window) throws IOException, BenchFailure, InterruptedException;
    }

    /** A result, and the transactions that completed while it was obtained. */
    record Counted<T>(T result, PgbenchLog log, long micros) {
        double perSecond() throws BenchFailure {
            if (log.latencies().getTotalCount() == 0) {
                throw new BenchFailure("No transaction completed in the measured time.");
            }
            return log.latencies().getTotalCount() * 1e6 / micros;
        }
    }

    /** The time in which transactions count, in microseconds since 1970: that of the whole action, if that does not set it. */
    static final class Window {
        private long from = nowMicros();
        private long to;

        void begin() {
            from = nowMicros();
        }

        void end() {
            to = nowMicros();
        }
    }

    /** Runs a load for that long and measures it. */
    Sample measure(Load.Pgbench load, Candidate candidate, int seconds)
            throws IOException, BenchFailure, InterruptedException {
        Counted<CpuReading> counted = during(load, candidate, seconds, window -> {
            CpuReading before = CpuReading.now(proc, candidate, postgres);
            TimeUnit.SECONDS.sleep(seconds);
            return CpuReading.now(proc, candidate, postgres).since(before);
        });
        if (counted.log().failed() > 0) {
            throw new BenchFailure(counted.log().failed() + " transactions failed.");
        }
        return Sample.of(counted.log().latencies(), counted.micros(), counted.result(), candidate);
    }

    /** Does something while the load runs, for at most that long, and counts the transactions meanwhile. */
    <T> Counted<T> during(Load.Pgbench load, Candidate candidate, int seconds, During<T> action)
            throws IOException, BenchFailure, InterruptedException {
        if (load.script() == Script.TPCB) {
            postgres.tidy();
        }
        Path folder = Files.createDirectory(children.folder().resolve("run-" + ++runs));
        Child pgbench = children.start("pgbench-" + runs, "TERM", command(load, candidate, seconds, folder));
        try {
            awaitFirstTransactions(pgbench, folder);
            TimeUnit.SECONDS.sleep(settleSeconds(load));
            Window window = new Window();
            T result = action.run(window);
            if (window.to == 0) {
                window.end();
            }
            // To pgbench this says that its time is up: it ends its transactions and writes what it has not logged.
            pgbench.signal("ALRM");
            if (!pgbench.process().waitFor(START_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new BenchFailure("pgbench does not end." + pgbench.lastOutput());
            }
            if (pgbench.process().exitValue() != 0) {
                throw pgbench.ended();
            }
            Files.deleteIfExists(pgbench.outputFile());
            PgbenchLog log = PgbenchLog.read(logs(folder), window.from, window.to);
            return new Counted<>(result, log, window.to - window.from);
        } finally {
            children.stop(pgbench);
            Children.deleteFolder(folder);
        }
    }

    private ProcessBuilder command(Load.Pgbench load, Candidate candidate, int seconds, Path folder) {
        List<String> arguments = new ArrayList<>(List.of(
                "-n",
                "-M",
                load.protocol().option(),
                "-c",
                Integer.toString(load.clients()),
                "-j",
                Integer.toString(Math.min(threads, load.clients())),
                "-T",
                Integer.toString(seconds + settleSeconds(load) + MARGIN_SECONDS),
                "--log",
                "--log-prefix=" + folder.resolve("log")));
        if (load.script() == Script.SELECT) {
            arguments.add("-S");
        }
        if (load.rate().isPresent()) {
            arguments.add("--rate=" + load.rate().getAsInt());
        }
        return postgres.pgbench(candidate.port(), arguments);
    }

    /** What was due while a pooler opened its server connections, and is late, is over by then. */
    private static int settleSeconds(Load.Pgbench load) {
        return load.rate().isPresent() ? 1 : 0;
    }

    private static void awaitFirstTransactions(Child pgbench, Path folder)
            throws IOException, BenchFailure, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS);
        // pgbench writes its log in blocks of some kilobytes.
        while (totalSize(logs(folder)) == 0) {
            if (pgbench.process().waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw pgbench.ended();
            }
            if (System.nanoTime() > deadline) {
                throw new BenchFailure(
                        "pgbench has completed nothing in " + START_LIMIT_SECONDS + " s." + pgbench.lastOutput());
            }
        }
    }

    private static List<Path> logs(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static long totalSize(List<Path> files) throws IOException {
        long size = 0;
        for (Path file : files) {
            size += Files.size(file);
        }
        return size;
    }

    private static long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}
