package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds {@code docs/operations.md} to the reasons for which server connections are closed. */
class DocumentedCloseReasonsTest {

    @ParameterizedTest
    @EnumSource
    void documentHas(CloseReason why) throws IOException {
        assertThat(Files.readAllLines(DocumentedPhasesTest.document("docs/operations.md")))
                .as("rows of the table that have it in their first cell")
                .filteredOn(line -> line.startsWith("| `")
                        && line.substring(0, line.indexOf(" |", 1)).contains("`" + why + "`"))
                .hasSize(1);
    }
}
