package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the benchmark runs on, for the report. */
record Machine(String processor, int cores, long memoryMebibytes, String kernel, String loadAverage) {

    static Machine read() throws IOException {
        return new Machine(
                processor(Files.readAllLines(Path.of("/proc/cpuinfo"))),
                Runtime.getRuntime().availableProcessors(),
                Proc.kilobytes(Files.readAllLines(Path.of("/proc/meminfo")), "MemTotal:") / 1024,
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
                firstWord(Files.readString(Path.of("/proc/loadavg"))));
    }

    /** The model's name on x86; the architecture where {@code /proc/cpuinfo} has no such line. */
    static String processor(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith("model name")) {
                return line.substring(line.indexOf(':') + 1).strip();
            }
        }
        return System.getProperty("os.arch", "unknown");
    }

    private static String firstWord(String line) {
        return line.substring(0, line.indexOf(' '));
    }
}
