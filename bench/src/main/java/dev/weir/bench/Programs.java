package dev.weir.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the programs that the benchmark starts. */
final class Programs {
    private static final Path POSTGRES_HOMES = Path.of("/usr/lib/postgresql");

    private final List<Path> path;

    Programs() {
        this(folders(Optional.ofNullable(System.getenv("PATH")).orElse("")));
    }

    private Programs(List<Path> path) {
        this.path = path;
    }

    /** A folder that has {@code initdb}, {@code postgres} and {@code pgbench}; the newest of Debian's, else one on PATH. */
    Path postgresFolder() throws BenchFailure {
        List<Path> folders = new ArrayList<>();
        if (Files.isDirectory(POSTGRES_HOMES)) {
            try (Stream<Path> homes = Files.list(POSTGRES_HOMES)) {
                homes.sorted(Comparator.comparingInt(Programs::version).reversed())
                        .forEach(home -> folders.add(home.resolve("bin")));
            } catch (IOException e) {
                throw new BenchFailure("Cannot read " + POSTGRES_HOMES + ": " + e.getMessage(), e);
            }
        }
        folders.addAll(path);
        for (Path folder : folders) {
            if (Stream.of("initdb", "postgres", "pgbench").allMatch(name -> Files.isExecutable(folder.resolve(name)))) {
                return folder;
            }
        }
        throw new BenchFailure("No folder has initdb, postgres and pgbench together (looked in " + POSTGRES_HOMES
                + "/*/bin and on PATH). Install them: Debian and Ubuntu: apt-get install postgresql postgresql-contrib;"
                + " Fedora: dnf install postgresql-server postgresql-contrib.");
    }

    /** A program on PATH, or in the folders of system programs, which are not on every user's PATH. */
    Optional<Path> find(String name) {
        return Stream.concat(
                        path.stream(), Stream.of(Path.of("/usr/sbin"), Path.of("/usr/local/sbin"), Path.of("/sbin")))
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** {@code jcmd} of the JDK that runs the benchmark, else of PATH. */
    Optional<Path> jcmd() {
        Path own = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        return Files.isExecutable(own) ? Optional.of(own) : find("jcmd");
    }

    private static List<Path> folders(String variable) {
        return Stream.of(variable.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(Path::of)
                .toList();
    }

    private static int version(Path home) {
        String name = home.getFileName().toString();
        return name.matches("[0-9]{1,4}") ? Integer.parseInt(name) : 0;
    }
}
