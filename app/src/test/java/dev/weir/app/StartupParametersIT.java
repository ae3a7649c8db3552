package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Parameters of the startup message are the client's own defaults, as in Postgres, and refused where Postgres refuses them. */
class StartupParametersIT {
    private static final String ROLE = "starting";
    private static final List<String> NAMES = List.of(
            "application_name",
            "client_encoding",
            "DateStyle",
            "TimeZone",
            "work_mem",
            "search_path",
            "statement_timeout",
            "extra_float_digits",
            "default_transaction_isolation",
            "my.own");

    private static Stages stages;

    /** Parameters of one startup message. */
    record Startup(Map<String, String> parameters) {
        static Startup of(String... namesAndValues) {
            Map<String, String> parameters = new TreeMap<>();
            for (int i = 0; i < namesAndValues.length; i += 2) {
                parameters.put(namesAndValues[i], namesAndValues[i + 1]);
            }
            return new Startup(parameters);
        }
    }

    @BeforeAll
    static void start() {
        stages = Stages.of(ROLE);
    }

    @AfterAll
    static void stop() {
        stages.close();
    }

    static List<Startup> startups() {
        return List.of(
                Startup.of(),
                Startup.of("application_name", "mine"),
                Startup.of("application_name", "", "client_encoding", "UTF8"),
                Startup.of("client_encoding", "LATIN1"),
                Startup.of("client_encoding", "'utf-8'"),
                Startup.of("client_encoding", "no_such"),
                Startup.of("DateStyle", "ISO, DMY", "TimeZone", "Europe/Berlin", "extra_float_digits", "2"),
                Startup.of("datestyle", "German", "timezone", "Asia/Tokyo"),
                Startup.of("TimeZone", "No/Where"),
                Startup.of("work_mem", "1MB", "search_path", "one, \"Two\"", "statement_timeout", "7min"),
                Startup.of("work_mem", "1"),
                Startup.of("my.own", "of the startup"),
                Startup.of("no_such_parameter", "1"),
                Startup.of("default_transaction_isolation", "serializable"),
                Startup.of("session_replication_role", "replica"),
                Startup.of("max_connections", "7"),
                Startup.of("options", "-c work_mem=1MB -c search_path=one"),
                Startup.of("options", "-cwork_mem=1MB --statement_timeout=7min --my.own=x"),
                Startup.of("options", "-c search_path=one,\\ two -c my.own=back\\\\slash"),
                Startup.of("options", "-c work_mem=1MB", "work_mem", "2MB"),
                Startup.of("options", "-c no_such=1"),
                Startup.of("options", "-c work_mem"),
                Startup.of("options", "-x"),
                Startup.of("options", ""),
                Startup.of("_pq_.unknown", "1"));
    }

    @ParameterizedTest
    @MethodSource("startups")
    void isHonouredInSessionMode(Startup startup) {
        compare(startup, stages.few().destination(Mode.SESSION), () -> {});
    }

    @ParameterizedTest
    @MethodSource("startups")
    void isHonouredOnOneServerConnection(Startup startup) {
        compare(startup, stages.one().destination(Mode.TRANSACTION), () -> {});
    }

    @ParameterizedTest
    @MethodSource("startups")
    void isHonouredOnServerConnectionsThatChange(Startup startup) {
        Destination changing = stages.few().destination(Mode.TRANSACTION);
        try (Carousel carousel = Carousel.in(changing)) {
            compare(startup, changing, carousel::turn);
        }
    }

    private static void compare(Startup startup, Destination destination, Runnable turn) {
        List<String> direct = see(startup, TestPostgres.shared().destination(ROLE, "postgres"), () -> {});
        assertThat(see(startup, destination, turn)).isEqualTo(direct);
    }

    /** The login, then what the client has, what it sets, and to what it comes back. */
    private static List<String> see(Startup startup, Destination destination, Runnable turn) {
        List<String> seen = new ArrayList<>();
        try (PgClient client = PgClient.connect(destination.host(), destination.port());
                PgClient other = destination.login()) {
            Frame last = client.attemptLogin(
                    Messages.PROTOCOL_3_0,
                    destination.user(),
                    destination.password(),
                    destination.database(),
                    startup.parameters());
            if (last.type() == 'E') {
                return List.of(last.fields().get('V') + " " + last.sqlstate() + " " + last.message());
            }
            seen.add(new TreeMap<>(client.loggedIn().parameters()).toString());
            for (String step : List.of(
                    "select 1",
                    "set work_mem = '9MB'; set search_path = nowhere; set timezone = 'Asia/Tokyo'",
                    "reset work_mem",
                    "reset all",
                    "set my.own = 'set'; set application_name = 'set'",
                    "discard all",
                    "begin; set local work_mem to default; rollback")) {
                turn.run();
                client.rows(step);
                turn.run();
                other.rows("set work_mem = '5MB'; set my.own = 'of the other'");
                turn.run();
                seen.add(step + ": " + look(client));
                turn.run();
                seen.add("the other: " + look(other));
            }
            client.terminate();
            other.terminate();
        }
        return seen;
    }

    private static String look(PgClient client) {
        StringBuilder sql = new StringBuilder("select ");
        NAMES.forEach(name -> sql.append("coalesce(current_setting('" + name + "', true), ''), "));
        return client.rows(sql + "'end'").toString();
    }
}
