package dev.weir.bench;

import java.io.IOException;

/** One client reads a large result of rows of 1000 bytes, as fast as it comes. */
final class StreamRun {
    private final PostgresServer postgres;
    private final Proc proc;

    StreamRun(PostgresServer postgres, Proc proc) {
        this.postgres = postgres;
        this.proc = proc;
    }

    /**
     * One round.
     *
     * @param megabytesPerSecond units of 10^6 bytes, protocol overhead included
     * @param poolerCpu processor time of the pooler in microseconds per megabyte; NaN for direct Postgres
     * @param peakGrowth how many bytes the pooler's resident memory grew at most over that before; NaN for direct Postgres
     */
    record Sample(double megabytesPerSecond, double poolerCpu, double peakGrowth) {}

    Sample measure(Candidate candidate, int megabytes) throws IOException, BenchFailure {
        String rows = "select repeat('x', 1000) from generate_series(1, ";
        try (PostgresConnection connection = PostgresConnection.open(
                candidate.port(),
                postgres.account(),
                new Scram(postgres.account().password()))) {
            connection.drain(rows + "1000)");
            long memory = 0;
            if (candidate.poolerProcess().isPresent()) {
                proc.resetPeak(candidate.poolerProcess().getAsLong());
                memory = proc.residentBytes(candidate.poolerProcess().getAsLong());
            }
            CpuReading before = CpuReading.now(proc, candidate, postgres);
            long start = System.nanoTime();
            double read = connection.drain(rows + megabytes * 1000L + ")") / 1e6;
            double seconds = (System.nanoTime() - start) / 1e9;
            CpuReading used = CpuReading.now(proc, candidate, postgres).since(before);
            if (candidate.poolerProcess().isEmpty()) {
                return new Sample(read / seconds, Double.NaN, Double.NaN);
            }
            long peak = proc.peakResidentBytes(candidate.poolerProcess().getAsLong());
            return new Sample(read / seconds, used.pooler() / read, Math.max(0, peak - memory));
        }
    }
}
