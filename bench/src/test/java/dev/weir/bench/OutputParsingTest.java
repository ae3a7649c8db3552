package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What other programs print. */
class OutputParsingTest {
    @Test
    void knowsWhichPgBouncerKeepsPreparedStatements() throws BenchFailure {
        Path program = Path.of("pgbouncer");
        PgBouncer old = PgBouncer.of(program, "PgBouncer 1.18.0\nlibevent 2.1.12-stable\n");
        assertThat(old.version()).isEqualTo("1.18.0");
        assertThat(old.keepsPreparedStatements()).isFalse();
        assertThat(PgBouncer.of(program, "PgBouncer 1.21.0").keepsPreparedStatements())
                .isTrue();
        assertThat(PgBouncer.of(program, "PgBouncer 2.0").keepsPreparedStatements())
                .isTrue();
        assertThatThrownBy(() -> PgBouncer.of(program, "usage: pgbouncer")).isInstanceOf(BenchFailure.class);
    }

    @Test
    void addsUpTheHeapOfEveryCollector() throws BenchFailure {
        String serial = """
                1:
                DefNew     total 116160K, used 28939K [0x0000000687400000, 0x000000068f200000, 0x0000000704d50000)
                 eden space 103296K,  28% used [0x0000000687400000, 0x0000000689042d78, 0x000000068d8e0000)
                Tenured    total 258048K, used 1166K [0x0000000704d50000, 0x0000000714950000, 0x0000000800000000)
                 the  space 258048K,   0% used [0x0000000704d50000, 0x0000000704e73ab8, 0x0000000714950000)
                 Metaspace       used 100K, committed 256K, reserved 1114112K
                  class space    used 10K, committed 128K, reserved 1048576K
                """;
        assertThat(Jvm.usedHeapBytes(serial)).isEqualTo((28939 + 1166) * 1024);
        String g1 = """
                1:
                garbage-first heap   total reserved 6172672K, committed 393216K, used 11055K [0x0, 0x1)
                 region size 4096K, 3 young (12288K), 1 survivors (4096K)
                """;
        assertThat(Jvm.usedHeapBytes(g1)).isEqualTo(11055 * 1024);
        assertThat(Jvm.usedHeapBytes("1:\nZHeap            used 60M, capacity 378M, max capacity 6028M\n"))
                .isEqualTo(60 << 20);
        assertThat(Jvm.usedHeapBytes("Shenandoah Heap\n 6028M max, 6028M soft max, 408M committed, 30720K used\n"))
                .isEqualTo(30720 * 1024);
        assertThatThrownBy(() -> Jvm.usedHeapBytes("1:\n")).isInstanceOf(BenchFailure.class);
    }

    @Test
    void addsUpSystemCalls() {
        Map<String, Long> calls = StraceCalls.parse(List.of(
                "% time     seconds  usecs/call     calls    errors syscall",
                "------ ----------- ----------- --------- --------- ----------------",
                " 60.00    0.000300           2       144           epoll_wait",
                " 40.00    0.000200           1        56        19 recvfrom",
                "------ ----------- ----------- --------- --------- ----------------",
                "100.00    0.000500           2       200        19 total"));
        assertThat(calls).containsOnly(Map.entry("epoll_wait", 144L), Map.entry("recvfrom", 56L));
        assertThat(StraceCalls.parse(List.of())).isEmpty();
    }

    @Test
    void readsTheCountsOfPerf() {
        Map<String, Long> calls = PerfCalls.parse(List.of(
                "# started on Sun Nov 22 07:00:00 2026",
                "",
                "1000,,raw_syscalls:sys_enter,3000000,100.00,,",
                "300,,syscalls:sys_enter_recvfrom,3000000,100.00,,",
                "400,,syscalls:sys_enter_sendto,3000000,100.00,,",
                "<not counted>,,syscalls:sys_enter_io_uring_enter,0,0.00,,"));
        assertThat(calls)
                .containsOnly(
                        Map.entry("recvfrom", 300L),
                        Map.entry("sendto", 400L),
                        Map.entry("io_uring_enter", 0L),
                        Map.entry("other", 300L));
        assertThat(PerfCalls.parse(List.of("event syntax error: 'raw_syscalls:sys_enter'")))
                .isEmpty();
    }

    @Test
    void systemCallsAreDividedByTheTransactionsOfTheSameTime() {
        CallCounter.Calls calls = new CallCounter.Calls(Map.of("sendto", 300L, "recvfrom", 600L, "futex", 0L), 3);
        assertThat(calls.perSecond()).isEqualTo(300);
        assertThat(calls.frequent(100)).isEqualTo("recvfrom 2.00, sendto 1.00");
    }

    @Test
    void namesTheProcessor() {
        assertThat(Machine.processor(List.of("processor\t: 0", "model name\t: Some CPU @ 3 GHz")))
                .isEqualTo("Some CPU @ 3 GHz");
        assertThat(Machine.processor(List.of("processor\t: 0"))).isEqualTo(System.getProperty("os.arch"));
    }

    @Test
    void weirsCommandNeedsAPlaceForItsConfiguration() throws BenchFailure {
        assertThat(Weir.of(Weir.DEFAULT_COMMAND, Path.of(".")).command())
                .containsExactly("./weir", "serve", "-c", "{config}");
        assertThatThrownBy(() -> Weir.of("./weir serve", Path.of("."))).hasMessageContaining("{config}");
    }
}
