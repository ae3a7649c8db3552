package dev.weir.app.config;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the project's documents from wherever the tests run. */
final class Documents {
    private Documents() {}

    /** The folder {@code docs}: of this folder or the nearest one around it that has the configuration's document. */
    static Path folder() {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            Path documents = folder.resolve("docs");
            if (Files.exists(documents.resolve("configuration.md"))) {
                return documents;
            }
        }
        throw new IllegalStateException("no docs/configuration.md in " + start + " or around it");
    }
}
