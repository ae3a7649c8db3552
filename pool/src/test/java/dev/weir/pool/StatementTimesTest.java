package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StatementTimesTest {
    private final StatementTimes times = new StatementTimes();

    @Test
    void knowsWhatItHasSeenTwice() {
        assertThat(times.expectedMicros(7)).isEqualTo(StatementTimes.UNKNOWN);
        times.observe(7, Duration.ofMillis(1).toNanos());
        assertThat(times.expectedMicros(7)).isEqualTo(StatementTimes.UNKNOWN);
        times.observe(7, Duration.ofMillis(1).toNanos());
        assertThat(times.expectedMicros(7)).isEqualTo(1_000);
    }

    @Test
    void followsWhatItSees() {
        for (int i = 0; i < 100; i++) {
            times.observe(7, Duration.ofMillis(10).toNanos());
        }
        for (int i = 0; i < 50; i++) {
            times.observe(7, Duration.ofMillis(1).toNanos());
        }
        assertThat(times.expectedMicros(7)).isBetween(1_000, 1_100);
        times.observe(7, Duration.ofDays(1).toNanos());
        assertThat(times.expectedMicros(7)).isGreaterThan(100_000_000);
    }

    @Test
    void takesNoOneForAnother() {
        Random random = new Random(5);
        long[] fingerprints = random.longs(20_000).toArray();
        for (int i = 0; i < fingerprints.length; i++) {
            times.observe(fingerprints[i], i * 1_000L);
            times.observe(fingerprints[i], i * 1_000L);
            assertThat(times.expectedMicros(fingerprints[i])).isEqualTo(i);
        }
        int kept = 0;
        for (int i = 0; i < fingerprints.length; i++) {
            int known = times.expectedMicros(fingerprints[i]);
            assertThat(known).isIn(i, StatementTimes.UNKNOWN);
            kept += known == i ? 1 : 0;
        }
        assertThat(kept).as("bounded, and in use").isBetween(3_000, 4_096);
    }
}
