package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.IoKind;
import dev.weir.pool.Transport;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Twenty tenants on two lanes, with each kind of I/O: everybody gets answers of his own database, and only those. */
class LanesIT {
    private static final int TENANTS = 20;
    private static final int CLIENTS = 50;

    /** Not what is tested: a few wait behind a whole session, and for server connections that a busy machine opens slowly. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final TestPostgres postgres = TestPostgres.shared();

    @BeforeAll
    static void prepare() {
        PooledRole.createRole(postgres, "lanes_role");
        for (int i = 0; i < TENANTS; i++) {
            postgres.createDatabase("lanes_" + i);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = IoKind.class,
            names = {"EPOLL", "IO_URING", "NIO"})
    void everyClientIsAnsweredByItsOwnDatabase(IoKind io) throws Exception {
        try {
            Transport.choose(io);
        } catch (IllegalArgumentException unavailable) {
            System.out.println("LanesIT leaves out " + io + ": " + unavailable.getMessage());
            return;
        }
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("LanesIT " + io + " seed=" + seed);
        String[] tenants = new String[TENANTS];
        for (int i = 0; i < TENANTS; i++) {
            tenants[i] = PooledRole.tenant(
                    "t" + i,
                    postgres.host(),
                    postgres.port(),
                    "lanes_role",
                    "pool_size = 2",
                    "database = \"lanes_" + i + "\"");
        }
        String top = "lanes = 2\nio = \"" + io.name().toLowerCase(Locale.ROOT) + "\"";
        try (ErrorLog _ = ErrorLog.open();
                WeirFixture weir = WeirFixture.start(PooledRole.toml(top, tenants));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed + i);
                int tenant = i % TENANTS;
                boolean session = i % 7 == 0;
                clients.add(threads.submit(() -> {
                    int answers = 0;
                    while (System.nanoTime() < end) {
                        String database = "lanes_" + tenant;
                        Destination at = session
                                ? weir.session("lanes_role.t" + tenant, PooledRole.PASSWORD, database)
                                : weir.transaction("lanes_role.t" + tenant, PooledRole.PASSWORD, database);
                        try (PgClient client =
                                PgClient.connect(at.host(), at.port()).readTimeout(PATIENCE)) {
                            client.login(at.user(), at.password(), at.database());
                            int statements = 1 + random.nextInt(50);
                            for (int s = 0; s < statements; s++) {
                                ask(client, database, random);
                                answers++;
                            }
                            if (random.nextInt(4) == 0) {
                                client.reset();
                            } else {
                                client.terminate();
                            }
                        }
                    }
                    return answers;
                }));
            }
            int answers = 0;
            for (Future<Integer> client : clients) {
                answers += client.get();
            }
            System.out.println("LanesIT " + io + ": " + answers + " answers, all right");
            assertThat(answers).isPositive();
        }
    }

    private static void ask(PgClient client, String database, Random random) {
        String nonce = Long.toHexString(random.nextLong());
        int length = random.nextInt(10) == 0 ? random.nextInt(100_000) : random.nextInt(50);
        String sql = "select current_database(), '" + nonce + "', repeat('z', " + length + ")";
        switch (random.nextInt(3)) {
            case 0 -> client.send(Messages.query(sql));
            case 1 ->
                client.send(Messages.parse("", sql), Messages.bind("", ""), Messages.execute("", 0), Messages.sync());
            default -> {
                assertThat(client.query("begin").getLast().status()).isEqualTo('T');
                client.send(Messages.query(sql), Messages.query("commit"));
            }
        }
        List<Frame> reply = client.readUntilReady();
        List<String> columns = reply.stream()
                .filter(frame -> frame.type() == 'D')
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row in " + reply))
                .columns();
        assertThat(columns).containsExactly(database, nonce, "z".repeat(length));
        if (reply.getLast().status() == 'T') {
            assertThat(client.readUntilReady().getLast().status()).isEqualTo('I');
        }
    }
}
