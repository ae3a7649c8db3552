package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class LogLimitTest {
    private final Deque<Runnable> later = new ArrayDeque<>();
    private final List<Duration> delays = new ArrayList<>();
    private final List<String> summaries = new ArrayList<>();
    private final LogLimit limit = new LogLimit(
            (task, delay) -> {
                later.add(task);
                delays.add(delay);
            },
            (kind, count) -> summaries.add(kind.tenant() + " " + kind.reason() + ": " + count));

    private static LogLimit.Kind kind(String tenant, String reason) {
        return new LogLimit.Kind(Level.WARN, "request refused", tenant, reason);
    }

    private int admitted(LogLimit.Kind kind, int times) {
        return (int) IntStream.range(0, times).filter(i -> limit.admits(kind)).count();
    }

    @Test
    void leavesOutWhatRepeatsAndSaysHowMuch() {
        assertThat(admitted(kind("acme", "53300"), 133)).isEqualTo(10);
        assertThat(delays).as("one timer for all").containsExactly(Duration.ofMinutes(1));
        assertThat(summaries).isEmpty();
        later.remove().run();
        assertThat(summaries).containsExactly("acme 53300: 123");
        assertThat(admitted(kind("acme", "53300"), 20)).as("in the next minute").isEqualTo(10);
    }

    @Test
    void doesNotMixTenantsOrReasons() {
        assertThat(admitted(kind("acme", "53300"), 50)).isEqualTo(10);
        assertThat(admitted(kind("acme", "57014"), 50)).isEqualTo(10);
        assertThat(admitted(kind("other", "53300"), 50)).isEqualTo(10);
    }

    @Test
    void saysNothingMoreWhereNothingWasLeftOut() {
        assertThat(admitted(kind("acme", "53300"), 10)).isEqualTo(10);
        later.remove().run();
        assertThat(summaries).isEmpty();
    }

    @Test
    void saysAtTheEndWhatWasLeftOutSoFar() {
        admitted(kind("acme", "53300"), 12);
        limit.endAll();
        assertThat(summaries).containsExactly("acme 53300: 2");
        later.remove().run();
        assertThat(summaries).as("once").hasSize(1);
    }
}
