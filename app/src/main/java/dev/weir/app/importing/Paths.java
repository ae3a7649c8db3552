package dev.weir.app.importing;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds files that PgBouncer's configuration names. */
final class Paths {
    private Paths() {}

    /**
     * PgBouncer takes a relative path from the folder where it was started, which nobody knows any more: this process's
     * folder is tried, then the one of the file that names it.
     *
     * @param named not empty
     */
    static Path find(String named, Path by) {
        Path path = Path.of(named);
        Path beside = by.resolveSibling(named);
        return path.isAbsolute() || Files.exists(path) || !Files.exists(beside) ? path : beside;
    }
}
