package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.Stage.Story;
import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client sets stays its own, as long as it lasts in Postgres, whichever server connection serves it. */
class SettingsIT {
    private static Stages stages;

    @BeforeAll
    static void start() {
        stages = Stages.of("setting_role");
    }

    @AfterAll
    static void stop() {
        stages.close();
    }

    static List<Story> settings() {
        return Stages.chosen(SettingStories.all());
    }

    static List<Story> pinning() {
        return Stages.chosen(PinningStories.all());
    }

    static List<Story> unseen() {
        return Stages.chosen(SettingStories.unseen());
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource({"settings", "unseen", "pinning"})
    void inSessionMode(Story story) {
        stages.inSessionMode(story);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("settings")
    void onOneServerConnection(Story story) {
        stages.onOneServerConnection(story);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource({"settings", "unseen", "pinning"})
    void onServerConnectionsThatChange(Story story) {
        stages.onServerConnectionsThatChange(story);
    }

    /** What a client has been told of its parameters is true, whatever others did on the server connection before. */
    @Test
    void whatIsReportedIsTrue() {
        assertReportsAreTrue(TestPostgres.shared().destination("setting_role", "postgres"), () -> {});
        assertReportsAreTrue(stages.few().destination(Mode.SESSION), () -> {});
        assertReportsAreTrue(stages.one().destination(Mode.TRANSACTION), () -> {});
        Destination changing = stages.few().destination(Mode.TRANSACTION);
        try (Carousel carousel = Carousel.in(changing)) {
            assertReportsAreTrue(changing, carousel::turn);
        }
    }

    private static void assertReportsAreTrue(Destination destination, Runnable turn) {
        try (PgClient a = destination.login();
                PgClient b = destination.login()) {
            Map<String, String> told = new HashMap<>(a.loggedIn().parameters());
            Map<String, String> toldOther = new HashMap<>(b.loggedIn().parameters());
            for (String step : List.of(
                    "set datestyle = 'SQL, DMY'",
                    "set timezone = 'Asia/Tokyo'; set application_name = 'a'",
                    "begin; set intervalstyle = iso_8601; rollback",
                    "set search_path = nowhere",
                    "begin; set local timezone = 'UTC'; commit",
                    "set client_encoding = latin1; set standard_conforming_strings = off",
                    "set default_transaction_read_only = on",
                    "reset timezone",
                    "discard all")) {
                turn.run();
                note(a.query(step), told);
                turn.run();
                note(b.query("set datestyle = German; set application_name = 'b'"), toldOther);
                turn.run();
                assertTrue(a, told, destination + " after " + step);
                turn.run();
                assertTrue(b, toldOther, destination + ", the other, after " + step);
            }
            a.terminate();
            b.terminate();
        }
    }

    private static void note(List<Frame> reply, Map<String, String> told) {
        for (Frame frame : reply) {
            if (frame.type() == 'S') {
                told.put(frame.parameter().getKey(), frame.parameter().getValue());
            }
            assertThat(frame.type()).as(frame.toString()).isNotEqualTo('E');
        }
    }

    private static void assertTrue(PgClient client, Map<String, String> told, String when) {
        StringBuilder sql = new StringBuilder("select 'name', 'value'");
        for (String name : told.keySet()) {
            sql.append(" union all select '" + name + "', current_setting('" + name + "')");
        }
        Map<String, String> real = new HashMap<>();
        List<Frame> reply = client.query(sql.toString());
        note(reply, told);
        for (Frame frame : reply) {
            if (frame.type() == 'D') {
                real.put(
                        String.valueOf(frame.columns().get(0)),
                        String.valueOf(frame.columns().get(1)));
            }
        }
        real.remove("name");
        assertThat(told).as(when).isEqualTo(real);
    }
}
