package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.pool.LaneView;
import dev.weir.pool.PoolCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Many clients share a few server connections, and every answer tells who asked and what: none is lost, doubled, or given to
 * another, whatever they do and whatever befalls the servers. {@code -Dweir.storm.operations} asks more than 20,000,
 * {@code -Dweir.storm.clients} lets more than 60 ask, {@code -Dweir.storm.seed} repeats a choice.
 */
class SharedStormIT {
    private static final int OPERATIONS = Integer.getInteger("weir.storm.operations", 20_000);
    private static final int CLIENTS = Integer.getInteger("weir.storm.clients", 60);
    private static final long SEED = Long.getLong("weir.storm.seed", new Random().nextLong(1_000_000));
    private static final String SMALL = "pool_size = 4\nmax_clients = 1000";

    @Test
    void everyoneGetsTheAnswerToWhatWasAsked() {
        try (PooledRole pool = PooledRole.create("storm", SMALL)) {
            assertThat(storm(pool, false)).as("sessions that ended").isZero();
            PoolCounters counters = counters(pool);
            assertThat(counters.rides())
                    .as("statements that shared a server connection")
                    .isPositive();
            pool.assertSound(4);
        }
    }

    @Test
    void alsoWhileServerProcessesAreKilled() throws InterruptedException {
        try (PooledRole pool = PooledRole.create("storm_killed", SMALL)) {
            AtomicBoolean over = new AtomicBoolean();
            Thread killer = Thread.ofVirtual().start(() -> {
                Random random = new Random(SEED);
                while (!over.get()) {
                    pool.postgres()
                            .query("select pg_terminate_backend(pid), pg_sleep(0.1) from pg_stat_activity"
                                    + " where usename = 'storm_killed' order by md5(pid || '" + random.nextInt()
                                    + "') limit 1");
                }
            });
            int lost = storm(pool, true);
            over.set(true);
            killer.join();
            PoolCounters counters = counters(pool);
            System.out.println(lost + " sessions ended with their server process, " + counters.repeats()
                    + " statements were sent again");
            assertThat(counters.repeats()).as("statements that were sent again").isPositive();
            pool.assertSound(4);
        }
    }

    private static PoolCounters counters(PooledRole pool) {
        PoolCounters sum = new PoolCounters();
        for (LaneView lane : pool.weir().view(false).join()) {
            lane.homes().forEach(home -> home.pools().forEach(one -> sum.add(one.counters())));
        }
        return sum;
    }

    /** @return how many sessions ended */
    private static int storm(PooledRole pool, boolean killed) {
        System.out.println("storm of " + OPERATIONS + " questions by " + CLIENTS + " clients, seed " + SEED);
        List<StormClient> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ExecutorCompletionService<Boolean> lives = new ExecutorCompletionService<>(threads);
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new StormClient(i, SEED, pool.destination(Mode.TRANSACTION), killed));
            }
            for (StormClient client : clients) {
                lives.submit(() -> client.live(OPERATIONS / CLIENTS), true);
            }
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    lives.take().get();
                }
            } catch (ExecutionException e) {
                throw new AssertionError("with the seed " + SEED + ": " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            } finally {
                clients.forEach(StormClient::close);
            }
        }
        return clients.stream().mapToInt(StormClient::lost).sum();
    }
}
