package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was made for PgBouncer: its own console beside Weir's, and a plugin of Nagios that reads it. */
class ConsoleToolsIT {
    /**
     * Columns that Debian's PgBouncer 1.18 has not, or has by another name; PgBouncer 1.25 has them all. The topics STATE,
     * PEERS and PEER_POOLS it has not at all.
     */
    private static final Map<String, Set<String>> NEWER = Map.of(
            "DATABASES",
            Set.of(
                    "reserve_pool_size",
                    "server_lifetime",
                    "load_balance_hosts",
                    "max_client_connections",
                    "current_client_connections"),
            "POOLS",
            Set.of("load_balance_hosts"),
            "CLIENTS",
            Set.of("replication", "prepared_statements", "id"),
            "SERVERS",
            Set.of("replication", "prepared_statements", "id"),
            "SOCKETS",
            Set.of("replication", "prepared_statements", "id"),
            "ACTIVE_SOCKETS",
            Set.of("replication", "prepared_statements", "id"),
            "USERS",
            Set.of(
                    "pool_size",
                    "reserve_pool_size",
                    "max_user_connections",
                    "current_connections",
                    "max_user_client_connections",
                    "current_client_connections"),
            "STATS",
            newerCounts("total_", "avg_"),
            "STATS_TOTALS",
            newerCounts(""),
            "STATS_AVERAGES",
            Set.of(
                    "server_assignment_count",
                    "avg_client_parse_count",
                    "avg_server_parse_count",
                    "avg_bind_count",
                    "avg_client_login_count"));

    /** Columns of 1.18 that have gone since. */
    private static final Map<String, Set<String>> GONE = Map.of("DATABASES", Set.of("reserve_pool"));

    @TempDir
    private static Path folder;

    private static ConsoleFixture weir;

    @BeforeAll
    static void start() {
        weir = ConsoleFixture.before(TestPostgres.shared());
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static Set<String> newerCounts(String... prefixes) {
        Set<String> names = new HashSet<>();
        for (String prefix : prefixes) {
            for (String name : List.of(
                    "server_assignment_count",
                    "client_parse_count",
                    "server_parse_count",
                    "bind_count",
                    "client_login_count")) {
                names.add(prefix + name);
            }
        }
        return Set.copyOf(names);
    }

    // ---- PgBouncer

    private static Process startPgBouncer(int port) throws IOException {
        Path users = Files.writeString(folder.resolve("users.txt"), "\"ops\" \"secret\"\n");
        Path settings = Files.writeString(folder.resolve("pgbouncer.ini"), """
                [databases]
                postgres = host=127.0.0.1
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                admin_users = ops
                """.formatted(port, users));
        boolean root = "root".equals(System.getProperty("user.name"));
        List<String> command = new ArrayList<>(List.of("pgbouncer", "-q", settings.toString()));
        if (root) { // PgBouncer does not run as root
            folder.toFile().setReadable(true, false);
            folder.toFile().setExecutable(true, false);
            command.add(1, "--user=nobody");
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("pgbouncer.log").toFile())
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static PgClient console(int port) {
        return PgClient.connect("127.0.0.1", port).login("ops", ConsoleFixture.PASSWORD, "pgbouncer");
    }

    /** Names and types of the columns, in their order, as the RowDescription has them. */
    private static Map<String, Integer> columns(int port, String topic) {
        try (PgClient console = console(port)) {
            Frame description = console.query("SHOW " + topic).getFirst();
            assertThat(description.type()).as(topic).isEqualTo('T');
            Map<String, Integer> columns = ConsoleFixture.types(description.body());
            console.terminate();
            return columns;
        }
    }

    @Test
    void columnsAreThoseOfPgBouncer() throws Exception {
        Programs.require("pgbouncer");
        int port = freePort();
        Process pgBouncer = startPgBouncer(port);
        try {
            Awaitility.await().ignoreExceptions().until(() -> {
                try (PgClient console = console(port)) {
                    return !console.rows("SHOW VERSION").isEmpty();
                }
            });
            for (String topic : List.of(
                    "CONFIG",
                    "DATABASES",
                    "POOLS",
                    "CLIENTS",
                    "SERVERS",
                    "USERS",
                    "VERSION",
                    "LISTS",
                    "MEM",
                    "SOCKETS",
                    "ACTIVE_SOCKETS",
                    "DNS_HOSTS",
                    "DNS_ZONES",
                    "STATS",
                    "STATS_TOTALS",
                    "STATS_AVERAGES",
                    "TOTALS")) {
                Map<String, Integer> expected = columns(port, topic);
                Map<String, Integer> found = columns(weir.port(), topic);
                Set<String> newer = NEWER.getOrDefault(topic, Set.of());
                assertThat(found.keySet()).as(topic).containsAll(newer);
                found.keySet().removeAll(newer);
                expected.keySet().removeAll(newer);
                expected.keySet().removeAll(GONE.getOrDefault(topic, Set.of()));
                assertThat(new ArrayList<>(found.entrySet())).as(topic).containsExactlyElementsOf(expected.entrySet());
            }
        } finally {
            pgBouncer.destroy();
            pgBouncer.waitFor(10, TimeUnit.SECONDS);
        }
    }

    // ---- check_postgres

    private static Programs.Result check(String action, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "check_postgres", "--action=" + action, "--host=127.0.0.1", "--port=" + weir.port(), "--dbuser=ops"));
        command.addAll(List.of(options));
        return Programs.run(folder, Map.of("PGPASSWORD", ConsoleFixture.PASSWORD), "", command);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pgb_pool_cl_active",
                "pgb_pool_cl_waiting",
                "pgb_pool_sv_active",
                "pgb_pool_sv_idle",
                "pgb_pool_sv_used",
                "pgb_pool_sv_tested",
                "pgb_pool_sv_login",
                "pgb_pool_maxwait"
            })
    void checkPostgresReadsPools(String action) {
        Programs.require("check_postgres");
        try (PgClient client = weir.client("red")) {
            client.query("select 1");
            Programs.Result result =
                    check(action, "--warning=10", "--critical=20").expectSuccess();
            assertThat(result.output())
                    .contains("OK")
                    .contains("postgres.red=" + (action.matches(".*cl_active|.*sv_idle") ? 1 : 0));
            client.terminate();
        }
    }

    @Test
    void checkPostgresTellsWhenALimitIsReached() {
        Programs.require("check_postgres");
        try (PgClient client = weir.client("red");
                PgClient other = weir.client("red")) {
            client.query("select 1");
            other.query("select 1");
            Programs.Result result = check("pgb_pool_cl_active", "--warning=1", "--critical=2");
            assertThat(result.output()).contains("CRITICAL").contains("postgres.red=2");
            assertThat(result.status()).isEqualTo(2);
            assertThat(check("pgbouncer_backends").expectSuccess().output()).contains(" of 400 ");
            client.terminate();
            other.terminate();
        }
    }
}
