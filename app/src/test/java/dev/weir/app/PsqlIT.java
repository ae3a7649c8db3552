package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Certificates;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** psql and pgbench, as everybody has them. */
class PsqlIT {
    private static final String DATABASE = "psql";

    @TempDir
    private static Path folder;

    private static TestPostgres postgres;
    private static WeirFixture weir;

    @BeforeAll
    static void start() {
        Programs.require("psql");
        postgres = TestPostgres.shared();
        postgres.createDatabase(DATABASE);
        Certificates authority = Certificates.in(folder);
        Certificates.Issued certificate = authority.server("localhost", "127.0.0.1");
        weir = WeirFixture.start(
                WeirFixture.toml(postgres) + """
                [tls]
                certificate = "%s"
                key = "%s"
                """.formatted(certificate.certificateFile(), certificate.keyFile()));
    }

    @AfterAll
    static void stop() {
        if (weir != null) {
            weir.close();
        }
    }

    private static Programs.Result psql(int port, String parameters, String script) {
        String user = port == postgres.port() ? "postgres" : "postgres.acme";
        return Programs.run(
                folder,
                Map.of("PGPASSWORD", "postgres"),
                script,
                List.of(
                        "psql",
                        "-X",
                        "-q",
                        "-v",
                        "VERBOSITY=verbose",
                        "host=127.0.0.1 port=" + port + " user=" + user + " dbname=" + DATABASE + " " + parameters));
    }

    private static final String SCRIPT = """
            CREATE TABLE fruit (id int PRIMARY KEY, name text);
            \\copy fruit FROM stdin
            1\tapple
            2\tpear
            \\.
            BEGIN;
            INSERT INTO fruit VALUES (3, 'plum');
            SELECT count(*) FROM fruit;
            ROLLBACK;
            SELECT * FROM fruit ORDER BY id;
            SELECT 1/0;
            BEGIN;
            INSERT INTO fruit VALUES (1, 'twice');
            SELECT 'not carried out';
            COMMIT;
            \\copy (SELECT * FROM fruit ORDER BY id) TO stdout
            SELECT repeat('x', 100000) IS NOT NULL AS long \\gset
            \\echo :long
            SELECT 1 \\; SELECT 2;
            \\d fruit
            DO $$ BEGIN RAISE NOTICE 'by the way'; END $$;
            DROP TABLE fruit;
            """;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void saysTheSameThroughWeirAsDirectly(boolean session) {
        String direct = psql(postgres.port(), "sslmode=disable", SCRIPT).output();
        assertThat(direct).contains("division by zero").contains("2\tpear").contains("by the way");
        int port = session ? weir.weir().sessionPort() : weir.weir().transactionPort();
        for (String mode : List.of("sslmode=disable", "sslmode=require channel_binding=require")) {
            assertThat(psql(port, mode, SCRIPT).output()).isEqualTo(direct);
        }
    }

    @Test
    void keepsAStatementPreparedBySqlInASession() {
        String script = "PREPARE plus (int) AS SELECT $1 + 1 AS sum; EXECUTE plus(41); SET work_mem = '5MB';"
                + " SHOW work_mem; CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (7); SELECT * FROM t;\n"
                + "LISTEN news;\nNOTIFY news, 'hello';\n";
        String output =
                psql(weir.weir().sessionPort(), "", script).expectSuccess().output();
        assertThat(output).contains("42").contains("5MB").contains("7").contains("\"hello\"");
    }

    @Test
    void isToldWhyALoginFails() {
        Programs.Result result = Programs.run(
                folder,
                Map.of("PGPASSWORD", "wrong"),
                "",
                List.of(
                        "psql",
                        "-X",
                        "host=127.0.0.1 port=" + weir.weir().transactionPort() + " user=postgres.acme dbname="
                                + DATABASE));
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.output()).contains("password authentication failed for user \"postgres\"");
    }

    @Test
    void checksTheCertificateOfWeir() throws IOException {
        try (var files = Files.list(folder)) {
            Path authority = files.filter(file -> file.getFileName().toString().startsWith("ca"))
                    .findFirst()
                    .orElseThrow();
            assertThat(psql(
                                    weir.weir().transactionPort(),
                                    "sslmode=verify-full sslrootcert=" + authority,
                                    "SELECT 'verified'")
                            .expectSuccess()
                            .output())
                    .contains("verified");
        }
    }

    @Test
    void runsPgbench() {
        Programs.require("pgbench");
        pgbench(postgres.port(), "postgres", "-i", "-s", "1");
        for (String protocol : List.of("simple", "extended")) {
            pgbench(weir.weir().transactionPort(), "postgres.acme", "-c", "8", "-t", "15", "-M", protocol);
            pgbench(weir.weir().transactionPort(), "postgres.acme", "-c", "4", "-t", "5", "-C", "-S", "-M", protocol);
        }
        pgbench(weir.weir().sessionPort(), "postgres.acme", "-c", "4", "-t", "15", "-M", "prepared");
    }

    private static void pgbench(int port, String user, String... options) {
        List<String> command =
                new ArrayList<>(List.of("pgbench", "-h", "127.0.0.1", "-p", Integer.toString(port), "-U", user, "-n"));
        if (options[0].equals("-i")) {
            command.remove("-n");
        }
        command.addAll(List.of(options));
        command.add(DATABASE);
        String output = Programs.run(folder, Map.of("PGPASSWORD", "postgres", "PGSSLMODE", "disable"), "", command)
                .expectSuccess()
                .output();
        if (!options[0].equals("-i")) {
            assertThat(output).contains("number of failed transactions: 0");
        }
    }
}
