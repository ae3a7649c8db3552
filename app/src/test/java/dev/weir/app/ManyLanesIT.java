package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.pool.HomeView;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A tenant on two lanes: its clients are on both, and its limits are those of one. */
class ManyLanesIT {
    private static final Duration A_WHILE = Duration.ofMillis(50);
    private static final TestPostgres postgres = TestPostgres.shared();
    private static final AtomicInteger roles = new AtomicInteger();

    private final String role = "many_lanes_" + roles.incrementAndGet();
    private final List<PgClient> clients = new ArrayList<>();

    @AfterEach
    void closeClients() {
        clients.forEach(PgClient::close);
    }

    private PooledRole pool(String... tenantLines) {
        PooledRole.createRole(postgres, role);
        return PooledRole.existing(postgres, role, PooledRole.toml("lanes = 2", tenant(tenantLines)));
    }

    private String tenant(String... lines) {
        return tenantOn(2, lines);
    }

    private String tenantOn(int lanes, String... lines) {
        String all = "lanes = " + lanes + "\n" + String.join("\n", lines);
        return PooledRole.tenant("acme", postgres.host(), postgres.port(), role, all);
    }

    private void reload(PooledRole pool, String tenant) {
        pool.weir()
                .replaceTenants(
                        WeirFixture.config(PooledRole.toml("lanes = 2", tenant)).tenants());
    }

    private PgClient login(PooledRole pool, Mode mode) {
        PgClient client = pool.login(mode);
        clients.add(client);
        return client;
    }

