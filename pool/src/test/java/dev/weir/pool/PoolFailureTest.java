package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.ServerLife;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import dev.weir.testkit.LeakWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that restarts, fails over or vanishes. */
@ExtendWith(LeakWatch.class)
class PoolFailureTest {

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "57P01")
    void noticesThatAnIdleOneIsClosed(@Nullable String lastWords) {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            PoolStage.Guest guest = stage.idle(1).getFirst();
            stage.servers().getFirst().dies(lastWords);
            assertThat(stage.view().servers()).isEmpty();
            guest.ask();
            stage.settle();
            assertThat(guest.pid()).isEqualTo(2);
            assertThat(guest.errors).isEmpty();
        }
    }

    /** One of them says that the server has gone: the others are stale, though the network keeps that to itself. */
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"57P01", "57P02", "57P03"})
    void findsAllStaleOnesWhenOneDies(@Nullable String lastWords) {
        try (PoolStage stage = new PoolStage(PoolStage.settings(5))) {
            List<PoolStage.Guest> guests = stage.idle(5);
            List<PoolStage.Backing> servers = stage.servers();
            servers.subList(1, 4).forEach(server -> server.silent = true);
            servers.getFirst().dies(lastWords);
            assertThat(stage.queries).as("the one that is sound has answered").containsExactly("");
            stage.pass(PoolStage.CLEANUP_TIMEOUT.plusMillis(300));
            assertThat(stage.servers()).containsExactly(servers.getLast());
            guests.forEach(PoolStage.Guest::ask);
            stage.settle();
            assertThat(guests).allMatch(PoolStage.Guest::isServed).allMatch(guest -> !guest.lost);
        }
    }

    /** What is in doubt is not counted on: a client that comes meanwhile would wait for a server that has gone. */
    @Test
    void opensAnotherForAClientThatComesWhileAllAreInDoubt() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(5))) {
            PoolStage.Guest guest = stage.idle(3).getFirst();
            stage.servers().forEach(server -> server.silent = true);
            stage.pool().checkIdle();
            stage.settle();
            guest.ask();
            stage.settle();
            assertThat(guest.pid()).as("a new one").isEqualTo(4);
            stage.pass(Duration.ofSeconds(1));
            assertThat(stage.opened()).as("one, for one who waits").isEqualTo(4);
            stage.servers().forEach(server -> server.silent = false);
            stage.settle();
            assertThat(stage.view().servers())
                    .filteredOn(server -> server.state() == ServerView.State.IDLE)
                    .as("those that were sound stay")
                    .hasSize(3);
        }
    }

    @Test
    void opensNoMoreThanThePoolsSizeWhileTheyAreInDoubt() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(2))) {
            List<PoolStage.Guest> guests = stage.idle(2);
            stage.servers().forEach(server -> server.silent = true);
            stage.pool().checkIdle();
            stage.settle();
            guests.forEach(PoolStage.Guest::ask);
            stage.pass(Duration.ofSeconds(1));
            assertThat(guests).noneMatch(PoolStage.Guest::isServed);
            assertThat(stage.opened()).isEqualTo(2);
            stage.servers().forEach(server -> server.silent = false);
            stage.settle();
            assertThat(guests).allMatch(PoolStage.Guest::isServed);
            assertThat(stage.opened()).isEqualTo(2);
        }
    }

    /** They are there as long as they are not known to have gone. */
    @Test
    void opensNoneForTheLeastSizeWhileTheyAreInDoubt() {
        ServerLife life = new ServerLife(Duration.ofMinutes(5), Duration.ZERO, Duration.ofDays(30), "");
        try (PoolStage stage = new PoolStage(PoolStage.settings(5, 3, 0, life))) {
            stage.idle(3);
            List<PoolStage.Backing> servers = stage.servers();
            servers.forEach(server -> server.silent = true);
            stage.pool().checkIdle();
            stage.guest();
            stage.pass(Duration.ofSeconds(1));
            assertThat(stage.opened()).isEqualTo(3);
            servers.subList(0, 2).forEach(server -> server.silent = false);
            stage.pass(PoolStage.CLEANUP_TIMEOUT);
            assertThat(stage.servers())
                    .as("one in place of that which has gone")
                    .hasSize(3);
            assertThat(stage.opened()).isEqualTo(4);
        }
    }

    @Test
    void findsTheStaleOnesOfTheTenantsOtherPools() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            stage.idle(1);
            PoolStage.Guest other = stage.guest("other");
            other.ask();
            other.giveBack();
            stage.servers().getLast().silent = true;
            stage.servers().getFirst().dies("57P01");
            stage.pass(PoolStage.CLEANUP_TIMEOUT.plusMillis(300));
            assertThat(stage.servers()).isEmpty();
            other.ask();
            stage.settle();
            assertThat(other.pid()).isEqualTo(3);
        }
    }

    /** What one tenant finds out serves all who use the same server. */
    @Test
    void findsTheStaleOnesOfOtherTenantsOnTheSameHost() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            TenantId near = new TenantId("near");
            TenantId far = new TenantId("far");
            stage.tenants = Tenants.of(
                    List.of(
                            PoolStage.tenant(PoolStage.TENANT, PoolStage.settings(1)),
                            PoolStage.tenant(near, PoolStage.settings(1)),
                            PoolStage.tenant(far, PoolStage.settings(1), 2)),
                    Optional.empty());
            List<PoolStage.Backing> servers = new ArrayList<>();
            for (TenantId tenant : List.of(PoolStage.TENANT, near, far)) {
                PoolStage.Guest guest = stage.guest(stage.home(tenant), "db");
                guest.ask();
                guest.giveBack();
                servers.add(stage.servers().getLast());
            }
            servers.forEach(server -> server.silent = true);
            servers.getFirst().dies("57P01");
            stage.pass(PoolStage.CLEANUP_TIMEOUT.plusMillis(300));
            assertThat(stage.servers()).containsExactly(servers.getLast());
        }
    }

    /** A tenant that loses its server connections again and again has the others' checked once a second. */
    @Test
    void doesNotAskOtherTenantsServerConnectionsWithoutPause() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            TenantId near = new TenantId("near");
            stage.tenants = Tenants.of(
                    List.of(
                            PoolStage.tenant(PoolStage.TENANT, PoolStage.settings(1)),
                            PoolStage.tenant(near, PoolStage.settings(1))),
                    Optional.empty());
            PoolStage.Guest other = stage.guest(stage.home(near), "db");
            other.ask();
            other.giveBack();
            PoolStage.Guest guest = stage.guest();
            for (int i = 0; i < 5; i++) {
                guest.ask();
                stage.settle();
                guest.giveBack();
                stage.servers().getLast().dies("57P01");
            }
            assertThat(stage.queries).as("at once").containsExactly("");
            stage.pass(HostDoubts.PAUSE);
            assertThat(stage.queries).as("after a second").containsExactly("", "");
            stage.pass(HostDoubts.PAUSE.multipliedBy(20));
            assertThat(stage.queries).hasSize(2);
        }
    }

    @Test
    void asksNobodyWhenOneAloneHasDied() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(3))) {
            stage.idle(3);
            stage.servers().getFirst().dies("57P05"); // its session was idle for too long
            assertThat(stage.queries).isEmpty();
        }
    }

    @Test
    void asksTheIdleOnesWhenAConnectIsRefused() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(4))) {
            List<PoolStage.Guest> guests = new ArrayList<>(stage.holders(3));
            guests.getFirst().giveBack();
            guests.get(1).giveBack();
            PoolStage.Backing stale = stage.servers().getFirst();
            stale.silent = true;
            stage.door = PoolStage.Door.SHUT;
            stage.holders(3);
            assertThat(stage.supply().openFailures()).isPositive();
            stage.pass(PoolStage.CLEANUP_TIMEOUT.plusMillis(300));
            assertThat(stage.servers()).hasSize(3);
        }
    }

    /** The time to connect is the server's: it has not begun while its name is asked for, or the machine is busy. */
    @Test
    void connectsHoweverLongItsNameHasTaken() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            stage.blocks = true;
            stage.guest();
            stage.pass(Duration.ofSeconds(11));
            stage.endBlocking();
            stage.settle();
            assertThat(stage.supply().openFailures()).isZero();
            assertThat(stage.opened()).isEqualTo(1);
        }
    }

    /** While the server starts, whoever waits goes on waiting. */
    @ParameterizedTest
    @EnumSource(names = {"SHUT", "STARTING", "STOPPING", "SILENT"})
    void keepsWaitingForAServerThatComesBack(PoolStage.Door door) {
        try (PoolStage stage = new PoolStage(PoolStage.settings(3))) {
            List<PoolStage.Guest> guests = stage.holders(3);
            stage.door = door;
            stage.servers().forEach(server -> server.dies("57P01"));
            assertThat(guests).allMatch(guest -> guest.lost);
            guests.forEach(PoolStage.Guest::ask);
            stage.pass(Duration.ofSeconds(20));
            assertThat(guests).allMatch(guest -> guest.errors.isEmpty() && !guest.isServed());
            boolean told = stage.view().hindrance() instanceof Hindrance.NoServer;
            assertThat(told)
                    .as("but for 57P01, which clients would misread")
                    .isEqualTo(door != PoolStage.Door.STOPPING);
            stage.door = PoolStage.Door.OPEN;
            stage.pass(Duration.ofSeconds(10));
            assertThat(guests).allMatch(PoolStage.Guest::isServed);
            assertThat(stage.view().hindrance()).isEqualTo(new Hindrance.None());
        }
    }

    /** 57P01 would tell the client that its own connection is to end. */
    @ParameterizedTest
    @CsvSource({"SHUT, 08006", "STARTING, 57P03", "STOPPING, 53300"})
    void whoWaitsTooLongForAServerThatIsAwayIsToldSo(PoolStage.Door door, String code) {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            PoolStage.Guest guest = stage.idle(1).getFirst();
            stage.door = door;
            stage.servers().getFirst().dies("57P01");
            guest.ask();
            stage.pass(PoolStage.QUEUE_TIMEOUT.minusSeconds(1));
            assertThat(guest.errors).isEmpty();
            stage.pass(Duration.ofSeconds(4));
            assertThat(guest.errors).extracting(error -> error.code()).containsExactly(code);
        }
    }

    @Test
    void theLogSaysTenTimesAMinuteThatNoneCanBeOpened() {
        try (LogLines supply = new LogLines(Supply.class);
                LogLines limit = new LogLines(LogLimit.class);
                PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            PoolStage.Guest guest = stage.idle(1).getFirst();
            stage.door = PoolStage.Door.STARTING;
            stage.servers().getFirst().dies("57P01");
            guest.ask();
            stage.pass(PoolStage.QUEUE_TIMEOUT.minusSeconds(1));
            long failed = stage.supply().openFailures();
            assertThat(failed).isGreaterThan(10);
            assertThat(supply.all())
                    .filteredOn(line -> line.startsWith("WARN server connection could not be opened"))
                    .hasSize(10)
                    .allMatch(line -> line.contains("sqlstate=\"57P03\"") && line.contains("tenant=\"acme\""));
            stage.endMinute();
            assertThat(limit.all())
                    .containsExactly("WARN server connection could not be opened, and " + (failed - 10)
                            + " more [tenant=\"acme\", reason=\"57P03\", more=\"" + (failed - 10) + "\"]");
        }
    }

    @Test
    void whoComesFirstToAServerThatIsAwayIsToldAtOnce() {
        try (PoolStage stage = new PoolStage(PoolStage.settings(1))) {
            stage.door = PoolStage.Door.STARTING;
            PoolStage.Guest guest = stage.guest();
            assertThat(guest.errors).extracting(error -> error.code()).containsExactly("57P03");
        }
    }
}
