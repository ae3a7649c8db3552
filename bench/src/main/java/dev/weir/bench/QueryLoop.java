package dev.weir.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Clients with an account each that run the same short query over and over. Each is a virtual thread with a connection. */
final class QueryLoop {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final String QUERY = "select abalance from pgbench_accounts where aid = 1";
    private static final long SETTLE_MILLIS = 300;

    private final PostgresServer postgres;
    private final Proc proc;

    QueryLoop(PostgresServer postgres, Proc proc) {
        this.postgres = postgres;
        this.proc = proc;
    }

    /** What some seconds gave; processor time in microseconds per transaction. */
    record Sample(double perSecond, double poolerCpu, double postgresCpu) {
        /** For progress lines. */
        String summary() {
            return Figures.whole(perSecond) + "/s, pooler CPU " + Figures.oneDecimal(poolerCpu) + " µs";
        }
    }

    /** Logs all in, lets them run, and measures for that long. */
    Sample measure(Candidate candidate, List<Account> accounts, int seconds)
            throws IOException, BenchFailure, InterruptedException {
        LongAdder completed = new LongAdder();
        List<Client> clients = new ArrayList<>();
        // The verifier is the same for all, so its keys are derived once.
        Scram scram = new Scram(postgres.account().password());
        try {
            for (Account account : accounts) {
                Client client = new Client(
                        PostgresConnection.open(
                                candidate.port(), account, scram, ByteBuffer.allocateDirect(BUFFER_BYTES)),
                        completed);
                clients.add(client);
                client.connection.query(QUERY);
            }
            clients.forEach(client -> client.thread = Thread.startVirtualThread(client));
            TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
            CpuReading before = CpuReading.now(proc, candidate, postgres);
            long countBefore = completed.sum();
            long start = System.nanoTime();
            TimeUnit.SECONDS.sleep(seconds);
            long count = completed.sum() - countBefore;
            double took = (System.nanoTime() - start) / 1e9;
            CpuReading used = CpuReading.now(proc, candidate, postgres).since(before);
            if (count == 0) {
                throw new BenchFailure("No transaction completed in the measured time.");
            }
            return new Sample(count / took, (double) used.pooler() / count, (double) used.postgres() / count);
        } finally {
            end(clients);
        }
    }

    private static void end(List<Client> clients) throws IOException, BenchFailure, InterruptedException {
        clients.forEach(client -> client.ending = true);
        Exception failure = null;
        for (Client client : clients) {
            if (client.thread != null) {
                client.thread.join();
            }
            client.connection.close();
            failure = client.failure == null ? failure : client.failure;
        }
        if (failure != null) {
            throw new BenchFailure("A client failed: " + failure.getMessage(), failure);
        }
    }

    /** Its failure may be read when its thread has been joined. */
    private static final class Client implements Runnable {
        private final PostgresConnection connection;
        private final LongAdder completed;
        private volatile boolean ending;
        private @Nullable Thread thread;
        private @Nullable Exception failure;

        Client(PostgresConnection connection, LongAdder completed) {
            this.connection = connection;
            this.completed = completed;
        }

        @Override
        public void run() {
            try {
                while (!ending) {
                    connection.query(QUERY);
                    completed.increment();
                }
            } catch (IOException | BenchFailure e) {
                failure = e;
            }
        }
    }
}