    /** Clients, by turns on one lane and the other. */
    private List<PgClient> logins(PooledRole pool, Mode mode, int count) {
        List<PgClient> logins = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            logins.add(login(pool, mode));
        }
        return logins;
    }

    /** So many clients on one lane, and one on the other, which is the last. */
    private List<PgClient> manyAgainstOne(PooledRole pool, int many) {
        List<PgClient> both = logins(pool, Mode.TRANSACTION, 2 * many);
        List<PgClient> chosen = new ArrayList<>();
        for (int i = 0; i < both.size(); i++) {
            if (i % 2 == 0 || i == 1) {
                chosen.add(both.get(i));
            } else {
                both.get(i).terminate();
            }
        }
        chosen.add(chosen.remove(1));
        Awaitility.await().until(() -> clientsByLane(pool).stream().sorted().toList(), List.of(1, many)::equals);
        return chosen;
    }

    private static List<Integer> clientsByLane(PooledRole pool) {
        return pool.weir().view(true).join().stream()
                .map(lane ->
                        lane.homes().stream().mapToInt(HomeView::clientCount).sum())
                .toList();
    }

    private static void begin(List<PgClient> clients) {
        clients.forEach(
                client -> assertThat(client.query("begin").getLast().status()).isEqualTo('T'));
    }

    private static void commit(List<PgClient> clients) {
        clients.forEach(
                client -> assertThat(client.query("commit").getLast().status()).isEqualTo('I'));
    }

    private static void cancel(PooledRole pool, PgClient client) {
        Frame.BackendKey key = client.loggedIn().key();
        var at = pool.destination(Mode.TRANSACTION);
        try (PgClient canceler = PgClient.connect(at.host(), at.port())) {
            canceler.send(Messages.cancelRequest(key.pid(), key.key()));
            assertThat(canceler.isClosedByPeer()).isTrue();
        }
    }

    // ---- clients

    @ParameterizedTest
    @EnumSource
    void clientsAreDealtEvenly(Mode mode) {
        try (PooledRole pool = pool("pool_size = 4")) {
            List<PgClient> ten = logins(pool, mode, 10);
            assertThat(clientsByLane(pool)).containsExactly(5, 5);
            ten.get(0).terminate();
            ten.get(2).terminate();
            ten.get(4).terminate();
            Awaitility.await().until(() -> clientsByLane(pool).stream().sorted().toList(), List.of(2, 5)::equals);
            logins(pool, mode, 3);
            assertThat(clientsByLane(pool)).as("the gaps are filled").containsExactly(5, 5);
        }
    }

    @Test
    void withoutTheSettingOfASmallPoolThereIsOneLane() {
        PooledRole.createRole(postgres, role);
        String tenant = PooledRole.tenant(
                "acme", postgres.host(), postgres.port(), role, "pool_size = 99", "# lanes = 1 by itself");
        try (PooledRole pool = PooledRole.existing(postgres, role, PooledRole.toml("lanes = 2", tenant))) {
            logins(pool, Mode.TRANSACTION, 4);
            assertThat(clientsByLane(pool).stream().sorted()).containsExactly(0, 4);
        }
    }

    @Test
    void limitsOfClientsHoldForBothLanes() {
        try (PooledRole pool = pool("max_clients = 3", "pool_size = 2")) {
            logins(pool, Mode.TRANSACTION, 3);
            var at = pool.destination(Mode.TRANSACTION);
            for (int i = 0; i < 2; i++) {
                try (PgClient refused = PgClient.connect(at.host(), at.port())) {
                    Frame refusal = refused.attemptLogin(
                            Messages.PROTOCOL_3_0, at.user(), at.password(), at.database(), Map.of());
                    assertThat(refusal.sqlstate()).isEqualTo("53300");
                }
            }
            clients.getFirst().terminate();
            Awaitility.await()
                    .until(() -> clientsByLane(pool).stream().mapToInt(n -> n).sum() == 2);
            login(pool, Mode.TRANSACTION);
        }
    }

    // ---- the pool

    @Test
    void thePoolIsNeverLargerThanItsSizeAndAllOfItIsUsed() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("ManyLanesIT seed=" + seed);
        AtomicBoolean enough = new AtomicBoolean();
        try (PooledRole pool = pool("pool_size = 5");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> load = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                Random random = new Random(seed + i);
                PgClient client = login(pool, i % 8 == 7 ? Mode.SESSION : Mode.TRANSACTION);
                load.add(threads.submit(() -> transactions(client, random, enough)));
            }
            int mostUsed = 0;
            long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            while (System.nanoTime() < end) {
                mostUsed = Math.max(mostUsed, pool.count("(xact_start is not null or state = 'active')"));
            }
            enough.set(true);
            for (Future<Integer> done : load) {
                assertThat(done.get()).as("answers of each client").isPositive();
            }
            assertThat(mostUsed).isEqualTo(5);
            pool.awaitRest();
            assertThat(pool.backends()).hasSizeLessThanOrEqualTo(5);
        }
    }

    private static int transactions(PgClient client, Random random, AtomicBoolean enough) {
        int answers = 0;
        while (!enough.get()) {
            if (random.nextBoolean()) {
                client.query("begin");
            }
            client.query("select pg_sleep(" + random.nextInt(8) / 1000.0 + ")");
            client.query("commit");
            answers++;
        }
        client.terminate();
        return answers;
    }

    @Test
    void whatIsIdleOnOneLaneIsHadByTheOther() {
        try (PooledRole pool = pool("pool_size = 4")) {
            List<PgClient> against = manyAgainstOne(pool, 4);
            PgClient alone = against.removeLast();
            begin(against);
            commit(against);
            assertThat(pool.backends()).hasSize(4);
            alone.query("begin");
            assertThat(pool.count("xact_start is not null")).isEqualTo(1);
            pool.awaitCount(4, "true");
            alone.query("commit");
        }
    }

    @Test
    void whoIsAloneOnHisLaneIsServedAsSoonAsOneOfTheOthersIsDone() {
        try (PooledRole pool = pool("pool_size = 4")) {
            List<PgClient> against = manyAgainstOne(pool, 4);
            PgClient alone = against.removeLast();
            begin(against);
            alone.send(Messages.query("select 'served'"));
            assertThat(alone.hasBytesWithin(A_WHILE)).isFalse();
            against.getFirst().query("commit");
            assertThat(alone.readUntilReady().getLast().status()).isEqualTo('I');
            commit(against.subList(1, 4));
        }
    }

    /** The many never leave one idle: whoever comes next on their lane has it at once. */
    @ParameterizedTest
    @EnumSource
    void aFloodOnOneLaneDoesNotKeepTheOtherOut(SharedPipelining pipelining) throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        try (PooledRole pool = pool(
                        "pool_size = 2",
                        "shared_pipelining = \"" + pipelining.name().toLowerCase(Locale.ROOT) + "\"");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<PgClient> against = manyAgainstOne(pool, 12);
            PgClient alone = against.removeLast();
            List<Future<Integer>> flood = new ArrayList<>();
            for (PgClient client : against) {
                flood.add(threads.submit(() -> {
                    int answers = 0;
                    while (!enough.get()) {
                        client.query("select 1");
                        answers++;
                    }
                    return answers;
                }));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(alone.rows("select 'mine'")).containsExactly(List.of("mine"));
            }
            enough.set(true);
            for (Future<Integer> done : flood) {
                assertThat(done.get()).isPositive();
            }
        }
    }

    enum SharedPipelining {
        AUTO,
        OFF
    }

    @Test
    void sessionsAndTransactionsOfBothLanesWaitForEachOther() {
        try (PooledRole pool = pool("pool_size = 2")) {
            List<PgClient> sessions = logins(pool, Mode.SESSION, 2);
            Set<Integer> backends = new HashSet<>();
            sessions.forEach(client -> backends.add(PooledRole.backend(client)));
            assertThat(backends).hasSize(2);
            List<PgClient> waiting = logins(pool, Mode.TRANSACTION, 2);
            waiting.forEach(client -> client.send(Messages.query("select 'served'")));
            waiting.forEach(client -> assertThat(client.hasBytesWithin(A_WHILE)).isFalse());
            assertThat(pool.backends()).isEqualTo(backends);
            sessions.getFirst().terminate();
            waiting.forEach(client ->
                    assertThat(client.readUntilReady().getLast().status()).isEqualTo('I'));
            assertThat(PooledRole.backend(sessions.getLast())).isIn(backends);
            sessions.getLast().terminate();
        }
    }

    @Test
    void theReserveAndTheLeastAreThoseOfThePool() {
        try (PooledRole pool = pool(
                "pool_size = 2", "reserve_pool_size = 1", "reserve_pool_timeout = \"100ms\"", "min_pool_size = 2")) {
            List<PgClient> holders = logins(pool, Mode.TRANSACTION, 4);
            begin(holders.subList(0, 2));
            holders.subList(2, 4).forEach(client -> client.send(Messages.query("begin")));
            pool.awaitCount(3, "xact_start is not null");
            assertThat(holders.stream()
                            .skip(2)
                            .filter(client -> client.hasBytesWithin(Duration.ofMillis(300)))
                            .count())
                    .as("both have waited for the reserve, of which there is one")
                    .isEqualTo(1);
            commit(holders.subList(0, 2));
            holders.subList(2, 4).forEach(PgClient::readUntilReady);
            commit(holders.subList(2, 4));
            pool.awaitCount(2, "true");
            holders.forEach(PgClient::terminate);
        }
    }

    @Test
    void asManyArePinnedAsMayBe() {
        try (PooledRole pool = pool("pool_size = 4", "max_pinned = 3")) {
            List<PgClient> four = logins(pool, Mode.TRANSACTION, 4);
            int refused = 0;
            for (PgClient client : four) {
                List<Frame> reply = client.query("create temporary table mine (id int)");
                refused += reply.getFirst().type() == 'E' ? 1 : 0;
            }
            assertThat(refused).isEqualTo(1);
        }
    }

    // ---- what concerns one client

    @Test
    void aCancelFindsItsClientOnEachLane() {
        try (PooledRole pool = pool("pool_size = 2")) {
            List<PgClient> both = logins(pool, Mode.TRANSACTION, 2);
            both.forEach(client -> client.send(Messages.query("select pg_sleep(60)")));
            pool.awaitCount(2, "state = 'active'");
            for (PgClient client : both) {
                cancel(pool, client);
                List<Frame> reply = client.readUntilReady();
                assertThat(PooledRole.error(reply).sqlstate()).isEqualTo("57014");
                assertThat(PooledRole.single(client, "select 'usable'")).isEqualTo("usable");
            }
        }
    }

    @Test
    void whatIsNotifiedIsHeardOnBothLanes() {
        try (PooledRole pool = pool("pool_size = 2")) {
            List<PgClient> listeners = logins(pool, Mode.TRANSACTION, 4);
            listeners.forEach(client -> client.query("listen news"));
            PgClient speaker = login(pool, Mode.TRANSACTION);
            for (String word : List.of("one", "two")) {
                speaker.query("notify news, '" + word + "'");
            }
            for (PgClient listener : listeners) {
                assertThat(new String(listener.readUntil('A').getLast().body(), StandardCharsets.UTF_8))
                        .contains("one");
                assertThat(new String(listener.readUntil('A').getLast().body(), StandardCharsets.UTF_8))
                        .contains("two");
            }
        }
    }

    @Test
    void preparedStatementsFollowTheirClientsWhenPlacesMove() {
        try (PooledRole pool = pool("pool_size = 1")) {
            List<PgClient> both = logins(pool, Mode.TRANSACTION, 4);
            for (int i = 0; i < both.size(); i++) {
                both.get(i).send(Messages.parse("mine", "select 'of " + i + "', $1::text"), Messages.sync());
                both.get(i).readUntilReady();
            }
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < both.size(); i++) {
                    PgClient client = both.get(i);
                    client.send(Messages.bind("", "mine", "round " + round), Messages.execute("", 0), Messages.sync());
                    assertThat(client.readUntil('D').getLast().columns()).containsExactly("of " + i, "round " + round);
                    client.readUntilReady();
                }
            }
        }
    }

    // ---- another configuration

    @Test
    void aReloadThatGivesMoreLanesKeepsThePoolsSize() {
        PooledRole.createRole(postgres, role);
        String one = PooledRole.toml("lanes = 2", tenantOn(1, "pool_size = 3"));
        try (PooledRole pool = PooledRole.existing(postgres, role, one)) {
            List<PgClient> before = logins(pool, Mode.TRANSACTION, 3);
            begin(before);
            reload(pool, tenant("pool_size = 3"));
            PgClient after = login(pool, Mode.TRANSACTION);
            assertThat(clientsByLane(pool).stream().sorted()).containsExactly(1, 3);
            after.send(Messages.query("begin"));
            assertThat(after.hasBytesWithin(A_WHILE)).isFalse();
            assertThat(pool.backends()).hasSize(3);
            before.getFirst().query("commit");
            after.readUntilReady();
            assertThat(pool.count("xact_start is not null")).isEqualTo(3);
            pool.awaitCount(3, "true");
            reload(pool, tenantOn(1, "pool_size = 2"));
            commit(before.subList(1, 3));
            after.query("commit");
            pool.awaitCount(2, "true");
            assertThat(logins(pool, Mode.TRANSACTION, 4)).hasSize(4);
            assertThat(clientsByLane(pool).stream().sorted()).containsExactly(1, 7);
        }
    }

    // ---- places

    @Test
    void tenantsAreSpreadOverTheLanes() {
        PooledRole.createRole(postgres, role);
        String[] tenants = new String[8];
        for (int i = 0; i < tenants.length; i++) {
            tenants[i] = PooledRole.tenant("t" + i, postgres.host(), postgres.port(), role);
        }
        try (PooledRole pool = PooledRole.existing(postgres, role, PooledRole.toml("lanes = 2", tenants))) {
            for (int i = 0; i < tenants.length; i++) {
                clients.add(pool.destination(Mode.TRANSACTION)
                        .as(role + ".t" + i, PooledRole.PASSWORD)
                        .login());
            }
            assertThat(clientsByLane(pool)).containsExactly(4, 4);
        }
    }
}
