package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How many server connections and clients there are, who gets one, and what the others are told. */
class PoolLimitsIT {

    @Test
    void thePoolNeverHasMoreServerConnectionsThanItsSize() throws Exception {
        try (PooledRole pool = PooledRole.create("storm_role", "pool_size = 5");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> done = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Mode mode = i % 10 == 0 ? Mode.SESSION : Mode.TRANSACTION;
                Callable<Integer> client = () -> {
                    try (PgClient own = pool.login(mode)) {
                        own.readTimeout(Duration.ofSeconds(60));
                        for (int statement = 0; statement < 5; statement++) {
                            own.rows("select pg_sleep(0.002)");
                        }
                        own.terminate();
                    }
                    return 5;
                };
                done.add(threads.submit(client));
            }
            int most = 0;
            while (!done.stream().allMatch(Future::isDone)) {
                most = Math.max(most, pool.backends().size());
            }
            for (Future<Integer> client : done) {
                assertThat(client.get()).isEqualTo(5);
            }
            assertThat(most).isBetween(1, 5);
            pool.assertSound(5);
        }
    }

    @Test
    void clientsAreServedInTheOrderInWhichTheyCame() {
        try (PooledRole pool = PooledRole.create("fifo_role", "pool_size = 1")) {
            pool.execute(Mode.SESSION, "create table arrivals (number serial, client int)");
            List<PgClient> clients = new ArrayList<>();
            try (PgClient holder = pool.login(Mode.TRANSACTION)) {
                holder.query("begin");
                for (int i = 0; i < 10; i++) {
                    PgClient client = pool.login(i % 3 == 0 ? Mode.SESSION : Mode.TRANSACTION);
                    clients.add(client);
                    client.send(Messages.query("insert into arrivals (client) values (" + i + ")"));
                    pool.login(Mode.TRANSACTION).terminate(); // its way takes longer than that of the statement
                }
                holder.query("commit");
                holder.terminate();
                for (PgClient client : clients) {
                    client.readUntilReady();
                    client.terminate();
                }
            } finally {
                clients.forEach(PgClient::close);
            }
            assertThat(pool.postgres().query("select client from fifo_role.arrivals order by number"))
                    .extracting(List::getFirst)
                    .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        }
    }

    @Test
    void aClientByItselfUsesOneServerConnection() {
        try (PooledRole pool = PooledRole.create("lifo_role", "pool_size = 4")) {
            pool.assertSound(4);
            try (PgClient client = pool.login(Mode.TRANSACTION)) {
                Set<Integer> backends = new HashSet<>();
                for (int i = 0; i < 20; i++) {
                    backends.add(PooledRole.backend(client));
                }
                assertThat(backends).hasSize(1);
                client.terminate();
            }
        }
    }

    @Test
    void sessionsAndTransactionsShareThePool() {
        try (PooledRole pool = PooledRole.create("shared_role", "pool_size = 2")) {
            try (PgClient first = pool.login(Mode.SESSION);
                    PgClient second = pool.login(Mode.SESSION);
                    PgClient waiting = pool.login(Mode.TRANSACTION)) {
                Set<Integer> backends = Set.of(PooledRole.backend(first), PooledRole.backend(second));
                waiting.send(Messages.query("select pg_backend_pid()"));
                second.terminate();
                String backend = waiting.readUntil('D').getLast().columns().getFirst();
                assertThat(backends).contains(Integer.valueOf(backend));
                waiting.readUntilReady();
                assertThat(pool.backends()).isEqualTo(backends);
                first.terminate();
                waiting.terminate();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoWaitsTooLongGetsAnErrorAndMayGoOn(Mode mode) {
        String role = "queue_" + mode.name().toLowerCase(Locale.ROOT) + "_role";
        try (PooledRole pool = PooledRole.create(role, "pool_size = 1", "queue_timeout = \"150ms\"");
                PgClient holder = pool.login(Mode.TRANSACTION);
                PgClient client = pool.login(mode)) {
            holder.query("begin");

            client.send(Messages.query("select 1"));
            assertRefused(client);

            client.send(
                    Messages.parse("a", "select 1"),
                    Messages.describeStatement("a"),
                    Messages.bind("", "a"),
                    Messages.execute("", 0),
                    Messages.flush(),
                    Messages.query("select 'skipped as well'"),
                    Messages.sync());
            assertRefused(client);

            byte[] big = Messages.query("select '" + "x".repeat(2_000_000) + "'");
            client.send(Arrays.copyOf(big, 100));
            Frame error = client.readFrame();
            assertThat(error.sqlstate()).isEqualTo("53300");
            assertThat(client.readFrame().status()).isEqualTo('I');
            client.send(Arrays.copyOfRange(big, 100, big.length));

            byte[] bigParse = Messages.parse("", "select '" + "x".repeat(2_000_000) + "'");
            client.send(Arrays.copyOf(bigParse, 70_000));
            assertThat(client.readFrame().sqlstate()).isEqualTo("53300");
            client.send(Arrays.copyOfRange(bigParse, 70_000, bigParse.length));
            client.send(Messages.bind("", ""), Messages.execute("", 0), Messages.sync());
            assertThat(client.readFrame().status()).isEqualTo('I');

            client.send(Messages.query("select 1"), Messages.query("select 2"));
            assertRefused(client);
            assertRefused(client);

            holder.query("commit");
            holder.terminate();
            assertThat(PooledRole.single(client, "select 'served'")).isEqualTo("served");
            client.terminate();
        }
    }

    private static void assertRefused(PgClient client) {
        List<Frame> reply = client.readUntilReady();
        assertThat(reply).hasSize(2);
        assertThat(reply.getFirst().sqlstate()).isEqualTo("53300");
        assertThat(reply.getFirst().fields()).containsEntry('V', "ERROR");
        assertThat(reply.getLast().status()).isEqualTo('I');
    }

    @Test
    void moreClientsThanMaxClientsAreRefusedUntilOneLeaves() {
        try (PooledRole pool = PooledRole.create("many_role", "pool_size = 1", "max_clients = 3")) {
            List<PgClient> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(pool.login(i == 0 ? Mode.SESSION : Mode.TRANSACTION));
            }
            for (int i = 0; i < 3; i++) {
                assertThat(attempt(pool).sqlstate()).isEqualTo("53300");
            }
            clients.get(0).terminate();
            clients.get(1).reset();
            clients.get(2).close();
            Awaitility.await().atMost(PooledRole.PATIENCE).until(() -> {
                List<PgClient> next = new ArrayList<>();
                try {
                    for (int i = 0; i < 3; i++) {
                        Destination at = pool.destination(Mode.TRANSACTION);
                        PgClient client = PgClient.connect(at.host(), at.port());
                        next.add(client);
                        if (client.attemptLogin(
                                                Messages.PROTOCOL_3_0,
                                                at.user(),
                                                at.password(),
                                                at.database(),
                                                Map.of())
                                        .type()
                                != 'Z') {
                            return false;
                        }
                    }
                    return true;
                } finally {
                    next.forEach(PgClient::terminate);
                }
            });
        }
    }

    private static Frame attempt(PooledRole pool) {
        Destination at = pool.destination(Mode.TRANSACTION);
        try (PgClient client = PgClient.connect(at.host(), at.port())) {
            return client.attemptLogin(Messages.PROTOCOL_3_0, at.user(), at.password(), at.database(), Map.of());
        }
    }
}
