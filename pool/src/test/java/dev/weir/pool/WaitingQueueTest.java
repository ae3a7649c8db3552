package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaitingQueueTest {

    private record Waiter(List<WaitingQueue.Place> made) implements Borrower {
        @Override
        public void onRideOver(ServerConnection server, long tookNanos) {
            throw new IllegalStateException("does not ride");
        }

        @Override
        public void onRideLost(@Nullable PgError lastWords, boolean running) {
            throw new IllegalStateException("does not ride");
        }

        @Override
        public long id() {
            return 1;
        }

        @Override
        public WaitingQueue.Place place() {
            return made.getFirst();
        }

        @Override
        public SessionParameters parameters() {
            return SessionParameters.NONE;
        }

        @Override
        public void onLent(ServerConnection server) {}

        @Override
        public void onRefused(PgError error) {}

        @Override
        public void takeReplies(ByteBuf run) {}

        @Override
        public boolean repeats(PgError error, ByteBuf buffer, int index, int length) {
            return false;
        }

        @Override
        public boolean takesError(ByteBuf buffer, int index, int length, @Nullable Fate fate) {
            return false;
        }

        @Override
        public void onRepeat() {}

        @Override
        public void onNotification(ByteBuf buffer, int index, int length) {}

        @Override
        public void takeOwnReply(ByteBuf frame) {}

        @Override
        public void onParameter(String name, String value) {}

        @Override
        public void flushReplies() {}

        @Override
        public void onReady(boolean atRest) {}

        @Override
        public void onServerLost(@Nullable PgError lastWords) {}

        @Override
        public void onServerWritabilityChanged(boolean writable) {}

        @Override
        public void onRoom() {}
    }

    private static WaitingQueue.Place place() {
        return new WaitingQueue.Place(new Waiter(List.of()));
    }

    @Test
    void servesInOrderAndLetsAnyoneLeave() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        Random random = new Random(seed);
        WaitingQueue queue = new WaitingQueue();
        List<WaitingQueue.Place> all = new ArrayList<>();
        List<WaitingQueue.Place> model = new ArrayList<>();
        List<Long> since = new ArrayList<>();
        Set<WaitingQueue.Place> riding = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            all.add(place());
        }
        for (int step = 0; step < 20_000; step++) {
            WaitingQueue.Place place = all.get(random.nextInt(all.size()));
            int index = model.indexOf(place);
            if (random.nextInt(4) == 0) {
                assertThat(queue.poll() == (model.isEmpty() ? null : model.removeFirst()))
                        .as("seed %s", seed)
                        .isTrue();
                if (!since.isEmpty()) {
                    since.removeFirst();
                }
            } else if (index < 0 && random.nextBoolean()) {
                boolean rides = random.nextBoolean();
                queue.add(place, rides, step);
                if (rides) {
                    riding.add(place);
                } else {
                    riding.remove(place);
                }
                model.add(place);
                since.add((long) step);
            } else {
                assertThat(queue.remove(place)).as("seed %s", seed).isEqualTo(index >= 0);
                if (index >= 0) {
                    model.remove(index);
                    since.remove(index);
                }
            }
            assertThat(queue.size()).isEqualTo(model.size());
            assertThat(queue.isEmpty()).isEqualTo(model.isEmpty());
            assertThat(all).allMatch(each -> each.isQueued() == model.contains(each));
            List<WaitingQueue.Place> ofThem =
                    model.stream().filter(riding::contains).toList();
            assertThat(queue.riding()).isEqualTo(ofThem.size());
            assertThat(queue.peekRiding() == (ofThem.isEmpty() ? null : ofThem.getFirst()))
                    .as("seed %s", seed)
                    .isTrue();
            if (!model.isEmpty()) {
                assertThat(queue.oldestSince()).isEqualTo(since.getFirst());
            }
        }
    }
}
