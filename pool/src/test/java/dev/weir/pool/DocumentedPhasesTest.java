package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds {@code docs/phases.md} to the moves that the records have. A failure prints the table that belongs there. */
class DocumentedPhasesTest {

    @ParameterizedTest
    @ValueSource(classes = {ServerPhase.class, OpeningPhase.class})
    void documentHasTheMovesOf(Class<?> phases) throws IOException {
        String table = "## " + phases.getSimpleName() + "\n\n| phase | move | to |\n| --- | --- | --- |\n"
                + Arrays.stream(phases.getPermittedSubclasses())
                        .map(phase -> rows(phases, phase))
                        .collect(Collectors.joining());
        String document = Files.readString(document("docs/phases.md")) + "\n";
        assertThat(document).contains(table + "\n");
    }

    /** A move is a method that gives a phase; a phase without any is an end, or is left through the common end only. */
    private static String rows(Class<?> phases, Class<?> phase) {
        String rows = Arrays.stream(phase.getDeclaredMethods())
                .filter(method -> phases.isAssignableFrom(method.getReturnType()))
                .sorted(Comparator.comparing(Method::getName))
                .map(move -> row(phase, move.getName(), move.getReturnType().getSimpleName()))
                .collect(Collectors.joining());
        return rows.isEmpty() ? row(phase, "-", "-") : rows;
    }

    private static String row(Class<?> phase, String move, String to) {
        return "| " + phase.getSimpleName() + " | " + move + " | " + to + " |\n";
    }

    static Path document(String path) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path document = folder.resolve(path);
            if (Files.exists(document)) {
                return document;
            }
        }
        throw new IllegalStateException("no " + path + " here or around");
    }
}
