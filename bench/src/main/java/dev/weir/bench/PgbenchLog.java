package dev.weir.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * pgbench's log of transactions (PostgreSQL manual, pgbench, Per-Transaction Logging):
 * {@code client_id transaction_no time script_no time_epoch time_us}.
 */
final class PgbenchLog {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final Histogram latencies = new Histogram(3);
    private final long from;
    private final long to;
    private long failed;

    /**
     * @param from begin of the window in microseconds since 1970; what completed before is not counted
     * @param to its end
     */
    PgbenchLog(long from, long to) {
        this.from = from;
        this.to = to;
    }

    /** Reads all log files of one run. */
    static PgbenchLog read(List<Path> files, long from, long to) throws IOException {
        PgbenchLog log = new PgbenchLog(from, to);
        for (Path file : files) {
            try (BufferedReader reader = Files.newBufferedReader(file)) {
                String line;
                while ((line = reader.readLine()) != null) {
                    log.add(line);
                }
            }
        }
        return log;
    }

    /** @throws IllegalArgumentException when the line has not the form */
    void add(String line) {
        int time = after(line, after(line, 0));
        int script = after(line, time);
        int epoch = after(line, script);
        int micros = after(line, epoch);
        int end = line.indexOf(' ', micros); // more fields follow with --rate or --max-tries
        long completed = Long.parseLong(line, epoch, micros - 1, 10) * MICROS_PER_SECOND
                + Long.parseLong(line, micros, end < 0 ? line.length() : end, 10);
        if (completed < from || completed >= to) {
            return;
        }
        if (Character.isDigit(line.charAt(time))) {
            latencies.recordValue(Long.parseLong(line, time, script - 1, 10));
        } else {
            failed++; // the word "failed" or "skipped" stands in place of the time
        }
    }

    /** Latencies in microseconds of the transactions that completed in the window. */
    Histogram latencies() {
        return latencies;
    }

    /** Transactions in the window that did not succeed. */
    long failed() {
        return failed;
    }

    /** Where the next field begins. */
    private static int after(String line, int field) {
        int blank = line.indexOf(' ', field);
        if (blank < 0 || blank + 1 == line.length()) {
            throw new IllegalArgumentException("not a line of a pgbench log: " + line);
        }
        return blank + 1;
    }
}
