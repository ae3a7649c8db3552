package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.SessionState.InTransactionMode.EndsWithTransaction;
import dev.weir.app.SessionState.InTransactionMode.Follows;
import dev.weir.app.SessionState.InTransactionMode.HeldElsewhere;
import dev.weir.app.SessionState.InTransactionMode.OutlivesCleanup;
import dev.weir.app.SessionState.InTransactionMode.Pins;
import dev.weir.app.SessionState.InTransactionMode.Stays;
import dev.weir.gateway.Mode;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The proof of cleanliness: for every kind of state that a session has, nobody else ever sees it. */
class SessionStateIT {
    private static Stages stages;

    @BeforeAll
    static void start() {
        TestPostgres postgres = TestPostgres.shared();
        stages = Stages.of("stateful");
        postgres.execute("alter role stateful superuser");
        for (String sql : List.of(
                "create sequence counted",
                "create table locked (a int)",
                "select pg_replication_origin_create('weir_origin')",
                "create function setting_function() returns void language plpgsql as 'begin set work_mem = ''1MB''; end'",
                "create function locking_function() returns void language plpgsql as"
                        + " 'begin perform pg_advisory_lock(7006, pg_backend_pid()); end'")) {
            postgres.execute("set role stateful; " + sql);
        }
    }

    @AfterAll
    static void stop() {
        stages.close();
        TestPostgres.shared().execute("select pg_replication_origin_drop('weir_origin')");
    }

    static List<SessionState> states() {
        return Stages.chosen(SessionState.all());
    }

    static List<SessionState> cleaned() {
        return states().stream()
                .filter(state -> !(state.fate() instanceof OutlivesCleanup))
                .toList();
    }

    static List<SessionState> outlivingCleanup() {
        return states().stream()
                .filter(state -> state.fate() instanceof OutlivesCleanup)
                .toList();
    }

