package dev.weir.api.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SeriesLimitTest {
    private static SeriesLimit<String, AtomicLong> limit(int limit) {
        return new SeriesLimit<>(
                limit,
                AtomicLong::new,
                (sum, more) -> sum.addAndGet(more.get()),
                (before, now) -> now.get() < before.get());
    }

    private static Map<String, AtomicLong> present(Object... keysAndCounts) {
        Map<String, AtomicLong> present = new TreeMap<>();
        for (int i = 0; i < keysAndCounts.length; i += 2) {
            present.put((String) keysAndCounts[i], new AtomicLong((Integer) keysAndCounts[i + 1]));
        }
        return present;
    }

    @Test
    void sumsUpWhoComesWhenTheLimitIsReached() {
        SeriesLimit<String, AtomicLong> limit = limit(2);
        limit.update(present("a", 1, "b", 2));
        assertThat(limit.hasSum()).isFalse();
        limit.update(present("a", 1, "b", 2, "c", 30, "d", 4));
        assertThat(limit.isOwn("a") && limit.isOwn("b")).isTrue();
        assertThat(limit.isOwn("c") || limit.isOwn("d")).isFalse();
        assertThat(limit.hasSum()).isTrue();
        assertThat(limit.others()).isEqualTo(2);
        assertThat(limit.sum()).hasValue(34);
    }

    @Test
    void whoeverIsSummedUpStaysThereAndItsPlaceGoesToANewOne() {
        SeriesLimit<String, AtomicLong> limit = limit(1);
        limit.update(present("a", 1, "b", 2));
        limit.update(present("b", 3));
        assertThat(limit.isOwn("b")).isFalse();
        limit.update(present("b", 3, "c", 5));
        assertThat(limit.isOwn("c")).isTrue();
        assertThat(limit.sum()).hasValue(3);
    }

    @Test
    void theSumKeepsWhatTheGoneHaveCounted() {
        SeriesLimit<String, AtomicLong> limit = limit(1);
        limit.update(present("a", 1, "b", 20, "c", 3));
        limit.update(present("a", 1, "c", 3));
        assertThat(limit.sum()).hasValue(23);
        limit.update(present("a", 1, "c", 1)); // another c
        assertThat(limit.sum()).hasValue(24);
        assertThat(limit.others()).isEqualTo(1);
    }

    @Test
    void theSumNeverGoesDown() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        SeriesLimit<String, AtomicLong> limit = limit(3);
        Map<String, Integer> counts = new TreeMap<>();
        long before = 0;
        for (int i = 0; i < 2_000; i++) {
            String key = "k" + random.nextInt(8);
            if (random.nextInt(4) == 0) {
                counts.remove(key);
            } else {
                counts.merge(key, random.nextInt(5), Integer::sum);
            }
            if (random.nextBoolean()) {
                Map<String, AtomicLong> present = new TreeMap<>();
                counts.forEach((k, count) -> present.put(k, new AtomicLong(count)));
                limit.update(present);
                assertThat(limit.sum().get()).as("seed %d, step %d", seed, i).isGreaterThanOrEqualTo(before);
                before = limit.sum().get();
                assertThat(present.keySet().stream().filter(limit::isOwn).count())
                        .isLessThanOrEqualTo(3);
            }
        }
    }
}
