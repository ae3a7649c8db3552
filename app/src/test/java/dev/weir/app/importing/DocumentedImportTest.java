package dev.weir.app.importing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/import.md} to what the code does. A failure prints the table that belongs there. */
class DocumentedImportTest {
    private static final String HEADER = "| key | outcome | what becomes of it |\n| --- | --- | --- |\n";

    @Test
    void documentHasEveryTableAndNoOtherRow() throws IOException {
        String document = document();
        Set<String> rows = new HashSet<>();
        for (String table : tables()) {
            assertThat(document).contains(table);
            table.lines().forEach(rows::add);
        }
        assertThat(document.lines().filter(line -> line.startsWith("|"))).allMatch(rows::contains);
    }

    private static List<String> tables() {
        return List.of(
                table(Settings.ALL.stream().map(Setting::parameter).toList()),
                table(Parameters.OF_DATABASE),
                table(Parameters.OF_USER_SECTION),
                table(Parameters.OF_PEER));
    }

    private static String table(List<Parameter> parameters) {
        StringBuilder table = new StringBuilder(HEADER);
        for (Parameter parameter : parameters) {
            table.append("| `")
                    .append(parameter.name())
                    .append("` | ")
                    .append(parameter.outcome().inDocument())
                    .append(" | ")
                    .append(parameter.becomes())
                    .append(" |\n");
        }
        return table.toString();
    }

    private static String document() throws IOException {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path document = folder.resolve("docs").resolve("import.md");
            if (Files.exists(document)) {
                return Files.readString(document);
            }
        }
        throw new IllegalStateException("no docs/import.md in this folder or around it");
    }
}
