package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import org.junit.jupiter.api.Test;

class PoolCountersTest {

    /** A counter that is forgotten there would fall when a pool vanishes, and be missing in every view. */
    @Test
    void addingAndCopyingForgetsNone() throws IllegalAccessException {
        PoolCounters counters = new PoolCounters();
        for (Field field : PoolCounters.class.getDeclaredFields()) {
            field.setAccessible(true);
            switch (field.get(counters)) {
                case Long unset -> field.setLong(counters, 3);
                case Tally tally -> tally.count("kind");
                case Durations durations -> durations.record(5);
                default -> throw new AssertionError("how is " + field + " added?");
            }
        }
        PoolCounters sum = counters.copy();
        sum.add(counters);
        for (Field field : PoolCounters.class.getDeclaredFields()) {
            field.setAccessible(true);
            switch (field.get(sum)) {
                case Long total -> assertThat(total).as(field.getName()).isEqualTo(6);
                case Tally tally ->
                    assertThat(tally.of("kind")).as(field.getName()).isEqualTo(2);
                case Durations durations -> {
                    assertThat(durations.count()).as(field.getName()).isEqualTo(2);
                    assertThat(durations.sumNanos()).isEqualTo(10);
                    assertThat(durations.count(0)).isEqualTo(2);
                }
                default -> throw new AssertionError(field.getName());
            }
        }
    }

    @Test
    void aDurationIsInTheBucketWhoseBoundItDoesNotExceed() {
        for (int bucket = 0; bucket < Durations.buckets() - 1; bucket++) {
            long bound = Math.round(Durations.boundSeconds(bucket) * 1e9);
            Durations durations = new Durations();
            durations.record(bound);
            durations.record(bound + 1);
            assertThat(durations.count(bucket)).as("up to %d ns", bound).isEqualTo(1);
            assertThat(durations.count(bucket + 1)).isEqualTo(1);
        }
        assertThat(Durations.boundSeconds(0)).isEqualTo(0.0001);
        assertThat(Durations.boundSeconds(Durations.buckets() - 2)).isEqualTo(60);
        assertThat(Durations.boundSeconds(Durations.buckets() - 1)).isInfinite();
    }

    /** A transaction, and an error that was seen before, cost no memory. */
    @Test
    void countingAllocatesNothing() {
        PoolCounters counters = new PoolCounters();
        count(counters, 20_000);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        count(counters, 100_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated / 100_000.0).as("bytes for each").isLessThan(1);
        assertThat(counters.transactions()).isEqualTo(120_000);
    }

    private static void count(PoolCounters counters, int times) {
        for (int i = 0; i < times; i++) {
            counters.onLent(i % 2 == 0 ? -1 : i);
            counters.onBytesFromClient(i);
            counters.onQuery(i * 1_000L);
            counters.onTransaction(i * 10_000L);
            counters.onError("42P01");
            counters.onBytesToClient(i);
        }
    }

    @Test
    void aTallyIsInOrderAndItsCopyStandsStill() {
        Tally tally = new Tally();
        tally.count("b");
        tally.count("a");
        tally.count("b");
        Tally copy = tally.copy();
        tally.count("a");
        assertThat(copy.counts().toString()).isEqualTo("{a=1, b=2}");
        assertThat(tally.of("a")).isEqualTo(2);
        assertThat(tally.of("never")).isZero();
    }
}
