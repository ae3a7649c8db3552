package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The console by its messages: who gets in, what is seen and steered, and how errors look. */
class ConsoleIT {
    private static ConsoleFixture weir;

    @RegisterExtension
    final ErrorLog log = ErrorLog.duringEachTest();

    @BeforeAll
    static void start() {
        weir = ConsoleFixture.before(TestPostgres.shared(), "max_clients = 2", "pool_size = 1");
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static String types(List<Frame> frames) {
        return frames.stream().map(frame -> String.valueOf(frame.type())).collect(Collectors.joining());
    }

    private static Frame error(PgClient console, String command) {
        List<Frame> frames = console.query(command);
        assertThat(types(frames)).as(command).isEqualTo("EZ");
        return frames.getFirst();
    }

    private static Frame attempt(String user, String password, String database) {
        return PgClient.connect("127.0.0.1", weir.port())
                .attemptLogin(Messages.PROTOCOL_3_0, user, password, database, Map.of());
    }

    // ---- who

    @ParameterizedTest
    @CsvSource({
        "ops, pgbouncer",
        "ops, weir",
        "watch.dog, pgbouncer",
        "owner.red, pgbouncer",
        "owner, weir",
        "guest.blue, weir"
    })
    void usersWithARoleGetInOnBothPorts(String user, String database) {
        for (boolean session : new boolean[] {false, true}) {
            var destination = session
                    ? weir.weir().session(user, ConsoleFixture.PASSWORD, database)
                    : weir.weir().transaction(user, ConsoleFixture.PASSWORD, database);
            try (PgClient console = destination.login()) {
                assertThat(console.loggedIn().parameters())
                        .containsEntry("server_version", "10.0/weir")
                        .containsEntry("client_encoding", "UTF8")
                        .containsEntry("is_superuser", user.matches("ops|owner.*") ? "on" : "off");
                assertThat(types(console.query("SHOW VERSION"))).isEqualTo("TDCZ");
                console.terminate();
            }
        }
    }

    @Test
    void whoHasNoRoleIsToldSoBehindTheLoginOnly() {
        assertThat(attempt("postgres.red", "postgres", "pgbouncer"))
                .satisfies(refusal ->
                        assertThat(refusal.sqlstate() + refusal.message()).isEqualTo("42501not allowed"));
    }

    @ParameterizedTest
    @CsvSource({
        "postgres.red, wrong, pgbouncer",
        "ops, wrong, pgbouncer",
        "nobody, secret, weir",
        "watch.cat, secret, weir",
        "ops, secret, postgres",
        "owner.green, secret, pgbouncer"
    })
    void unknownUsersAndWrongPasswordsAreAllTheSame(String user, String password, String database) {
        Frame refusal = attempt(user, password, database);
        assertThat(refusal.sqlstate()).isEqualTo("28P01");
        assertThat(refusal.message()).startsWith("password authentication failed for user");
    }

    @Test
    void consoleDoesNotCountTowardsMaxClients() {
        try (PgClient one = weir.client("red");
                PgClient two = weir.client("red");
                PgClient console = weir.console("owner.red")) {
            assertThat(attempt("postgres.red", "postgres", "postgres").sqlstate())
                    .isEqualTo("53300");
            assertThat(ConsoleFixture.column(console, "SHOW CLIENTS", "state")).hasSize(2);
            one.terminate();
            two.terminate();
        }
    }

    @Test
    void tenantsSeeThemselvesByPlainNamesAndOthersNotAtAll() {
        try (PgClient red = weir.client("red");
                PgClient blue = weir.client("blue");
                PgClient all = weir.console("watch.dog");
                PgClient ofRed = weir.console("guest.red")) {
            assertThat(ConsoleFixture.column(all, "SHOW POOLS", "database"))
                    .contains("postgres.red", "postgres.blue", "pgbouncer");
            assertThat(ConsoleFixture.column(all, "SHOW POOLS", "user")).contains("postgres.red", "postgres.blue");
            assertThat(ConsoleFixture.column(ofRed, "SHOW POOLS", "database")).containsOnly("postgres");
            assertThat(ConsoleFixture.column(ofRed, "SHOW CLIENTS", "user")).containsExactly("postgres");
            for (String topic : List.of("DATABASES", "SERVERS", "USERS", "TENANTS", "STATS", "SOCKETS", "DNS_HOSTS")) {
                String shown = ofRed.rows("SHOW " + topic).toString();
                assertThat(shown).as(topic).doesNotContain("blue");
            }
            assertThat(ConsoleFixture.column(ofRed, "SHOW TENANTS", "tenant")).containsExactly("red");
            red.terminate();
            blue.terminate();
        }
    }

    // ---- errors

    @ParameterizedTest
    @CsvSource({
        "SELECT * FROM pools, 0A000",
        "SHOW FDS, 0A000",
        "SHOW nothing, 42704",
        "DROP TABLE x, 42601",
        "KILL_CLIENT 999999, 42704",
        "KILL_CLIENT x, 22023",
        "SUSPEND, 0A000",
        "RELOAD, F0000",
        "SET pool_sise = 3, 42704",
        "SET green.pool_size = 3, 42704",
        "SET pool_size = none, 22023",
        "SET lanes = 3, 55000"
    })
    void errorsLeaveTheConnectionAsItIs(String command, String sqlstate) {
        try (PgClient console = weir.console("ops")) {
            Frame error = error(console, command);
            assertThat(error.sqlstate()).as(error.message()).isEqualTo(sqlstate);
            assertThat(error.fields()).containsEntry('S', "ERROR");
            assertThat(types(console.query("SHOW STATE"))).isEqualTo("TDDDDCZ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PAUSE", "KILL_CLIENT 1", "RELOAD", "SHUTDOWN", "SET pool_size = 1", "SUSPEND"})
    void whoMayOnlySeeMayNotSteer(String command) {
        try (PgClient console = weir.console("watch.dog")) {
            assertThat(error(console, command).sqlstate()).isEqualTo("42501");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RELOAD", "SHUTDOWN", "SET pool_size = 1", "SUSPEND", "SHOW LANES", "SHOW MEM"})
    void aTenantsAdminDoesNotSteerTheProcess(String command) {
        try (PgClient console = weir.console("owner.red")) {
            assertThat(error(console, command).sqlstate()).isEqualTo("42501");
        }
    }

    // ---- protocol

    @Test
    void severalCommandsInOneQueryEndAtTheFirstError() {
        try (PgClient console = weir.console("ops")) {
            assertThat(types(console.query("SHOW VERSION; BEGIN; SHOW FDS; SHOW VERSION")))
                    .isEqualTo("TDCNCEZ");
            assertThat(types(console.query(" ; -- nothing"))).isEqualTo("IZ");
            assertThat(types(console.query("SHOW HELP"))).isEqualTo("NCZ");
        }
    }

    @Test
    void rowsOfAPortalComeByPortions() {
        try (PgClient console = weir.console("ops")) {
            console.send(
                    Messages.parse("s", "SHOW LISTS"),
                    Messages.describeStatement("s"),
                    Messages.bind("p", "s"),
                    Messages.describePortal("p"),
                    Messages.execute("p", 10),
                    Messages.sync());
            assertThat(types(console.readUntilReady())).isEqualTo("1tT2T" + "D".repeat(10) + "sZ");
            console.send(Messages.execute("p", 0), Messages.closePortal("p"), Messages.sync());
            assertThat(types(console.readUntilReady())).isEqualTo("DDDDC3Z");
            console.send(Messages.execute("p", 0), Messages.bind("", "s"), Messages.sync());
            List<Frame> frames = console.readUntilReady();
            assertThat(types(frames)).as("what follows an error is left out").isEqualTo("EZ");
            assertThat(frames.getFirst().sqlstate()).isEqualTo("34000");
            console.send(Messages.execute("p", 0), Messages.query("SHOW VERSION"), Messages.sync());
            assertThat(types(console.readUntilReady()))
                    .as("a Query, too, as in Postgres")
                    .isEqualTo("EZ");
            assertThat(console.rows("SHOW VERSION")).hasSize(1);
        }
    }

    @Test
    void aValueMayBeAParameter() {
        try (PgClient console = weir.console("ops")) {
            console.send(
                    Messages.parse("", "KILL_CLIENT $1", 20),
                    Messages.describeStatement(""),
                    Messages.bind("", "", "424242"),
                    Messages.execute("", 0),
                    Messages.sync());
            List<Frame> frames = console.readUntilReady();
            assertThat(types(frames)).isEqualTo("1tn2EZ");
            assertThat(frames.get(4).message()).isEqualTo("there is no client 424242");
            console.send(Messages.parse("", "PAUSE $1; PAUSE $2"), Messages.sync());
            assertThat(console.readUntilReady().getFirst().sqlstate()).isEqualTo("42601");
        }
    }

    @Test
    void whatIsNoMessageEndsTheConnection() {
        try (PgClient console = weir.console("ops")) {
            console.send(new byte[] {'?', 0, 0, 0, 4});
            assertThat(console.readUntilClosed().getFirst().sqlstate()).isEqualTo("08P01");
        }
        try (PgClient console = weir.console("ops")) {
            console.send(new byte[] {'B', 0, 0, 0, 5, 'x'});
            assertThat(console.readUntilClosed().getFirst().sqlstate()).isEqualTo("08P01");
        }
    }

    @Test
    void largeAnswersComeInTurnsAndWhole() {
        StringBuilder toml = new StringBuilder(ConsoleFixture.toml(TestPostgres.shared()));
        for (int i = 0; i < 700; i++) {
            toml.append("[[tenant]]\nid = \"t%d\"\nhost = \"db\"\n".formatted(i))
                    .append("[[tenant.user]]\nname = \"app\"\npassword = \"p\"\n");
        }
        try (WeirFixture many = WeirFixture.start(toml.toString());
                PgClient console =
                        many.transaction("ops", ConsoleFixture.PASSWORD, "weir").login()) {
            assertThat(ConsoleFixture.column(console, "SHOW TENANTS", "tenant"))
                    .hasSize(702)
                    .doesNotHaveDuplicates();
            console.send(
                    Messages.parse("", "SHOW TENANTS"),
                    Messages.bind("", ""),
                    Messages.execute("", 300),
                    Messages.execute("", 300),
                    Messages.execute("", 300),
                    Messages.sync());
            assertThat(types(console.readUntilReady()))
                    .isEqualTo("12" + "D".repeat(300) + "s" + "D".repeat(300) + "s" + "D".repeat(102) + "CZ");
            console.terminate();
        }
    }

    // ---- what is there

    @Test
    void clientsServersAndThoseThatWaitAreSeen() {
        try (PgClient console = weir.console("ops");
                PgClient busy = weir.client("red");
                PgClient waiting = weir.client("red")) {
            busy.query("begin");
            waiting.send(Messages.query("select 1"));
            Awaitility.await()
                    .until(() -> ConsoleFixture.column(console, "SHOW WAITING", "reason")
                            .equals(List.of("all 1 server connections (pool_size) are lent")));
            assertThat(ConsoleFixture.column(console, "SHOW CLIENTS", "state"))
                    .containsExactlyInAnyOrder("active", "waiting", "active");
            assertThat(ConsoleFixture.column(console, "SHOW SERVERS", "state")).contains("active");
            assertThat(console.rows("SHOW POOLS"))
                    .anySatisfy(row -> assertThat(row).startsWith("postgres.red", "postgres.red", "1", "1"));
            busy.query("commit");
            waiting.readUntilReady();
            busy.query("create temp table kept (a int)");
            Awaitility.await()
                    .until(() -> ConsoleFixture.column(console, "SHOW PINNED", "user")
                            .equals(List.of("postgres.red")));
            assertThat(ConsoleFixture.column(console, "SHOW PINNED", "reason"))
                    .singleElement()
                    .asString()
                    .isNotBlank();
            busy.terminate();
            waiting.terminate();
        }
    }

    @Test
    void everyTopicHasAsManyValuesAsColumns() {
        try (PgClient client = weir.client("blue");
                PgClient console = weir.console("ops")) {
            client.query("select 1");
            String help = console.query("SHOW HELP").getFirst().fields().getOrDefault('D', "");
            List<String> topics = help.lines()
                    .filter(line -> line.contains("SHOW"))
                    .flatMap(line -> Stream.of(line.strip().substring(5).split("\\|")))
                    .toList();
            assertThat(topics).hasSizeGreaterThan(20);
            for (String topic : topics) {
                if (topic.equals("HELP") || topic.equals("FDS")) {
                    continue;
                }
                List<Frame> frames = console.query("SHOW " + topic);
                assertThat(types(frames)).as(topic).matches("TD*CZ");
                int columns = ConsoleFixture.names(frames.getFirst().body()).size();
                frames.stream()
                        .filter(frame -> frame.type() == 'D')
                        .forEach(row -> assertThat(row.columns()).as(topic).hasSize(columns));
            }
            client.terminate();
        }
    }

    // ---- commands

    @Test
    void killsTheClientThatIsNamed() {
        try (PgClient console = weir.console("owner.blue");
                PgClient killed = weir.client("blue");
                PgClient spared = weir.client("red")) {
            String id = ConsoleFixture.column(console, "SHOW CLIENTS", "id").getFirst();
            assertThat(types(console.query("KILL_CLIENT " + id))).isEqualTo("CZ");
            assertThat(killed.readUntilClosed().getFirst().sqlstate()).isEqualTo("57P01");
            try (PgClient all = weir.console("ops")) {
                String other = ConsoleFixture.column(all, "SHOW CLIENTS", "id").getFirst();
                assertThat(error(console, "KILL_CLIENT " + other).sqlstate())
                        .as("a client of another tenant is none")
                        .isEqualTo("42704");
            }
            spared.query("select 1");
            spared.terminate();
        }
    }

    @Test
    void killsAUserOfTheConsole() {
        try (PgClient console = weir.console("ops");
                PgClient killed = weir.console("watch.dog")) {
            List<String> users = ConsoleFixture.column(console, "SHOW CLIENTS", "user").stream()
                    .map(String::valueOf)
                    .toList();
            String id = ConsoleFixture.column(console, "SHOW CLIENTS", "id").get(users.indexOf("watch.dog"));
            assertThat(types(console.query("KILL_CLIENT " + id))).isEqualTo("CZ");
            assertThat(killed.readUntilClosed().getFirst().sqlstate()).isEqualTo("57P01");
            console.query("SHOW STATE");
        }
    }

    @Test
    void setTakesEffectAndIsShown() {
        try (PgClient console = weir.console("ops");
                PgClient blue = weir.client("blue")) {
            assertThat(types(console.query("SET blue.max_clients = 1"))).isEqualTo("CZ");
            assertThat(attempt("postgres.blue", "postgres", "postgres").sqlstate())
                    .isEqualTo("53300");
            try (PgClient ofBlue = weir.console("owner.blue")) {
                assertThat(ofBlue.rows("SHOW CONFIG")).contains(List.of("max_clients", "1", "200", "no"));
            }
            console.query("SET blue.max_clients = 200");
            weir.client("blue").terminate();
            blue.query("select 1");
            blue.terminate();
            assertThat(types(console.query("SET log_level = 'debug'"))).isEqualTo("CZ");
            assertThat(console.rows("SHOW CONFIG")).contains(List.of("log_level", "debug", "info", "yes"));
            console.query("SET log_level = info");
        }
    }

    @Test
    void aShutdownThatWaitsForClientsCanBeTakenBack() {
        try (PgClient client = weir.client("blue");
                PgClient other = weir.console("ops");
                PgClient console = weir.console("ops")) {
            console.send(Messages.query("SHUTDOWN WAIT_FOR_CLIENTS"));
            Awaitility.await()
                    .until(() -> attempt("postgres.blue", "postgres", "postgres")
                            .sqlstate()
                            .equals("57P03"));
            client.query("select 1");
            assertThat(other.rows("SHOW STATE"))
                    .contains(List.of("active", "yes"), List.of("shutdown", "wait_for_clients"));
            Frame.BackendKey key = console.loggedIn().key();
            try (PgClient canceler = PgClient.connect("127.0.0.1", weir.port())) {
                canceler.send(Messages.cancelRequest(key.pid(), key.key()));
                canceler.readUntilClosed();
            }
            assertThat(console.readUntilReady().getFirst().sqlstate()).isEqualTo("57014");
            assertThat(other.rows("SHOW STATE")).contains(List.of("shutdown", "no"));
            weir.client("blue").terminate();
            other.terminate();
            client.terminate();
        }
    }

    @Test
    void shutdownIsAskedOfTheProcess() {
        try (ConsoleFixture other = ConsoleFixture.before(TestPostgres.shared());
                PgClient watching = other.console("ops");
                PgClient console = other.console("ops")) {
            console.send(Messages.query("SHUTDOWN WAIT_FOR_CLIENTS"));
            Awaitility.await().until(() -> other.weir().weir().shutdown().isAsked());
            assertThat(other.weir().weir().shutdown().isGraceful()).isTrue();
            assertThat(watching.rows("SHOW STATE")).contains(List.of("shutdown", "wait_for_servers"));
            other.weir().close();
            assertThat(console.readUntilClosed().getFirst().sqlstate()).isEqualTo("57P01");
        }
    }
}
