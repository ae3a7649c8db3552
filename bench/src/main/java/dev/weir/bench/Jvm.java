package dev.weir.bench;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code jcmd} does to a running JVM. */
record Jvm(Path jcmd, Children children) {
    /** "Tenured total 9K, used 8K [", "ZHeap used 8M, capacity", "garbage-first heap total reserved …, used 8K", "8K used". */
    private static final Pattern HEAP = Pattern.compile(
            "^(?! *(?:Metaspace|class space)).*?\\b(?:used ([0-9]+)([KMG])|([0-9]+)([KMG]) used)", Pattern.MULTILINE);

    void collectGarbage(long process) throws BenchFailure, InterruptedException {
        run(process, "GC.run");
    }

    /** The used part of the heap, in bytes. */
    long usedHeapBytes(long process) throws BenchFailure, InterruptedException {
        return usedHeapBytes(run(process, "GC.heap_info"));
    }

    /** As a JVM says in its version, like "25.0.3+9-LTS". */
    String version(long process) throws BenchFailure, InterruptedException {
        return run(process, "VM.version")
                .lines()
                .filter(line -> line.startsWith("JDK "))
                .findFirst()
                .orElse("JDK ?")
                .substring("JDK ".length());
    }

    /** Adds up the generations in the answer of {@code GC.heap_info}. */
    static long usedHeapBytes(String heapInfo) throws BenchFailure {
        long bytes = 0;
        Matcher matcher = HEAP.matcher(heapInfo);
        boolean found = false;
        while (matcher.find()) {
            found = true;
            boolean wordFirst = matcher.group(1) != null;
            long figure = Long.parseLong(matcher.group(wordFirst ? 1 : 3));
            bytes += figure
                    << switch (matcher.group(wordFirst ? 2 : 4)) {
                        case "K" -> 10;
                        case "M" -> 20;
                        default -> 30;
                    };
        }
        if (!found) {
            throw new BenchFailure("The answer of jcmd GC.heap_info is not understood:\n" + heapInfo);
        }
        return bytes;
    }

    private String run(long process, String command) throws BenchFailure, InterruptedException {
        return children.run(
                "jcmd-" + command, 60, new ProcessBuilder(jcmd.toString(), Long.toString(process), command));
    }
}
