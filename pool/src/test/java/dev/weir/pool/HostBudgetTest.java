package dev.weir.pool;

import static dev.weir.pool.SimulatedHost.allotment;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.Rates;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HostBudgetTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration MOMENT = Duration.ofMillis(20);

    private final SimulatedHost host = new SimulatedHost(10);

    private SimulatedHost.TenantOf tenant(int weight, int guaranteed) {
        return host.new TenantOf(allotment(weight, guaranteed));
    }

    private static void request(SimulatedHost.TenantOf tenant, int count, Duration lasts) {
        for (int i = 0; i < count; i++) {
            tenant.request(lasts);
        }
    }

    @Test
    void grantsUpToTheLimit() {
        SimulatedHost.TenantOf one = tenant(1, 0);
        request(one, 15, LONG);
        host.run(MOMENT);
        assertThat(one.connections()).isEqualTo(10);
        assertThat(one.waiting()).isEqualTo(5);
        assertThat(host.budget.takenNow()).isEqualTo(10);
    }

    @Test
    void closesWhatIsIdleLongestAtOnce() {
        SimulatedHost.TenantOf one = tenant(1, 0);
        SimulatedHost.TenantOf two = tenant(1, 0);
        request(one, 5, Duration.ofMillis(1));
        host.run(MOMENT);
        request(two, 5, Duration.ofMillis(1));
        host.run(MOMENT);
        SimulatedHost.TenantOf three = tenant(1, 0);
        host.run(HostBudget.SETTLED);
        request(three, 3, LONG);
        host.run(MOMENT);
        assertThat(three.connections()).isEqualTo(3);
        assertThat(one.closedForOthers).as("idle for longer than those of two").isEqualTo(3);
        assertThat(two.closedForOthers).isZero();
    }

    @Test
    void leavesATenantWhatItIsGuaranteed() {
        SimulatedHost.TenantOf guaranteed = tenant(1, 4);
        SimulatedHost.TenantOf flood = tenant(1, 0);
        request(guaranteed, 4, Duration.ofMillis(1));
        host.run(LONG);
        request(flood, 100, LONG);
        host.run(MOMENT.multipliedBy(100));
        assertThat(guaranteed.idle()).isEqualTo(4);
        assertThat(flood.connections()).isEqualTo(6);
    }

    @Test
    void givesTheNextPlaceToATenantBelowItsGuarantee() {
        SimulatedHost.TenantOf flood = tenant(1000, 0);
        request(flood, 100, Duration.ofMillis(10));
        host.run(MOMENT);
        SimulatedHost.TenantOf guaranteed = tenant(1, 4);
        request(guaranteed, 4, LONG);
        host.run(Duration.ofMillis(300));
        assertThat(guaranteed.connections()).isEqualTo(4);
    }

    @Test
    void sharesByWeight() {
        SimulatedHost.TenantOf heavy = tenant(4, 0);
        SimulatedHost.TenantOf light = tenant(1, 0);
        request(light, 20_000, Duration.ofMillis(7));
        host.run(MOMENT);
        assertThat(light.connections()).as("nobody else wants any").isEqualTo(10);
        request(heavy, 20_000, Duration.ofMillis(7));
        host.run(Duration.ofSeconds(5));
        assertThat(heavy.connections()).isEqualTo(8);
        assertThat(light.connections()).isEqualTo(2);
        int closed = heavy.closedForOthers + light.closedForOthers;
        host.run(Duration.ofSeconds(5));
        assertThat(heavy.closedForOthers + light.closedForOthers)
                .as("they do not swap for ever")
                .isEqualTo(closed);
    }

    @Test
    void keepsATenantToItsOwnMost() {
        SimulatedHost.TenantOf tenant = host.new TenantOf(new Allotment(1, 0, OptionalInt.of(3), Rates.NONE));
        request(tenant, 8, Duration.ofMillis(10));
        host.run(MOMENT);
        assertThat(tenant.connections()).isEqualTo(3);
        host.run(LONG);
        assertThat(tenant.waiting()).isZero();
    }

    @Test
    void takesBackWhatALoweredLimitNoLongerAllows() {
        SimulatedHost.TenantOf tenant = tenant(1, 0);
        request(tenant, 10, Duration.ofMillis(1));
        host.run(MOMENT);
        host.budget.setMost(4);
        host.run(MOMENT);
        assertThat(tenant.connections()).isEqualTo(4);
        host.budget.setMost(6);
        request(tenant, 10, LONG);
        host.run(MOMENT);
        assertThat(tenant.connections()).isEqualTo(6);
    }

    @Test
    void losesNoPlaceToALaneThatEnds() {
        SimulatedHost.TenantOf holder = tenant(1, 0);
        SimulatedHost.TenantOf ended = tenant(1, 0);
        request(holder, 10, Duration.ofMillis(50));
        host.run(MOMENT);
        request(ended, 5, LONG);
        ended.laneEnded = true;
        host.run(LONG);
        SimulatedHost.TenantOf other = tenant(1, 0);
        request(other, 10, LONG);
        host.run(MOMENT.multipliedBy(20));
        assertThat(other.connections()).isEqualTo(10);
    }

    @Test
    void givesBackWhatIsNoLongerWaitedFor() {
        SimulatedHost.TenantOf holder = tenant(1, 0);
        request(holder, 9, LONG);
        host.run(MOMENT);
        HostShare.Place early = holder.share.ask(true, false, _ -> {});
        early.giveBack(); // before it is told of the grant
        HostShare.Place waiting = holder.share.ask(true, false, HostShare.Place::giveBack);
        host.run(MOMENT);
        waiting.giveBack();
        early.giveBack();
        host.run(MOMENT);
        assertThat(host.budget.takenNow()).isEqualTo(9);
    }

    /** A tenant that asks for little is served as if it were alone, but for what the other's flood must give up first. */
    @Test
    void protectsATenantFromAFlood() {
        long alone = p99(false);
        long beside = p99(true);
        assertThat(beside).isLessThanOrEqualTo(2 * alone);
    }

    private static long p99(boolean flooded) {
        SimulatedHost host = new SimulatedHost(10);
        SimulatedHost.TenantOf polite = host.new TenantOf(allotment(1, 0));
        SimulatedHost.TenantOf flood = host.new TenantOf(allotment(1, 0));
        Random random = new Random(42);
        if (flooded) {
            request(flood, 500, Duration.ofMillis(3));
            keepFlooding(host, flood);
        }
        host.run(Duration.ofSeconds(1));
        ask(host, polite, random);
        host.run(Duration.ofMinutes(2));
        List<Long> waits = polite.waits;
        assertThat(waits).hasSizeGreaterThan(10_000);
        Collections.sort(waits);
        // Opening the connection counts in both cases; a wait is at least what the clock can tell.
        return Math.max(Duration.ofMillis(5).toNanos(), waits.get(waits.size() * 99 / 100));
    }

    private static void keepFlooding(SimulatedHost host, SimulatedHost.TenantOf flood) {
        host.later(Duration.ofMillis(3).toNanos(), () -> {
            request(flood, 20, Duration.ofMillis(3));
            keepFlooding(host, flood);
        });
    }

    private static void ask(SimulatedHost host, SimulatedHost.TenantOf polite, Random random) {
        host.later((long) (random.nextDouble() * 2 * Duration.ofMillis(10).toNanos()), () -> {
            polite.request(Duration.ofMillis(3 + random.nextInt(10)));
            ask(host, polite, random);
        });
    }
}
