package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The Postgres of a run: a cluster of its own in the temporary folder, tuned so that the disk plays no part, with pgbench's
 * tables in it.
 *
 * @param bin the folder of {@code postgres}, {@code pgbench} and the others
 * @param account the benchmark's user, who owns its database
 * @param verifier the SCRAM verifier of its password, as the server keeps it
 */
record PostgresServer(Path bin, Child process, int port, Account account, String verifier) {
    static final int MAX_CONNECTIONS = 1000;

    private static final String SETTINGS = """
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            max_connections = %d
            shared_buffers = 512MB
            max_wal_size = 1GB
            checkpoint_timeout = 1h
            fsync = off
            synchronous_commit = off
            full_page_writes = off
            wal_level = minimal
            max_wal_senders = 0
            autovacuum = off
            jit = off
            """.formatted(MAX_CONNECTIONS);

    /** Makes the cluster, starts it, and fills pgbench's tables at the scale given. */
    static PostgresServer start(Path bin, ServerUser user, Children children, Account account, int scale)
            throws BenchFailure, InterruptedException, IOException {
        Path home = user.makeFolder(children.folder().resolve("postgres"));
        Path passwordFile = Files.writeString(home.resolve("password"), account.password() + "\n");
        user.give(passwordFile);
        Path data = home.resolve("data");
        children.run(
                "initdb",
                120,
                inFolder(
                        home,
                        user.process(List.of(
                                bin.resolve("initdb").toString(),
                                "--pgdata=" + data,
                                "--username=" + account.user(),
                                "--pwfile=" + passwordFile,
                                "--auth=scram-sha-256",
                                "--encoding=UTF8",
                                "--no-locale",
                                "--no-sync"))));
        Files.writeString(data.resolve("postgresql.auto.conf"), SETTINGS);
        int port = Ports.free();
        Child process = children.serve(
                "postgres",
                "INT", // "fast": does not wait for clients to leave
                inFolder(
                        home,
                        user.process(List.of(
                                bin.resolve("postgres").toString(),
                                "-D",
                                data.toString(),
                                "-p",
                                Integer.toString(port)))));
        Account maintenance = new Account(account.user(), account.password(), "postgres");
        Ports.awaitLogin(process, port, maintenance, Connector.PLAIN, Duration.ofSeconds(60));
        String verifier;
        try (PostgresConnection connection =
                PostgresConnection.open(port, maintenance, new Scram(account.password()))) {
            connection.query("create database " + account.database());
            verifier = connection
                    .query("select rolpassword from pg_authid where rolname = '" + account.user() + "'")
                    .getFirst();
        }
        PostgresServer server = new PostgresServer(bin, process, port, account, verifier);
        children.run("pgbench-fill", 600, server.pgbench(port, List.of("-i", "-q", "-s", Integer.toString(scale))));
        return server;
    }

    /** pgbench against a port of 127.0.0.1, as the benchmark's user. */
    ProcessBuilder pgbench(int toPort, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                bin.resolve("pgbench").toString(),
                "-h",
                Candidate.HOST,
                "-p",
                Integer.toString(toPort),
                "-U",
                account.user()));
        command.addAll(arguments);
        command.add(account.database());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PGPASSWORD", account.password());
        builder.environment().put("PGSSLMODE", "disable");
        builder.environment().put("PGGSSENCMODE", "disable");
        return builder;
    }

    /** Brings pgbench's tables back to the same state, as pgbench does before a run when not told {@code -n}. */
    void tidy() throws IOException, BenchFailure {
        try (PostgresConnection connection = PostgresConnection.open(port, account, new Scram(account.password()))) {
            connection.query("vacuum pgbench_branches");
            connection.query("vacuum pgbench_tellers");
            connection.query("truncate pgbench_history");
        }
    }

    /** Runs a statement, not through a pooler. */
    void run(String sql) throws IOException, BenchFailure {
        try (PostgresConnection connection = PostgresConnection.open(port, account, new Scram(account.password()))) {
            connection.query(sql);
        }
    }

    /** For the description of the machine. */
    String version() throws IOException, BenchFailure {
        try (PostgresConnection connection = PostgresConnection.open(port, account, new Scram(account.password()))) {
            return connection.query("show server_version").getFirst();
        }
    }

    private static ProcessBuilder inFolder(Path folder, ProcessBuilder builder) {
        return builder.directory(folder.toFile());
    }
}
