package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RidersTest {
    /** Against a plain queue, in which one that has left is an empty place. */
    @Test
    void areInTheOrderInWhichTheyCame() {
        Random random = new Random(11);
        Riders riders = new Riders();
        Deque<Optional<Borrower>> model = new ArrayDeque<>();
        int expected = 0;
        Deque<Integer> times = new ArrayDeque<>();
        for (int i = 0; i < 100_000; i++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    Borrower borrower = new RiderForTest();
                    int micros = random.nextInt(100);
                    riders.add(borrower, micros);
                    model.addLast(Optional.of(borrower));
                    times.addLast(micros);
                    expected += micros;
                }
                case 2, 3 -> {
                    if (!model.isEmpty()) {
                        assertThat(Optional.ofNullable(riders.poll())).isEqualTo(model.pollFirst());
                        expected -= times.removeFirst();
                    }
                }
                default -> leave(random, riders, model);
            }
            assertThat(riders.size()).isEqualTo(model.size());
            assertThat(riders.isEmpty()).isEqualTo(model.isEmpty());
            assertThat(riders.expectedMicros()).isEqualTo(expected);
            Optional<Borrower> first = model.isEmpty() ? Optional.empty() : model.getFirst();
            assertThat(Optional.ofNullable(riders.first())).isEqualTo(first);
        }
    }

    private static void leave(Random random, Riders riders, Deque<Optional<Borrower>> model) {
        List<Optional<Borrower>> all = new ArrayList<>(model);
        List<Borrower> there = all.stream().flatMap(Optional::stream).toList();
        if (there.isEmpty()) {
            return;
        }
        Borrower leaver = there.get(random.nextInt(there.size()));
        boolean first = all.getFirst().equals(Optional.of(leaver));
        assertThat(riders.leave(leaver)).isEqualTo(first);
        all.set(all.indexOf(Optional.of(leaver)), Optional.empty());
        model.clear();
        model.addAll(all);
    }

    @Test
    void thoseBehindTheFirstCanBeTakenOff() {
        Riders riders = new Riders();
        List<Borrower> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Borrower borrower = new RiderForTest();
            all.add(borrower);
            riders.add(borrower, 1);
        }
        riders.leave(all.get(2));
        assertThat(riders.takeFrom(1)).containsExactly(all.get(1), all.get(3), all.get(4));
        assertThat(riders.first()).isEqualTo(all.getFirst());
        assertThat(riders.size()).as("their replies still come").isEqualTo(5);
        assertThat(riders.takeFrom(1)).isEmpty();
    }

    private static final class RiderForTest extends OwnBorrower {
        @Override
        public void onLent(ServerConnection server) {}

        @Override
        public void onRefused(dev.weir.wire.PgError error) {}

        @Override
        public void onReady(boolean atRest) {}

        @Override
        public void onServerLost(dev.weir.wire.@org.jspecify.annotations.Nullable PgError lastWords) {}
    }
}
