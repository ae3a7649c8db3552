package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

/** pgjdbc: with its own settings in session mode, and with prepareThreshold=0 in transaction mode. */
class JdbcIT {
    private static final String DATABASE = "jdbc";

    private static TestPostgres postgres;
    private static WeirFixture weir;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.shared();
        postgres.createDatabase(DATABASE);
        postgres.execute(DATABASE, "CREATE TABLE item (id int PRIMARY KEY, name text, data bytea)");
        weir = WeirFixture.before(postgres, "pool_size = 3");
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static Connection connect(boolean session) throws SQLException {
        int port = session ? weir.weir().sessionPort() : weir.weir().transactionPort();
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + DATABASE
                + "?user=postgres.acme&password=postgres" + (session ? "" : "&prepareThreshold=0"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void preparesBatchesAndRollsBack(boolean session) throws SQLException {
        try (Connection connection = connect(session)) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO item VALUES (?, ?, ?)")) {
                for (int i = 0; i < 500; i++) {
                    insert.setInt(1, i);
                    insert.setString(2, "item " + i);
                    insert.setBytes(3, new byte[] {(byte) i});
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).hasSize(500).containsOnly(1);
            }
            assertThat(count(connection)).isEqualTo(500);
            connection.rollback();
            assertThat(count(connection)).isZero();
            connection.commit();
        }
    }

    private static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM item")) {
            assertThat(rows.next()).isTrue();
            return rows.getInt(1);
        }
    }

    /** More often than the threshold from which on the driver prepares by name. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void runsOneStatementAgainAndAgain(boolean session) throws SQLException {
        try (Connection connection = connect(session);
                PreparedStatement select = connection.prepareStatement("SELECT ? || ?")) {
            for (int i = 0; i < 12; i++) {
                select.setInt(1, i);
                select.setString(2, "!");
                try (ResultSet rows = select.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1)).isEqualTo(i + "!");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void copiesInAndOut(boolean session) throws SQLException, IOException {
        try (Connection connection = connect(session)) {
            connection.setAutoCommit(false);
            CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
            StringBuilder lines = new StringBuilder();
            for (int i = 1000; i < 3000; i++) {
                lines.append(i).append("\tcopied\t\\N\n");
            }
            assertThat(copy.copyIn("COPY item FROM STDIN", new StringReader(lines.toString())))
                    .isEqualTo(2000);
            StringWriter out = new StringWriter();
            assertThat(copy.copyOut("COPY (SELECT * FROM item ORDER BY id) TO STDOUT", out))
                    .isEqualTo(2000);
            assertThat(out.toString()).isEqualTo(lines.toString());
            connection.rollback();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fetchesByCursor(boolean session) throws SQLException {
        try (Connection connection = connect(session);
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.setFetchSize(100);
            int sum = 0;
            try (ResultSet rows = statement.executeQuery("SELECT generate_series(1, 1050)")) {
                while (rows.next()) {
                    sum += rows.getInt(1);
                }
            }
            assertThat(sum).isEqualTo(1050 * 1051 / 2);
            connection.commit();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancels(boolean session) throws SQLException, InterruptedException, ExecutionException {
        String sql = "SELECT pg_sleep(60) /* jdbc " + session + " */";
        try (Connection connection = connect(session);
                Statement statement = connection.createStatement();
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<?> sleeping = thread.submit(() -> assertThatThrownBy(() -> statement.execute(sql))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            error -> assertThat(error.getSQLState()).isEqualTo("57014")));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> !postgres.query(
                                    "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query = '" + sql
                                            + "'")
                            .isEmpty());
            statement.cancel();
            sleeping.get();
            assertThat(count(connection)).isNotNegative();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsLargeObjects(boolean session) throws SQLException {
        byte[] content = new byte[300_000];
        Arrays.fill(content, (byte) 7);
        try (Connection connection = connect(session)) {
            connection.setAutoCommit(false);
            LargeObjectManager objects = connection.unwrap(PGConnection.class).getLargeObjectAPI();
            long id = objects.createLO();
            try (LargeObject object = objects.open(id)) {
                object.write(content);
                object.seek(0);
                assertThat(object.read(content.length + 1)).isEqualTo(content);
            }
            objects.delete(id);
            connection.commit();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void carriesBigValues(boolean session) throws SQLException {
        byte[] big = new byte[5_000_000];
        for (int i = 0; i < big.length; i++) {
            big[i] = (byte) (i * 31);
        }
        try (Connection connection = connect(session);
                PreparedStatement select = connection.prepareStatement("SELECT ?::bytea")) {
            select.setBytes(1, big);
            try (ResultSet rows = select.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(Arrays.equals(rows.getBytes(1), big)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsMetadata(boolean session) throws SQLException {
        try (Connection connection = connect(session)) {
            assertThat(connection.getMetaData().getDatabaseMajorVersion()).isEqualTo(18);
            try (ResultSet tables = connection.getMetaData().getColumns(null, "public", "item", null)) {
                int columns = 0;
                while (tables.next()) {
                    columns++;
                }
                assertThat(columns).isEqualTo(3);
            }
            assertThat(connection.isValid(5)).isTrue();
            assertThatThrownBy(() -> connection.createStatement().execute("SELECT nothing"))
                    .isInstanceOfSatisfying(
                            SQLException.class,
                            error -> assertThat(error.getSQLState()).isEqualTo("42703"));
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void listensInASession() throws SQLException {
        try (Connection listener = connect(true);
                Connection notifier = connect(false)) {
            listener.createStatement().execute("LISTEN jdbc_news");
            notifier.createStatement().execute("NOTIFY jdbc_news, 'hello'");
            PGConnection heard = listener.unwrap(PGConnection.class);
            assertThat(heard.getNotifications(10_000)).singleElement().satisfies(news -> {
                assertThat(news.getName()).isEqualTo("jdbc_news");
                assertThat(news.getParameter()).isEqualTo("hello");
            });
        }
    }
}
