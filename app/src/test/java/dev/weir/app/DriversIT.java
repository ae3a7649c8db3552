package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers of other languages. What they do is in src/test/node and src/test/python; what is not installed is skipped. */
class DriversIT {
    private static final Path NODE = Path.of("target", "node").toAbsolutePath();

    private static TestPostgres postgres;
    private static WeirFixture weir;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.shared();
        weir = WeirFixture.before(postgres);
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static Map<String, String> environment(String mode) {
        int port =
                mode.equals("session") ? weir.weir().sessionPort() : weir.weir().transactionPort();
        return Map.of("MODE", mode, "URL", "postgresql://postgres.acme:postgres@127.0.0.1:" + port + "/postgres");
    }

    @ParameterizedTest
    @CsvSource({"pg.js,transaction", "pg.js,session", "postgres.js,transaction", "postgres.js,session"})
    void servesNode(String script, String mode) throws IOException {
        Programs.require("node");
        Programs.require("npm");
        installDrivers();
        Files.copy(Path.of("src", "test", "node", script), NODE.resolve(script), StandardCopyOption.REPLACE_EXISTING);
        assertThat(Programs.run(NODE, environment(mode), "", List.of("node", script))
                        .expectSuccess()
                        .output())
                .contains("all well");
    }

    /** Once a build folder; without a registry the tests are skipped. */
    private static synchronized void installDrivers() throws IOException {
        Path done = NODE.resolve("installed");
        String wanted = Files.readString(Path.of("src", "test", "node", "package.json"));
        if (Files.exists(done) && Files.readString(done).equals(wanted)) {
            return;
        }
        Files.createDirectories(NODE);
        Files.writeString(NODE.resolve("package.json"), wanted);
        Programs.Result install = Programs.run(
                NODE,
                Map.of(),
                "",
                List.of("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"));
        if (install.status() != 0) {
            Programs.skip("npm could not install the drivers: " + install.output());
        }
        Files.writeString(done, wanted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"transaction", "session"})
    void servesPsycopg(String mode) {
        // Debian's packages belong to its own Python, which need not be the first on the PATH.
        Path python = Path.of("/usr/bin/python3");
        if (!Files.isExecutable(python)) {
            Programs.skip("there is no " + python);
        }
        Programs.Result result = Programs.run(
                Path.of("").toAbsolutePath(),
                environment(mode),
                "",
                List.of(
                        python.toString(),
                        Path.of("src", "test", "python", "clients.py").toString()));
        if (result.status() == 77) {
            Programs.skip(result.output().strip());
        }
        assertThat(result.expectSuccess().output()).contains("all well");
    }
}
