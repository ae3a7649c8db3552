package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Rate rate = new Rate("max_transactions_per_second", "acme", 10, 0);

    private int takeAll(long now) {
        int count = 0;
        while (rate.take(now)) {
            count++;
        }
        return count;
    }

    @Test
    void givesASecondsWorthAtOnceAndThenOneByOne() {
        assertThat(takeAll(0)).isEqualTo(10);
        assertThat(rate.nanosToNext(0)).isEqualTo(SECOND / 10);
        assertThat(takeAll(SECOND / 20)).isZero();
        assertThat(takeAll(SECOND / 10)).isEqualTo(1);
        assertThat(takeAll(SECOND)).isEqualTo(9);
        assertThat(takeAll(100 * SECOND)).as("no more is saved up").isEqualTo(10);
    }

    @Test
    void letsOneWaitForWhatWasTakenTooMuch() {
        rate.charge(30, 0);
        assertThat(rate.nanosToNext(0)).isEqualTo(SECOND * 21 / 10);
        assertThat(rate.take(2 * SECOND)).isFalse();
        assertThat(rate.take(SECOND * 21 / 10)).isTrue();
    }

    @Test
    void warnsOnceAMinuteWhenFourFifthsAreUsedAndBeforeAnyoneIsRefused() {
        try (LogLines log = new LogLines(Rate.class)) {
            for (int i = 0; i < 8; i++) {
                assertThat(rate.take(0)).isTrue();
            }
            assertThat(log.all()).isEmpty();
            assertThat(rate.take(0)).as("the ninth of ten").isTrue();
            String warning = "WARN four fifths of a tenant's rate are used"
                    + " [tenant=\"acme\", setting=\"max_transactions_per_second\", limit=\"10\"]";
            assertThat(log.all()).containsExactly(warning);
            for (int second = 1; second < 60; second++) {
                takeAll(second * SECOND);
            }
            assertThat(log.all()).hasSize(1);
            rate.charge(9, 60 * SECOND);
            assertThat(log.all()).as("after a minute").containsExactly(warning, warning);
        }
    }

    @Test
    void isChanged() {
        takeAll(0);
        rate.set(100, 0);
        assertThat(takeAll(SECOND / 10)).isEqualTo(10);
        rate.set(1, SECOND / 10);
        assertThat(takeAll(10 * SECOND)).isEqualTo(1);
    }
}
