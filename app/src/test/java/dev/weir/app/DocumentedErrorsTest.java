package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/errors.md} to {@link Failure}, row by row. */
class DocumentedErrorsTest {
    /** Numbers that stand for components in a message: no text has one like it. */
    private static final int MARKER = 770_001;

    @Test
    void documentHasEveryFailureAndNoOther() throws IOException, ReflectiveOperationException {
        List<String> expected = new ArrayList<>();
        for (Class<?> failure : Failure.class.getPermittedSubclasses()) {
            expected.add(row(failure));
        }
        List<String> documented = Files.readString(documents().resolve("errors.md"))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split(" \\| ", -1))
                .peek(cells -> assertThat(cells).as("cells of %s", cells[0]).hasSize(6))
                .map(cells -> String.join(" | ", Arrays.copyOf(cells, 4)))
                .toList();
        assertThat(documented).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** The first four cells, each component's value replaced by its name. */
    private static String row(Class<?> failure) throws ReflectiveOperationException {
        RecordComponent[] components = failure.getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            values[i] = marker(types[i], MARKER + i);
        }
        Constructor<?> constructor = failure.getDeclaredConstructor(types);
        PgError error = ((Failure) constructor.newInstance(values)).toPgError();
        String message = error.message();
        for (int i = 0; i < components.length; i++) {
            message = message.replace(String.valueOf(values[i]), "<" + components[i].getName() + ">");
        }
        String names = Arrays.stream(components).map(RecordComponent::getName).collect(Collectors.joining(", "));
        return "| `" + failure.getSimpleName() + "(" + names + ")` | " + error.code() + " | " + error.severity() + " | "
                + message;
    }

    private static Object marker(Class<?> type, int value) {
        if (type == int.class) {
            return value;
        }
        return type == long.class ? (Object) (long) value : String.valueOf(value);
    }

    private static Path documents() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("docs/errors.md"))) {
                return folder.resolve("docs");
            }
        }
        throw new IllegalStateException("no docs/errors.md here or around");
    }
}
