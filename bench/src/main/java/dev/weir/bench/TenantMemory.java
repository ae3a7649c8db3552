package dev.weir.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The memory of a Weir with many tenants that do nothing, read after full collections. */
final class TenantMemory {
    /** How many are used once. */
    private static final int USED = 1000;

    /** So many at a time, since each has a server connection until it is closed. */
    private static final int BATCH = 100;

    /** Of anything but connections: a library that is opened late. */
    private static final int FILES_MORE = 5;

    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(1);
    private static final long CLOSE_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long SETTLE_MILLIS = 500;

    private final Bench bench;
    private final Jvm jvm;

    TenantMemory(Bench bench, Jvm jvm) {
        this.bench = bench;
        this.jvm = jvm;
    }

    /** Resident memory and used heap, in bytes. */
    record Reading(double resident, double heap) {
        Reading less(Reading other, int dividedBy) {
            return new Reading((resident - other.resident) / dividedBy, (heap - other.heap) / dividedBy);
        }
    }

    /**
     * @param ready before anybody has come but one client
     * @param later when some of the tenants have had a client and a server connection, and have neither any more
     * @param used how many
     */
    record Sample(int tenants, Reading ready, Reading later, int used) {}

    /** Starts a process with that many tenants, reads its memory, and ends it. */
    Sample measure(int tenants) throws BenchFailure, IOException, InterruptedException {
        WeirPorts ports = WeirPorts.free();
        PostgresServer postgres = bench.postgres();
        Setup setup = new Setup(postgres.port(), bench.plan().poolSize());
        String configuration = WeirConfiguration.ofTenants(
                tenants, postgres.account(), postgres.verifier(), setup, IDLE_TIMEOUT, ports);
        Started weir = bench.poolers().startWeir(CandidateKind.WEIR, configuration, ports);
        try {
            long process = weir.candidate().poolerProcess().orElseThrow();
            // The code of a login, of a query and of their ends is loaded by one tenant's.
            use(ports.transaction(), 0, 1);
            TimeUnit.NANOSECONDS.sleep(3 * IDLE_TIMEOUT.toNanos());
            long files = bench.proc().openFiles(process) + FILES_MORE;
            Reading ready = read(process);
            int used = Math.min(USED, tenants);
            for (int from = 0; from < used; from += BATCH) {
                use(ports.transaction(), from, Math.min(used, from + BATCH));
                awaitClosed(process, files);
            }
            return new Sample(tenants, ready, read(process), used);
        } finally {
            bench.children().stop(weir.process());
        }
    }

    /** One client of each tenant, who asks once. */
    private void use(int port, int from, int to) throws BenchFailure, IOException {
        Scram scram = new Scram(bench.postgres().account().password());
        ByteBuffer buffer = PostgresConnection.newBuffer();
        for (int i = from; i < to; i++) {
            try (PostgresConnection connection =
                    PostgresConnection.open(port, TenantsScenario.account(bench, i), scram, buffer)) {
                connection.query("select 1");
            }
        }
    }

    /** Waits until the server connections are closed, too. */
    private void awaitClosed(long process, long files) throws BenchFailure, IOException, InterruptedException {
        long deadline = System.nanoTime() + CLOSE_LIMIT_NANOS;
        while (bench.proc().openFiles(process) > files) {
            if (System.nanoTime() > deadline) {
                throw new BenchFailure("Weir still has " + (bench.proc().openFiles(process) - files)
                        + " files more than before, 30 s after all clients have left.");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private Reading read(long process) throws BenchFailure, IOException, InterruptedException {
        jvm.collectGarbage(process);
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
        return new Reading(bench.proc().residentBytes(process), jvm.usedHeapBytes(process));
    }
}
