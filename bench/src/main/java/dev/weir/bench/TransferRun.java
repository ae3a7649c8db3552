package dev.weir.bench;

import java.io.IOException;

/** One client reads a large result or copies, as fast as it goes. */
final class TransferRun {
    private static final int WARM_UP_MEGABYTES = 2;

    private final PostgresServer postgres;
    private final Proc proc;
    private final Connector connector;

    /** @param connector how the client connects */
    TransferRun(PostgresServer postgres, Proc proc, Connector connector) {
        this.postgres = postgres;
        this.proc = proc;
        this.connector = connector;
    }

    /**
     * One round.
     *
     * @param megabytesPerSecond units of 10^6 bytes, protocol overhead included
     * @param poolerCpu processor time of the pooler in microseconds per megabyte; NaN for direct Postgres
     * @param postgresCpu that of all Postgres processes
     * @param peakGrowth how many bytes the pooler's resident memory grew at most over that before; NaN for direct Postgres
     */
    record Sample(double megabytesPerSecond, double poolerCpu, double postgresCpu, double peakGrowth) {
        /** For progress lines. */
        String summary() {
            return Figures.whole(megabytesPerSecond) + " MB/s, pooler CPU " + Figures.whole(poolerCpu) + " µs per MB";
        }
    }

    Sample measure(Transfer transfer, Candidate candidate, int megabytes) throws IOException, BenchFailure {
        try (PostgresConnection connection = PostgresConnection.open(
                candidate.port(),
                postgres.account(),
                new Scram(postgres.account().password()),
                PostgresConnection.newBuffer(),
                connector)) {
            move(transfer, connection, WARM_UP_MEGABYTES);
            long memory = 0;
            if (candidate.poolerProcess().isPresent()) {
                proc.resetPeak(candidate.poolerProcess().getAsLong());
                memory = proc.residentBytes(candidate.poolerProcess().getAsLong());
            }
            CpuReading before = CpuReading.now(proc, candidate, postgres);
            long start = System.nanoTime();
            double moved = move(transfer, connection, megabytes) / 1e6;
            double seconds = (System.nanoTime() - start) / 1e9;
            CpuReading used = CpuReading.now(proc, candidate, postgres).since(before);
            double postgresCpu = used.postgres() / moved;
            if (candidate.poolerProcess().isEmpty()) {
                return new Sample(moved / seconds, Double.NaN, postgresCpu, Double.NaN);
            }
            long peak = proc.peakResidentBytes(candidate.poolerProcess().getAsLong());
            return new Sample(moved / seconds, used.pooler() / moved, postgresCpu, Math.max(0, peak - memory));
        }
    }

    /** @return bytes */
    private static long move(Transfer transfer, PostgresConnection connection, int megabytes)
            throws IOException, BenchFailure {
        String statement = transfer.statement(megabytes);
        return transfer == Transfer.COPY_IN
                ? connection.copyIn(statement, megabytes * 1_000_000L)
                : connection.drain(statement);
    }
}
