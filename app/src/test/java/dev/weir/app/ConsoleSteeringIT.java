package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Databases are paused, disabled, killed and connected anew from the console, by users of all tenants and of one. */
class ConsoleSteeringIT {
    private static final Duration A_WHILE = Duration.ofMillis(200);

    private ConsoleFixture weir;

    @BeforeEach
    void start() {
        weir = ConsoleFixture.before(TestPostgres.shared());
    }

    @AfterEach
    void stop() {
        weir.close();
    }

    private static String tag(PgClient console, String command) {
        List<Frame> frames = console.query(command);
        Frame last = frames.get(frames.size() - 2);
        return last.type() == 'C' ? last.tag() : last.sqlstate() + " " + last.message();
    }

    private static void cancel(ConsoleFixture weir, PgClient console) {
        Frame.BackendKey key = console.loggedIn().key();
        try (PgClient canceler = PgClient.connect("127.0.0.1", weir.port())) {
            canceler.send(Messages.cancelRequest(key.pid(), key.key()));
            canceler.readUntilClosed();
        }
    }

    private static @Nullable String backend(PgClient client) {
        return client.rows("select pg_backend_pid()").getFirst().getFirst();
    }

    private static List<@Nullable String> paused(PgClient console) {
        return ConsoleFixture.column(console, "SHOW DATABASES", "paused");
    }

    private static @Nullable String pausedAsAWhole(PgClient console) {
        return console.rows("SHOW STATE").get(1).getLast();
    }

    @ParameterizedTest
    @CsvSource({"ops, postgres.red", "ops, postgres", "ops, ''", "owner.red, postgres", "owner.red, ''"})
    void aPauseWaitsForTransactionsAndClientsWaitForItsEnd(String user, String database) {
        try (PgClient console = weir.console(user);
                PgClient busy = weir.client("red");
                PgClient other = weir.client("red")) {
            busy.query("begin");
            console.send(Messages.query("PAUSE " + database));
            assertThat(console.hasBytesWithin(A_WHILE)).isFalse();
            other.send(Messages.query("select 1"));
            busy.query("select 1");
            busy.query("commit");
            assertThat(console.readUntilReady().getFirst().tag()).isEqualTo("PAUSE");
            assertThat(other.hasBytesWithin(A_WHILE)).isFalse();
            assertThat(ConsoleFixture.column(console, "SHOW WAITING", "reason")).containsOnly("the database is paused");
            assertThat(tag(console, "PAUSE " + database)).startsWith("55000");
            assertThat(ConsoleFixture.column(console, "SHOW SERVERS", "id")).isEmpty();
            assertThat(paused(console)).contains("1");
            assertThat(tag(console, "RESUME " + database)).isEqualTo("RESUME");
            other.readUntilReady();
            assertThat(tag(console, "RESUME " + database)).startsWith("55000");
            busy.terminate();
            other.terminate();
        }
    }

    @Test
    void aPauseOfOneTenantIsNoneOfTheOther() {
        try (PgClient console = weir.console("owner.red");
                PgClient all = weir.console("ops");
                PgClient blue = weir.client("blue")) {
            assertThat(tag(console, "PAUSE")).isEqualTo("PAUSE");
            assertThat(pausedAsAWhole(console)).isEqualTo("yes");
            assertThat(pausedAsAWhole(all)).isEqualTo("no");
            blue.query("select 1");
            assertThat(tag(console, "PAUSE postgres.blue"))
                    .as("a database of that name, paused with all others")
                    .startsWith("55000");
            blue.query("select 1");
            assertThat(tag(all, "RESUME")).isEqualTo("RESUME");
            assertThat(pausedAsAWhole(console)).isEqualTo("no");
            blue.terminate();
        }
    }

    @Test
    void aCancelRequestTakesAPauseBack() {
        try (PgClient console = weir.console("ops");
                PgClient watcher = weir.console("ops");
                PgClient busy = weir.client("red");
                PgClient other = weir.client("red")) {
            busy.query("begin");
            console.send(Messages.query("PAUSE postgres.red"));
            Awaitility.await().until(() -> paused(watcher).contains("1"));
            other.send(Messages.query("select 1"));
            assertThat(other.hasBytesWithin(A_WHILE)).isFalse();
            cancel(weir, console);
            assertThat(console.readUntilReady().getFirst().sqlstate()).isEqualTo("57014");
            other.readUntilReady();
            busy.terminate();
            other.terminate();
            watcher.terminate();
        }
    }

