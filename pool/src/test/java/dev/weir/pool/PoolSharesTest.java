package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.ServerLife;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PoolSharesTest {
    private static final ServerLife LIFE = new ServerLife(Duration.ZERO, Duration.ZERO, Duration.ofDays(30), "");

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final PoolShares shares = new PoolShares(PoolStage.settings(10, 5, 3, LIFE));
    private final LaneOf first = new LaneOf();
    private final LaneOf second = new LaneOf();
    private final LaneOf third = new LaneOf();

    /** A lane whose server connections are all idle, or all lent. */
    private final class LaneOf implements PoolShares.Part {
        private final PoolShares.Share share = shares.join(this);
        private final ArrayDeque<HostShare.Place> places = new ArrayDeque<>();
        private final List<Runnable> later = new ArrayList<>();
        private boolean lent;
        private long waited;
        private int changes;
        private int ends;

        private LaneOf want(int count) {
            for (int i = 0; i < count; i++) {
                share.places().ask(true, places.isEmpty(), places::add);
            }
            run();
            return this;
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public void after(Duration delay, Runnable task) {
            later.add(task);
        }

        private void wakeUp() {
            later.forEach(Runnable::run);
            later.clear();
            run();
        }

        @Override
        public long longestIdle() {
            return lent || places.isEmpty() ? -1 : HostBudget.SETTLED.toNanos();
        }

        @Override
        public long longestWait() {
            return waited;
        }

        private void giveBackLent() {
            assertThat(share.places().mustGiveUp()).isTrue();
            places.remove().giveBack();
            run();
        }

        @Override
        public boolean closeLongestIdle() {
            HostShare.Place place = places.poll();
            if (place != null) {
                place.giveBack();
            }
            return place != null;
        }

        @Override
        public void onOthersChanged() {
            changes++;
        }

        @Override
        public void onAllUnused() {
            ends++;
        }
    }

    private void run() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    @Test
    void placesGoWhereTheyAreWantedAndAreNeverMore() {
        first.want(10);
        assertThat(first.places).hasSize(10);
        second.want(4);
        assertThat(second.places).hasSize(4);
        assertThat(first.places).hasSize(6);
        assertThat(first.share.takenNow()).isEqualTo(10);
    }

    @Test
    void whoWaitsForLongGetsWhatAnotherHasEvenIfThatHasNoMoreThanItsPart() {
        first.want(5).lent = true;
        second.want(5).lent = true;
        first.want(1).waited = HostBudget.PATIENCE.toNanos() / 2;
        second.waited = HostBudget.PATIENCE.toNanos() * 9 / 10;
        second.want(1);
        assertThat(first.share.places().owed).as("it has not waited for long").hasValue(0);
        second.waited = HostBudget.PATIENCE.toNanos();
        second.want(1);
        assertThat(first.share.places().owed)
                .as("the other has waited half as long")
                .hasValue(0);
        first.waited -= 1;
        second.want(1);
        assertThat(first.share.places().owed).hasValue(1);
        first.giveBackLent();
        assertThat(second.places).hasSize(6);
        assertThat(first.places).hasSize(4);
        first.want(1);
        assertThat(second.share.places().owed)
                .as("it is above its part, but its clients wait longer")
                .hasValue(0);
        second.waited = 0;
        first.want(1);
        assertThat(second.share.places().owed).hasValue(1);
        second.giveBackLent();
        assertThat(first.places).hasSize(5);
    }

    @Test
    void whatTheServerDoesNotLetInIsHadFromAnotherLane() {
        first.want(2);
        second.share.onServerFull();
        second.want(1);
        assertThat(second.places).hasSize(1);
        assertThat(first.places).hasSize(1);
        second.wakeUp();
        second.want(5);
        assertThat(second.places).as("it is asked again after a while").hasSize(6);
    }

    @Test
    void whatIsThereWhenThePoolIsDividedIsCounted() {
        List<HostShare.Place> adopted = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            adopted.add(first.share.places().adopt());
        }
        second.want(4);
        assertThat(second.places).hasSize(2);
        adopted.getFirst().giveBack();
        run();
        assertThat(second.places).hasSize(3);
    }

    @Test
    void theReserveIsThereAsLongAsOneClaimsIt() {
        first.want(13);
        assertThat(first.places).hasSize(10);
        second.share.claimReserve(true);
        first.share.claimReserve(true);
        run();
        assertThat(first.places).hasSize(13);
        second.share.claimReserve(false);
        run();
        assertThat(first.places).hasSize(13);
        first.share.claimReserve(false);
        run();
        assertThat(first.share.takenNow())
                .as("idle ones above the size are taken back")
                .isEqualTo(10);
    }

    @Test
    void theLeastIsDividedAmongThoseWhoHaveClients() {
        assertThat(first.share.keeps(5)).isZero();
        first.share.setInUse(true);
        assertThat(first.share.keeps(5)).isEqualTo(5);
        assertThat(first.share.portion()).isEqualTo(10);
        third.share.setInUse(true);
        run();
        assertThat(first.changes).isEqualTo(1);
        assertThat(first.share.keeps(5) + third.share.keeps(5)).isEqualTo(5);
        assertThat(first.share.portion()).isEqualTo(5);
        first.share.setInUse(false);
        run();
        assertThat(third.changes).as("when the first came, and now").isEqualTo(2);
        assertThat(third.share.keeps(5)).isEqualTo(5);
    }

    @Test
    void asManyArePinnedAsMayBeWhoeverAsks() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<Integer>> counts = new ArrayList<>();
            for (LaneOf lane : List.of(first, second, third)) {
                counts.add(threads.submit(() -> {
                    int pinned = 0;
                    for (int i = 0; i < 1_000; i++) {
                        pinned += lane.share.pinOne(1_500) ? 1 : 0;
                    }
                    return pinned;
                }));
            }
            int pinned = 0;
            for (Future<Integer> count : counts) {
                pinned += count.get();
            }
            assertThat(pinned).isEqualTo(1_500);
        }
        first.share.countPinned(-1);
        assertThat(second.share.pinOne(1_500)).isTrue();
        assertThat(second.share.pinOne(1_500)).isFalse();
    }

    @Test
    void sharesEndTogether() {
        first.share.setInUse(true);
        assertThat(second.share.isLastUnused()).isFalse();
        assertThat(third.share.isLastUnused()).isFalse();
        first.share.setInUse(false);
        assertThat(first.share.isLastUnused()).isTrue();
        run();
        assertThat(List.of(second.ends, third.ends)).containsExactly(1, 1);
        assertThat(shares.isEmpty()).isFalse();
        first.share.leave();
        second.share.leave();
        third.share.leave();
        assertThat(shares.isEmpty()).isTrue();
    }
}
