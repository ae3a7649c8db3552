package dev.weir.app.config;

import static dev.weir.app.config.ConfigTexts.TENANT;
import static dev.weir.app.config.ConfigTexts.config;
import static dev.weir.app.config.ConfigTexts.faults;
import static dev.weir.app.config.ConfigTexts.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.config.WeirConfig.Engine;
import dev.weir.app.config.WeirConfig.Listen;
import dev.weir.app.config.WeirConfig.Log;
import dev.weir.app.config.WeirConfig.LogFormat;
import dev.weir.app.config.WeirConfig.LogLevel;
import dev.weir.app.config.WeirConfig.Tls;
import dev.weir.pool.IoKind;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.ConsoleUser;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Secret;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.TenantUser;
import dev.weir.tenants.Upstream;
import dev.weir.tenants.UpstreamTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
    @TempDir
    Path folder;

    @Test
    void emptyTextHasAllDefaults() {
        WeirConfig config = read("");

        assertThat(config.listen())
                .isEqualTo(new Listen("::", 6543, 6542, 4000, 1024, Duration.ofSeconds(15), Duration.ofSeconds(30)));
        assertThat(config.tls()).isEmpty();
        assertThat(config.log())
                .isEqualTo(new Log(LogFormat.TEXT, LogLevel.INFO, true, Duration.ofSeconds(1), Duration.ZERO));
        assertThat(config.engine())
                .isEqualTo(new Engine(
                        IoKind.AUTO,
                        TlsProvider.AUTO,
                        Math.min(256, Runtime.getRuntime().availableProcessors())));
        assertThat(config.tenants().all()).isEmpty();
        assertThat(config.tenants().defaultTenant()).isEmpty();
    }

    @Test
    void shortestTenantHasAllDefaults() {
        Tenant tenant = read(TENANT).tenants().find(new TenantId("acme")).orElseThrow();

        assertThat(tenant)
                .isEqualTo(new Tenant(
                        new TenantId("acme"),
                        new Upstream(
                                List.of(new Endpoint.Tcp("db.internal", 5432)),
                                UpstreamTls.DISABLE,
                                Optional.empty(),
                                Duration.ofSeconds(10)),
                        "postgres",
                        PoolSettings.of(15, Duration.ofSeconds(60), Duration.ofSeconds(5), SessionSettings.DEFAULTS),
                        200,
                        List.of(TenantUser.of("app", new Secret.Password("s3cr3t-horse"))),
                        Set.of()));
    }

    @Test
    void readsWhatIsWritten() throws IOException {
        Files.writeString(folder.resolve("server.crt"), "");
        Files.writeString(folder.resolve("server.key"), "");
        WeirConfig config = read("""
                io = "io_uring"
                lanes = 3
                tls_provider = "jdk"
                [listen]
                host = "127.0.0.1"
                transaction_port = 0
                session_port = 0
                http_port = 1
                backlog = 7
                login_timeout = "500ms"
                shutdown_grace = "0s"
                [tls]
                certificate = "server.crt"
                key = "server.key"
                [log]
                format = "json"
                level = "trace"
                connections = false
                slow_checkout = "5ms"
                slow_query = "7s"
                """, folder, Map.of());

        assertThat(config.listen())
                .isEqualTo(new Listen("127.0.0.1", 0, 0, 1, 7, Duration.ofMillis(500), Duration.ZERO));
        assertThat(config.tls()).contains(new Tls(folder.resolve("server.crt"), folder.resolve("server.key")));
        assertThat(config.log())
                .isEqualTo(new Log(LogFormat.JSON, LogLevel.TRACE, false, Duration.ofMillis(5), Duration.ofSeconds(7)));
        assertThat(config.engine()).isEqualTo(new Engine(IoKind.IO_URING, TlsProvider.JDK, 3));
    }

    @Test
    void readsTheDocumentedExample() throws IOException {
        Path example = Files.copy(Documents.folder().resolve("weir.example.toml"), folder.resolve("weir.toml"));
        for (String file : List.of("server.crt", "server.key", "acme-ca.crt")) {
            Files.writeString(folder.resolve(file), "");
        }
        Files.writeString(folder.resolve("intranet.password"), "from a file\n");
        Files.writeString(folder.resolve("console.password"), "of the console");

        WeirConfig config = config(ConfigReader.read(example, Map.of("ACME_APP_PASSWORD", "from the environment")));

        Tenant acme = config.tenants().defaultTenant().orElseThrow();
        assertThat(acme.pool().size()).isEqualTo(20);
        assertThat(acme.maxClients()).isEqualTo(2000);
        assertThat(acme.upstream().authorities()).contains(folder.resolve("acme-ca.crt"));
        assertThat(acme.user("app").orElseThrow().secret()).isEqualTo(new Secret.Password("from the environment"));
        assertThat(acme.user("reports").orElseThrow().secret()).isInstanceOf(Secret.ScramVerifierText.class);
        Tenant intranet = config.tenants().find(new TenantId("intranet")).orElseThrow();
        assertThat(intranet.upstream().endpoints())
                .containsExactly(new Endpoint.UnixSocket("/var/run/postgresql/.s.PGSQL.5432"));
        assertThat(intranet.user("intranet").orElseThrow().secret()).isEqualTo(new Secret.Password("from a file"));
        assertThat(config.console().users().global())
                .containsExactly(new ConsoleUser("admin", new Secret.Password("of the console"), ConsoleRole.ADMIN));
        assertThat(config.console().users().roleOf(acme.id(), "reports")).contains(ConsoleRole.STATS);
    }

    @Test
    void exampleNamesEveryKey() throws IOException {
        String example = Files.readString(Documents.folder().resolve("weir.example.toml"));

        assertThat(ConfigKeys.ALL)
                .allSatisfy(key -> assertThat(example).containsPattern("(?m)^(# |  )?" + key.name() + " = "));
    }

    @Test
    void reportsAllFaultsByLine() {
        assertThat(faults("""
                default_tenant = "acne"
                lanes = 0
                [listen]
                backlog = "many"
                [[tenant]]
                id = "acme"
                pool_size = 0
                [[tenant.user]]
                pasword = "s3cr3t"
                [[tenant]]
                id = "acme"
                host = "db"
                queue_timeout = 60
                """))
                .containsExactly(
                        "weir.toml:1: default_tenant: must be the id of a tenant, is \"acne\", did you mean \"acme\"?",
                        "weir.toml:2: lanes: must be between 1 and 256, is 0",
                        "weir.toml:4: listen.backlog: must be a whole number between 1 and 65535, is \"many\"",
                        "weir.toml:5: tenant[0].host: is missing",
                        "weir.toml:7: tenant[0].pool_size: must be between 1 and 10000, is 0",
                        "weir.toml:8: tenant[0].user[0].name: is missing",
                        "weir.toml:8: tenant[0].user[0].password: is missing: a user needs a password or a password_file",
                        "weir.toml:9: tenant[0].user[0].pasword: unknown key, did you mean password?",
                        "weir.toml:10: tenant[1].user: is missing: a tenant needs at least one [[tenant.user]]",
                        "weir.toml:11: tenant[1].id: must be unique, but tenant[0] has the id \"acme\" too",
                        "weir.toml:13: tenant[1].queue_timeout: must have a unit and quotes, as in \"30s\" "
                                + "(ms, s, m, h, d), is 60");
    }

    @Test
    void reportsEachSyntaxErrorAndNothingElse() {
        assertThat(faults("""
                lanes = 0
                io = "auto
                [listen
                host = "::"
                """))
                .containsExactly(
                        "weir.toml:2: not TOML at column 11: unexpected end of line, expected \" or a character",
                        "weir.toml:3: not TOML at column 8: unexpected end of line, expected ]");
    }

    @Test
    void reportsAKeyWrittenTwice() {
        assertThat(faults("lanes = 1\nlanes = 2\n"))
                .containsExactly("weir.toml:2: not TOML at column 1: lanes previously defined at line 1, column 1");
    }

    /** With assertions on, the TOML library fails here: it has an assertion of its own that does not hold. */
    @Test
    void refusesNulInCommentBehindHeader() {
        assertThat(faults("io = \"nio\"\n[listen] # a\u0000b\n"))
                .containsExactly(
                        "weir.toml:2: not TOML at column 13: unexpected text, expected a newline or end-of-input");
    }

    @Test
    void readsAFileAsSomeEditorsWriteIt() throws IOException {
        Path file = Files.writeString(
                folder.resolve("weir.toml"), "\uFEFFlanes = 2\r\nio = \"nio\"\r\ntls_provider = \"openssl\"\r\n");

        assertThat(config(ConfigReader.read(file)).engine()).isEqualTo(new Engine(IoKind.NIO, TlsProvider.OPENSSL, 2));
    }

    @Test
    void missingFileIsAFault() {
        Path file = folder.resolve("weir.toml");

        assertThat(ConfigReader.read(file))
                .isEqualTo(new ConfigResult.Faulty(
                        List.of(new ConfigFault(file.toString(), 0, "", "can't be read: there is no such file"))));
        assertThat(faults(ConfigReader.read(file))).containsExactly(file + ": can't be read: there is no such file");
    }

    @Test
    void folderInsteadOfAFileIsAFault() {
        assertThat(faults(ConfigReader.read(folder)))
                .singleElement()
                .asString()
                .startsWith(folder + ": can't be read: ");
    }

    @Test
    void fileThatIsNoTextIsAFault() throws IOException {
        Path file = Files.write(folder.resolve("weir.toml"), new byte[] {'a', (byte) 0xC3, '='});

        assertThat(faults(ConfigReader.read(file))).containsExactly(file + ": must be UTF-8 text");
    }

    @Test
    void hugeFileIsAFault() throws IOException {
        Path file = Files.write(folder.resolve("weir.toml"), new byte[(16 << 20) + 1]);

        assertThat(faults(ConfigReader.read(file))).containsExactly(file + ": must be at most 16777216 bytes long");
    }

    @Test
    void whatIsNoFileIsAFault() throws IOException {
        Path file = Files.writeString(folder.resolve("weir.toml"), "[tls]\ncertificate = \"a\"\nkey = \"a\"\n");
        Files.createDirectory(folder.resolve("a"));

        assertThat(faults(ConfigReader.read(file)))
                .containsExactly(
                        file + ":2: tls.certificate: must be a file that exists (a relative path starts at " + folder
                                + "), is \"a\"",
                        file + ":3: tls.key: must be a file that exists (a relative path starts at " + folder
                                + "), is \"a\"");
    }

    @Test
    void printsNoSecret() {
        WeirConfig config = read(TENANT);

        assertThat(config.toString() + config.tenants().find(new TenantId("acme")))
                .contains("Password[hidden]")
                .doesNotContain("s3cr3t");
    }
}
