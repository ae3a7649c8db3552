package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.awaitility.Awaitility;

/**
 * A role of its own with a schema of its own, a Weir whose tenant {@code acme} has just this user, and what Postgres says
 * of its server connections. Failed expectations and anything logged at ERROR fail the test, at the latest on
 * {@link #close}.
 */
final class PooledRole implements AutoCloseable {
    static final String PASSWORD = "secret";

    /** The answer of Weir or Postgres to whatever is awaited here takes milliseconds; this is for a machine in trouble. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final TestPostgres postgres;
    private final String role;
    private final ErrorLog errors = ErrorLog.open();
    private final WeirFixture weir;

    private PooledRole(TestPostgres postgres, String role, String toml) {
        this.postgres = postgres;
        this.role = role;
        this.weir = WeirFixture.start(toml);
    }

    /** On the shared Postgres; the role must be new. */
    static PooledRole create(String role, String... tenantLines) {
        return create(TestPostgres.shared(), role, tenantLines);
    }

    static PooledRole create(TestPostgres postgres, String role, String... tenantLines) {
        createRole(postgres, role);
        return new PooledRole(
                postgres, role, toml("", tenant("acme", postgres.host(), postgres.port(), role, tenantLines)));
    }

    /** The same role through another Weir, or with another address in between. */
    static PooledRole existing(TestPostgres postgres, String role, String toml) {
        return new PooledRole(postgres, role, toml);
    }

    static void createRole(TestPostgres postgres, String role) {
        postgres.createRole(role, PASSWORD, TestPostgres.Login.SCRAM);
        postgres.execute("CREATE SCHEMA AUTHORIZATION " + role);
    }

    /**
     * A whole configuration: lines of the top, then tenants. {@code -Dweir.test.io} chooses another kind of I/O, and
     * {@code -Dweir.test.lanes} so many lanes for the process and each tenant.
     */
    static String toml(String top, String... tenants) {
        String io = top.contains("io =") ? "" : "io = \"" + System.getProperty("weir.test.io", "auto") + "\"\n";
        return io + lanes(top) + top + "\n" + WeirFixture.LISTEN + String.join("\n", tenants);
    }

    /** What that property adds to a table with these lines. */
    static String lanes(String others) {
        String lanes = System.getProperty("weir.test.lanes", "");
        return lanes.isEmpty() || others.contains("lanes =") ? "" : "lanes = " + lanes + "\n";
    }

    static String tenant(String id, String host, int port, String role, String... lines) {
        String extra = String.join("\n", lines);
        return """

                [[tenant]]
                id = "%s"
                host = "%s"
                port = %d
                %s
                  [[tenant.user]]
                  name = "%s"
                  password = "%s"
                """.formatted(id, host, port, lanes(extra) + extra, role, PASSWORD);
    }

    Weir weir() {
        return weir.weir();
    }

    TestPostgres postgres() {
        return postgres;
    }

    Destination destination(Mode mode) {
        return switch (mode) {
            case TRANSACTION -> weir.transaction(role + ".acme", PASSWORD, "postgres");
            case SESSION -> weir.session(role + ".acme", PASSWORD, "postgres");
        };
    }

    PgClient login(Mode mode) {
        return destination(mode).login();
    }

    /** How Weir answers this statement of a client that comes and goes. */
    String ask(Mode mode, String sql) {
        try (PgClient client = login(mode)) {
            String answer = single(client, sql);
            client.terminate();
            return answer;
        }
    }

    /** Lets a client that comes and goes run statements. */
    void execute(Mode mode, String sql) {
        try (PgClient client = login(mode)) {
            client.rows(sql);
            client.terminate();
        }
    }

    /** The one value that a query gives. */
    static String single(PgClient client, String sql) {
        return Objects.requireNonNull(client.rows(sql).getFirst().getFirst());
    }

    static int backend(PgClient client) {
        return Integer.parseInt(single(client, "select pg_backend_pid()"));
    }

    /** The error in a reply; fails if there is none. */
    static Frame error(List<Frame> reply) {
        return reply.stream()
                .filter(frame -> frame.type() == 'E')
                .findFirst()
                .orElseThrow(() -> new AssertionError("no error in " + reply));
    }

    // ---- what Postgres says

    /** The role's server connections. */
    Set<Integer> backends() {
        Set<Integer> pids = new HashSet<>();
        for (var row : postgres.query("select pid from pg_stat_activity where usename = '" + role + "'")) {
            pids.add(Integer.valueOf(Objects.requireNonNull(row.getFirst())));
        }
        return pids;
    }

    /** How many of the role's server connections this condition on pg_stat_activity holds for. */
    int count(String condition) {
        return Integer.parseInt(Objects.requireNonNull(
                postgres.query("select count(*) from pg_stat_activity where usename = '" + role + "' and " + condition)
                        .getFirst()
                        .getFirst()));
    }

    void awaitCount(int expected, String condition) {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .untilAsserted(() -> assertThat(count(condition))
                        .as("server connections with %s among %s", condition, activity())
                        .isEqualTo(expected));
    }

    private List<?> activity() {
        return postgres.query("select pid, state, wait_event, xact_start is not null, left(query, 60)"
                + " from pg_stat_activity where usename = '" + role + "'");
    }

    /** Waits until this client's statement, which contains the text, runs. */
    void awaitRunning(String text) {
        awaitCount(1, "state = 'active' and query like '%" + text + "%'");
    }

    /** Waits until no server connection does anything or holds a transaction open. */
    void awaitRest() {
        awaitCount(0, "(state <> 'idle' or xact_start is not null)");
    }

    /** Terminates a server connection behind Weir's back and waits until it is gone. */
    void terminateBackend(int pid) {
        postgres.execute("select pg_terminate_backend(" + pid + ")");
        awaitCount(0, "pid = " + pid);
    }

    /**
     * The pool serves as many transactions side by side as its size says and not one more, each on a clean connection,
     * and afterwards all is at rest.
     */
    void assertSound(int poolSize) {
        List<PgClient> clients = new ArrayList<>();
        Set<Integer> pids = new HashSet<>();
        try (PgClient surplus = login(Mode.TRANSACTION)) {
            for (int i = 0; i < poolSize; i++) {
                PgClient client = login(Mode.TRANSACTION);
                clients.add(client);
                assertThat(client.query("begin").getLast().status()).isEqualTo('T');
                assertThat(single(client, "select coalesce(pg_current_xact_id_if_assigned()::text, 'none')"))
                        .as("a transaction that someone left open")
                        .isEqualTo("none");
                pids.add(backend(client));
            }
            assertThat(pids).hasSize(poolSize);
            surplus.send(Messages.query("select 1"));
            assertThat(surplus.hasBytesWithin(Duration.ofMillis(20)))
                    .as("one more than the pool's size is served")
                    .isFalse();
            assertThat(backends()).isEqualTo(pids);
            for (PgClient client : clients) {
                assertThat(client.query("commit").getLast().status()).isEqualTo('I');
                client.terminate();
            }
            surplus.readUntilReady();
            surplus.terminate();
        } finally {
            clients.forEach(PgClient::close);
        }
        awaitRest();
    }

    ErrorLog log() {
        return errors;
    }

    @Override
    public void close() {
        weir.close();
        awaitCount(0, "true");
        errors.close();
    }
}
