package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console by psql and by drivers, which know it for a Postgres. */
class ConsoleDriversIT {
    private static ConsoleFixture weir;

    @BeforeAll
    static void start() {
        weir = ConsoleFixture.before(TestPostgres.shared());
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static Map<String, String> environment() {
        return Map.of("URL", "postgresql://ops:secret@127.0.0.1:" + weir.port() + "/pgbouncer");
    }

    @Test
    void servesPsqlWithoutAWarning() {
        Programs.require("psql");
        Programs.Result result = Programs.run(
                Path.of("").toAbsolutePath(),
                Map.of("PGPASSWORD", ConsoleFixture.PASSWORD),
                """
                show version;
                SHOW "databases";
                \\set ECHO none
                pause nothing_like.it;
                show lists
                ;
                """,
                List.of(
                        "psql",
                        "-X",
                        "-A",
                        "-v",
                        "VERBOSITY=verbose",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        "" + weir.port(),
                        "-U",
                        "ops",
                        "weir"));
        assertThat(result.output())
                .doesNotContain("WARNING")
                .contains(
                        "(console of PgBouncer 1.25.2)",
                        "postgres.blue|",
                        "ERROR:  42704:",
                        "databases|2",
                        "(14 rows)");
    }

    private static Connection connect(String options) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + weir.port()
                + "/pgbouncer?user=ops&password=secret&ApplicationName=console-test" + options);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "&preferQueryMode=simple",
                "&preferQueryMode=extendedForPrepared",
                "&prepareThreshold=1",
                "&prepareThreshold=-1&binaryTransfer=true",
                "&defaultRowFetchSize=3"
            })
    void servesPgjdbc(String options) throws SQLException {
        try (Connection connection = connect(options)) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 7; i++) {
                try (PreparedStatement show = connection.prepareStatement("SHOW LISTS")) {
                    try (ResultSet rows = show.executeQuery()) {
                        assertThat(rows.getMetaData().getColumnType(2)).isEqualTo(Types.INTEGER);
                        assertThat(rows.next()).isTrue();
                        assertThat(rows.getString("list")).isEqualTo("databases");
                        assertThat(rows.getInt("items")).isEqualTo(2);
                        int count = 1;
                        while (rows.next()) {
                            count++;
                        }
                        assertThat(count).isEqualTo(14);
                    }
                }
                try (PreparedStatement stats = connection.prepareStatement("SHOW TOTALS");
                        ResultSet rows = stats.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getBigDecimal(2).signum()).isNotNegative();
                }
            }
            try (Statement clients = connection.createStatement();
                    ResultSet rows = clients.executeQuery("SHOW CLIENTS")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString("application_name")).isEqualTo("console-test");
                assertThat(rows.getLong("id")).isPositive();
            }
            connection.commit();
            try (PreparedStatement kill = connection.prepareStatement("KILL_CLIENT ?")) {
                kill.setLong(1, 4711);
                assertThatThrownBy(kill::execute)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                error -> assertThat(error.getSQLState()).isEqualTo("42704"));
            }
            connection.rollback();
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void servesNode() throws IOException {
        assertThat(DriverPrograms.node("console.js", environment())
                        .expectSuccess()
                        .output())
                .contains("all well");
    }

    @ParameterizedTest
    @ValueSource(strings = {"console_psycopg.py", "console_asyncpg.py", "console_sqlalchemy.py"})
    void servesPython(String script) throws IOException {
        assertThat(DriverPrograms.python(script, environment()).expectSuccess().output())
                .contains("all well");
    }
}
