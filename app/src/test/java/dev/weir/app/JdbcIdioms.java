package dev.weir.app;

import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.PGStatement;

/** What applications do with pgjdbc; each idiom says what it saw. */
final class JdbcIdioms {
    /** Opens one more connection, with these parameters behind its URL. */
    interface Door {
        Connection open(String parameters) throws SQLException;
    }

    /** One thing that applications do. */
    interface Idiom {
        Object see(Door door) throws Exception;
    }

    private JdbcIdioms() {}

    static Map<String, Idiom> all() {
        Map<String, Idiom> idioms = new LinkedHashMap<>();
        idioms.put("one statement again and again", JdbcIdioms::again);
        idioms.put("one text in two connections", JdbcIdioms::twoConnections);
        idioms.put("more statements than the cache holds", JdbcIdioms::smallCache);
        idioms.put("a batch", door -> batch(door, "batched", ""));
        idioms.put("a batch as one INSERT", door -> batch(door, "rewritten", "reWriteBatchedInserts=true"));
        idioms.put("a batch that fails", JdbcIdioms::failingBatch);
        idioms.put("generated keys", JdbcIdioms::generatedKeys);
        idioms.put("fetching by portions", JdbcIdioms::portions);
        idioms.put("COPY", JdbcIdioms::copy);
        idioms.put("notifications", JdbcIdioms::notifications);
        idioms.put("cancel and timeouts", JdbcIdioms::cancel);
        idioms.put("metadata", JdbcIdioms::metadata);
        idioms.put("isolation and read-only", JdbcIdioms::isolation);
        idioms.put("schema", JdbcIdioms::schema);
        idioms.put("savepoints", door -> savepoints(door, "saved", ""));
        idioms.put("autosave", door -> savepoints(door, "autosaved", "autosave=always&cleanupSavepoints=true"));
        idioms.put("autosave of errors", JdbcIdioms::autosave);
        idioms.put("temporary tables", JdbcIdioms::temporaryTables);
        idioms.put("advisory locks", JdbcIdioms::advisoryLocks);
        idioms.put("parameters of the connection", JdbcIdioms::startup);
        idioms.put("client info", JdbcIdioms::clientInfo);
        idioms.put("types", JdbcIdioms::types);
        idioms.put("a table that changes", JdbcIdioms::changingTable);
        idioms.put("DISCARD and DEALLOCATE ALL", JdbcIdioms::discard);
        idioms.put("a cursor that outlives its transaction", JdbcIdioms::heldCursor);
        idioms.put("several statements", JdbcIdioms::several);
        return idioms;
    }

    /** More often than the threshold from which on a statement has a name; 5 unless told. */
    private static Object again(Door door) throws SQLException {
        List<Object> seen = new ArrayList<>();
        try (Connection connection = door.open("");
                PreparedStatement select = connection.prepareStatement("SELECT ? || ?")) {
            for (int i = 0; i < 15; i++) {
                select.setInt(1, i);
                select.setString(2, "!");
                seen.addAll(rows(select.executeQuery()));
                seen.add(select.unwrap(PGStatement.class).isUseServerPrepare());
            }
        }
        return seen;
    }

    private static Object twoConnections(Door door) throws SQLException {
        List<Object> seen = new ArrayList<>();
        try (Connection one = door.open("");
                Connection two = door.open("");
                PreparedStatement first = one.prepareStatement("SELECT 'one', ?::int");
                PreparedStatement second = two.prepareStatement("SELECT 'two', ?::text, 0")) {
            for (int i = 0; i < 12; i++) {
                first.setInt(1, i);
                second.setString(1, "t" + i);
                seen.addAll(rows(first.executeQuery()));
                seen.addAll(rows(second.executeQuery()));
            }
        }
        return seen;
    }

    private static Object smallCache(Door door) throws SQLException {
        List<Object> seen = new ArrayList<>();
        try (Connection connection = door.open("prepareThreshold=1&preparedStatementCacheQueries=3")) {
            for (int i = 0; i < 40; i++) {
                try (PreparedStatement select = connection.prepareStatement("SELECT " + i % 7 + " + ?::int")) {
                    select.setInt(1, i);
                    seen.addAll(rows(select.executeQuery()));
                }
            }
        }
        return seen;
    }

    private static Object batch(Door door, String table, String parameters) throws SQLException {
        try (Connection connection = door.open(parameters)) {
            run(connection, "CREATE TABLE " + table + " (id int PRIMARY KEY, name text)");
            connection.setAutoCommit(false);
            List<Object> seen = new ArrayList<>();
            for (int part = 0; part < 3; part++) {
                try (PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO " + table + " VALUES (?, ?)")) {
                    for (int i = 0; i < 300; i++) {
                        insert.setInt(1, part * 300 + i);
                        insert.setString(2, "name " + i);
                        insert.addBatch();
                    }
                    seen.add(Arrays.stream(insert.executeBatch())
                            .distinct()
                            .boxed()
                            .toList());
                }
                connection.commit();
            }
            seen.addAll(ask(connection, "SELECT count(*), sum(id) FROM " + table));
            return seen;
        }
    }

