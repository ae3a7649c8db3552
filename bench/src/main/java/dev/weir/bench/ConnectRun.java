package dev.weir.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** New connections: each worker connects, logs in, selects once and closes, one after the other. */
final class ConnectRun {
    private final PostgresServer postgres;
    private final Proc proc;
    private final Optional<TlsFiles> tls;

    /** @param tls what a server shows that is connected to by TLS */
    ConnectRun(PostgresServer postgres, Proc proc, Optional<TlsFiles> tls) {
        this.postgres = postgres;
        this.proc = proc;
        this.tls = tls;
    }

    Sample measure(Load.Connects load, Candidate candidate, int seconds)
            throws IOException, BenchFailure, InterruptedException {
        List<Connector> connectors = new ArrayList<>();
        for (int i = 0; i < load.clients(); i++) {
            connectors.add(connector(load.encryption()));
        }
        CpuReading before = CpuReading.now(proc, candidate, postgres);
        long start = System.nanoTime();
        List<Worker> workers = new ArrayList<>();
        for (Connector connector : connectors) {
            Worker worker = new Worker(
                    load.session() ? candidate.sessionPort().orElseThrow() : candidate.port(),
                    connector,
                    start + TimeUnit.SECONDS.toNanos(seconds));
            worker.start();
            workers.add(worker);
        }
        Histogram all = new Histogram(3);
        for (Worker worker : workers) {
            worker.join();
        }
        long micros = (System.nanoTime() - start) / 1000;
        CpuReading used = CpuReading.now(proc, candidate, postgres).since(before);
        for (Worker worker : workers) {
            if (worker.failure != null) {
                throw new BenchFailure("A connection failed: " + worker.failure.getMessage(), worker.failure);
            }
            all.add(worker.latencies);
        }
        return Sample.of(all, micros, used, candidate);
    }

    private Connector connector(Load.Encryption encryption) throws IOException, BenchFailure {
        return switch (encryption) {
            case NONE -> Connector.PLAIN;
            case TLS -> new ClientTls(tls.orElseThrow(), false);
            case TLS_RESUMED -> new ClientTls(tls.orElseThrow(), true);
        };
    }

    /** Its fields belong to it until it is joined. */
    private final class Worker extends Thread {
        private final int port;
        private final Connector connector;
        private final long deadline;
        private final Scram scram = new Scram(postgres.account().password());
        private final Histogram latencies = new Histogram(3);
        private @Nullable Exception failure;

        Worker(int port, Connector connector, long deadline) {
            this.port = port;
            this.connector = connector;
            this.deadline = deadline;
            setDaemon(true);
        }

        @Override
        public void run() {
            ByteBuffer buffer = PostgresConnection.newBuffer();
            try {
                while (System.nanoTime() < deadline) {
                    long begin = System.nanoTime();
                    try (PostgresConnection connection =
                            PostgresConnection.open(port, postgres.account(), scram, buffer, connector)) {
                        connection.query("select 1");
                    }
                    latencies.recordValue((System.nanoTime() - begin) / 1000);
                }
            } catch (IOException | BenchFailure e) {
                failure = e;
            }
        }
    }
}
