package dev.weir.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A real Postgres server for tests, from embedded binaries, in a temporary directory, on a free port of 127.0.0.1 and,
 * where there is one, ::1. Its superuser is {@code postgres} with password {@code postgres}; a login wants SCRAM unless
 * {@link #createRole} said otherwise. Locale C, UTF-8, time zone UTC, fsync off. It works as root and as an ordinary
 * user. The methods for SQL come from 127.0.0.2, which pg_hba.conf trusts. Safe for any thread.
 */
public final class TestPostgres implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Version version;
    private final Options options;
    private final int port = Ports.free();
    private final Path directory;
    private final @Nullable Certificates certificates;
    private final Map<String, String> settings;
    private final Map<String, String> passwords = new ConcurrentHashMap<>();
    private final Thread atExit = new Thread(this::stopAndDelete, "test-postgres-stop");
    private @Nullable EmbeddedPostgres server;

    private TestPostgres(Version version, Options options) throws IOException {
        this.version = version;
        this.options = options;
        directory = Files.createTempDirectory("weir-postgres");
        Files.createDirectory(socketDirectory());
        certificates = options.tls() ? Certificates.in(Files.createDirectory(directory.resolve("tls"))) : null;
        settings = ServerConfiguration.settings(options, socketDirectory(), certificates);
    }

    /** The server that all tests of this JVM share: version 18, TLS offered. It stops when the JVM does. */
    public static TestPostgres shared() {
        return Shared.SERVER;
    }

    /** Starts a server of one's own, which {@link #close} stops; it takes one to two seconds. */
    public static TestPostgres start(Version version, Options options) {
        try {
            TestPostgres postgres = new TestPostgres(version, options);
            Runtime.getRuntime().addShutdownHook(postgres.atExit);
            postgres.launch();
            postgres.execute("ALTER ROLE postgres PASSWORD 'postgres'");
            postgres.passwords.put("postgres", "postgres");
            for (Login login : Login.values()) {
                postgres.execute("CREATE ROLE " + login.group());
            }
            return postgres;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server of version 18 with default options. */
    public static TestPostgres start() {
        return start(Version.POSTGRES_18, Options.defaults());
    }

    private synchronized void launch() throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setPort(port)
                .setOverrideWorkingDirectory(ServerConfiguration.binaries().toFile())
                .setDataDirectory(data())
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setDataDirectoryCustomizer(data -> ServerConfiguration.writeHba(data.toPath(), options))
                .setLocaleConfig("locale", "C")
                .setConnectConfig("localSocketAddress", ServerConfiguration.OURS)
                .setPGStartupWait(PATIENCE)
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
        if (version.archives != null) {
            builder.setPgBinaryResolver((system, machine) -> version.archive(system, machine));
        }
        // pg_ctl hands the settings to a shell
        settings.forEach((name, value) -> builder.setServerConfig(name, "'" + value.replace("'", "'\\''") + "'"));
        try {
            server = builder.start();
        } catch (IOException | IllegalStateException e) {
            throw new IOException("Postgres " + version.major + " did not start; its log:\n" + log(), e);
        }
    }

    /** The address to connect to. */
    public String host() {
        return "127.0.0.1";
    }

    /** The TCP port; a restart keeps it. */
    public int port() {
        return port;
    }

    /** The version that runs. */
    public Version version() {
        return version;
    }

    /** Directory of the Unix socket; a role wants the same login there as by TCP. */
    public Path socketDirectory() {
        return directory.resolve("socket");
    }

    /** What the server wrote to its log. */
    public String log() {
        try {
            return Files.exists(logFile()) ? Files.readString(logFile()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The authority that signed the server's certificate; IllegalStateException without TLS. */
    public Certificates certificates() {
        if (certificates == null) {
            throw new IllegalStateException("this server has no TLS: start it with Options.withTls()");
        }
        return certificates;
    }

    /** Process id of the postmaster. */
    public long pid() {
        try {
            return Long.parseLong(Files.readAllLines(pidFile()).getFirst().strip());
        } catch (IOException e) {
            throw new UncheckedIOException("the server does not run", e);
        }
    }

    /** URL for pgjdbc, with the password if the role was created here. */
    public String jdbcUrl(String user, String database) {
        String password = passwords.get(user);
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=" + encode(user)
                + (password == null ? "" : "&password=" + encode(password));
    }

    /** Where and how a role created here logs in. */
    public Destination destination(String user, String database) {
        return new Destination(host(), port, user, passwords.get(user), database);
    }

    /** The superuser in the database {@code postgres}. */
    public Destination destination() {
        return destination("postgres", "postgres");
    }

    /** Creates a role that logs in in this way, with TCP and Unix sockets alike; its name must be new. */
    public void createRole(String name, String password, Login login) {
        String stored = login == Login.MD5 ? "md5" : "scram-sha-256";
        execute("SET password_encryption = '" + stored + "'; CREATE ROLE " + identifier(name) + " LOGIN PASSWORD '"
                + password.replace("'", "''") + "'; GRANT " + login.group() + " TO " + identifier(name));
        passwords.put(name, password);
    }

    /** Creates a database; its name must be new. */
    public void createDatabase(String name) {
        execute("CREATE DATABASE " + identifier(name));
    }

    /** Runs statements as superuser in the database {@code postgres}, on a connection of its own. */
    public void execute(String sql) {
        execute("postgres", sql);
    }

    /** Runs statements as superuser in a database, on a connection of its own. */
    public void execute(String database, String sql) {
        try (Connection connection = connection(database);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError("failed: " + sql, e);
        }
    }

    /** Rows of a query as superuser in the database {@code postgres}, as text. */
    public List<List<@Nullable String>> query(String sql) {
        return query("postgres", sql);
    }

    /** Rows of a query as superuser in a database, as text. */
    public List<List<@Nullable String>> query(String database, String sql) {
        try (Connection connection = connection(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<List<@Nullable String>> rows = new ArrayList<>();
            while (result.next()) {
                List<@Nullable String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(result.getString(i));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError("failed: " + sql, e);
        }
    }

    private Connection connection(String database) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + database
                + "?user=postgres&localSocketAddress=" + ServerConfiguration.OURS);
    }

    /** Stops the server in good order (clients get an error) and starts it again, on the same port and data. */
    public synchronized void restart() {
        try {
            stop();
            launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills all server processes at once, as a crash does (immediate shutdown); {@link #restart} recovers. */
    public synchronized void stopNow() {
        try {
            int status = new ProcessBuilder("kill", "-QUIT", Long.toString(pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new AssertionError("kill failed with status " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        // The postmaster removes the file as its last act.
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> !Files.exists(pidFile()));
        try {
            stop(); // finds nothing to stop, and gives back the library's lock on the directory
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops the server and deletes its files. */
    @Override
    public void close() {
        stopAndDelete();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The JVM is stopping: the hook finds nothing left to do.
            return;
        }
    }

    private synchronized void stopAndDelete() {
        try {
            stop();
            Trees.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void stop() throws IOException {
        if (server == null) {
            return;
        }
        server.close();
        server = null;
        if (Files.exists(pidFile())) {
            // It did not stop within the library's five seconds.
            ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroyForcibly);
            Files.delete(pidFile());
        }
    }

    private Path data() {
        return directory.resolve("data");
    }

    private Path pidFile() {
        return data().resolve("postmaster.pid");
    }

    private Path logFile() {
        return directory.resolve("server.log");
    }

    private static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static final class Shared {
        static final TestPostgres SERVER =
                start(Version.POSTGRES_18, Options.defaults().withTls());
    }

    /** A version whose binaries are here. */
    public enum Version {
        POSTGRES_18(18, null),
        POSTGRES_15(15, "/postgres-15");

        private final int major;
        /** Folder of the archives among our resources; null where they come as the library expects them. */
        private final @Nullable String archives;

        Version(int major, @Nullable String archives) {
            this.major = major;
            this.archives = archives;
        }

        /** The major version, as in {@code SHOW server_version}. */
        public int major() {
            return major;
        }

        private @Nullable InputStream archive(String system, String machine) {
            String name = archives + "/postgres-" + system.toLowerCase(Locale.ROOT) + "-" + machine + ".txz";
            return TestPostgres.class.getResourceAsStream(name);
        }
    }

    /** How a role logs in: what is stored for it, and what pg_hba.conf wants. */
    public enum Login {
        SCRAM("scram-sha-256"),
        MD5("md5"),
        CLEARTEXT("password"),
        TRUST("trust");

        final String method;

        Login(String method) {
            this.method = method;
        }

        /** Roles are members of one of these groups, which pg_hba.conf names, so a new role needs no reload. */
        String group() {
            return "login_by_" + name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What a server is started with.
     *
     * @param settings server settings by name, for example {@code max_connections}
     * @param tls whether to offer TLS, with a certificate for localhost, 127.0.0.1 and ::1
     * @param hbaLines lines of pg_hba.conf that go before ours
     */
    public record Options(Map<String, String> settings, boolean tls, List<String> hbaLines) {
        public Options {
            settings = Map.copyOf(settings);
            hbaLines = List.copyOf(hbaLines);
        }

        /** No TLS, 100 connections. */
        public static Options defaults() {
            return new Options(Map.of(), false, List.of());
        }

        /** With one more setting. */
        public Options with(String setting, String value) {
            Map<String, String> more = new TreeMap<>(settings);
            more.put(setting, value);
            return new Options(more, tls, hbaLines);
        }

        /** With TLS. */
        public Options withTls() {
            return new Options(settings, true, hbaLines);
        }

        /** With these lines of pg_hba.conf before ours. */
        public Options withHba(String... lines) {
            return new Options(settings, tls, List.of(lines));
        }
    }
}
