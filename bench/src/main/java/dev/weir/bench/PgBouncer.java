package dev.weir.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * PgBouncer as it is installed.
 *
 * @param major first number of its version
 * @param minor second number of its version
 */
record PgBouncer(Path program, int major, int minor, String version) {
    private static final int MAX_CLIENTS = 20_000;
    /** Open files beside clients: server connections most of all. */
    private static final int OTHER_FILES = 2_000;

    private static final Pattern VERSION = Pattern.compile("PgBouncer (([0-9]+)\\.([0-9]+)[0-9.]*)");

    /** Asks a program for its version. */
    static PgBouncer of(Path program, Children children) throws BenchFailure, InterruptedException {
        return of(program, children.run("pgbouncer-version", 10, new ProcessBuilder(program.toString(), "--version")));
    }

    static PgBouncer of(Path program, String versionOutput) throws BenchFailure {
        Matcher matcher = VERSION.matcher(versionOutput);
        if (!matcher.find()) {
            throw new BenchFailure(program + " --version does not say \"PgBouncer x.y\": " + versionOutput.strip());
        }
        return new PgBouncer(
                program, Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)), matcher.group(1));
    }

    /** Since 1.21 it follows prepared statements in transaction mode. */
    boolean keepsPreparedStatements() {
        return major > 1 || minor >= 21;
    }

    /** Why protocol prepared is not run against it, if so. */
    Optional<String> refusalOfPrepared() {
        return keepsPreparedStatements()
                ? Optional.empty()
                : Optional.of("Protocol prepared with PgBouncer: version " + version
                        + " does not keep prepared statements in transaction mode, 1.21 and later do.");
    }

    private static String tlsSettings(TlsFiles files) {
        return """
                client_tls_sslmode = require
                client_tls_cert_file = %s
                client_tls_key_file = %s
                """.formatted(files.certificate(), files.key());
    }

    /** Starts it and waits until it accepts a login. */
    Started start(PostgresServer postgres, Setup setup, ServerUser user, Children children)
            throws IOException, BenchFailure, InterruptedException {
        int port = Ports.free();
        Child process = launch(port, postgres, setup, user, children);
        Ports.awaitLogin(process, port, postgres.account(), setup.connector(), Duration.ofSeconds(20));
        return new Started(
                new Candidate(CandidateKind.PGBOUNCER, port, OptionalInt.empty(), OptionalLong.of(process.pid())),
                process);
    }

    /**
     * Starts it in transaction mode in front of that Postgres, and does not wait. Clients prove their password by SCRAM, as to
     * the others.
     */
    Child launch(int port, PostgresServer postgres, Setup setup, ServerUser user, Children children)
            throws IOException, BenchFailure {
        String name = "pgbouncer-" + port;
        Path home = user.makeFolder(children.folder().resolve(name));
        Account account = postgres.account();
        Path users = Files.writeString(
                home.resolve("users.txt"), "\"" + account.user() + "\" \"" + postgres.verifier() + "\"\n");
        user.give(users);
        Path settings = Files.writeString(home.resolve("pgbouncer.ini"), """
                [databases]
                %s = host=127.0.0.1 port=%d dbname=%s
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                pool_mode = transaction
                default_pool_size = %d
                max_client_conn = %d
                log_connections = 0
                log_disconnections = 0
                log_stats = 0
                %s
                %s
                """.formatted(
                        account.database(),
                        setup.postgresPort(),
                        account.database(),
                        port,
                        users,
                        setup.poolSize(),
                        MAX_CLIENTS,
                        keepsPreparedStatements() ? "max_prepared_statements = 200" : "",
                        setup.tls().map(PgBouncer::tlsSettings).orElse("")));
        user.give(settings);
        return children.serve(
                name,
                "TERM",
                user.process(List.of(program.toString(), "-q", settings.toString()), MAX_CLIENTS + OTHER_FILES)
                        .directory(home.toFile()));
    }
}
