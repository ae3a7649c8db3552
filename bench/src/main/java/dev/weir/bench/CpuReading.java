package dev.weir.bench;

import java.io.IOException;

/**
 * Processor time used so far, in microseconds.
 *
 * @param pooler by the pooler's process; 0 for direct Postgres
 * @param postgres by Postgres, all its processes
 */
record CpuReading(long pooler, long postgres) {

    static CpuReading now(Proc proc, Candidate candidate, PostgresServer postgres) throws IOException {
        long pooler = candidate.poolerProcess().isPresent()
                ? proc.cpuMicros(candidate.poolerProcess().getAsLong())
                : 0;
        return new CpuReading(pooler, proc.familyCpuMicros(postgres.process().pid()));
    }

    CpuReading since(CpuReading earlier) {
        return new CpuReading(pooler - earlier.pooler, postgres - earlier.postgres);
    }
}
