package dev.weir.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Reads processor time and memory of processes from {@code /proc}. Linux only. */
final class Proc {
    private static final Path ROOT = Path.of("/proc");

    private final long ticksPerSecond;

    /** @param ticksPerSecond {@code getconf CLK_TCK}; the unit of the times in {@code /proc} */
    Proc(long ticksPerSecond) {
        this.ticksPerSecond = ticksPerSecond;
    }

    /** Processor time that a process has used so far, all its threads, in microseconds. */
    long cpuMicros(long pid) throws IOException {
        return micros(stat(pid).ownTicks());
    }

    /**
     * Processor time that a process and all its children have used so far, those that have ended among them, in microseconds:
     * of a postmaster, that of the whole Postgres.
     */
    long familyCpuMicros(long pid) throws IOException {
        ProcStat parent = stat(pid);
        long ticks = parent.ownTicks() + parent.reapedTicks();
        for (ProcStat child : children(pid)) {
            ticks += child.ownTicks() + child.reapedTicks();
        }
        return micros(ticks);
    }

    /** Resident memory of a process, in bytes. Counted by the page; the figure in {@code status} is only near it. */
    long residentBytes(long pid) throws IOException {
        return kilobytes(Files.readAllLines(file(pid, "smaps_rollup")), "Rss:") * 1024;
    }

    /** The most resident memory since the last {@link #resetPeak}, or since the start of the process, in bytes. */
    long peakResidentBytes(long pid) throws IOException {
        return kilobytes(Files.readAllLines(file(pid, "status")), "VmHWM:") * 1024;
    }

    /** Lets the peak of resident memory begin anew at its present value. Source: manual page proc_pid_clear_refs(5). */
    void resetPeak(long pid) throws IOException {
        Files.writeString(file(pid, "clear_refs"), "5");
    }

    /**
     * Memory of a process and its children, in bytes, where a page shared by n processes counts 1/n for each: so Postgres'
     * shared buffers count once.
     */
    long familyProportionalBytes(long pid) throws IOException {
        long kilobytes = proportionalKilobytes(pid);
        for (ProcStat child : children(pid)) {
            try {
                kilobytes += proportionalKilobytes(child.pid());
            } catch (IOException e) {
                if (isRunning(child.pid())) {
                    throw e;
                }
                // Else it has ended since it was listed, and has no memory.
            }
        }
        return kilobytes * 1024;
    }

    /** How many children a process has. */
    long childCount(long pid) throws IOException {
        return children(pid).size();
    }

    /** How many files and sockets a process has open. */
    long openFiles(long pid) throws IOException {
        try (Stream<Path> files = Files.list(file(pid, "fd"))) {
            return files.count();
        }
    }

    /** How many files and sockets this process may open; empty when there is no limit. */
    static OptionalLong openFilesLimit() throws IOException {
        return openFilesLimit(Files.readAllLines(ROOT.resolve("self/limits")));
    }

    /** The soft limit in the lines of {@code /proc/<pid>/limits}. The JVM has raised its own to the hard limit. */
    static OptionalLong openFilesLimit(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith("Max open files")) {
                String soft = line.substring("Max open files".length()).strip();
                String number = soft.substring(0, soft.indexOf(' '));
                return number.equals("unlimited") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(number));
            }
        }
        return OptionalLong.empty();
    }

    /** The figure of a line like {@code VmRSS:     1234 kB}. */
    static long kilobytes(List<String> lines, String key) {
        for (String line : lines) {
            if (line.startsWith(key)) {
                String value = line.substring(key.length()).strip();
                return Long.parseLong(value.substring(0, value.indexOf(' ')));
            }
        }
        throw new IllegalArgumentException("no line " + key + " among " + lines);
    }

    private long proportionalKilobytes(long pid) throws IOException {
        return kilobytes(Files.readAllLines(file(pid, "smaps_rollup")), "Pss:");
    }

    private ProcStat stat(long pid) throws IOException {
        return ProcStat.parse(Files.readString(file(pid, "stat")));
    }

    private static List<ProcStat> children(long parent) throws IOException {
        List<ProcStat> children = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(ROOT, "[0-9]*")) {
            for (Path process : processes) {
                try {
                    ProcStat stat = ProcStat.parse(Files.readString(process.resolve("stat")));
                    if (stat.parent() == parent) {
                        children.add(stat);
                    }
                } catch (IOException e) {
                    if (isRunning(Long.parseLong(process.getFileName().toString()))) {
                        throw e;
                    }
                    // Else it has ended since it was listed.
                }
            }
        }
        return children;
    }

    /** Whether a process is there and not a zombie, which has no memory any more. */
    private static boolean isRunning(long pid) {
        return ProcessHandle.of(pid).isPresent() && Files.exists(file(pid, "exe"));
    }

    private static Path file(long pid, String name) {
        return ROOT.resolve(Long.toString(pid)).resolve(name);
    }

    private long micros(long ticks) {
        return ticks * 1_000_000 / ticksPerSecond;
    }
}
