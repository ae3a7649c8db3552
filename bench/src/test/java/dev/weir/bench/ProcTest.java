package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ProcTest {
    @Test
    void readsTimesBehindTheCommandsName() {
        ProcStat stat =
                ProcStat.parse("16510 (pgbouncer) S 16470 16470 2389 0 -1 4194560 704 0 0 0 31 42 5 6 20 0 2 0 187878"
                        + " 21671936 2057");
        assertThat(stat).isEqualTo(new ProcStat(16510, "pgbouncer", 16470, 73, 11));
    }

    @Test
    void commandsNamesMayHoldBlanksAndParentheses() {
        ProcStat stat = ProcStat.parse("7 (a) b (c)) R 1 1 1 0 -1 0 0 0 0 0 1 2 3 4 20 0");
        assertThat(stat).isEqualTo(new ProcStat(7, "a) b (c)", 1, 3, 7));
    }

    @Test
    void refusesWhatIsNoSuchLine() {
        for (String line : List.of("", "7 java S 1", "7 (java) S 1 1 1 0 -1 0 0 0 0 0 1 2 3")) {
            assertThatThrownBy(() -> ProcStat.parse(line)).as(line).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void readsKilobytesByKey() {
        List<String> lines = List.of("VmHWM:\t   20000 kB", "VmRSS:\t   16612 kB");
        assertThat(Proc.kilobytes(lines, "VmRSS:")).isEqualTo(16612);
        assertThatThrownBy(() -> Proc.kilobytes(lines, "Pss:")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsTheSoftLimitOfOpenFiles() {
        String head = "Limit                     Soft Limit           Hard Limit           Units     ";
        assertThat(Proc.openFilesLimit(List.of(
                        head, "Max open files            1024                 20000                files     ")))
                .isEqualTo(OptionalLong.of(1024));
        assertThat(Proc.openFilesLimit(List.of(
                        head, "Max open files            unlimited            unlimited            files     ")))
                .isEmpty();
        assertThat(Proc.openFilesLimit(List.of(head))).isEmpty();
    }

    @Test
    void readsThisProcess() throws IOException {
        Proc proc = new Proc(100);
        long self = ProcessHandle.current().pid();
        assertThat(proc.residentBytes(self)).isGreaterThan(1 << 20);
        assertThat(proc.peakResidentBytes(self)).isGreaterThan(1 << 20);
        assertThat(proc.familyCpuMicros(self)).isGreaterThanOrEqualTo(proc.cpuMicros(self) / 2);
        assertThat(proc.openFiles(self)).isPositive();
    }
}
