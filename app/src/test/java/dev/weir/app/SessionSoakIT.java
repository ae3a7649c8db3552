package dev.weir.app;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/**
 * Two hundred clients share ten server connections and do this and that; each sees its own state only.
 * {@code -Dweir.soak.operations} does more than 20,000 in all, {@code -Dweir.soak.seed} repeats a choice.
 */
class SessionSoakIT {
    private static final int OPERATIONS = Integer.getInteger("weir.soak.operations", 20_000);
    private static final long SEED = Long.getLong("weir.soak.seed", new Random().nextLong(1_000_000));

    /** Whatever is found below is found of Postgres itself, so what it does not find is the pooler's fault. */
    @Test
    void theModelHoldsForPostgresItself() {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, "soak_direct");
        soak(postgres.destination("soak_direct", "postgres"), 20, Math.min(OPERATIONS, 20_000) / 4);
    }

    @Test
    void inSessionMode() {
        try (PooledRole pool = PooledRole.create("soak_session", "pool_size = 20")) {
            soak(pool.destination(Mode.SESSION), 20, OPERATIONS / 4);
        }
    }

    @Test
    void inTransactionMode() {
        try (PooledRole pool = PooledRole.create("soak_transaction", "pool_size = 10")) {
            soak(pool.destination(Mode.TRANSACTION), 200, OPERATIONS);
            pool.assertSound(10);
        }
    }

    private static void soak(Destination destination, int count, int operations) {
        System.out.println("soak of " + operations + " operations by " + count + " clients, seed " + SEED);
        Semaphore pins = new Semaphore(4);
        List<SoakClient> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ExecutorCompletionService<Boolean> lives = new ExecutorCompletionService<>(threads);
            for (int i = 0; i < count; i++) {
                SoakClient client = new SoakClient(i, SEED, destination, pins);
                clients.add(client);
            }
            for (SoakClient client : clients) {
                lives.submit(() -> client.live(operations / count), true);
            }
            try {
                for (int i = 0; i < count; i++) {
                    lives.take().get();
                }
            } catch (ExecutionException e) {
                throw new AssertionError("with the seed " + SEED + ": " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            } finally {
                // Those who still live fail at once and end.
                clients.forEach(SoakClient::close);
            }
        }
    }
}
