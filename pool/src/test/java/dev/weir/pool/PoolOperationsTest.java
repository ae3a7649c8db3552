package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Ceilings;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.ServerLife;
import dev.weir.tenants.Tenants;
import dev.weir.testkit.LeakWatch;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What administrators ask of a pool, of a database, or of a tenant. */
@ExtendWith(LeakWatch.class)
class PoolOperationsTest {
    private static final PgError KILLED = PgError.fatal(Sqlstate.ADMIN_SHUTDOWN, "killed");

    @Test
    void aPauseWaitsForThoseWhoAreBusyAndLetsNobodyElseBegin() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(3))) {
            List<PoolStage.Guest> guests = stage.holders(3);
            guests.getFirst().giveBack();
            List<String> told = new ArrayList<>();
            stage.pool().pause(() -> told.add("paused"));
            stage.settle();
            assertThat(stage.servers()).as("the idle one is closed").hasSize(2);
            guests.getFirst().ask();
            stage.settle();
            assertThat(guests.getFirst().isServed()).isFalse();
            guests.get(1).giveBack();
            assertThat(told).isEmpty();
            guests.get(2).giveBack();
            assertThat(told).containsExactly("paused");
            stage.settle();
            assertThat(stage.servers()).isEmpty();
            assertThat(stage.view().paused()).isTrue();
            assertThat(stage.closed(CloseReason.ADMINISTRATOR)).isEqualTo(3);

            stage.pool().resume();
            stage.settle();
            assertThat(guests.getFirst().isServed()).isTrue();
            assertThat(stage.view().paused()).isFalse();
        }
    }

    @Test
    void theTimeOfThoseWhoWaitDoesNotRunDuringAPause() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            stage.holders(1);
            PoolStage.Guest before = stage.guest();
            PoolStage.Guest during = stage.guest();
            before.ask();
            stage.pass(PoolStage.QUEUE_TIMEOUT.minusSeconds(10));
            stage.pool().pause(() -> {});
            during.ask();
            stage.pass(Duration.ofHours(1));
            assertThat(before.errors).isEmpty();
            stage.pool().resume();
            stage.pass(Duration.ofSeconds(9));
            assertThat(before.errors).isEmpty();
            stage.pass(Duration.ofSeconds(2));
            assertThat(before.errors).hasSize(1);
            assertThat(during.errors).isEmpty();
            stage.pass(PoolStage.QUEUE_TIMEOUT);
            assertThat(during.errors).hasSize(1);
        }
    }

    @Test
    void aPauseThatIsEndedBeforeTellsWhoWaitsForIt() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            stage.holders(1);
            List<Boolean> told = new ArrayList<>();
            stage.pool().pause(() -> told.add(stage.pool().isPaused()));
            stage.pool().resume();
            assertThat(told).containsExactly(false);
        }
    }

    @Test
    void aServerConnectionThatIsOpenedDuringAPauseIsNotLent() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2))) {
            PoolStage.Guest holder = stage.holders(1).getFirst();
            stage.door = PoolStage.Door.SILENT;
            PoolStage.Guest guest = stage.guest();
            guest.ask();
            stage.settle();
            List<String> told = new ArrayList<>();
            stage.pool().pause(() -> told.add("paused"));
            holder.giveBack();
            stage.settle();
            assertThat(told).isEmpty();
            stage.door = PoolStage.Door.OPEN;
            stage.settle();
            assertThat(told).containsExactly("paused");
            assertThat(guest.isServed()).isFalse();
            assertThat(stage.servers()).isEmpty();
        }
    }

    @Test
    void aPauseOfADatabaseOutlivesItsPools() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            List<PoolStage.Guest> guests = stage.idle(1);
            List<String> told = new ArrayList<>();
            stage.home().pause("db", () -> told.add("paused"));
            stage.settle();
            assertThat(told).containsExactly("paused");
            guests.getFirst().leave();
            stage.settle();
            assertThat(stage.home().pools()).isEmpty();
            assertThat(stage.homes.all()).as("it is remembered").hasSize(1);
            PoolStage.Guest next = stage.guest();
            next.ask();
            stage.settle();
            assertThat(stage.servers()).isEmpty();
            assertThat(stage.home().view(false).paused().contains("db")).isTrue();
            assertThat(stage.home().view(false).paused().contains("other")).isFalse();
            assertThat(stage.home().resume("db")).isTrue();
            stage.settle();
            assertThat(next.isServed()).isTrue();
            assertThat(stage.home().resume("db")).isFalse();
        }
    }

    @Test
    void aPauseOfAllDatabasesLeavesOutThoseThatWereResumed() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            stage.home().pauseAll(() -> {});
            PoolStage.Guest guest = stage.guest();
            guest.ask();
            stage.settle();
            assertThat(guest.isServed()).isFalse();
            assertThat(stage.home().isPaused("any")).isTrue();
            stage.home().resume("db");
            stage.settle();
            assertThat(guest.isServed()).isTrue();
            assertThat(stage.home().isPaused("any")).isTrue();
            stage.home().resumeAll();
            assertThat(stage.home().isPaused("any")).isFalse();
        }
    }

    @Test
    void reconnectsTheIdleOnesNowAndTheOthersWhenTheyAreGivenBack() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(3))) {
            List<PoolStage.Guest> guests = stage.holders(3);
            guests.getFirst().giveBack();
            stage.pool().reconnect();
            List<String> told = new ArrayList<>();
            stage.pool().awaitNoneRetiring(() -> told.add("none"));
            stage.settle();
            assertThat(stage.servers()).hasSize(2);
            assertThat(stage.view().servers()).allMatch(ServerView::retiring);
            guests.getFirst().ask();
            stage.settle();
            assertThat(guests.getFirst().pid()).as("a new one").isEqualTo(4);
            guests.get(1).giveBack();
            assertThat(told).isEmpty();
            guests.get(2).giveBack();
            assertThat(told).containsExactly("none");
            assertThat(stage.closed(CloseReason.RECONNECT)).isEqualTo(3);
        }
    }

    /** What logs in at the moment of a reconnect may be on its way to the old server. */
    @Test
    void doesNotUseWhatWasBeingOpenedWhenItReconnected() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(3))) {
            stage.idle(1);
            PoolStage.Guest busy = stage.guest();
            busy.ask();
            PoolStage.Guest guest = stage.guest();
            stage.door = PoolStage.Door.SILENT;
            guest.ask();
            stage.settle();
            stage.pool().reconnect();
            stage.door = PoolStage.Door.OPEN;
            stage.settle();
            assertThat(guest.pid()).isEqualTo(3);
            assertThat(stage.servers()).hasSize(2);
        }
    }

    @Test
    void killEndsClientsAndServerConnectionsAndPauses() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2))) {
            List<PoolStage.Guest> guests = new ArrayList<>(stage.holders(2));
            PoolStage.Guest waiting = stage.guest();
            waiting.ask();
            guests.add(waiting);
            stage.home().kill("db", KILLED);
            stage.settle();
            assertThat(guests).allMatch(guest -> guest.errors.contains(KILLED));
            assertThat(stage.servers()).isEmpty();
            assertThat(stage.home().residents()).isZero();
            assertThat(stage.home().isPaused("db")).isTrue();
            PoolStage.Guest next = stage.guest();
            next.ask();
            stage.settle();
            assertThat(next.isServed()).isFalse();
            assertThat(next.errors).isEmpty();
        }
    }

    @Test
    void leavesOtherDatabasesAlone() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            PoolStage.Guest other = stage.guest("other");
            other.ask();
            PoolStage.Guest guest = stage.holders(1).getFirst();
            stage.home().kill("db", KILLED);
            stage.home().reconnect("db");
            stage.home().disable("db");
            stage.settle();
            assertThat(guest.errors).containsExactly(KILLED);
            assertThat(other.isServed()).isTrue();
            assertThat(other.errors).isEmpty();
            other.giveBack();
            other.ask();
            assertThat(other.pid()).isEqualTo(1);
            assertThat(stage.home().isPaused("other")).isFalse();
            assertThat(stage.home().isDisabled("other")).isFalse();
        }
    }

    @Test
    void killOfOnePoolEndsItsClientsOnly() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            PoolStage.Guest guest = stage.holders(1).getFirst();
            Pool pool = stage.pool();
            pool.kill(KILLED);
            stage.settle();
            assertThat(guest.errors).containsExactly(KILLED);
            assertThat(pool.isPaused()).isTrue();
            assertThat(pool.size()).isZero();
        }
    }

    /** Counts how often it was told that it may have missed something. */
    private static final class Listener implements Notifications.Listener {
        int missed;
        boolean listening;

        @Override
        public void onNotification(byte[] body) {
            throw new AssertionError("nobody notifies");
        }

        @Override
        public void onListening() {
            listening = true;
        }

        @Override
        public void onMissed(PgError reason) {
            missed++;
        }
    }

    @Test
    void aPauseWaitsForThoseWhoListen() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            stage.guest();
            Listener listener = new Listener();
            stage.pool().notifications().listen("news", listener);
            stage.settle();
            assertThat(listener.listening).isTrue();
            List<String> told = new ArrayList<>();
            stage.pool().pause(() -> told.add("paused"));
            stage.settle();
            assertThat(told).isEmpty();
            stage.pool().notifications().leave(listener);
            stage.settle();
            assertThat(told).containsExactly("paused");
            assertThat(listener.missed).isZero();
            assertThat(stage.closed(CloseReason.NO_LISTENER)).isEqualTo(1);
        }
    }

    /** What is notified on the new server would never reach them. */
    @Test
    void aReconnectDisconnectsThoseWhoListen() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            stage.guest();
            Listener listener = new Listener();
            stage.pool().notifications().listen("news", listener);
            stage.settle();
            stage.pool().reconnect();
            stage.settle();
            assertThat(listener.missed).isEqualTo(1);
        }
    }

    private static void takeIntoForce(PoolStage stage, int port) {
        stage.tenants = Tenants.of(
                List.of(PoolStage.tenant(PoolStage.TENANT, PoolStage.settings(2), port)),
                Optional.empty(),
                new Ceilings(Map.of(new Endpoint.Tcp("127.0.0.1", 1), 1), OptionalInt.empty()));
        stage.budgets.replace(stage.tenants);
        stage.homes.replace(stage.tenants, KILLED);
        stage.settle();
    }

    /** The place that it has asked for is of no use to it. */
    @Test
    void whoWaitsForAPlaceToListenGoesOnWhereItsTenantHasMoved() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2))) {
            takeIntoForce(stage, 1);
            stage.holders(1);
            Listener listener = new Listener();
            stage.pool().notifications().listen("news", listener);
            stage.settle();
            assertThat(listener.listening).isFalse();
            takeIntoForce(stage, 2);
            assertThat(listener.listening).isTrue();
        }
    }

    @Test
    void remembersWhichDatabasesAreDisabled() {
        ServerLife life = new ServerLife(Duration.ofSeconds(1), Duration.ZERO, Duration.ofDays(1), "");
        try (PoolStage stage = new PoolStage(PoolStage.settings(1, life))) {
            stage.home().disable("db");
            assertThat(stage.home().isDisabled("db")).isTrue();
            assertThat(stage.home().isDisabled("other")).isFalse();
            assertThat(stage.home().view(false).disabled().contains("db")).isTrue();
            stage.guest().leave();
            stage.pass(Duration.ofSeconds(2));
            assertThat(stage.home().pools()).isEmpty();
            assertThat(stage.homes.all()).hasSize(1);
            stage.home().enable("db");
            assertThat(stage.homes.all()).isEmpty();
        }
    }
}
