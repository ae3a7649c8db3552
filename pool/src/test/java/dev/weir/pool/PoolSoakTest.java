package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.ServerLife;
import dev.weir.testkit.LeakWatch;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A day of a pool's life, by a clock that is advanced, with clients that come and go and a server that fails now and then. */
@ExtendWith(LeakWatch.class)
class PoolSoakTest {
    private static final int SIZE = 6;
    private static final int RESERVE = 2;
    private static final Duration DAY = Duration.ofHours(24);

    /** Timers that may be: of the pool's queue, upkeep and back-off, of each server connection one, and of its host. */
    private static final int TIMERS = 4 + SIZE + RESERVE;

    @Test
    void nothingGrowsInADay() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        Random random = new Random(seed);
        ServerLife life = new ServerLife(Duration.ofMinutes(5), Duration.ofMinutes(20), Duration.ofSeconds(30), "");
        try (PoolStage stage = new PoolStage(PoolStage.settings(SIZE, 2, RESERVE, life))) {
            List<PoolStage.Guest> guests = new ArrayList<>();
            List<WeakReference<Pool>> pools = new ArrayList<>();
            long served = 0;
            Duration passed = Duration.ZERO;
            while (passed.compareTo(DAY) < 0) {
                for (int i = random.nextInt(20); i > 0; i--) {
                    served += step(stage, guests, random);
                }
                if (random.nextInt(200) == 0) { // everyone goes home
                    pools.add(new WeakReference<>(stage.pool()));
                    List.copyOf(guests).forEach(PoolStage.Guest::leave);
                    guests.clear();
                    stage.door = PoolStage.Door.OPEN;
                    stage.pass(Duration.ofMinutes(10));
                    assertThat(stage.homes.all()).as("-Dweir.seed=%s", seed).isEmpty();
                    assertThat(stage.servers()).as("-Dweir.seed=%s", seed).isEmpty();
                    assertThat(stage.loop.timers()).as("-Dweir.seed=%s", seed).isZero();
                }
                Duration next = Duration.ofMillis(random.nextInt(60_000));
                stage.loop.advance(next);
                stage.settle();
                passed = passed.plus(next);
                PoolView view = stage.view();
                assertThat(view.servers().size() + view.opening())
                        .as("-Dweir.seed=%s", seed)
                        .isLessThanOrEqualTo(SIZE + RESERVE);
                assertThat(stage.loop.timers()).as("-Dweir.seed=%s", seed).isLessThanOrEqualTo(TIMERS);
            }
            List.copyOf(guests).forEach(PoolStage.Guest::leave);
            guests.clear();
            stage.door = PoolStage.Door.OPEN;
            stage.pass(Duration.ofMinutes(10));
            assertThat(served).as("requests served").isGreaterThan(1000);
            assertThat(stage.homes.all()).as("-Dweir.seed=%s", seed).isEmpty();
            assertThat(stage.servers()).as("-Dweir.seed=%s", seed).isEmpty();
            assertThat(stage.loop.timers()).as("-Dweir.seed=%s", seed).isZero();
            SupplyCounters past = stage.home().view(false).past().supply();
            assertThat(past.closed()).as("-Dweir.seed=%s", seed).isEqualTo(past.opened());
            assertThat(past.closed(CloseReason.IDLE)).isPositive();
            assertThat(past.closed(CloseReason.LIFETIME)).isPositive();
            assertThat(pools).as("pools that vanished").isNotEmpty();
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
                System.gc();
                return pools.stream().allMatch(pool -> pool.refersTo(null));
            });
        }
    }

    /** @return 1 if somebody was served and gave back */
    private static int step(PoolStage stage, List<PoolStage.Guest> guests, Random random) {
        int what = random.nextInt(200);
        PoolStage.Guest guest = guests.isEmpty() ? null : guests.get(random.nextInt(guests.size()));
        if (guest == null || (what < 16 && guests.size() < 20)) {
            guests.add(stage.guest());
        } else if (what < 30) {
            guest.leave();
            guests.remove(guest);
        } else if (what < 32 && !stage.servers().isEmpty()) {
            PoolStage.Backing server =
                    stage.servers().get(random.nextInt(stage.servers().size()));
            if (what == 30) {
                server.silent = true;
            } else {
                server.dies(random.nextBoolean() ? "57P01" : null);
            }
        } else if (what == 32) {
            PoolStage.Door[] doors = PoolStage.Door.values();
            stage.door = random.nextInt(3) == 0 ? doors[random.nextInt(doors.length)] : PoolStage.Door.OPEN;
        } else if (guest.isServed()) {
            guest.giveBack();
            return 1;
        } else if (!guest.place().isQueued() && guest.welcomed) {
            guest.ask();
        }
        return 0;
    }
}
