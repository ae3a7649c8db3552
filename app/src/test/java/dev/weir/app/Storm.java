package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.pool.LaneView;
import dev.weir.pool.PoolCounters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Many {@link StormClient}s on one pool, while a table is locked now and then, and server processes are killed if that is
 * wanted.
 */
final class Storm {

    /**
     * What a storm is like. From the same seed come the same operations of each client in the same order, the same waits
     * for the lock, and the same kills. How they meet is the machine's: in which order clients are served, when a cancel or
     * the end of a client arrives, how the kernel cuts what is sent, and which server process a kill finds.
     *
     * @param operations of all clients together; most are one statement, some are several
     * @param rough how many of 1,000 operations are other than a plain question
     * @param killing whether server processes are killed, so that sessions may end
     */
    record Plan(long seed, int operations, int clients, int poolSize, int rough, boolean killing) {
        /** As system properties say, {@code weir.storm.seed} and so on. */
        static Plan ofProperties(boolean killing) {
            return new Plan(
                    Long.getLong("weir.storm.seed", new Random().nextLong(1_000_000)),
                    Integer.getInteger("weir.storm.operations", 20_000),
                    Integer.getInteger("weir.storm.clients", 60),
                    Integer.getInteger("weir.storm.pool", 4),
                    Integer.getInteger("weir.storm.rough", 150),
                    killing);
        }
    }

    private static final int PROGRESS_SECONDS = 30;

    private final Plan plan;
    private final PooledRole pool;
    private final String role;
    private final StormCounts counts = new StormCounts();
    private final Collection<String> farewells = new ConcurrentLinkedQueue<>();

    /** @param role that of the pool, which is new */
    Storm(Plan plan, PooledRole pool, String role) {
        this.plan = plan;
        this.pool = pool;
        this.role = role;
    }

    StormCounts counts() {
        return counts;
    }

    /** Weir's counters of the pool. */
    PoolCounters counters() {
        PoolCounters sum = new PoolCounters();
        for (LaneView lane : pool.weir().view(false).join()) {
            lane.homes().forEach(home -> home.pools().forEach(one -> sum.add(one.counters())));
        }
        return sum;
    }

    void run() {
        System.out.println(plan);
        long start = System.nanoTime();
        pool.postgres().execute("create table " + role + ".gate as select 1 as n");
        pool.postgres().execute("create table " + role + ".farewells (word text)");
        pool.postgres().execute("create table " + role + ".counts (who text primary key, n int)");
        pool.postgres()
                .execute("insert into " + role + ".counts select 'c' || i, 0 from generate_series(0, " + plan.clients()
                        + ") i");
        pool.postgres().execute("grant all on all tables in schema " + role + " to " + role);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> weather = new ArrayList<>();
            weather.add(threads.submit(() -> lock(new SplittableRandom(plan.seed()))));
            if (plan.killing()) {
                weather.add(threads.submit(() -> kill(new SplittableRandom(plan.seed()))));
            }
            try {
                live(threads, start);
            } finally {
                weather.forEach(one -> one.cancel(true));
            }
        }
        checkFarewells();
        report(start);
    }

    // ---- clients

    private void live(ExecutorService threads, long start) {
        ExecutorCompletionService<Boolean> lives = new ExecutorCompletionService<>(threads);
        List<StormClient> clients = new ArrayList<>();
        for (int i = 0; i < plan.clients(); i++) {
            clients.add(new StormClient(i, plan, pool.destination(Mode.TRANSACTION), counts, farewells));
        }
        for (StormClient client : clients) {
            lives.submit(() -> client.live(plan.operations() / plan.clients()), true);
        }
        try {
            int living = plan.clients();
            while (living > 0) {
                Future<Boolean> ended = lives.poll(PROGRESS_SECONDS, TimeUnit.SECONDS);
                if (ended == null) {
                    report(start);
                } else {
                    ended.get();
                    living--;
                }
            }
        } catch (ExecutionException e) {
            throw new AssertionError("with " + plan + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            clients.forEach(StormClient::close);
        }
    }

    // ---- weather

    /** Statements that read the table stand for a while, behind each other if they share a server connection. */
    private void lock(SplittableRandom random) {
        while (!Thread.currentThread().isInterrupted()) {
            pool.postgres()
                    .execute("do $$ begin lock table " + role + ".gate in access exclusive mode; perform pg_sleep("
                            + random.nextInt(1, 150) / 1000.0 + "); end $$");
            pool.postgres().query("select pg_sleep(" + random.nextInt(200, 1000) / 1000.0 + ")");
        }
    }

    private void kill(SplittableRandom random) {
        while (!Thread.currentThread().isInterrupted()) {
            pool.postgres()
                    .query("select pg_terminate_backend(pid), pg_sleep(0.1) from pg_stat_activity where usename = '"
                            + role + "' order by md5(pid || '" + random.nextInt() + "') limit 1");
        }
    }

    // ---- the end

    /** What was said before a Terminate is there, once; where server processes are killed, at most once. */
    private void checkFarewells() {
        String count = "select count(distinct word), count(*) from " + role + ".farewells";
        if (!plan.killing()) {
            List<String> all = List.of(Integer.toString(farewells.size()), Integer.toString(farewells.size()));
            Awaitility.await()
                    .atMost(PooledRole.PATIENCE)
                    .untilAsserted(() ->
                            assertThat(pool.postgres().query(count)).as(count).containsExactly(all));
        }
        pool.awaitRest();
        List<String> found = new ArrayList<>(pool.postgres().query(count).getFirst());
        assertThat(found.getFirst()).as("doubled statements").isEqualTo(found.getLast());
    }

    private void report(long start) {
        PoolCounters weir = counters();
        System.out.printf(
                "%,d statements in %d s; %,d shared a server connection, %,d were sent again; %,d cancels, %,d statements"
                        + " ended by 57014; %,d clients left amid a statement, %,d sessions ended with their server process%n",
                counts.statements.sum(),
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start),
                weir.rides(),
                weir.repeats(),
                counts.cancelsAsked.sum(),
                counts.canceled.sum(),
                counts.left.sum(),
                counts.lost.sum());
    }
}