    private static Object failingBatch(Door door) throws SQLException {
        try (Connection connection = door.open("")) {
            run(connection, "CREATE TABLE failing (id int PRIMARY KEY)");
            List<Object> seen = new ArrayList<>();
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO failing VALUES (?)")) {
                for (int id : new int[] {1, 2, 2, 3}) {
                    insert.setInt(1, id);
                    insert.addBatch();
                }
                seen.add(refused(insert::executeBatch));
                insert.setInt(1, 9);
                seen.add(insert.executeUpdate());
            }
            seen.addAll(ask(connection, "SELECT * FROM failing ORDER BY id"));
            return seen;
        }
    }

    private static Object generatedKeys(Door door) throws SQLException {
        try (Connection connection = door.open("")) {
            run(connection, "CREATE TABLE keyed (id serial PRIMARY KEY, word text)");
            List<Object> seen = new ArrayList<>();
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO keyed (word) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
                for (int i = 0; i < 8; i++) {
                    insert.setString(1, "word " + i);
                    insert.executeUpdate();
                    seen.addAll(rows(insert.getGeneratedKeys()));
                }
            }
            return seen;
        }
    }

    private static Object portions(Door door) throws SQLException {
        try (Connection connection = door.open("")) {
            connection.setAutoCommit(false);
            List<Object> seen = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("SELECT generate_series(1, ?::int)")) {
                select.setFetchSize(40);
                for (int i = 0; i < 8; i++) {
                    select.setInt(1, 250);
                    int sum = 0;
                    try (ResultSet rows = select.executeQuery()) {
                        while (rows.next()) {
                            sum += rows.getInt(1);
                        }
                    }
                    seen.add(sum);
                    connection.commit();
                }
            }
            return seen;
        }
    }

    private static Object copy(Door door) throws Exception {
        try (Connection connection = door.open("")) {
            run(connection, "CREATE TABLE copied (n int, word text)");
            var copy = connection.unwrap(PGConnection.class).getCopyAPI();
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < 2000; i++) {
                lines.append(i).append("\tword\n");
            }
            StringWriter out = new StringWriter();
            return List.of(
                    copy.copyIn("COPY copied FROM STDIN", new StringReader(lines.toString())),
                    copy.copyOut("COPY (SELECT * FROM copied ORDER BY n) TO STDOUT", out),
                    out.toString().contentEquals(lines),
                    refused(() -> copy.copyIn("COPY copied FROM STDIN", new StringReader("x\ty\n"))),
                    ask(connection, "SELECT count(*) FROM copied"));
        }
    }

    private static Object notifications(Door door) throws SQLException {
        try (Connection listener = door.open("");
                Connection notifier = door.open("")) {
            run(listener, "LISTEN jdbc_news");
            run(notifier, "NOTIFY jdbc_news, 'one'");
            notifier.setAutoCommit(false);
            run(notifier, "NOTIFY jdbc_news, 'two'");
            notifier.commit();
            run(notifier, "NOTIFY jdbc_news, 'undone'");
            notifier.rollback();
            run(listener, "NOTIFY jdbc_news, 'its own'");
            List<Object> heard = new ArrayList<>();
            while (heard.size() < 3) {
                PGNotification[] news = listener.unwrap(PGConnection.class).getNotifications(5000);
                if (news == null || news.length == 0) {
                    heard.add("nothing more");
                    break;
                }
                for (PGNotification notification : news) {
                    heard.add(notification.getName() + ": " + notification.getParameter());
                }
            }
            return heard;
        }
    }

    private static Object cancel(Door door) throws SQLException {
        try (Connection connection = door.open("");
                Statement statement = connection.createStatement();
                ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            var _ = clock.schedule(
                    () -> {
                        statement.cancel();
                        return null;
                    },
                    200,
                    TimeUnit.MILLISECONDS);
            Object canceled = refused(() -> statement.execute("SELECT pg_sleep(60)"));
            statement.setQueryTimeout(1);
            Object timedOut = refused(() -> statement.execute("SELECT pg_sleep(60)"));
            return List.of(canceled, timedOut, ask(connection, "SELECT 1"), connection.isValid(5));
        }
    }

    private static Object metadata(Door door) throws SQLException {
        try (Connection connection = door.open("")) {
            run(connection, "CREATE TABLE described (id int PRIMARY KEY, word varchar(7) NOT NULL, n numeric(5, 2))");
            List<Object> seen = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                try (PreparedStatement select =
                        connection.prepareStatement("SELECT id, word, n FROM described WHERE id = ? AND n > ?")) {
                    seen.add(select.getParameterMetaData().getParameterTypeName(2));
                    seen.add(select.getMetaData().getColumnTypeName(2)
                            + select.getMetaData().getPrecision(2)
                            + select.getMetaData().getColumnName(3));
                }
            }
            try (ResultSet columns = connection.getMetaData().getColumns(null, "public", "described", null)) {
                while (columns.next()) {
                    seen.add(columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME"));
                }
            }
            try (ResultSet keys = connection.getMetaData().getPrimaryKeys(null, "public", "described")) {
                while (keys.next()) {
                    seen.add(keys.getString("COLUMN_NAME"));
                }
            }
            return seen;
        }
    }

    private static Object isolation(Door door) throws SQLException {
        try (Connection connection = door.open("")) {
            List<Object> seen = new ArrayList<>();
            connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            seen.add(connection.getTransactionIsolation());
            for (boolean autoCommit : new boolean[] {true, false}) {
                connection.setAutoCommit(autoCommit);
                connection.setReadOnly(true);
                seen.add(refused(() -> run(connection, "CREATE TABLE never (a int)")));
                if (!autoCommit) {
                    connection.rollback();
                }
                seen.addAll(ask(connection, "SHOW transaction_isolation"));
                seen.addAll(ask(connection, "SHOW transaction_read_only"));
                if (!autoCommit) {
                    connection.commit();
                }
                connection.setReadOnly(false);
                seen.addAll(ask(connection, "SHOW transaction_read_only"));
            }
            return seen;
        }
    }

    private static Object schema(Door door) throws SQLException {
        try (Connection one = door.open("");
                Connection two = door.open("")) {
            run(one, "CREATE SCHEMA one");
            run(one, "CREATE SCHEMA two");
            run(one, "CREATE TABLE one.t AS SELECT 'of one' AS word");
            run(one, "CREATE TABLE two.t AS SELECT 2 AS n, 'of two' AS word");
            one.setSchema("one");
            two.setSchema("two");
            List<Object> seen = new ArrayList<>();
            try (PreparedStatement first = one.prepareStatement("SELECT * FROM t");
                    PreparedStatement second = two.prepareStatement("SELECT * FROM t")) {
                for (int i = 0; i < 10; i++) {
                    seen.addAll(rows(first.executeQuery()));
                    seen.addAll(rows(second.executeQuery()));
                }
            }
            seen.add(one.getSchema() + two.getSchema());
            return seen;
        }
    }

    private static Object savepoints(Door door, String table, String parameters) throws SQLException {
        try (Connection connection = door.open(parameters)) {
            run(connection, "CREATE TABLE " + table + " (n int)");
            connection.setAutoCommit(false);
            run(connection, "INSERT INTO " + table + " VALUES (1)");
            Savepoint point = connection.setSavepoint("point");
            run(connection, "INSERT INTO " + table + " VALUES (2)");
            Object error = refused(() -> run(connection, "INSERT INTO " + table + " VALUES (1 / 0)"));
            connection.rollback(point);
            run(connection, "INSERT INTO " + table + " VALUES (3)");
            connection.releaseSavepoint(point);
            connection.commit();
            return List.of(error, ask(connection, "SELECT n FROM " + table + " ORDER BY n"));
        }
    }

    private static Object autosave(Door door) throws SQLException {
        try (Connection connection = door.open("autosave=always")) {
            connection.setAutoCommit(false);
            List<Object> seen = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement("SELECT 10 / ?::int")) {
                for (int i = 0; i < 12; i++) {
                    select.setInt(1, i % 3);
                    seen.add(i % 3 == 0 ? refused(select::executeQuery) : rows(select.executeQuery()));
                }
            }
            connection.commit();
            return seen;
        }
    }

    private static Object temporaryTables(Door door) throws SQLException {
        try (Connection connection = door.open("")) {
            run(connection, "CREATE TEMP TABLE t (n int)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?)")) {
                for (int i = 0; i < 10; i++) {
                    insert.setInt(1, i);
                    insert.executeUpdate();
                }
            }
            return ask(connection, "SELECT count(*), sum(n) FROM t");
        }
    }

    private static Object advisoryLocks(Door door) throws SQLException {
        try (Connection one = door.open("");
                Connection two = door.open("")) {
            return List.of(
                    ask(one, "SELECT pg_advisory_lock(4711)"),
                    ask(two, "SELECT pg_try_advisory_lock(4711)"),
                    ask(one, "SELECT pg_advisory_unlock(4711)"),
                    ask(two, "SELECT pg_try_advisory_lock(4711)"),
                    ask(two, "SELECT pg_advisory_unlock(4711)"));
        }
    }

    private static Object startup(Door door) throws SQLException {
        try (Connection connection = door.open(
                "ApplicationName=mine&currentSchema=one,two&options=-c%20work_mem=3MB&assumeMinServerVersion=15")) {
            List<Object> seen = new ArrayList<>();
            for (String name :
                    List.of("application_name", "search_path", "work_mem", "extra_float_digits", "DateStyle")) {
                seen.addAll(ask(connection, "SHOW " + name));
            }
            run(connection, "SET work_mem = '1MB'");
            run(connection, "RESET ALL");
            seen.addAll(ask(connection, "SHOW work_mem"));
            return seen;
        }
    }

    private static Object clientInfo(Door door) throws SQLException {
        try (Connection one = door.open("");
                Connection two = door.open("")) {
            one.setClientInfo("ApplicationName", "one");
            two.setClientInfo("ApplicationName", "two");
            return List.of(
                    ask(one, "SHOW application_name"), ask(two, "SHOW application_name"),
                    ask(one, "SHOW application_name"), String.valueOf(one.getClientInfo("ApplicationName")));
        }
    }

    private static Object types(Door door) throws SQLException {
        try (Connection connection = door.open("")) {
            run(connection, "CREATE TYPE mood AS ENUM ('calm', 'wild')");
            List<Object> seen = new ArrayList<>();
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT ?::mood, ?::int[], ?::timestamptz, ?::uuid, ?::jsonb, ?::numeric")) {
                Array numbers = connection.createArrayOf("int4", new Integer[] {1, 2});
                for (int i = 0; i < 8; i++) {
                    select.setString(1, "wild");
                    select.setArray(2, numbers);
                    select.setString(3, "2001-02-03 04:05:06+00");
                    select.setString(4, "00000000-0000-0000-0000-00000000000" + i);
                    select.setString(5, "{\"a\": 1}");
                    select.setBigDecimal(6, new java.math.BigDecimal("1.50"));
                    seen.addAll(rows(select.executeQuery()));
                }
            }
            return seen;
        }
    }

    private static Object changingTable(Door door) throws SQLException {
        try (Connection connection = door.open("");
                PreparedStatement select = door.open("").prepareStatement("SELECT word FROM changing")) {
            run(connection, "CREATE TABLE changing AS SELECT 'word'::text AS word");
            List<Object> seen = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                seen.addAll(rows(select.executeQuery()));
            }
            run(connection, "ALTER TABLE changing ADD n int");
            seen.addAll(rows(select.executeQuery()));
            select.getConnection().close();
            return seen;
        }
    }

    /** The driver notices both and prepares anew. */
    private static Object discard(Door door) throws SQLException {
        try (Connection connection = door.open("");
                PreparedStatement select = connection.prepareStatement("SELECT ?::int")) {
            List<Object> seen = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                if (i % 8 == 7) {
                    run(connection, i == 7 ? "DEALLOCATE ALL" : "DISCARD ALL");
                }
                select.setInt(1, i);
                seen.addAll(rows(select.executeQuery()));
            }
            return seen;
        }
    }

    private static Object heldCursor(Door door) throws SQLException {
        try (Connection connection = door.open("");
                Statement statement = connection.createStatement(
                        ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY, ResultSet.HOLD_CURSORS_OVER_COMMIT)) {
            connection.setAutoCommit(false);
            run(connection, "DECLARE held CURSOR WITH HOLD FOR SELECT generate_series(1, 5)");
            connection.commit();
            List<Object> seen = new ArrayList<>(rows(statement.executeQuery("FETCH 2 FROM held")));
            connection.commit();
            seen.addAll(rows(statement.executeQuery("FETCH ALL FROM held")));
            connection.commit();
            return seen;
        }
    }

    private static Object several(Door door) throws SQLException {
        try (Connection connection = door.open("");
                Statement statement = connection.createStatement()) {
            List<Object> seen = new ArrayList<>();
            boolean rows = statement.execute("SET work_mem = '1MB'; SELECT 1; SELECT 2, 3");
            while (rows || statement.getUpdateCount() >= 0) {
                seen.add(rows ? rows(statement.getResultSet()) : statement.getUpdateCount());
                rows = statement.getMoreResults();
            }
            seen.addAll(ask(connection, "SHOW work_mem"));
            return seen;
        }
    }

    // ---- what idioms are made of

    private interface Call {
        Object make() throws Exception;
    }

    private static Object run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
        }
    }

    private static List<Object> ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return rows(statement.executeQuery(sql));
        }
    }

    private static List<Object> rows(ResultSet result) throws SQLException {
        try (result) {
            List<Object> rows = new ArrayList<>();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /** The SQLSTATE with which this is refused. */
    private static Object refused(Call call) {
        try {
            return "accepted " + call.make();
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        } catch (Exception e) {
            throw new AssertionError("refused, but not by Postgres", e);
        }
    }
}
