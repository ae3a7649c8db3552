package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PgbenchLogTest {
    private static final long FROM = 1_700_000_000_000_000L;
    private static final long TO = FROM + 2_000_000;

    private final PgbenchLog log = new PgbenchLog(FROM, TO);

    @Test
    void readsLatencyInMicroseconds() {
        log.add("3 199 2241 0 1700000000 995412");
        assertThat(log.latencies().getTotalCount()).isEqualTo(1);
        assertThat(log.latencies().getMaxValue()).isBetween(2241L, 2243L);
    }

    @Test
    void countsTheWindowFromItsFirstMicrosecondToBeforeItsEnd() {
        log.add("0 1 100 0 1699999999 999999");
        log.add("0 2 100 0 1700000000 0");
        log.add("0 3 100 0 1700000001 999999");
        log.add("0 4 100 0 1700000002 0");
        assertThat(log.latencies().getTotalCount()).isEqualTo(2);
    }

    @Test
    void microsecondsAreNotPadded() {
        // pgbench writes 7 for 0.000007 s.
        PgbenchLog then = new PgbenchLog(FROM + 1_000_007, FROM + 1_000_008);
        then.add("0 1 100 0 1700000001 7");
        assertThat(then.latencies().getTotalCount()).isEqualTo(1);
    }

    @Test
    void readsLinesWithMoreFields() {
        log.add("0 81 4621 0 1700000001 36992 2 0");
        assertThat(log.latencies().getTotalCount()).isEqualTo(1);
    }

    @Test
    void countsFailedTransactionsApart() {
        log.add("0 81 failed 0 1700000001 36992");
        log.add("0 82 skipped 0 1700000001 36993");
        assertThat(log.failed()).isEqualTo(2);
        assertThat(log.latencies().getTotalCount()).isZero();
    }

    @Test
    void refusesLinesThatAreCut() {
        for (String line : List.of("", "0", "0 1 100 0 1700000001", "0 1 100 0 1700000001 ")) {
            assertThatThrownBy(() -> log.add(line)).as(line).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void addsUpTheFilesOfAllThreads(@TempDir Path folder) throws IOException {
        Path first = Files.writeString(folder.resolve("log.7"), "0 1 100 0 1700000000 1\n0 2 100 0 1700000000 2\n");
        Path second = Files.writeString(folder.resolve("log.7.1"), "1 1 300 0 1700000000 3\n");
        assertThat(PgbenchLog.read(List.of(first, second), FROM, TO).latencies().getTotalCount())
                .isEqualTo(3);
    }
}
