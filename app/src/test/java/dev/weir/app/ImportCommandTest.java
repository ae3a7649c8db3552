package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ImportCommandTest {
    @TempDir
    private Path folder;

    private Path ini = Path.of("");
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void write() throws IOException {
        ini = Files.writeString(folder.resolve("p.ini"), "[databases]\na = host=localhost connect_query=x\n");
        Files.writeString(folder.resolve("users"), "\"app\" \"pass\"\n");
    }

    private int run(String... options) {
        String[] arguments = new String[options.length + 2];
        arguments[0] = ini.toString();
        arguments[1] = folder.resolve("users").toString();
        System.arraycopy(options, 0, arguments, 2, options.length);
        return new CommandLine(new ImportCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void writesToStandardOutputAndTellsOnStandardError() {
        assertThat(run()).isZero();
        assertThat(out.toString()).contains("[[tenant]]").contains("password = \"pass\"");
        assertThat(err.toString()).contains("connect_query").doesNotContain("pass");
    }

    @Test
    void writesFilesThatOnlyTheOwnerReadsAndOverwritesNothing() throws IOException {
        Path toml = folder.resolve("weir.toml");
        Path report = folder.resolve("report.txt");
        assertThat(run("-o", toml.toString(), "--report", report.toString())).isZero();
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).isEmpty();
        assertThat(Files.readString(report)).contains("connect_query");
        assertThat(Files.getPosixFilePermissions(toml)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(new CommandLine(new CheckCommand()).execute("-c", toml.toString()))
                .isZero();

        Files.writeString(toml, "mine");
        assertThat(run("-o", toml.toString())).isEqualTo(1);
        assertThat(Files.readString(toml)).isEqualTo("mine");
        assertThat(err.toString()).contains("--force");
        assertThat(run("-o", toml.toString(), "--force")).isZero();
        assertThat(Files.readString(toml)).contains("[[tenant]]");
    }

    @Test
    void tellsFaultsWithTheirLine() throws IOException {
        Files.writeString(ini, "[databases]\na = nonsense\n");
        assertThat(run()).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).startsWith(ini + ":2: a: must be key=value pairs");
    }
}
