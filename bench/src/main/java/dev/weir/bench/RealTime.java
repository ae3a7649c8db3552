package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Lets a thread run as soon as it has something to do, so that it keeps time on a machine that is busy. */
final class RealTime {
    private RealTime() {}

    /**
     * For the thread that calls it: takes away the 50 µs by which Linux may wake a thread late so that it wakes several at once,
     * and puts it before all threads that have no real-time priority, which root may do.
     *
     * @return whether it has real-time priority now
     */
    static boolean keepTime() throws InterruptedException {
        try {
            Path thread = Path.of("/proc/thread-self").toRealPath().getFileName();
            // Manual page proc_pid_timerslack_ns(5); the thread's own folder below task has no such file.
            Files.writeString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"), "1");
            // Manual page chrt(1): first in, first out, at the least of these priorities.
            return new ProcessBuilder(List.of("chrt", "--fifo", "--pid", "1", thread.toString()))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            Bench.say("The proxy's timers may be late on a busy machine: " + e.getMessage());
            return false;
        }
    }
}
