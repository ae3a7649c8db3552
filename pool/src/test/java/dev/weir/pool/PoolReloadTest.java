package dev.weir.pool;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.sql.Judgement;
import dev.weir.tenants.Ceilings;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.ServerLife;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.Tenants;
import dev.weir.testkit.LeakWatch;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that change while a pool is in use. */
@ExtendWith(LeakWatch.class)
class PoolReloadTest {

    private static PoolSettings statements(int perServer, long bytes) {
        return PoolSettings.of(
                2,
                PoolStage.QUEUE_TIMEOUT,
                PoolStage.CLEANUP_TIMEOUT,
                new SessionSettings(true, "DISCARD ALL", perServer, 100, bytes, false, true, 1));
    }

    /** A statement whose text has 20 bytes. */
    private static @Nullable PreparedStatement hold(PoolStage stage, int number) {
        byte[] content = "select %010d\0\0\0".formatted(number).getBytes(StandardCharsets.US_ASCII);
        Judgement judgement = stage.lane.sql().judge(0, true);
        return stage.pool()
                .statements()
                .hold(PreparedStatement.Kind.PROTOCOL, content, 0, content.length, "", judgement, List.of());
    }

    @Test
    void aChangedRoomForTextsHoldsForPoolsThatThereAre() {
        try (PoolStage stage = new PoolStage(statements(10, 40))) {
            stage.guest();
            PreparedStatement first = requireNonNull(hold(stage, 1));
            requireNonNull(hold(stage, 2));
            assertThat(hold(stage, 3)).isNull();
            stage.configure(statements(10, 60));
            assertThat(hold(stage, 3)).isNotNull();
            stage.pool().statements().letGo(first);
            assertThat(stage.pool().statements().size()).isEqualTo(3);
            stage.configure(statements(10, 40));
            assertThat(stage.pool().statements().size())
                    .as("the one that nobody holds has gone")
                    .isEqualTo(2);
        }
    }

    private static void prepare(PoolStage.Guest guest, PoolStage stage, int... numbers) {
        ServerConnection server = requireNonNull(guest.server);
        for (int number : numbers) {
            server.session().prepare(requireNonNull(hold(stage, number)), true);
        }
        server.session().sendOwnSync();
        server.flushRequests();
        stage.settle();
    }

    private static List<Integer> statementsOfServers(PoolStage stage) {
        return stage.view().servers().stream()
                .map(ServerView::statements)
                .sorted()
                .toList();
    }

    @Test
    void aLowerLimitOfStatementsShrinksIdleOnesNowAndLentOnesBehindTheirClient() {
        try (PoolStage stage = new PoolStage(statements(10, 1 << 20))) {
            List<PoolStage.Guest> guests = stage.holders(2);
            prepare(guests.getFirst(), stage, 1, 2, 3);
            prepare(guests.getLast(), stage, 1, 2, 3, 4);
            guests.getFirst().giveBack();
            assertThat(statementsOfServers(stage)).containsExactly(3, 4);

            stage.configure(statements(1, 1 << 20));
            assertThat(stage.view().servers()).extracting(ServerView::state).contains(ServerView.State.TESTED);
            stage.settle();
            assertThat(statementsOfServers(stage)).containsExactly(1, 4);
            assertThat(stage.queries).containsExactly("close weir_1", "close weir_2");

            guests.getLast().giveBack();
            stage.settle();
            assertThat(statementsOfServers(stage)).containsExactly(1, 1);
            guests.forEach(PoolStage.Guest::ask);
            assertThat(guests).as("both are in the pool again").allMatch(PoolStage.Guest::isServed);
            assertThat(stage.opened()).isEqualTo(2);
        }
    }

    @Test
    void aLowerLimitOfStatementsHoldsForThoseThatAreBeingPrepared() {
        try (PoolStage stage = new PoolStage(statements(10, 1 << 20))) {
            PoolStage.Guest guest = stage.holders(1).getFirst();
            prepare(guest, stage, 1, 2, 3, 4);
            stage.configure(statements(2, 1 << 20));
            prepare(guest, stage, 5);
            assertThat(statementsOfServers(stage)).containsExactly(2);
            assertThat(stage.queries).containsExactly("close weir_1", "close weir_2", "close weir_3");
        }
    }

    @Test
    void aSmallerPoolClosesWhatIsTooMuch() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(4))) {
            List<PoolStage.Guest> guests = new ArrayList<>(stage.holders(4));
            guests.getFirst().giveBack();
            stage.configure(PoolStage.settings(2));
            stage.settle();
            assertThat(stage.servers()).hasSize(3);
            guests.getLast().giveBack();
            stage.settle();
            assertThat(stage.servers()).hasSize(2);
            assertThat(stage.closed(CloseReason.SURPLUS)).isEqualTo(2);
        }
    }

    @Test
    void aShorterLifetimeHoldsForThoseThatThereAre() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2))) {
            List<PoolStage.Guest> guests = stage.holders(2);
            guests.getFirst().giveBack();
            stage.pass(Duration.ofMinutes(10));
            ServerLife life = new ServerLife(Duration.ZERO, Duration.ofMinutes(5), Duration.ofDays(1), "");
            stage.configure(PoolStage.settings(2, life));
            stage.settle();
            assertThat(stage.servers()).hasSize(1);
            guests.getLast().giveBack();
            stage.settle();
            assertThat(stage.servers()).isEmpty();
            assertThat(stage.closed(CloseReason.LIFETIME)).isEqualTo(2);
        }
    }

    /** @param most server connections to the first host, whose limit no other host has */
    private static void takeIntoForce(PoolStage stage, int size, int port, int most) {
        stage.tenants = Tenants.of(
                List.of(PoolStage.tenant(PoolStage.TENANT, PoolStage.settings(size), port)),
                Optional.empty(),
                new Ceilings(Map.of(new Endpoint.Tcp("127.0.0.1", 1), most), OptionalInt.empty()));
        stage.budgets.replace(stage.tenants);
        stage.homes.replace(stage.tenants, PgError.fatal(Sqlstate.ADMIN_SHUTDOWN, "gone"));
        stage.settle();
    }

    /** What keeps a client waiting before its tenant moves is gone with the move; no connection to the old host is opened. */
    @ParameterizedTest
    @CsvSource({"2, 1, 2", "1, 9, 2"})
    void whoWaitsIsServedWhereItsTenantHasMovedAndNothingIsOpenedWhereItWas(int size, int most, int newSize) {
        try (PoolStage stage = new PoolStage(PoolStage.settings(size))) {
            takeIntoForce(stage, size, 1, most);
            PoolStage.Guest holder = stage.holders(1).getFirst();
            PoolStage.Guest waiting = stage.guest();
            waiting.ask();
            stage.settle();
            assertThat(waiting.isServed()).isFalse();
            takeIntoForce(stage, newSize, 2, most);
            assertThat(waiting.isServed()).isTrue();
            assertThat(stage.opened()).as("one there, and one where it is now").isEqualTo(2);
            holder.giveBack();
            stage.settle();
            assertThat(stage.closed(CloseReason.RETIRED)).isEqualTo(1);
        }
    }
}
