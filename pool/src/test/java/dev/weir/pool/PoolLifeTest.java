package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.ServerLife;
import dev.weir.testkit.LeakWatch;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How long server connections live, and how many there are. */
@ExtendWith(LeakWatch.class)
class PoolLifeTest {
    private static final Duration NEVER = Duration.ZERO;
    private static final Duration LONG = Duration.ofDays(30);

    private static ServerLife idleFor(Duration idleTimeout) {
        return new ServerLife(idleTimeout, NEVER, LONG, "");
    }

    private static ServerLife livingFor(Duration lifetime) {
        return new ServerLife(NEVER, lifetime, LONG, "");
    }

    private static ServerLife checkedAfter(Duration delay, String query) {
        return new ServerLife(NEVER, NEVER, delay, query);
    }

    // ---- server_idle_timeout

    @Test
    void closesWhatNobodyUsesForTheIdleTimeout() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(3, idleFor(Duration.ofMinutes(5))))) {
            List<PoolStage.Guest> guests = stage.idle(3);
            List<PoolStage.Backing> servers = stage.servers();
            stage.pass(Duration.ofSeconds(200));
            guests.getFirst().ask();
            int used = guests.getFirst().pid();
            guests.getFirst().giveBack();
            stage.pass(Duration.ofSeconds(110));
            assertThat(stage.servers()).extracting(PoolStage.Backing::pid).containsExactly(used);
            assertThat(servers.stream().filter(server -> server.terminated))
                    .as("said goodbye")
                    .hasSize(2);
            assertThat(stage.closed(CloseReason.IDLE)).isEqualTo(2);
            stage.pass(Duration.ofSeconds(200));
            assertThat(stage.servers()).isEmpty();
            assertThat(stage.loop.timers()).as("nothing is left to wait for").isZero();
        }
    }

    @Test
    void doesNotCloseWhatIsLentForLong() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1, idleFor(Duration.ofSeconds(10))))) {
            PoolStage.Guest guest = stage.holders(1).getFirst();
            stage.pass(Duration.ofSeconds(1000));
            assertThat(guest.isServed()).isTrue();
            guest.giveBack();
            stage.pass(Duration.ofSeconds(9));
            assertThat(stage.servers()).hasSize(1);
            stage.pass(Duration.ofSeconds(2));
            assertThat(stage.servers()).isEmpty();
        }
    }

    @Test
    void obeysAnIdleTimeoutThatIsChanged() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2, idleFor(NEVER)))) {
            stage.idle(2);
            stage.pass(Duration.ofDays(2));
            assertThat(stage.servers()).hasSize(2);
            stage.configure(PoolStage.settings(2, idleFor(Duration.ofSeconds(5))));
            stage.settle();
            assertThat(stage.servers()).isEmpty();
        }
    }

    // ---- server_lifetime

    @Test
    void closesWhatIsTooOldWhenItIsNotLent() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2, livingFor(Duration.ofHours(1))))) {
            List<PoolStage.Guest> guests = stage.holders(2);
            guests.getFirst().giveBack();
            stage.pass(Duration.ofMinutes(53));
            assertThat(stage.servers()).hasSize(2);
            stage.pass(Duration.ofMinutes(8));
            assertThat(stage.servers()).as("the idle one has gone").hasSize(1);
            assertThat(guests.getLast().isServed()).isTrue();
            stage.pass(Duration.ofHours(5));
            int old = guests.getLast().pid();
            guests.getLast().giveBack();
            stage.settle();
            assertThat(stage.closed(CloseReason.LIFETIME)).isEqualTo(2);
            guests.getLast().ask();
            stage.settle();
            assertThat(guests.getLast().pid()).isNotEqualTo(old);
        }
    }

    @Test
    void doesNotCloseAllThatWereOpenedTogetherAtOnce() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(20, livingFor(Duration.ofMinutes(1000))))) {
            stage.idle(20);
            stage.pass(Duration.ofMinutes(899));
            assertThat(stage.servers()).hasSize(20);
            int most = 0;
            int before = 20;
            for (int minute = 0; minute <= 100; minute += 5) {
                stage.pass(Duration.ofMinutes(5));
                most = Math.max(most, before - stage.servers().size());
                before = stage.servers().size();
            }
            assertThat(before).isZero();
            assertThat(most).as("most that went within five of hundred minutes").isBetween(1, 4);
        }
    }

    // ---- min_pool_size

    private static PoolSettings least(int minSize, ServerLife life) {
        return PoolStage.settings(5, minSize, 0, life);
    }

    @Test
    void keepsTheLeastWarmWhileThereIsAClient() {
        try (PoolStage stage = new PoolStage(least(2, idleFor(Duration.ofSeconds(10))))) {
            PoolStage.Guest guest = stage.guest();
            assertThat(stage.servers()).as("opened before they are asked for").hasSize(2);
            List<PoolStage.Guest> others = stage.idle(4);
            assertThat(stage.servers()).hasSize(4);
            stage.pass(Duration.ofSeconds(100));
            assertThat(stage.servers()).as("the least are left").hasSize(2);
            stage.servers().getFirst().dies(null);
            stage.settle();
            assertThat(stage.servers()).as("and are refilled").hasSize(2);
            others.forEach(PoolStage.Guest::leave);
            guest.leave();
            stage.pass(Duration.ofSeconds(30));
            assertThat(stage.servers()).as("nobody is there to use them").isEmpty();
            assertThat(stage.loop.timers()).isZero();
        }
    }

    @Test
    void refillsTheLeastWithPausesWhenThatFails() {
        try (PoolStage stage = new PoolStage(least(2, idleFor(NEVER)))) {
            PoolStage.Guest guest = stage.guest();
            stage.door = PoolStage.Door.SHUT;
            stage.servers().forEach(server -> server.dies("57P01"));
            stage.pass(Duration.ofSeconds(60));
            assertThat(stage.supply().openFailures()).as("attempts in a minute").isBetween(10L, 40L);
            assertThat(guest.errors).isEmpty();
            stage.door = PoolStage.Door.OPEN;
            stage.pass(Duration.ofSeconds(6));
            assertThat(stage.servers()).hasSize(2);
        }
    }

    @Test
    void asksForNoneBeforeOneHasBeenOpened() {
        try (PoolStage stage = new PoolStage(least(5, idleFor(NEVER)))) {
            stage.door = PoolStage.Door.SILENT;
            stage.guest();
            assertThat(stage.servers()).hasSize(1);
            stage.door = PoolStage.Door.OPEN;
            stage.settle();
            assertThat(stage.servers()).hasSize(5);
        }
    }

    @Test
    void fillsUpWhenTheLeastIsRaised() {
        try (PoolStage stage = new PoolStage(least(0, idleFor(NEVER)))) {
            stage.guest();
            assertThat(stage.servers()).hasSize(1);
            stage.configure(least(4, idleFor(NEVER)));
            stage.settle();
            assertThat(stage.servers()).hasSize(4);
        }
    }

    // ---- reserve_pool_size, reserve_pool_timeout

    @Test
    void opensTheReserveForThoseWhoHaveWaitedLongAndClosesItWhenNobodyWaits() {
        PoolSettings settings = PoolStage.settings(2, 0, 2, idleFor(NEVER));
        try (PoolStage stage = new PoolStage(settings)) {
            List<PoolStage.Guest> holders = stage.holders(2);
            List<PoolStage.Guest> waiting = List.of(stage.guest(), stage.guest(), stage.guest());
            waiting.forEach(PoolStage.Guest::ask);
            stage.pass(Duration.ofMillis(4900));
            assertThat(stage.servers()).hasSize(2);
            stage.pass(Duration.ofMillis(300));
            assertThat(stage.servers()).as("two more, and not three").hasSize(4);
            assertThat(waiting).extracting(PoolStage.Guest::isServed).containsExactly(true, true, false);
            waiting.getFirst().giveBack();
            stage.settle();
            assertThat(waiting.getLast().isServed()).isTrue();
            assertThat(stage.servers()).as("while somebody waits, it stays").hasSize(4);
            waiting.subList(1, 3).forEach(PoolStage.Guest::giveBack);
            stage.settle();
            assertThat(stage.servers()).hasSize(2);
            assertThat(stage.closed(CloseReason.SURPLUS)).isEqualTo(2);
            holders.forEach(PoolStage.Guest::giveBack);
            stage.settle();
            assertThat(stage.servers()).hasSize(2);
        }
    }

    /** The one who came later is not kept waiting for what the first one's wait would have led to. */
    @Test
    void opensTheReserveForTheNextWhenItsTimeHasCome() {
        PoolSettings settings = PoolStage.settings(1, 0, 1, idleFor(NEVER));
        try (PoolStage stage = new PoolStage(settings)) {
            PoolStage.Guest holder = stage.holders(1).getFirst();
            PoolStage.Guest first = stage.guest();
            PoolStage.Guest second = stage.guest();
            first.ask();
            stage.pass(Duration.ofSeconds(3));
            second.ask();
            first.leave();
            stage.pass(Duration.ofMillis(4700));
            assertThat(second.isServed()).isFalse();
            stage.pass(Duration.ofMillis(600));
            assertThat(second.isServed()).isTrue();
            holder.giveBack();
        }
    }

    @Test
    void opensNoMoreThanItsSizeWithoutAReserve() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            stage.holders(1);
            PoolStage.Guest waiting = stage.guest();
            waiting.ask();
            stage.pass(PoolStage.QUEUE_TIMEOUT.plusSeconds(4));
            assertThat(stage.servers()).hasSize(1);
            assertThat(waiting.errors).extracting(error -> error.code()).containsExactly("53300");
        }
    }

    // ---- server_check_delay, server_check_query

    @Test
    void asksOneThatWasIdleForLongBeforeItLendsIt() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1, checkedAfter(Duration.ofSeconds(30), "select 7")))) {
            PoolStage.Guest guest = stage.idle(1).getFirst();
            stage.pass(Duration.ofSeconds(29));
            guest.ask();
            assertThat(guest.isServed()).as("not idle for long enough").isTrue();
            guest.giveBack();
            stage.pass(Duration.ofSeconds(31));
            guest.ask();
            assertThat(guest.isServed()).as("it is being checked").isFalse();
            assertThat(stage.view().servers()).extracting(ServerView::state).containsExactly(ServerView.State.TESTED);
            stage.settle();
            assertThat(guest.isServed()).isTrue();
            assertThat(stage.queries).containsExactly("select 7");
            assertThat(stage.opened()).isEqualTo(1);
        }
    }

    @Test
    void asksAlwaysIfTheDelayIsZero() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1, checkedAfter(Duration.ZERO, "")))) {
            PoolStage.Guest guest = stage.idle(1).getFirst();
            guest.ask();
            stage.settle();
            guest.giveBack();
            guest.ask();
            stage.settle();
            assertThat(guest.isServed()).isTrue();
            assertThat(stage.queries).containsExactly("", "", "");
        }
    }

    @Test
    void lendsOneThatNeedsNoCheckIfThereIsOne() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2, checkedAfter(Duration.ofSeconds(30), "")))) {
            List<PoolStage.Guest> guests = stage.idle(2);
            stage.pass(Duration.ofSeconds(31));
            guests.getFirst().ask();
            stage.settle();
            guests.getFirst().giveBack();
            stage.queries.clear();
            guests.getLast().ask();
            assertThat(guests.getLast().isServed()).isTrue();
            assertThat(stage.queries).isEmpty();
        }
    }

    @Test
    void triesTheNextWhenACheckFails() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(3, checkedAfter(Duration.ofSeconds(30), "")))) {
            PoolStage.Guest guest = stage.idle(3).getFirst();
            stage.servers().get(0).failing = true;
            stage.servers().get(2).failing = true;
            int sound = stage.servers().get(1).pid();
            stage.pass(Duration.ofSeconds(31));
            guest.ask();
            stage.settle();
            assertThat(guest.pid()).isEqualTo(sound);
            assertThat(stage.closed(CloseReason.CHECK_FAILED)).isEqualTo(1);
            assertThat(guest.errors).isEmpty();
        }
    }

    @Test
    void opensAnotherWhenNoCheckIsAnswered() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2, checkedAfter(Duration.ofSeconds(30), "")))) {
            PoolStage.Guest guest = stage.idle(2).getFirst();
            stage.servers().forEach(server -> server.silent = true);
            stage.pass(Duration.ofSeconds(31));
            guest.ask();
            stage.pass(PoolStage.CLEANUP_TIMEOUT.plusMillis(300));
            assertThat(guest.pid()).isEqualTo(3);
            assertThat(guest.errors).isEmpty();
            stage.pass(PoolStage.CLEANUP_TIMEOUT.plusMillis(300));
            assertThat(stage.closed(CloseReason.CHECK_TIMEOUT))
                    .as("the other one, which nobody asked for, was found too")
                    .isEqualTo(2);
        }
    }

    @Test
    void aCheckDoesNotCountAsUse() {
        ServerLife life = new ServerLife(Duration.ofMinutes(5), NEVER, LONG, "");
        try (PoolStage stage = new PoolStage(PoolStage.settings(2, life))) {
            stage.idle(2);
            stage.pass(Duration.ofSeconds(200));
            stage.pool().checkIdle();
            stage.settle();
            assertThat(stage.queries).hasSize(2);
            stage.pass(Duration.ofSeconds(110));
            assertThat(stage.servers()).isEmpty();
        }
    }
}
