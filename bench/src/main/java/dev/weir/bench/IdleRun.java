package dev.weir.bench;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The memory of idle clients. It is read in a process that has been started for this: a JVM or an allocator that has worked
 * before has memory left over, in which the clients would vanish.
 */
final class IdleRun {
    /** Opened and closed before the first reading: classes are loaded, the allocator has its first blocks. */
    private static final int WARM_UP_CLIENTS = 200;

    /** So often, that a JVM has used all of its young generation once, whose size does not depend on the clients. */
    private static final int WARM_UPS = 100;

    private static final long CLOSE_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long SETTLE_MILLIS = 500;
    private static final int SERVER_CONNECTIONS = 100;

    /** Against direct Postgres each is a process. */
    private static final int DIRECT_CLIENTS = 300;

    private final PostgresServer postgres;
    private final Proc proc;
    private final Jvm jvm;
    private final Optional<TlsFiles> tls;

    /** @param tls what the candidate shows, if clients are to come by TLS */
    IdleRun(PostgresServer postgres, Proc proc, Jvm jvm, Optional<TlsFiles> tls) {
        this.postgres = postgres;
        this.proc = proc;
        this.jvm = jvm;
        this.tls = tls;
    }

    /**
     * Bytes of process memory at four moments: ready, with all clients for the first time, after they have left, with all
     * clients again; and the used part of a JVM's heap.
     *
     * @param heapGrowth used heap with the clients for the first time less used heap before, after a full collection each; NaN
     *     when it is no JVM
     */
    record Sample(int clients, long ready, long first, long left, long again, double heapGrowth) {
        double firstPerClient() {
            return (double) (first - ready) / clients;
        }

        double againPerClient() {
            return (double) (again - left) / clients;
        }

        double heapPerClient() {
            return heapGrowth / clients;
        }

        /** For progress lines. */
        String summary() {
            return Figures.whole(clients) + " clients, " + Figures.whole(firstPerClient()) + " bytes each, again "
                    + Figures.whole(againPerClient());
        }
    }

    /** @param clients how many; against direct Postgres fewer */
    Sample measure(Candidate candidate, int clients) throws IOException, BenchFailure, InterruptedException {
        int count = candidate.poolerProcess().isPresent() ? clients : Math.min(clients, DIRECT_CLIENTS);
        long held = held(candidate);
        int warmUps = candidate.poolerProcess().isPresent() ? WARM_UPS : 1;
        for (int i = 0; i < warmUps; i++) {
            IdleClients.open(Math.min(WARM_UP_CLIENTS, count), candidate.port(), postgres.account(), tls)
                    .close();
            awaitClosed(candidate, held);
        }
        long ready = memory(candidate);
        double heapBefore = heap(candidate);
        long first;
        double heapWith;
        try (IdleClients idle = IdleClients.open(count, candidate.port(), postgres.account(), tls)) {
            first = memory(candidate);
            heapWith = heap(candidate);
            idle.requireAllOpen();
        }
        awaitClosed(candidate, held);
        long left = memory(candidate);
        try (IdleClients idle = IdleClients.open(count, candidate.port(), postgres.account(), tls)) {
            long again = memory(candidate);
            idle.requireAllOpen();
            return new Sample(count, ready, first, left, again, heapWith - heapBefore);
        }
    }

    private long memory(Candidate candidate) throws IOException, BenchFailure, InterruptedException {
        if (candidate.poolerProcess().isEmpty()) {
            return proc.familyProportionalBytes(postgres.process().pid());
        }
        long process = candidate.poolerProcess().getAsLong();
        if (candidate.kind().isWeir()) {
            jvm.collectGarbage(process);
        }
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
        return proc.residentBytes(process);
    }

    private double heap(Candidate candidate) throws BenchFailure, InterruptedException {
        return candidate.kind().isWeir()
                ? jvm.usedHeapBytes(candidate.poolerProcess().orElseThrow())
                : Double.NaN;
    }

    /** What grows with each connection: a pooler's open sockets, Postgres' processes. */
    private long held(Candidate candidate) throws IOException {
        return candidate.poolerProcess().isPresent()
                ? proc.openFiles(candidate.poolerProcess().getAsLong())
                : proc.childCount(postgres.process().pid());
    }

    /** Waits until the other side has closed its ends too. */
    private void awaitClosed(Candidate candidate, long heldBefore)
            throws IOException, BenchFailure, InterruptedException {
        // A pooler may have opened server connections meanwhile, and keep them.
        long allowed = candidate.poolerProcess().isPresent() ? heldBefore + SERVER_CONNECTIONS : heldBefore;
        long deadline = System.nanoTime() + CLOSE_LIMIT_NANOS;
        while (held(candidate) > allowed) {
            if (System.nanoTime() > deadline) {
                throw new BenchFailure(candidate.kind().title() + " still holds " + (held(candidate) - heldBefore)
                        + " connections, 30 s after all clients have left.");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }
}
