package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.wire.Failure;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StartupOptionsTest {

    @Test
    void readsWhatPostgresReads() {
        assertThat(StartupOptions.parse("")).isEmpty();
        assertThat(StartupOptions.parse("-c a=b")).isEqualTo(Map.of("a", "b"));
        assertThat(StartupOptions.parse("-ca=b  --Work-Mem=1MB\t-c\nx="))
                .isEqualTo(Map.of("a", "b", "work_mem", "1MB", "x", ""));
        assertThat(StartupOptions.parse("reference=acme")).isEqualTo(Map.of("reference", "acme"));
        assertThat(StartupOptions.parse("-c weir.tenant=acme")).isEqualTo(Map.of("weir.tenant", "acme"));
        assertThat(StartupOptions.parse("-c a=1 -c a=2")).isEqualTo(Map.of("a", "2"));
        assertThat(StartupOptions.parse("-c a=b=c")).isEqualTo(Map.of("a", "b=c"));
    }

    @Test
    void takesEscapedCharactersAsTheyAre() {
        assertThat(StartupOptions.parse("-c a=b\\ c\\\\d")).isEqualTo(Map.of("a", "b c\\d"));
        assertThat(StartupOptions.parse("\\-c a=b")).isEqualTo(Map.of("a", "b"));
    }

    @Test
    void leavesOutWhatIsNoSetting() {
        for (String none : new String[] {"-c", "-c a", "--", "--a", "-d 3 -e", "=b", "-c =b", "\\", "a"}) {
            assertThat(StartupOptions.parse(none)).as(none).isEmpty();
        }
    }

    @Test
    void refusesWhatPostgresRefuses() {
        assertThat(StartupOptions.fault("-c a=b --c=d -ce= word")).isEmpty();
        assertThat(StartupOptions.fault("-c a=b -c work-mem"))
                .contains(new Failure.MalformedOptions("-c work-mem requires a value").toPgError());
        assertThat(StartupOptions.fault("--a"))
                .contains(new Failure.MalformedOptions("--a requires a value").toPgError());
        assertThat(StartupOptions.fault("-x"))
                .contains(new Failure.MalformedOptions("invalid command-line argument for server process: -x")
                        .toPgError());
    }

    @Test
    void neverThrows() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 50_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                text.append("-c=a\\ \t\u00a0ä".charAt(random.nextInt(9)));
            }
            assertThat(StartupOptions.parse(text.toString()))
                    .as("seed %s: %s", seed, text)
                    .isNotNull();
        }
    }
}
