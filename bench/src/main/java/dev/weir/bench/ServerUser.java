package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The operating system's user that Postgres and PgBouncer run as: both refuse root. When the benchmark itself does not run as
 * root, it is the same user.
 */
final class ServerUser {
    private static final Path USERS = Path.of("/etc/passwd");

    private final Optional<Other> other;

    private ServerUser(Optional<Other> other) {
        this.other = other;
    }

    /** @param group its number */
    private record Other(String name, String group) {}

    /** Chooses {@code postgres}, else {@code nobody}, when the benchmark runs as root. */
    static ServerUser choose(Programs programs) throws BenchFailure {
        if (!"root".equals(System.getProperty("user.name"))) {
            return new ServerUser(Optional.empty());
        }
        if (programs.find("setpriv").isEmpty()) {
            throw new BenchFailure(
                    "Postgres refuses to run as root, and setpriv (of util-linux), which would start it as"
                            + " another user, is not there. Install util-linux, or run the benchmark as another user.");
        }
        try {
            List<String> lines = Files.readAllLines(USERS);
            for (String name : List.of("postgres", "nobody")) {
                for (String line : lines) {
                    String[] fields = line.split(":", -1);
                    if (fields.length > 3 && fields[0].equals(name)) {
                        return new ServerUser(Optional.of(new Other(name, fields[3])));
                    }
                }
            }
        } catch (IOException e) {
            throw new BenchFailure("Cannot read " + USERS + ": " + e.getMessage(), e);
        }
        throw new BenchFailure("Postgres refuses to run as root, and there is neither a user postgres nor nobody.");
    }

    /** A process of this user; {@code setpriv} becomes the program, so that the process id is the program's. */
    ProcessBuilder process(List<String> command) {
        List<String> full = new ArrayList<>();
        other.ifPresent(user ->
                full.addAll(List.of("setpriv", "--reuid=" + user.name(), "--regid=" + user.group(), "--clear-groups")));
        full.addAll(command);
        return new ProcessBuilder(full);
    }

    /**
     * As above, for a program that opens many files: that many, or as many as this process may allow, whatever is less.
     *
     * @param openFiles how many
     */
    ProcessBuilder process(List<String> command, int openFiles) {
        List<String> full = new ArrayList<>(List.of(
                "sh",
                "-c",
                // Only root can raise what the shell calls the hard limit, and not everywhere.
                "ulimit -n " + openFiles + " 2>/dev/null || ulimit -n \"$(ulimit -H -n)\"; exec \"$@\"",
                "sh"));
        full.addAll(process(command).command());
        return new ProcessBuilder(full);
    }

    /** Makes a folder that only this user reads. */
    Path makeFolder(Path folder) throws IOException {
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        give(folder);
        return folder;
    }

    /** Gives a file or folder to this user. */
    void give(Path path) throws IOException {
        if (other.isPresent()) {
            Files.setOwner(
                    path,
                    path.getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName(other.get().name()));
        }
    }
}
