package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.StringTokenizer;

/**
 * Weir, started by a command.
 *
 * @param command its words; one of them is {@value #CONFIGURATION}, for which the generated configuration file is put
 * @param folder where the command is run
 */
record Weir(List<String> command, Path folder) {
    static final String CONFIGURATION = "{config}";
    static final String DEFAULT_COMMAND = "./weir serve -c " + CONFIGURATION;

    /** The script may build Weir first. */
    private static final Duration READY_LIMIT = Duration.ofMinutes(5);

    Weir {
        command = List.copyOf(command);
    }

    /** @param line words parted by blanks; no quotes */
    static Weir of(String line, Path folder) throws BenchFailure {
        StringTokenizer words = new StringTokenizer(line);
        List<String> command =
                Collections.list(words).stream().map(Object::toString).toList();
        if (!command.contains(CONFIGURATION)) {
            throw new BenchFailure("The command of --weir must have the word " + CONFIGURATION
                    + ", for which the generated weir.toml is put: \"" + line + "\" has not.");
        }
        return new Weir(command, folder);
    }

    /** The nearest folder, from the one given upwards, that has an executable file {@code weir}: the root of the sources. */
    static Optional<Path> findRoot(Path from) {
        for (Path folder = from.toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path script = folder.resolve("weir");
            if (Files.isRegularFile(script) && Files.isExecutable(script)) {
                return Optional.of(folder);
            }
        }
        return Optional.empty();
    }

    /** Starts it with a configuration and waits until it accepts a login. */
    Started start(CandidateKind kind, String configuration, WeirPorts ports, Account account, Children children)
            throws IOException, BenchFailure, InterruptedException {
        Child process = launch(configuration, ports, children);
        Ports.awaitLogin(process, ports.transaction(), account, Connector.PLAIN, READY_LIMIT);
        Candidate candidate = new Candidate(
                kind, ports.transaction(), OptionalInt.of(ports.session()), OptionalLong.of(javaOf(process)));
        return new Started(candidate, process);
    }

    /** Starts it with a configuration, and does not wait. */
    Child launch(String configuration, WeirPorts ports, Children children) throws IOException, BenchFailure {
        String name = "weir-" + ports.transaction();
        Path file = Files.writeString(children.folder().resolve(name + ".toml"), configuration);
        ProcessBuilder builder = new ProcessBuilder(command.stream()
                .map(word -> word.equals(CONFIGURATION) ? file.toString() : word)
                .toList());
        builder.directory(folder.toFile());
        return children.serve(name, "TERM", builder);
    }

    /** The script becomes Java by {@code exec}; a command that does not has Java below it. */
    private static long javaOf(Child process) throws BenchFailure {
        if (isJava(process.process().toHandle())) {
            return process.pid();
        }
        return process.process()
                .descendants()
                .filter(Weir::isJava)
                .findFirst()
                .orElseThrow(() -> new BenchFailure(
                        "Weir accepts logins, but its Java process is not found below " + process.pid() + "."))
                .pid();
    }

    private static boolean isJava(ProcessHandle process) {
        try {
            // The name of the program file; the process may have named itself otherwise.
            return Path.of("/proc", Long.toString(process.pid()), "exe")
                    .toRealPath()
                    .endsWith("java");
        } catch (IOException e) {
            return false; // it has ended
        }
    }
}
