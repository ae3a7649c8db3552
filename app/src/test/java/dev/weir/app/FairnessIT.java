package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import dev.weir.testkit.TestPostgres.Login;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tenants that share a host, and tenants that may do only so much in a second. */
class FairnessIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final String CONSOLE = "[[console.user]]\nname = \"ops\"\npassword = \"p\"\nrole = \"stats\"\n";

    @BeforeAll
    static void createRoles() {
        POSTGRES.createRole("fair_noisy", "pass", Login.SCRAM);
        POSTGRES.createRole("fair_polite", "pass", Login.SCRAM);
        POSTGRES.createDatabase("fair_other");
    }

    private static String tenant(String id, String... lines) {
        return """
                [[tenant]]
                id = "%s"
                host = "%s"
                port = %d
                %s
                [[tenant.user]]
                name = "fair_%s"
                password = "pass"
                """.formatted(id, POSTGRES.host(), POSTGRES.port(), String.join("\n", lines), id);
    }

    private static String host(int most) {
        return "[[host]]\nhost = \"%s\"\nport = %d\nmax_connections = %d\n"
                .formatted(POSTGRES.host(), POSTGRES.port(), most);
    }

    private static WeirFixture start(String... parts) {
        return WeirFixture.start(WeirFixture.LISTEN + String.join("", parts));
    }

    private static Destination transaction(WeirFixture weir, String tenant) {
        return weir.transaction("fair_" + tenant + "." + tenant, "pass", "postgres");
    }

    private static Destination session(WeirFixture weir, String tenant, String database) {
        return weir.session("fair_" + tenant + "." + tenant, "pass", database);
    }

    private static List<String> backends() {
        return POSTGRES.query("SELECT usename FROM pg_stat_activity WHERE usename LIKE 'fair_%' ORDER BY 1").stream()
                .map(row -> String.valueOf(row.getFirst()))
                .toList();
    }

    private static Frame attempt(Destination at) {
        try (PgClient client = PgClient.connect(at.host(), at.port())) {
            return client.attemptLogin(Messages.PROTOCOL_3_0, at.user(), at.password(), at.database(), Map.of());
        }
    }

    @Test
    void aFloodNeitherTakesMoreThanTheHostGivesNorKeepsAnotherTenantOut() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        try (WeirFixture weir = start(host(4), tenant("noisy", "pool_size = 4"), tenant("polite", "pool_size = 4"));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> flood = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                flood.add(threads.submit(() -> flood(transaction(weir, "noisy"), enough)));
            }
            Awaitility.await().atMost(PATIENCE).until(() -> backends().size() == 4);
            Future<Integer> polite = threads.submit(() -> {
                try (PgClient client = transaction(weir, "polite").login()) {
                    client.readTimeout(PATIENCE);
                    for (int i = 0; i < 50; i++) {
                        assertThat(client.rows("select 'mine'")).containsExactly(List.of("mine"));
                    }
                    client.terminate();
                }
                return 50;
            });
            int most = 0;
            while (!polite.isDone()) {
                most = Math.max(most, backends().size());
            }
            assertThat(polite.get()).isEqualTo(50);
            // One that was closed may still be seen for a moment by who counts.
            assertThat(most).isBetween(4, 5);
            enough.set(true);
            for (Future<Integer> client : flood) {
                assertThat(client.get()).isPositive();
            }
        }
    }

    private static int flood(Destination at, AtomicBoolean enough) {
        int count = 0;
        try (PgClient client = at.login()) {
            client.readTimeout(PATIENCE);
            while (!enough.get()) {
                client.rows("select pg_sleep(0.01)");
                count++;
            }
            client.terminate();
        }
        return count;
    }

    @Test
    void whatIsIdleBeyondAGuaranteeIsTakenBackAndWhatIsGuaranteedStays() {
        try (WeirFixture weir = start(
                host(3),
                tenant("noisy", "pool_size = 3", "guaranteed_connections = 2", "queue_timeout = \"2s\""),
                tenant("polite", "pool_size = 3", "queue_timeout = \"400ms\""))) {
            List<PgClient> noisy = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                noisy.add(session(weir, "noisy", "postgres").login());
                noisy.getLast().rows("select 1");
            }
            assertThat(backends()).containsOnly("fair_noisy").hasSize(3);
            noisy.forEach(PgClient::terminate);
            try (PgClient first = session(weir, "polite", "postgres").login()) {
                first.rows("select 1");
                Awaitility.await()
                        .atMost(PATIENCE)
                        .untilAsserted(() ->
                                assertThat(backends()).containsExactly("fair_noisy", "fair_noisy", "fair_polite"));
                try (PgClient second = session(weir, "polite", "postgres").login()) {
                    second.send(Messages.query("select 1"));
                    Frame error = second.readFrame();
                    assertThat(error.sqlstate()).isEqualTo("53300");
                    assertThat(error.fields().get('D'))
                            .contains("The pool has 1 of 3 server connections (pool_size)")
                            .contains("the tenant 1, the host 3 of 3 (max_connections of [[host]])");
                    assertThat(backends()).containsExactly("fair_noisy", "fair_noisy", "fair_polite");
                }
                first.terminate();
            }
        }
    }

    @Test
    void aTenantsPoolsShareItsMost() {
        try (WeirFixture weir =
                start(tenant("noisy", "pool_size = 2", "max_server_connections = 2", "queue_timeout = \"400ms\""))) {
            PgClient one = session(weir, "noisy", "postgres").login();
            PgClient two = session(weir, "noisy", "postgres").login();
            one.rows("select 1");
            two.rows("select 1");
            Destination other = session(weir, "noisy", "fair_other");
            Frame refused = attempt(other);
            assertThat(refused.sqlstate()).isEqualTo("53300");
            assertThat(refused.fields().get('D')).contains("the tenant 2 of 2 (max_server_connections)");
            assertThat(backends()).hasSize(2);
            one.terminate(); // what it leaves idle is the other pool's
            try (PgClient client = other.login()) {
                assertThat(client.rows("select current_database()")).containsExactly(List.of("fair_other"));
                client.terminate();
            }
            two.terminate();
        }
    }

    @Test
    void clientsAreLimitedByUserAndInAll() {
        String limited = tenant("noisy") + "max_clients = 2\n";
        try (WeirFixture weir = WeirFixture.start(
                WeirFixture.LISTEN + "max_clients = 3\n" + CONSOLE + limited + tenant("polite", "max_clients = 50"))) {
            try (PgClient watcher = weir.transaction("ops", "p", "weir").login(); // who takes nobody's place
                    PgClient one = transaction(weir, "noisy").login();
                    PgClient two = transaction(weir, "noisy").login()) {
                assertThat(attempt(transaction(weir, "noisy")).fields())
                        .containsEntry('C', "53300")
                        .containsEntry('M', "too many connections for role \"fair_noisy\"");
                PgClient three = transaction(weir, "polite").login();
                assertThat(attempt(transaction(weir, "polite")).fields())
                        .containsEntry('C', "53300")
                        .containsEntry('D', "All tenants together have 3 clients, the limit (listen.max_clients).");
                try (PgClient console = weir.session("ops", "p", "pgbouncer").login()) {
                    assertThat(console.rows("SHOW TENANTS"))
                            .as("when all places are taken")
                            .hasSize(2);
                    console.terminate();
                }
                watcher.terminate();
                three.terminate();
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> attempt(transaction(weir, "polite")).type() == 'Z');
                one.terminate();
                two.terminate();
            }
        }
    }

    @Test
    void loginsAreLimitedInASecond() {
        try (WeirFixture weir = start(tenant("noisy", "max_new_connections_per_second = 2"))) {
            int refused = 0;
            for (int i = 0; i < 200 && refused == 0; i++) {
                Frame answer = attempt(transaction(weir, "noisy"));
                if (answer.type() == 'E') {
                    assertThat(answer.fields())
                            .containsEntry('C', "53300")
                            .containsEntry('M', "too many new connections in this second");
                    refused++;
                }
            }
            assertThat(refused).isPositive();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> attempt(transaction(weir, "noisy")).type() == 'Z');
        }
    }

    @Test
    void transactionsWaitForTheRateAndAreRefusedIfItTakesTooLong() throws InterruptedException, ExecutionException {
        String lines = "max_transactions_per_second = 1";
        try (WeirFixture weir = start(tenant("noisy", lines, "queue_timeout = \"5s\""));
                PgClient client = transaction(weir, "noisy").login()) {
            long begin = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                client.rows("select 1");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1500));
            client.terminate();
        }
        try (WeirFixture weir = start(tenant("noisy", lines, "queue_timeout = \"100ms\""));
                PgClient client = transaction(weir, "noisy").login()) {
            Frame answer = client.query("select 1").getFirst();
            for (int i = 0; i < 5 && answer.type() != 'E'; i++) {
                answer = client.query("select 1").getFirst();
            }
            assertThat(answer.sqlstate()).isEqualTo("53300");
            assertThat(answer.fields().get('D')).contains("max_transactions_per_second");
            client.terminate();
        }
    }

    @Test
    void bytesAreLimitedInASecond() {
        try (WeirFixture weir = start(tenant("noisy", "max_bytes_per_second = \"256KiB\""));
                PgClient client = transaction(weir, "noisy").login()) {
            client.readTimeout(PATIENCE);
            long begin = System.nanoTime();
            assertThat(client.rows("select repeat('x', 1000000)").getFirst().getFirst())
                    .hasSize(1_000_000);
            String text = "y".repeat(200_000);
            assertThat(client.rows("select length('" + text + "')")).containsExactly(List.of("200000"));
            // 1.2 MB at 0.26 MB/s, less what may come in a burst and what the sockets hold.
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1500));
            client.terminate();
        }
    }

    @Test
    void warnsOfMoreThanTheServerAllows() {
        int allowed = Integer.parseInt(String.valueOf(POSTGRES.query(
                        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int")
                .getFirst()
                .getFirst()));
        String users =
                tenant("noisy", "pool_size = " + allowed) + "[[tenant.user]]\nname = \"other\"\npassword = \"x\"\n";
        for (String text : List.of(host(allowed + 1) + tenant("noisy"), users)) {
            try (ErrorLog log = ErrorLog.open();
                    WeirFixture weir = start(text)) {
                weir.weir().compareWithServers();
                transaction(weir, "noisy").login().terminate();
                log.await(
                        "more server connections are configured than the server allows", "allowed=\"" + allowed + "\"");
            }
        }
    }

    private static void awaitReason(PgClient console, String reason) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(ConsoleFixture.column(console, "SHOW WAITING", "reason"))
                        .containsExactly(reason));
    }

    @Test
    void theConsoleSaysThatAClientWaitsForAPlace() {
        String lines = "pool_size = 1\nmax_server_connections = 1";
        String limited = tenant("polite", lines) + "max_clients = 7\n";
        try (WeirFixture weir = start(CONSOLE, host(1), tenant("noisy", "pool_size = 1"), limited);
                PgClient console = weir.transaction("ops", "p", "weir").login();
                PgClient client = transaction(weir, "polite").login()) {
            client.rows("select 1");
            try (PgClient holder = session(weir, "noisy", "postgres").login()) { // what is idle is taken for it
                holder.query("begin");
                client.send(Messages.query("select 1"));
                awaitReason(
                        console,
                        "no place for another server connection: the pool has 0 of 1 (pool_size), the tenant 0 of 1"
                                + " (max_server_connections), the host 1 of 1 (max_connections of [[host]])");
                holder.terminate();
            }
            client.readUntilReady();
            assertThat(ConsoleFixture.column(console, "SHOW DATABASES", "max_connections"))
                    .containsExactly("0", "1", "0");
            assertThat(ConsoleFixture.column(console, "SHOW USERS", "max_user_client_connections"))
                    .containsExactly("0", "7");
            client.terminate();
        }
    }

    @Test
    void theConsoleSaysThatAClientThatListensWaitsForAPlace() {
        String lines = "pool_size = 1\nmax_server_connections = 1";
        try (WeirFixture weir = start(CONSOLE, tenant("polite", lines));
                PgClient console = weir.transaction("ops", "p", "weir").login();
                PgClient client = transaction(weir, "polite").login()) {
            client.rows("listen mine");
            awaitReason(
                    console,
                    "LISTEN needs a server connection beside the pool: no place for another server connection: the pool"
                            + " has 1 of 1 (pool_size), the tenant 1 of 1 (max_server_connections)");
            assertThat(ConsoleFixture.column(console, "SHOW POOLS", "cl_waiting"))
                    .containsOnlyOnce("1");
            client.terminate();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> console.rows("SHOW WAITING").isEmpty());
        }
    }

    @Test
    void theConsoleSaysThatAClientWaitsForARate() {
        try (WeirFixture weir = start(CONSOLE, tenant("polite", "max_transactions_per_second = 1"));
                PgClient console = weir.transaction("ops", "p", "weir").login();
                PgClient one = transaction(weir, "polite").login();
                PgClient two = transaction(weir, "polite").login();
                PgClient three = transaction(weir, "polite").login()) {
            for (PgClient client : List.of(one, two, three)) { // of which the last waits for two seconds
                client.send(Messages.query("select 1"));
            }
            awaitReason(console, "max_transactions_per_second (1) is used up");
        }
    }

    @Test
    void aReloadChangesTheLimits() {
        String before = WeirFixture.LISTEN + host(1) + tenant("noisy", "pool_size = 1");
        try (WeirFixture weir = WeirFixture.start(before)) {
            try (PgClient one = session(weir, "noisy", "postgres").login()) {
                one.rows("select 1");
                weir.weir()
                        .replaceTenants(
                                WeirFixture.config(WeirFixture.LISTEN + host(2) + tenant("noisy", "pool_size = 2"))
                                        .tenants());
                try (PgClient two = session(weir, "noisy", "postgres").login()) {
                    assertThat(two.rows("select 1")).hasSize(1);
                    assertThat(backends()).hasSize(2);
                    two.terminate();
                }
                one.terminate();
            }
        }
    }
}
