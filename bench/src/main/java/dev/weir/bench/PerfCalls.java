package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts with {@code perf stat} on the kernel's tracepoints, which hardly slows the process. */
record PerfCalls(Path perf, Children children) implements CallCounter {
    private static final Path EVENTS = Path.of("/sys/kernel/tracing/events/syscalls");
    private static final String ALL = "raw_syscalls:sys_enter";
    private static final String ONE = "syscalls:sys_enter_";

    /** Those that a pooler is expected to make often. */
    private static final List<String> NAMES = List.of(
            "epoll_wait",
            "epoll_pwait",
            "epoll_pwait2",
            "epoll_ctl",
            "io_uring_enter",
            "poll",
            "recvfrom",
            "recvmsg",
            "read",
            "readv",
            "sendto",
            "sendmsg",
            "write",
            "writev",
            "timerfd_settime",
            "futex");

    /** Whether it may count, here and now; it needs the right to trace. */
    boolean works() throws InterruptedException {
        try {
            return !parse(run("perf-probe", ProcessHandle.current().pid(), 0)).isEmpty();
        } catch (BenchFailure | IOException e) {
            return false;
        }
    }

    @Override
    public String program() {
        return "perf stat";
    }

    @Override
    public Calls count(long process, int seconds, PgbenchRun.Window window)
            throws IOException, BenchFailure, InterruptedException {
        return new Calls(parse(run("perf-" + process, process, seconds)), seconds);
    }

    private List<String> run(String name, long process, int seconds)
            throws IOException, BenchFailure, InterruptedException {
        Path counts = children.folder().resolve(name + ".csv");
        List<String> events = new ArrayList<>(List.of(ALL));
        for (String call : NAMES) {
            if (Files.exists(EVENTS.resolve("sys_enter_" + call))) {
                events.add(ONE + call);
            }
        }
        children.run(
                name,
                seconds + (int) TimeUnit.MINUTES.toSeconds(1),
                new ProcessBuilder(
                        perf.toString(),
                        "stat",
                        "-x",
                        ",",
                        "-o",
                        counts.toString(),
                        "-e",
                        String.join(",", events),
                        "-p",
                        Long.toString(process),
                        "--",
                        "sleep",
                        Integer.toString(seconds)));
        List<String> lines = Files.readAllLines(counts);
        Files.delete(counts);
        return lines;
    }

    /** Reads lines like {@code 1234,,syscalls:sys_enter_read,…}; empty when the line of all calls is missing. */
    static Map<String, Long> parse(List<String> lines) {
        Map<String, Long> byName = new HashMap<>();
        long all = -1;
        for (String line : lines) {
            String[] fields = line.split(",", -1);
            if (fields.length < 3) {
                continue;
            }
            // "<not counted>" where there was none
            long calls = fields[0].matches("[0-9]+") ? Long.parseLong(fields[0]) : 0;
            if (fields[2].equals(ALL)) {
                all = calls;
            } else if (fields[2].startsWith(ONE)) {
                byName.put(fields[2].substring(ONE.length()), calls);
            }
        }
        if (all < 0) {
            return Map.of();
        }
        long named = byName.values().stream().mapToLong(Long::longValue).sum();
        byName.put("other", Math.max(0, all - named));
        return byName;
    }
}
