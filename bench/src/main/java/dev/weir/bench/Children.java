package dev.weir.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The processes that this run has started, and its temporary folder. Ended by process id, last started first, when the run is
 * over, whether by its end, a failure or Ctrl-C; then the folder is deleted.
 */
final class Children implements AutoCloseable {
    private static final int GRACE_SECONDS = 10;

    private final Path folder;
    private final boolean keep;
    private final Deque<Child> running = new ArrayDeque<>();
    private final Thread hook = new Thread(this::end, "end-children");
    private boolean ending;

    /**
     * @param parent where the temporary folder is made
     * @param keep whether the folder stays after the run
     */
    Children(Path parent, boolean keep) throws IOException {
        this.folder = Files.createTempDirectory(parent, "weir-bench-");
        this.keep = keep;
        // Servers run as another user when the benchmark runs as root, and must reach their own folders in here.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Runtime.getRuntime().addShutdownHook(hook);
    }

    Path folder() {
        return folder;
    }

    /**
     * Starts a process; its output goes to a file of that name in the temporary folder.
     *
     * @param stopSignal the signal that ends it in good order, as {@code kill} names it
     */
    Child start(String name, String stopSignal, ProcessBuilder builder) throws BenchFailure {
        synchronized (this) {
            if (ending) {
                throw new BenchFailure("The benchmark is ending; " + name + " is not started any more.");
            }
            Path output = folder.resolve(name + ".log");
            builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
            try {
                Process process = builder.start();
                process.getOutputStream().close();
                Child child = new Child(name, stopSignal, process, output);
                running.push(child);
                return child;
            } catch (IOException e) {
                throw new BenchFailure("Cannot start " + name + " (" + builder.command() + "): " + e.getMessage(), e);
            }
        }
    }

    /**
     * Starts a server, in a session of its own, as service managers and daemons do: Linux schedules by session
     * (sched_autogroup), and a server in the session of the load would have to share a processor's time with it.
     */
    Child serve(String name, String stopSignal, ProcessBuilder builder) throws BenchFailure {
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(builder.command());
        return start(name, stopSignal, builder.command(command));
    }

    /** Ends one child, waits for it, and forgets it. */
    void stop(Child child) {
        child.stop(GRACE_SECONDS);
        forget(child);
    }

    /** Runs a process to its end. Fails when it ends with another status than 0 or takes longer than the time given. */
    String run(String name, int limitSeconds, ProcessBuilder builder) throws BenchFailure, InterruptedException {
        Child child = start(name, "TERM", builder);
        try {
            if (!child.process().waitFor(limitSeconds, TimeUnit.SECONDS)) {
                throw new BenchFailure(name + " did not end within " + limitSeconds + " s." + child.lastOutput());
            }
            if (child.process().exitValue() != 0) {
                throw child.ended();
            }
            String output = child.output();
            Files.deleteIfExists(child.outputFile());
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            stop(child);
        }
    }

    private synchronized void forget(Child child) {
        running.remove(child);
    }

    synchronized boolean isEnding() {
        return ending;
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is running already, and has done or does the same.
            assert isEnding();
        }
    }

    private void end() {
        synchronized (this) {
            ending = true;
        }
        Child child;
        while ((child = next()) != null) {
            child.stop(GRACE_SECONDS);
        }
        if (keep) {
            System.err.println("Kept: " + folder);
            return;
        }
        try {
            deleteFolder(folder);
        } catch (IOException e) {
            System.err.println("Could not delete " + folder + ": " + e.getMessage());
        }
    }

    private synchronized @Nullable Child next() {
        return running.poll();
    }

    /** Deletes a folder and all that is in it; what vanishes meanwhile is no fault. */
    static void deleteFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
