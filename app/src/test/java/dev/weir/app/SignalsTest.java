package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SignalsTest {

    @Test
    void userSignalsRunTheirTasksWhereHotSpotLeavesThem() throws IOException {
        AtomicInteger first = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();
        assertThat(Signals.onUserSignals(first::incrementAndGet, second::incrementAndGet, Map.of()))
                .isFalse();
        assertThat(Signals.onUserSignals(
                        first::incrementAndGet, second::incrementAndGet, Map.of("_JAVA_SR_SIGNUM", "12")))
                .isFalse();
        kill("USR1");
        Awaitility.await().until(() -> first.get() == 1);
        assertThat(Signals.onUserSignals(
                        first::incrementAndGet, second::incrementAndGet, Map.of("_JAVA_SR_SIGNUM", "40")))
                .isTrue();
        kill("USR2");
        Awaitility.await().until(() -> second.get() == 1);
        assertThat(first.get()).isEqualTo(1);
    }

    private static void kill(String signal) throws IOException {
        new ProcessBuilder(
                        "kill",
                        "-" + signal,
                        String.valueOf(ProcessHandle.current().pid()))
                .start();
    }
}
