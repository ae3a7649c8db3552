package dev.weir.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** New connections: each worker connects, logs in, selects once and closes, one after the other. */
final class ConnectRun {
    private final PostgresServer postgres;
    private final Proc proc;

    ConnectRun(PostgresServer postgres, Proc proc) {
        this.postgres = postgres;
        this.proc = proc;
    }

    Sample measure(Load.Connects load, Candidate candidate, int seconds)
            throws IOException, BenchFailure, InterruptedException {
        CpuReading before = CpuReading.now(proc, candidate, postgres);
        long start = System.nanoTime();
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < load.clients(); i++) {
            Worker worker = new Worker(
                    load.session() ? candidate.sessionPort().orElseThrow() : candidate.port(),
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

    /** Its fields belong to it until it is joined. */
    private final class Worker extends Thread {
        private final int port;
        private final long deadline;
        private final Scram scram = new Scram(postgres.account().password());
        private final Histogram latencies = new Histogram(3);
        private @Nullable Exception failure;

        Worker(int port, long deadline) {
            this.port = port;
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
                            PostgresConnection.open(port, postgres.account(), scram, buffer)) {
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
