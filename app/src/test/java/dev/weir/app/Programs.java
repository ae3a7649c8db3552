package dev.weir.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Programs of the machine that tests run: real clients. Where one is missing, its tests are skipped with a word. */
final class Programs {
    private static final long LIMIT_SECONDS = 90;

    private Programs() {}

    /** @param output standard output and error, mixed as they came */
    record Result(int status, String output) {
        Result expectSuccess() {
            if (status != 0) {
                throw new AssertionError("exit status " + status + ":\n" + output);
            }
            return this;
        }
    }

    /** Skips the test, with a line on standard output, if the PATH has no such program. */
    static void require(String name) {
        boolean found = Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
        if (!found) {
            skip(name + " is not on the PATH");
        }
    }

    /** Skips the test, with a line on standard output. */
    static void skip(String reason) {
        System.out.println("skipped: " + reason);
        Assumptions.abort(reason);
    }

    /** Runs a program to its end; an AssertionError after 90 s. */
    static Result run(Path folder, Map<String, String> environment, String input, List<String> command) {
        return run(folder, environment, input, command, LIMIT_SECONDS);
    }

    /** The same for one that may take longer. */
    static Result run(
            Path folder, Map<String, String> environment, String input, List<String> command, long limitSeconds) {
        try {
            Path stdin = Files.createTempFile("weir", ".in");
            Path stdout = Files.createTempFile("weir", ".out");
            try {
                Files.writeString(stdin, input);
                ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command))
                        .directory(folder.toFile())
                        .redirectInput(stdin.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(stdout.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                boolean ended = process.waitFor(limitSeconds, TimeUnit.SECONDS);
                if (!ended) {
                    process.destroyForcibly();
                }
                String output = Files.readString(stdout, StandardCharsets.UTF_8);
                if (!ended) {
                    throw new AssertionError(command + " did not end; so far:\n" + output);
                }
                return new Result(process.exitValue(), output);
            } finally {
                Files.delete(stdin);
                Files.delete(stdout);
            }
        } catch (IOException e) {
            throw new AssertionError(command + " can't be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