    @Test
    void newClientsOfADisabledDatabaseAreRefusedAndOldOnesStay() {
        try (PgClient console = weir.console("ops");
                PgClient old = weir.client("red")) {
            assertThat(tag(console, "DISABLE postgres.red")).isEqualTo("DISABLE");
            Frame refusal = PgClient.connect("127.0.0.1", weir.port())
                    .attemptLogin(Messages.PROTOCOL_3_0, "postgres.red", "postgres", "postgres", Map.of());
            assertThat(refusal.sqlstate()).isEqualTo("57P03");
            old.query("select 1");
            assertThat(ConsoleFixture.column(console, "SHOW DATABASES", "disabled"))
                    .containsExactly("0", "1", "0");
            assertThat(tag(console, "ENABLE postgres.red")).isEqualTo("ENABLE");
            weir.client("red").terminate();
            old.terminate();
        }
    }

    @Test
    void reconnectReplacesServerConnectionsAndWaitCloseWaitsForIt() {
        try (PgClient console = weir.console("ops");
                PgClient busy = weir.client("red");
                PgClient idle = weir.client("red")) {
            busy.query("begin");
            String kept = backend(busy);
            String before = backend(idle);
            assertThat(tag(console, "WAIT_CLOSE")).isEqualTo("WAIT_CLOSE");
            assertThat(tag(console, "RECONNECT postgres.red")).isEqualTo("RECONNECT");
            assertThat(backend(idle)).isNotEqualTo(before);
            assertThat(backend(busy)).isEqualTo(kept);
            assertThat(ConsoleFixture.column(console, "SHOW SERVERS", "close_needed"))
                    .contains("1");
            console.send(Messages.query("WAIT_CLOSE"));
            assertThat(console.hasBytesWithin(A_WHILE)).isFalse();
            busy.query("commit");
            assertThat(console.readUntilReady().getFirst().tag()).isEqualTo("WAIT_CLOSE");
            assertThat(backend(busy)).isNotEqualTo(kept);
            busy.terminate();
            idle.terminate();
        }
    }

    @Test
    void killEndsClientsAndPauses() {
        try (PgClient console = weir.console("owner.red");
                PgClient red = weir.client("red");
                PgClient blue = weir.client("blue")) {
            red.query("begin");
            assertThat(tag(console, "KILL postgres")).isEqualTo("KILL");
            assertThat(red.readUntilClosed().getLast().sqlstate()).isEqualTo("57P01");
            assertThat(paused(console)).containsExactly("1");
            blue.query("select 1");
            assertThat(tag(console, "RESUME")).isEqualTo("RESUME");
            try (PgClient again = weir.client("red")) {
                again.query("select 1");
                again.terminate();
            }
            blue.terminate();
        }
    }

    @Test
    void killOfAllPausesThoseToComeToo() {
        try (PgClient console = weir.console("ops");
                PgClient red = weir.client("red")) {
            assertThat(tag(console, "KILL")).isEqualTo("KILL");
            assertThat(red.readUntilClosed().getLast().sqlstate()).isEqualTo("57P01");
            assertThat(pausedAsAWhole(console))
                    .as("blue, too, which nobody has used")
                    .isEqualTo("yes");
            assertThat(tag(console, "RESUME")).isEqualTo("RESUME");
            weir.client("blue").terminate();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "RESUME postgres, 55000",
        "PAUSE postgres.green, 42704",
        "PAUSE pgbouncer, 55000",
        "RESUME, 55000",
        "RESUME postgres.red, 55000"
    })
    void whatIsNotThereIsSaidSo(String command, String sqlstate) {
        try (PgClient console = weir.console("ops")) {
            assertThat(tag(console, command)).startsWith(sqlstate);
        }
    }

    @Test
    void aWaitingCommandDoesNotOutliveItsClientButThePauseDoes() {
        try (PgClient busy = weir.client("red");
                PgClient console = weir.console("ops")) {
            busy.query("begin");
            try (PgClient leaving = weir.console("ops")) {
                leaving.send(Messages.query("PAUSE postgres.red"));
                Awaitility.await().until(() -> paused(console).contains("1"));
            }
            Awaitility.await()
                    .until(() -> ConsoleFixture.column(console, "SHOW CLIENTS", "user").stream()
                                    .filter("ops"::equals)
                                    .count()
                            == 1);
            assertThat(paused(console)).contains("1");
            busy.query("commit");
            assertThat(tag(console, "RESUME postgres.red")).isEqualTo("RESUME");
            busy.terminate();
        }
    }
}
