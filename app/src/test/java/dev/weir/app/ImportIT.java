package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.importing.ImportResult;
import dev.weir.app.importing.Importer;
import dev.weir.testkit.Ports;
import dev.weir.testkit.TestPostgres;
import dev.weir.testkit.TestPostgres.Login;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PgBouncer, and Weir on what was imported from its file: the same commands answer through both. */
class ImportIT {
    private static final String SCRIPT = """
            SELECT current_user, current_database();
            CREATE TABLE imported (id int PRIMARY KEY, name text);
            \\copy imported FROM stdin
            1\tone
            2\ttwo
            \\.
            BEGIN;
            DELETE FROM imported;
            ROLLBACK;
            SELECT * FROM imported ORDER BY id;
            SELECT 1/0;
            DROP TABLE imported;
            """;

    @TempDir
    private Path folder;

    private @Nullable Process pgbouncer;

    @BeforeEach
    void require() {
        Programs.require("pgbouncer");
        Programs.require("psql");
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (pgbouncer != null) {
            pgbouncer.destroy();
            assertThat(pgbouncer.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void answersAsPgBouncerDid() throws IOException {
        TestPostgres postgres = TestPostgres.shared();
        postgres.createRole("imp_plain", "it's $$ secret", Login.SCRAM);
        postgres.createRole("imp_scram", "hidden", Login.SCRAM);
        postgres.createDatabase("imported");
        postgres.execute("imported", "GRANT CREATE ON SCHEMA public TO imp_plain, imp_scram");
        String verifier = postgres.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'imp_scram'")
                .getFirst()
                .getFirst();
        Path users = Files.writeString(
                folder.resolve("users.txt"), "\"imp_plain\" \"it's $$ secret\"\n\"imp_scram\" \"" + verifier + "\"\n");
        int port = Ports.free();
        Path ini = Files.writeString(folder.resolve("own.ini"), """
                [databases]
                ; everything is on one server
                imported = host=%s port=%d pool_size=4
                * = host=%s port=%d
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                pool_mode = transaction
                server_idle_timeout = 30
                """.formatted(
                        postgres.host(), postgres.port(), postgres.host(), postgres.port(), port, users));

        startPgBouncer(ini);
        List<String> before = new ArrayList<>();
        for (String[] login : logins()) {
            before.add(awaited(port, login));
        }
        assertThat(before.getFirst())
                .contains("imp_plain")
                .contains("division by zero")
                .contains("two");

        ImportResult.Made made = made(ini, Optional.empty());
        stopPgBouncer();
        try (WeirFixture weir = WeirFixture.start(
                made.toml().replaceFirst("session_port = [0-9]+", "session_port = 0\nhttp_port = 0"))) {
            assertThat(weir.weir().transactionPort())
                    .as("the port that clients know")
                    .isEqualTo(port);
            for (int i = 0; i < before.size(); i++) {
                assertThat(psql(port, logins().get(i), SCRIPT).output()).isEqualTo(before.get(i));
            }
        }
    }

    /** What Debian ships makes a sound configuration too, whatever is in it. */
    @Test
    void takesTheFileThatDebianShips() throws IOException {
        Path shipped = Path.of("/etc/pgbouncer/pgbouncer.ini");
        if (!Files.isReadable(shipped)) {
            Programs.skip(shipped + " is not there");
        }
        Path ini = Files.copy(shipped, folder.resolve("shipped.ini"));
        Files.writeString(ini, "[databases]\nadded = host=localhost\n", StandardOpenOption.APPEND);
        Path users = Files.writeString(folder.resolve("users.txt"), "\"app\" \"pass\"\n");
        assertThat(WeirFixture.config(made(ini, Optional.of(users)).toml())
                        .tenants()
                        .all())
                .hasSize(1);
    }

    private ImportResult.Made made(Path ini, Optional<Path> users) {
        return switch (Importer.run(ini, users, folder)) {
            case ImportResult.Made made -> made;
            case ImportResult.Impossible(var faults) -> throw new AssertionError(faults.toString());
        };
    }

    private static List<String[]> logins() {
        return List.of(
                new String[] {"imp_plain", "it's $$ secret", "imported"},
                new String[] {"imp_scram", "hidden", "imported"},
                new String[] {"imp_plain", "it's $$ secret", "postgres"});
    }

    private Programs.Result psql(int port, String[] login, String script) {
        return Programs.run(
                folder,
                Map.of("PGPASSWORD", login[1], "PGSSLMODE", "disable"),
                script,
                List.of(
                        "psql",
                        "-X",
                        "-q",
                        "-v",
                        "VERBOSITY=verbose",
                        "host=127.0.0.1 port=" + port + " user=" + login[0] + " dbname=" + login[2]));
    }

    private void startPgBouncer(Path ini) throws IOException {
        List<String> command = new ArrayList<>(List.of("pgbouncer", "-q"));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("-u", "nobody")); // it refuses to be root
        }
        command.add(ini.toString());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        pgbouncer = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("pgbouncer.log").toFile())
                .start();
    }

    private void stopPgBouncer() {
        if (pgbouncer != null) {
            pgbouncer.destroyForcibly().onExit().join();
        }
    }

    /** Asks until PgBouncer listens. */
    private String awaited(int port, String[] login) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (psql(port, login, "SELECT 1;").status() != 0) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "PgBouncer does not answer:\n" + Files.readString(folder.resolve("pgbouncer.log")));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        return psql(port, login, SCRIPT).output();
    }
}