    /** A client leaves with it; the next one gets the same server connection. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cleaned")
    void isGoneForTheNextSession(SessionState state) {
        String clean = clean(state);
        String mine = mine(state);
        int backend;
        try (PgClient client = stages.one().login(Mode.SESSION)) {
            backend = PooledRole.backend(client);
            state.leaveIn(client);
            assertThat(state.lookAs(client)).isEqualTo(mine);
            client.terminate();
        }
        try (PgClient next = stages.one().login(Mode.SESSION)) {
            assertThat(PooledRole.backend(next)).isEqualTo(backend);
            assertThat(state.lookAs(next)).isEqualTo(clean);
            next.terminate();
        }
    }

    /** The exceptions are true: DISCARD ALL leaves these, in Postgres itself. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("outlivingCleanup")
    void outlivesDiscardAll(SessionState state) {
        try (PgClient client = direct()) {
            state.leaveIn(client);
            client.rows("discard all");
            assertThat(state.lookAs(client)).isNotEqualTo(clean(state));
            client.terminate();
        }
    }

    /** A client vanishes with it. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cleaned")
    void isGoneWhenItsSessionVanishes(SessionState state) {
        String clean = clean(state);
        try (PgClient client = stages.one().login(Mode.SESSION)) {
            state.leaveIn(client);
            client.reset();
        }
        try (PgClient next = stages.one().login(Mode.TRANSACTION)) {
            assertThat(state.lookAs(next)).isEqualTo(clean);
            next.terminate();
        }
    }

    /** The others are listed with their reasons, in {@link SessionState} and docs/differences.md. */
    static List<SessionState> keptInTransactionMode() {
        return states().stream()
                .filter(state -> !(state.fate() instanceof Stays) && !(state.fate() instanceof OutlivesCleanup))
                .toList();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("keptInTransactionMode")
    void isItsOwnersOnlyInTransactionMode(SessionState state) {
        switch (state.fate()) {
            case Follows _ -> follows(state);
            case Pins _ -> pins(state);
            case EndsWithTransaction _ -> ends(state);
            case HeldElsewhere _ -> heldElsewhere(state);
            case Stays _, OutlivesCleanup _ -> throw new IllegalArgumentException(state + " is not kept");
        }
    }

    private static void follows(SessionState state) {
        String clean = clean(state);
        String mine = mine(state);
        try (PgClient owner = stages.one().login(Mode.TRANSACTION);
                PgClient other = stages.one().login(Mode.TRANSACTION)) {
            state.leaveIn(owner);
            for (int i = 0; i < 3; i++) {
                assertThat(state.lookAs(other))
                        .as("the other on the same server connection")
                        .isEqualTo(clean);
                assertThat(state.lookAs(owner)).as("the owner").isEqualTo(mine);
                if (state.name().contains("unnamed")) {
                    state.leaveIn(owner);
                }
            }
            owner.terminate();
            assertThat(state.lookAs(other))
                    .as("the other when the owner has left")
                    .isEqualTo(clean);
            other.terminate();
        }
        Destination changing = stages.few().destination(Mode.TRANSACTION);
        try (Carousel carousel = Carousel.in(changing);
                PgClient owner = changing.login();
                PgClient other = changing.login()) {
            state.leaveIn(owner);
            carousel.turn();
            assertThat(state.lookAs(owner))
                    .as("the owner on another server connection")
                    .isEqualTo(mine);
            carousel.turn();
            assertThat(state.lookAs(other))
                    .as("the other on another server connection")
                    .isEqualTo(clean);
            owner.terminate();
            other.terminate();
        }
    }

    private static void pins(SessionState state) {
        String clean = clean(state);
        String mine = mine(state);
        try (PgClient owner = stages.few().login(Mode.TRANSACTION);
                PgClient other = stages.few().login(Mode.TRANSACTION)) {
            state.leaveIn(owner);
            for (int i = 0; i < 3; i++) {
                assertThat(state.lookAs(other)).as("the other").isEqualTo(clean);
                assertThat(state.lookAs(owner)).as("the owner").isEqualTo(mine);
            }
            int backend = PooledRole.backend(owner);
            assertThat(PooledRole.backend(other)).isNotEqualTo(backend);
            owner.terminate();
            other.terminate();
            assertAllServerConnectionsClean(state, clean, backend);
        }
    }

    private static void ends(SessionState state) {
        String clean = clean(state);
        try (PgClient owner = stages.few().login(Mode.TRANSACTION)) {
            state.leaveIn(owner);
            owner.terminate();
        }
        assertAllServerConnectionsClean(state, clean, 0);
        try (PgClient owner = stages.few().login(Mode.TRANSACTION)) {
            state.leaveIn(owner);
            owner.reset();
        }
        assertAllServerConnectionsClean(state, clean, 0);
    }

    private static void heldElsewhere(SessionState state) {
        try (PgClient owner = stages.one().login(Mode.TRANSACTION);
                PgClient other = stages.one().login(Mode.TRANSACTION)) {
            state.leaveIn(owner);
            assertThat(state.lookAs(other)).isEqualTo(clean(state));
            owner.terminate();
            other.terminate();
        }
    }

    /**
     * Three clients look side by side, each in a transaction.
     *
     * @param kept a server connection that must be among the three, cleaned and not closed; 0 for none
     */
    private static void assertAllServerConnectionsClean(SessionState state, String clean, int kept) {
        List<PgClient> clients = new ArrayList<>();
        Set<Integer> backends = new TreeSet<>();
        try {
            for (int i = 0; i < 3; i++) {
                PgClient client = stages.few().login(Mode.TRANSACTION);
                clients.add(client);
                client.query("begin");
                backends.add(PooledRole.backend(client));
                client.query("savepoint look");
                assertThat(state.lookAs(client).replace("3B001", "25P01"))
                        .as("one of three")
                        .isEqualTo(clean);
            }
            for (PgClient client : clients) {
                client.query("rollback");
                client.terminate();
            }
        } finally {
            clients.forEach(PgClient::close);
        }
        if (kept != 0) {
            assertThat(backends).as("cleaned, not closed").contains(kept);
        }
    }

    private static String clean(SessionState state) {
        try (PgClient client = direct()) {
            return state.lookAs(client);
        }
    }

    /** What its owner sees in Postgres itself; the state is one only if this differs from what others see. */
    private static String mine(SessionState state) {
        try (PgClient client = direct()) {
            state.leaveIn(client);
            String mine = state.lookAs(client);
            if (!state.name().contains("refused")) {
                assertThat(mine).isNotEqualTo(clean(state));
            }
            client.terminate();
            return mine;
        }
    }

    private static PgClient direct() {
        return TestPostgres.shared().destination("stateful", "postgres").login();
    }

    /** The owner of LISTEN hears, nobody else does, and it stops when told so. */
    @Test
    void notificationsAreHeardByWhoListens() {
        try (PgClient owner = stages.one().login(Mode.TRANSACTION);
                PgClient other = stages.one().login(Mode.TRANSACTION);
                PgClient notifier = stages.one().login(Mode.TRANSACTION)) {
            owner.rows("listen heard");
            other.rows("listen something_else");
            notifier.rows("notify heard, 'one'");
            assertThat(news(owner)).isEqualTo("heard\0one\0");
            owner.rows("unlisten heard");
            notifier.rows("notify heard, 'two'");
            notifier.rows("notify something_else, 'three'");
            assertThat(news(other)).isEqualTo("something_else\0three\0");
            assertThat(owner.query("select 1").stream().map(Frame::type)).containsExactly('T', 'D', 'C', 'Z');
            for (PgClient client : List.of(owner, other, notifier)) {
                client.terminate();
            }
        }
    }

    /** Channel and payload of the notification that comes next. */
    private static String news(PgClient client) {
        Frame frame = client.readFrame();
        assertThat(frame.type()).isEqualTo('A');
        return new String(frame.body(), 4, frame.body().length - 4, StandardCharsets.UTF_8);
    }
}
