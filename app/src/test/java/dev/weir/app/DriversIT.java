package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Drivers of other languages, told not to prepare by name in transaction mode, as applications do that come from another
 * pooler. What they do is in src/test/node and src/test/python; what is not installed is skipped.
 */
class DriversIT {
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
        assertThat(DriverPrograms.node(script, environment(mode))
                        .expectSuccess()
                        .output())
                .contains("all well");
    }

    @ParameterizedTest
    @ValueSource(strings = {"transaction", "session"})
    void servesPsycopg(String mode) throws IOException {
        assertThat(DriverPrograms.python("clients.py", environment(mode))
                        .expectSuccess()
                        .output())
                .contains("all well");
    }
}
