package dev.weir.bench;

import org.HdrHistogram.Histogram;

/**
 * What one load gave in one round. Times in microseconds.
 *
 * @param perSecond transactions or connections per second
 * @param poolerCpu processor time of the pooler per transaction; NaN for direct Postgres
 * @param postgresCpu processor time of all Postgres processes per transaction
 */
record Sample(double perSecond, double p50, double p99, double poolerCpu, double postgresCpu) {

    /**
     * @param latencies of all transactions that completed in the window, in microseconds
     * @param micros length of the window
     * @param cpu processor time used in the window
     */
    static Sample of(Histogram latencies, long micros, CpuReading cpu, Candidate candidate) throws BenchFailure {
        long count = latencies.getTotalCount();
        if (count == 0) {
            throw new BenchFailure("No transaction completed in the measured time.");
        }
        return new Sample(
                count * 1e6 / micros,
                latencies.getValueAtPercentile(50),
                latencies.getValueAtPercentile(99),
                candidate.poolerProcess().isPresent() ? (double) cpu.pooler() / count : Double.NaN,
                (double) cpu.postgres() / count);
    }

    /** For progress lines. */
    String summary() {
        return Figures.whole(perSecond) + "/s, p50 " + Figures.millis(p50) + " ms, p99 " + Figures.millis(p99)
                + " ms, pooler CPU " + Figures.oneDecimal(poolerCpu) + " µs";
    }
}
