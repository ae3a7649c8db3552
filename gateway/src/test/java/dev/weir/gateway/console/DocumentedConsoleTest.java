package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds {@code docs/console.md} to the program. A failure prints what belongs there. */
class DocumentedConsoleTest {

    @ParameterizedTest
    @EnumSource
    void documentHasEachTopic(Topic topic) throws IOException {
        assertThat(document()).contains(section(topic));
    }

    @Test
    void documentHasNoOtherTopics() throws IOException {
        assertThat(document().lines().filter(line -> line.startsWith("### SHOW ")))
                .containsExactlyElementsOf(Arrays.stream(Topic.values())
                        .map(topic -> "### SHOW " + topic)
                        .toList());
    }

    @Test
    void documentHasEachCommandAndNoOther() throws IOException {
        List<String> rows = Usage.COMMANDS.stream()
                .map(usage -> "| `" + usage.form() + "` | " + usage.meaning() + " |")
                .toList();
        assertThat(document().lines().filter(line -> line.startsWith("| `"))).containsExactlyElementsOf(rows);
    }

    @Test
    void everyCommandOfTheDocumentIsRead() throws ConsoleException {
        for (Usage usage : Usage.COMMANDS) {
            String command = usage.form()
                    .replace("topic", "POOLS")
                    .replace("key = value", "pool_size = 1")
                    .replace("[db]", "\"shop\"")
                    .replace(" db", " shop")
                    .replace(" id", " 7");
            assertThat(CommandReader.read(command)).as(command).hasSize(1);
        }
    }

    private static String section(Topic topic) {
        String columns = topic.columns().stream()
                .map(column -> "`" + column.name() + "` " + column.type().name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "));
        return "### SHOW " + topic + "\n\n" + topic.about() + "\n" + (columns.isEmpty() ? "" : "\n" + columns + "\n");
    }

    private static String document() throws IOException {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("docs/console.md"))) {
                return Files.readString(folder.resolve("docs/console.md"));
            }
        }
        throw new IllegalStateException("no docs/console.md here or around");
    }
}
