package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.Rates;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random tenants on several threads ask, wait, give back and give up: no place too many, none lost, all served. */
class HostBudgetThreadsTest {
    private static final int LANES = 4;
    private static final int TENANTS = 9;
    private static final int MOST = 7;
    private static final int ACTIONS = 4_000;

    private final HostBudget budget = new HostBudget(MOST);
    private final AtomicInteger inUse = new AtomicInteger();
    private final AtomicInteger mostSeen = new AtomicInteger();
    private final AtomicInteger unserved = new AtomicInteger();

    /** All of it on its lane's thread, but for what the budget calls. */
    private final class Tenant implements HostShare.Holdings {
        private final ScheduledExecutorService lane;
        private final HostShare share;
        private final ArrayDeque<HostShare.Place> busy = new ArrayDeque<>();
        private final ArrayDeque<HostShare.Place> idle = new ArrayDeque<>();
        private final ArrayDeque<HostShare.Place> asked = new ArrayDeque<>();

        Tenant(ScheduledExecutorService lane, int number) {
            this.lane = lane;
            OptionalInt most = number % 3 == 0 ? OptionalInt.of(3) : OptionalInt.empty();
            share = new HostShare(budget, new Allotment(1 + number % 4, number == 1 ? 2 : 0, most, Rates.NONE), this);
        }

        void act(int dice) {
            if (dice < 35) {
                unserved.incrementAndGet();
                asked.add(share.ask(dice % 5 != 0, busy.isEmpty() && idle.isEmpty(), this::onPlace));
            } else if (dice < 45 && !asked.isEmpty()) {
                unserved.decrementAndGet();
                asked.removeLast().giveBack();
            } else if (dice < 70 && !busy.isEmpty()) {
                HostShare.Place place = busy.removeFirst();
                if (share.mustGiveUp()) {
                    close(place);
                } else {
                    idle.addLast(place);
                }
            } else if (dice < 80 && !idle.isEmpty()) {
                busy.addLast(idle.removeLast());
            } else if (!busy.isEmpty()) {
                close(busy.removeFirst());
            }
        }

        private void onPlace(HostShare.Place place) {
            asked.remove(place);
            unserved.decrementAndGet();
            mostSeen.accumulateAndGet(inUse.incrementAndGet(), Math::max);
            busy.addLast(place);
        }

        private void close(HostShare.Place place) {
            inUse.decrementAndGet();
            place.giveBack();
        }

        void closeAll() {
            while (!busy.isEmpty()) {
                close(busy.removeFirst());
            }
            while (!idle.isEmpty()) {
                close(idle.removeFirst());
            }
        }

        @Override
        public void execute(Runnable task) {
            lane.execute(task);
        }

        @Override
        public void after(Duration delay, Runnable task) {
            var _ = lane.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public long longestIdle() {
            return idle.isEmpty() ? -1 : idle.size();
        }

        @Override
        public boolean closeLongestIdle() {
            if (idle.isEmpty()) {
                return false;
            }
            close(idle.removeFirst());
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void neverTooManyAndNobodyForgotten(long seed) {
        List<ScheduledExecutorService> lanes = new ArrayList<>();
        for (int i = 0; i < LANES; i++) {
            lanes.add(Executors.newSingleThreadScheduledExecutor());
        }
        try {
            List<Tenant> tenants = new ArrayList<>();
            for (int i = 0; i < TENANTS; i++) {
                tenants.add(new Tenant(lanes.get(i % LANES), i));
            }
            Random random = new Random(seed);
            List<CompletableFuture<Void>> actions = new ArrayList<>();
            for (int i = 0; i < ACTIONS; i++) {
                Tenant tenant = tenants.get(random.nextInt(TENANTS));
                int dice = random.nextInt(100);
                actions.add(CompletableFuture.runAsync(() -> tenant.act(dice), tenant.lane));
            }
            CompletableFuture.allOf(actions.toArray(CompletableFuture[]::new)).join();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (unserved.get() > 0) { // whoever has something lets it go, so all must be served
                assertThat(System.nanoTime())
                        .as("%d wait in vain (seed %d)", unserved.get(), seed)
                        .isLessThan(deadline);
                tenants.forEach(tenant -> tenant.lane.execute(tenant::closeAll));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            while (budget.takenNow() > 0) {
                assertThat(System.nanoTime())
                        .as("%d places are lost (seed %d)", budget.takenNow(), seed)
                        .isLessThan(deadline);
                tenants.forEach(tenant -> tenant.lane.execute(tenant::closeAll));
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            assertThat(mostSeen.get()).isEqualTo(MOST);
            assertThat(inUse.get()).isZero();
        } finally {
            lanes.forEach(ScheduledExecutorService::shutdownNow);
        }
    }
}
