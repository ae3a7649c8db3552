package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.FaultProxy;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** How long server connections of a real Postgres live, and what clients notice when it goes away. */
class PoolLifeIT {

    @Test
    void closesWhatIsIdleForTooLongAndKeepsTheLeast() {
        try (PooledRole pool = PooledRole.create(
                "idle_timeout_role", "pool_size = 4", "min_pool_size = 1", "server_idle_timeout = \"300ms\"")) {
            try (PgClient guard = pool.login(Mode.TRANSACTION)) {
                useAtOnce(pool, 4);
                pool.log().await("server connection closed", "idle for too long");
                pool.awaitCount(1, "true");
                assertThat(PooledRole.single(guard, "select 'served'")).isEqualTo("served");
                guard.terminate();
            }
            pool.awaitCount(0, "true");
        }
    }

    /** Lends so many server connections side by side, and gives them back. */
    private static void useAtOnce(PooledRole pool, int count) {
        List<PgClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                PgClient client = pool.login(Mode.TRANSACTION);
                clients.add(client);
                client.query("begin");
            }
            assertThat(pool.backends()).hasSize(count);
            for (PgClient client : clients) {
                client.query("commit");
                client.terminate();
            }
        } finally {
            clients.forEach(PgClient::close);
        }
    }

    @Test
    void replacesWhatHasLivedForItsTimeWithoutAnError() {
        try (PooledRole pool = PooledRole.create("lifetime_role", "pool_size = 1", "server_lifetime = \"300ms\"");
                PgClient client = pool.login(Mode.TRANSACTION)) {
            int first = PooledRole.backend(client);
            client.query("begin");
            pool.awaitCount(1, "pid = " + first + " and now() - backend_start > interval '400 ms'");
            assertThat(PooledRole.backend(client)).as("while it is lent").isEqualTo(first);
            client.query("commit");
            assertThat(PooledRole.backend(client)).isNotEqualTo(first);
            pool.log().await("server connection closed", "older than its lifetime");
            client.terminate();
        }
    }

    @Test
    void keepsTheLeastWhileThereIsAClientAndRefillsIt() {
        try (PooledRole pool = PooledRole.create("least_role", "pool_size = 5", "min_pool_size = 3")) {
            try (PgClient client = pool.login(Mode.TRANSACTION)) {
                pool.awaitCount(3, "true");
                Set<Integer> before = pool.backends();
                before.forEach(pool::terminateBackend);
                Awaitility.await()
                        .atMost(PooledRole.PATIENCE)
                        .untilAsserted(
                                () -> assertThat(pool.backends()).hasSize(3).doesNotContainAnyElementsOf(before));
                client.terminate();
            }
        }
    }

    @Test
    void opensTheReserveForThoseWhoWaitLong() {
        try (PooledRole pool = PooledRole.create(
                        "reserve_role", "pool_size = 1", "reserve_pool_size = 1", "reserve_pool_timeout = \"200ms\"");
                PgClient holder = pool.login(Mode.TRANSACTION);
                PgClient client = pool.login(Mode.TRANSACTION)) {
            holder.query("begin");
            assertThat(PooledRole.single(client, "select 'served'")).isEqualTo("served");
            pool.log().await("server connection closed", "more than the pool's size");
            pool.awaitCount(1, "true");
            holder.query("commit");
            holder.terminate();
            client.terminate();
        }
    }

    /** A network that has forgotten its connections says nothing: a server connection is asked before it is lent. */
    @Test
    void findsOutThatAServerConnectionWasCutSilently() {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, "cut_role");
        try (FaultProxy proxy = FaultProxy.to(postgres.host(), postgres.port());
                PooledRole pool = PooledRole.existing(
                        postgres,
                        "cut_role",
                        PooledRole.toml(
                                "",
                                PooledRole.tenant(
                                        "acme",
                                        proxy.host(),
                                        proxy.port(),
                                        "cut_role",
                                        "pool_size = 2",
                                        "server_check_delay = \"0s\"",
                                        "cleanup_timeout = \"300ms\"")));
                PgClient client = pool.login(Mode.TRANSACTION)) {
            int first = PooledRole.backend(client);
            assertThat(PooledRole.backend(client)).as("while it answers").isEqualTo(first);
            proxy.pause(FaultProxy.Direction.TO_CLIENT);
            client.send(Messages.query("select pg_backend_pid()"));
            pool.log().await("server connection closed", "check timed out");
            proxy.resume(FaultProxy.Direction.TO_CLIENT);
            assertThat(client.readUntilReady()).noneMatch(frame -> frame.type() == 'E');
            assertThat(PooledRole.backend(client)).isNotEqualTo(first);
            client.terminate();
        }
    }

    /**
     * A restart under load: who is amid a request gets one error, nobody gets two, nobody hangs, and all go on within
     * seconds.
     */
    @Test
    void aRestartUnderManyClientsCostsEachOneErrorAtMost() throws Exception {
        int count = 100;
        try (TestPostgres postgres = TestPostgres.start();
                PooledRole pool = PooledRole.create(
                        postgres,
                        "restart_role",
                        "pool_size = 10",
                        "max_clients = 150",
                        "server_check_delay = \"0s\"");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger[] answers = new AtomicInteger[count];
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                AtomicInteger answered = new AtomicInteger();
                answers[i] = answered;
                clients.add(threads.submit(() -> work(pool.destination(Mode.TRANSACTION), answered, over)));
            }
            awaitMore(answers, Duration.ofSeconds(60));
            postgres.restart();
            awaitMore(answers, Duration.ofSeconds(15));
            over.set(true);
            int errors = 0;
            for (Future<Integer> client : clients) {
                int own = client.get();
                assertThat(own).as("errors of one client").isLessThanOrEqualTo(1);
                errors += own;
            }
            assertThat(errors)
                    .as("no more clients saw an error than there are server connections")
                    .isLessThanOrEqualTo(10);
            pool.assertSound(10);
        }
    }

    /** @return how many errors, or ends of its connection, it has seen; it logs in again after each */
    private static int work(Destination at, AtomicInteger answered, AtomicBoolean over) {
        int errors = 0;
        while (!over.get()) {
            try (PgClient client = PgClient.connect(at.host(), at.port())) {
                client.readTimeout(Duration.ofSeconds(30));
                Frame last =
                        client.attemptLogin(Messages.PROTOCOL_3_0, at.user(), at.password(), at.database(), Map.of());
                while (last.type() == 'Z' && !over.get()) {
                    client.send(Messages.query("select 1 from pg_sleep(0.005)"));
                    do {
                        last = client.readFrame();
                    } while (last.type() != 'Z' && last.type() != 'E');
                    if (last.type() == 'Z') {
                        answered.incrementAndGet();
                    }
                }
                if (last.type() == 'Z') {
                    client.terminate();
                } else {
                    errors++;
                }
            } catch (UncheckedIOException ended) {
                errors++; // its connection has ended without a word
            }
        }
        return errors;
    }

    /** Until every one of them has been answered twice more. */
    private static void awaitMore(AtomicInteger[] answers, Duration within) {
        int[] before = new int[answers.length];
        for (int i = 0; i < answers.length; i++) {
            before[i] = answers[i].get();
        }
        Awaitility.await().atMost(within).until(() -> {
            for (int i = 0; i < answers.length; i++) {
                if (answers[i].get() <= before[i] + 1) {
                    return false;
                }
            }
            return true;
        });
    }

    /** What one tenant finds out, those of other lanes need not find out for themselves. */
    @Test
    void findsTheStaleServerConnectionsOfOtherTenants() {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, "doubt_role");
        try (FaultProxy proxy = FaultProxy.to(postgres.host(), postgres.port())) {
            List<String> tenants = new ArrayList<>();
            for (String id : List.of("acme", "beta", "gamma", "delta", "epsilon")) {
                String checked = id.equals("acme") ? "server_check_delay = \"0s\"" : "server_check_delay = \"1d\"";
                tenants.add(PooledRole.tenant(
                        id, proxy.host(), proxy.port(), "doubt_role", checked, "cleanup_timeout = \"500ms\""));
            }
            String toml = PooledRole.toml("lanes = 2", tenants.toArray(String[]::new));
            try (PooledRole pool = PooledRole.existing(postgres, "doubt_role", toml);
                    PgClient client = pool.login(Mode.TRANSACTION)) {
                client.query("select 1");
                for (String id : List.of("beta", "gamma", "delta", "epsilon")) {
                    try (PgClient other = pool.destination(Mode.TRANSACTION)
                            .as("doubt_role." + id, PooledRole.PASSWORD)
                            .login()) {
                        other.query("select 1");
                        other.terminate();
                    }
                }
                Set<Integer> stale = pool.backends();
                assertThat(stale).hasSize(5);
                proxy.pause(FaultProxy.Direction.TO_CLIENT);
                client.send(Messages.query("select 1"));
                Awaitility.await()
                        .atMost(PooledRole.PATIENCE)
                        .untilAsserted(() -> assertThat(pool.backends()).doesNotContainAnyElementsOf(stale));
                proxy.resume(FaultProxy.Direction.TO_CLIENT);
                assertThat(client.readUntilReady()).noneMatch(frame -> frame.type() == 'E');
                client.terminate();
            }
        }
    }

    /** A failover that nobody tells of: the old server's connections are all found by the first that is asked. */
    @Test
    void findsAllStaleServerConnectionsAtOnce() {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, "stale_role");
        try (FaultProxy proxy = FaultProxy.to(postgres.host(), postgres.port());
                PooledRole pool = PooledRole.existing(
                        postgres,
                        "stale_role",
                        PooledRole.toml(
                                "",
                                PooledRole.tenant(
                                        "acme",
                                        proxy.host(),
                                        proxy.port(),
                                        "stale_role",
                                        "pool_size = 6",
                                        "server_check_delay = \"0s\"",
                                        "cleanup_timeout = \"1s\"")))) {
            useAtOnce(pool, 6);
            Set<Integer> stale = pool.backends();
            proxy.pause(FaultProxy.Direction.TO_CLIENT);
            try (PgClient client = pool.login(Mode.TRANSACTION)) {
                client.send(Messages.query("select pg_backend_pid()"));
                // One after the other, it would take six times as long as the check may take.
                Awaitility.await()
                        .atMost(Duration.ofSeconds(5))
                        .untilAsserted(() -> assertThat(pool.backends()).doesNotContainAnyElementsOf(stale));
                proxy.resume(FaultProxy.Direction.TO_CLIENT);
                assertThat(client.readUntilReady()).noneMatch(frame -> frame.type() == 'E');
                client.terminate();
            }
        }
    }
}
