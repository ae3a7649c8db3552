package dev.weir.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that this run has started.
 *
 * @param stopSignal what ends it in good order, as {@code kill} names it
 * @param outputFile where its output and errors go
 */
record Child(String name, String stopSignal, Process process, Path outputFile) {
    private static final int LAST_LINES = 15;

    long pid() {
        return process.pid();
    }

    /** Everything that it has written. */
    String output() {
        try {
            return new String(Files.readAllBytes(outputFile), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(its output cannot be read: " + e.getMessage() + ")";
        }
    }

    /** The last lines that it has written, to be put behind a message. */
    String lastOutput() {
        List<String> lines = output().lines().toList();
        List<String> last = lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
        return last.isEmpty() ? " It has written nothing." : " Its last output:\n  " + String.join("\n  ", last);
    }

    /** The failure of a child that has ended and should not have, or not so. */
    BenchFailure ended() {
        return new BenchFailure(name + " ended with status " + process.exitValue() + "." + lastOutput());
    }

    /** Sends a signal; nothing happens when the process has ended. */
    void signal(String signal) throws IOException, InterruptedException {
        if (process.isAlive()) {
            // Process can only send TERM and KILL.
            new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        }
    }

    /** Ends it in good order, or by force when that takes longer than the time given. */
    void stop(int graceSeconds) {
        boolean interrupted = false;
        // What a script has started can be found by its parent only while that lives.
        List<ProcessHandle> descendants = process.descendants().toList();
        try {
            signal(stopSignal);
            if (!process.waitFor(graceSeconds, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            interrupted = true;
            process.destroyForcibly();
        } catch (IOException e) {
            System.err.println("Cannot signal " + name + ", it is killed: " + e.getMessage());
            process.destroyForcibly();
        }
        for (ProcessHandle descendant : descendants) {
            if (descendant.isAlive()) {
                descendant.destroyForcibly();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
