package dev.weir.app.config;

import static dev.weir.app.config.ConfigTexts.TENANT;
import static dev.weir.app.config.ConfigTexts.faults;
import static dev.weir.app.config.ConfigTexts.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Secret;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.SharedPipelining;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.UpstreamTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TenantReaderTest {
    private static final String VERIFIER = "SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$"
            + "FaZHNvcKmiDLXvPUrlNWE2Un5zGMkKOqtCPAYjTD96U=:8V+yuOR2mmlvUG8X2ph7tyKWMkMTyXtDQCGC3pFbxlg=";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "'', true, 64",
        "'shared_pipelining = \"off\"', false, 64",
        "'shared_pipelining = \"auto\"\nshared_pipelining_depth = 3', true, 3"
    })
    void saysWhetherStatementsShare(String keys, boolean enabled, int depth) {
        assertThat(tenant(withKeys(keys)).pool().sharing()).isEqualTo(new SharedPipelining(enabled, depth));
    }

    @ParameterizedTest
    @CsvSource({
        "micro,15,200",
        "small,15,400",
        "medium,15,600",
        "large,20,800",
        "xl,20,1000",
        "2xl,25,1500",
        "4xl,32,3000",
        "8xl,64,6000",
        "12xl,96,9000",
        "16xl,128,12000"
    })
    void computeSetsTheLimits(String compute, int poolSize, int maxClients) {
        Tenant tenant = tenant(withKeys("compute = \"" + compute + "\""));

        assertThat(tenant.pool().size()).isEqualTo(poolSize);
        assertThat(tenant.maxClients()).isEqualTo(maxClients);
    }

    @ParameterizedTest
    @CsvSource({
        "'',                                  '',                                         15, 200",
        "'pool_size = 30',                    '',                                         30, 200",
        "'pool_size = 30',                    'pool_size = 40',                           40, 200",
        "'pool_size = 30',                    'compute = \"xl\"',                         20, 1000",
        "'compute = \"xl\"',                  '',                                         20, 1000",
        "'compute = \"xl\"',                  'max_clients = 7',                          20, 7",
        "'',                                  'compute = \"xl\"\npool_size = 5',          5,  1000",
        "'compute = \"xl\"\nmax_clients = 9', '',                                         20, 9"
    })
    void nearestLimitWins(String defaults, String keys, int poolSize, int maxClients) {
        Tenant tenant = tenant(withKeys(keys) + "[defaults]\n" + defaults);

        assertThat(tenant.pool().size()).isEqualTo(poolSize);
        assertThat(tenant.maxClients()).isEqualTo(maxClients);
    }

    @Test
    void timeoutsComeFromTheTenantThenTheDefaults() {
        Tenant tenant = tenant(withKeys("queue_timeout = \"5m\"") + """
                [defaults]
                queue_timeout = "1s"
                cleanup_timeout = "2h"
                cancel_timeout = "3h"
                connect_timeout = "1d"
                """);

        assertThat(tenant.pool().queueTimeout()).isEqualTo(Duration.ofMinutes(5));
        assertThat(tenant.pool().cleanupTimeout()).isEqualTo(Duration.ofHours(2));
        assertThat(tenant.pool().cancelTimeout()).isEqualTo(Duration.ofHours(3));
        assertThat(tenant.upstream().connectTimeout()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void userHasAPoolSizeOfItsOwn() {
        Tenant tenant = tenant(TENANT + "pool_size = 3\n");

        assertThat(tenant.poolSettings(tenant.users().getFirst()).size()).isEqualTo(3);
        assertThat(tenant.pool().size()).isEqualTo(15);
    }

    @Test
    void sessionSettingsComeFromTheTenantThenTheDefaults() {
        Tenant tenant = tenant(withKeys("""
                server_reset_query = "RESET ALL"
                max_prepared_statements = 7
                prepared_statement_bytes = "64KiB"
                pinning = "refuse"
                """) + """
                reuse = false
                [defaults]
                max_prepared_statements = 8
                prepared_statements_per_client = 9
                prepared_statement_bytes = "1GiB"
                shared_prepared_statements = true
                max_pinned = 5
                """);

        assertThat(tenant.poolSettings(tenant.users().getFirst()).sessions())
                .isEqualTo(new SessionSettings(false, "RESET ALL", 7, 9, 65_536, true, false, 5));
    }

    @ParameterizedTest
    @CsvSource({
        "'',               '',                              '',              14",
        "'',               'pool_size = 1',                 '',              1",
        "'',               'compute = \"xl\"',              '',              19",
        "'',               'pool_size = 10',                'pool_size = 4', 3",
        "'',               '',                              'pool_size = 40', 39",
        "'max_pinned = 6', '',                              '',              6",
        "'max_pinned = 6', 'max_pinned = 7',                '',              7",
        "'max_pinned = 6', 'pool_size = 5',                 '',              5",
        "'',               'pool_size = 9\nmax_pinned = 9', '',              9",
        "'',               'max_pinned = 6',                'pool_size = 4', 4",
        "'',               'max_pinned = 6',                'pool_size = 40', 6"
    })
    void pinnedFollowsThePoolSize(String defaults, String tenantKeys, String userKeys, int pinned) {
        Tenant tenant = tenant(withKeys(tenantKeys) + userKeys + "\n[defaults]\n" + defaults);

        assertThat(tenant.poolSettings(tenant.users().getFirst()).sessions().pinned())
                .isEqualTo(pinned);
    }

    @Test
    void defaultsMayNotPinMoreThanTheirPoolSize() {
        assertThat(faults("[defaults]\nmax_pinned = 16\n" + TENANT))
                .containsExactly("weir.toml:2: defaults.max_pinned: must not be above pool_size, which is 15, is 16");
    }

    @Test
    void readsHosts() {
        Tenant tenant =
                tenant(withKeys("port = 5433").replace("\"db.internal\"", "[\"db_1\", \"::1\", \"/run/pg/\", \"/s\"]"));

        assertThat(tenant.upstream().endpoints())
                .containsExactly(
                        new Endpoint.Tcp("db_1", 5433),
                        new Endpoint.Tcp("::1", 5433),
                        new Endpoint.UnixSocket("/run/pg/.s.PGSQL.5433"),
                        new Endpoint.UnixSocket("/s/.s.PGSQL.5433"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"db", "10.0.0.1", "::", "fe80::1%eth7", "2001:db8::1", "xn--bcher-kva.example", "a-b.c_d"})
    void takesHost(String host) {
        assertThat(faults(TENANT.replace("db.internal", host))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "db:5432", "[::1]", "10.0.0.1:5432", ":::", "a b", "b\u00FCcher", "a..b", ".", "ff02::1"
            })
    void refusesHost(String host) {
        assertThat(faults(TENANT.replace("db.internal", host)))
                .containsExactly("weir.toml:3: tenant[0].host: must be a host name or an address without a port, "
                        + "or a directory beginning with \"/\", is \"" + host + "\"");
    }

    @Test
    void reportsTheElementOfAList() {
        assertThat(faults(TENANT.replace("\"db.internal\"", "[\n\"db\",\n5\n]")))
                .containsExactly("weir.toml:5: tenant[0].host[1]: must be a host name or an address without a port, "
                        + "or a directory beginning with \"/\", is 5");
        assertThat(faults(TENANT.replace("\"db.internal\"", "[]")))
                .containsExactly("weir.toml:3: tenant[0].host: must hold at least 1, is a list");
    }

    @ParameterizedTest
    @CsvSource({"disable,DISABLE", "require,REQUIRE", "verify-ca,VERIFY_CA", "verify-full,VERIFY_FULL"})
    void readsUpstreamTls(String word, UpstreamTls tls) {
        assertThat(tenant(withKeys("upstream_tls = \"" + word + "\""))
                        .upstream()
                        .tls())
                .isEqualTo(tls);
    }

    @Test
    void readsAuthoritiesAndServerNames() throws IOException {
        Path authorities = Files.writeString(folder.resolve("ca.crt"), "");
        Tenant tenant = tenant(withKeys("""
                upstream_tls = "verify-ca"
                upstream_ca = "ca.crt"
                database = "shop"
                server_names = ["ACME.example.com", "b"]
                """));

        assertThat(tenant.upstream().authorities()).contains(authorities);
        assertThat(tenant.database()).isEqualTo("shop");
        assertThat(tenant.serverNames()).containsExactlyInAnyOrder("acme.example.com", "b");
    }

    @ParameterizedTest
    @MethodSource
    void refusesKeys(String keys, String fault) throws IOException {
        Files.writeString(folder.resolve("ca.crt"), "");

        assertThat(faults(withKeys(keys), folder, Map.of())).containsExactly("weir.toml:" + fault);
    }

    static Stream<Arguments> refusesKeys() {
        return Stream.of(
                Arguments.of("port = 0", "4: tenant[0].port: must be between 1 and 65535, is 0"),
                Arguments.of("pool_size = 10001", "4: tenant[0].pool_size: must be between 1 and 10000, is 10001"),
                Arguments.of("max_clients = 0", "4: tenant[0].max_clients: must be between 1 and 1000000, is 0"),
                Arguments.of(
                        "compute = \"tiny\"",
                        "4: tenant[0].compute: must be one of \"micro\", \"small\", \"medium\", \"large\", \"xl\", "
                                + "\"2xl\", \"4xl\", \"8xl\", \"12xl\", \"16xl\", is \"tiny\""),
                Arguments.of("database = \"\"", "4: tenant[0].database: must be a text of 1 to 63 bytes, is \"\""),
                Arguments.of(
                        "upstream_tls = \"prefer\"",
                        "4: tenant[0].upstream_tls: must be one of \"disable\", \"require\", \"verify-ca\", "
                                + "\"verify-full\", is \"prefer\""),
                Arguments.of(
                        "upstream_tls = \"require\"\nupstream_ca = \"ca.crt\"",
                        "5: tenant[0].upstream_ca: is without effect: upstream_tls must be \"verify-ca\" or "
                                + "\"verify-full\" for it"),
                Arguments.of(
                        "server_names = \"*.example.com\"",
                        "4: tenant[0].server_names: must be a host name, is \"*.example.com\""),
                Arguments.of(
                        "server_names = [\"a\", \"A\"]",
                        "4: tenant[0].server_names: must be unique, but tenant[0] has \"a\" already"),
                Arguments.of(
                        "server_reset_query = \"\"",
                        "4: tenant[0].server_reset_query: must be a text that is not empty, is \"\""),
                Arguments.of(
                        "max_prepared_statements = 0",
                        "4: tenant[0].max_prepared_statements: must be between 1 and 1000000, is 0"),
                Arguments.of(
                        "prepared_statements_per_client = 0",
                        "4: tenant[0].prepared_statements_per_client: must be between 1 and 1000000, is 0"),
                Arguments.of(
                        "prepared_statement_bytes = 1048576",
                        "4: tenant[0].prepared_statement_bytes: must have a unit and quotes, as in \"64MiB\" "
                                + "(KiB, MiB, GiB), is 1048576"),
                Arguments.of(
                        "prepared_statement_bytes = \"1MB\"",
                        "4: tenant[0].prepared_statement_bytes: must be a whole number and its unit "
                                + "(KiB, MiB, GiB), as in \"64MiB\", is \"1MB\""),
                Arguments.of(
                        "prepared_statement_bytes = \"999999999GiB\"",
                        "4: tenant[0].prepared_statement_bytes: must be between 64KiB and 16GiB, "
                                + "is \"999999999GiB\""),
                Arguments.of(
                        "shared_prepared_statements = \"yes\"",
                        "4: tenant[0].shared_prepared_statements: must be true or false, without quotes, is \"yes\""),
                Arguments.of(
                        "shared_pipelining = true",
                        "4: tenant[0].shared_pipelining: must be one of \"auto\", \"off\", is true"),
                Arguments.of(
                        "shared_pipelining_depth = 1",
                        "4: tenant[0].shared_pipelining_depth: must be between 2 and 256, is 1"),
                Arguments.of("pinning = true", "4: tenant[0].pinning: must be one of \"allow\", \"refuse\", is true"),
                Arguments.of(
                        "max_pinned = 16", "4: tenant[0].max_pinned: must not be above pool_size, which is 15, is 16"),
                Arguments.of("reuse = true", "4: tenant[0].reuse: unknown key here; it belongs to [[tenant.user]]"),
                Arguments.of("databse = \"x\"", "4: tenant[0].databse: unknown key, did you mean database?"));
    }

    @Test
    void refusesWhatASocketCannotBe() {
        assertThat(faults(withKeys("upstream_tls = \"require\"").replace("db.internal", "/run")))
                .containsExactly("weir.toml:4: tenant[0].upstream_tls: must be \"disable\" with a Unix socket in host: "
                        + "Postgres has no TLS there");
        assertThat(faults(TENANT.replace("db.internal", "/" + "r".repeat(100))))
                .containsExactly("weir.toml:3: tenant[0].host: must be shorter: the path of its socket may have "
                        + "at most 103 bytes");
    }

    @Test
    void refusesWhatTwoTenantsHave() {
        String names = "server_names = \"db.example.com\"";
        assertThat(faults(withKeys(names) + withKeys(names)))
                .containsExactly(
                        "weir.toml:9: tenant[1].id: must be unique, but tenant[0] has the id \"acme\" too",
                        "weir.toml:11: tenant[1].server_names: must be unique, but tenant[0] has \"db.example.com\" "
                                + "already");
    }

    @Test
    void tenantNeedsIdHostAndUser() {
        assertThat(faults("\n[[tenant]]\n"))
                .containsExactly(
                        "weir.toml:2: tenant[0].id: is missing",
                        "weir.toml:2: tenant[0].host: is missing",
                        "weir.toml:2: tenant[0].user: is missing: a tenant needs at least one [[tenant.user]]");
    }

    @Test
    void refusesUserNames() {
        assertThat(faults(TENANT + "[[tenant.user]]\nname = \"app\"\npassword = \"x\"\n"))
                .containsExactly(
                        "weir.toml:8: tenant[0].user[1].name: must be unique in the tenant, but tenant[0].user[0] has "
                                + "it too");
        assertThat(faults(TENANT.replace("\"app\"", "\"\u00FC" + "u".repeat(62) + "\"")))
                .singleElement()
                .asString()
                .startsWith("weir.toml:5: tenant[0].user[0].name: must be a text of 1 to 63 bytes, is ");
        assertThat(faults(TENANT + "pool_size = 10001\n"))
                .containsExactly("weir.toml:7: tenant[0].user[0].pool_size: must be between 1 and 10000, is 10001");
    }

    @Test
    void readsSecrets() throws IOException {
        Files.writeString(folder.resolve("unix"), "from a file\n");
        Files.writeString(folder.resolve("windows"), " two\nlines \r\n");
        Files.writeString(folder.resolve("verifier"), VERIFIER);
        Map<String, String> environment = Map.of("CLEAR", "${X}$$", "VERIFIER", VERIFIER);

        assertThat(secret("password = \"pa$$word$\"")).isEqualTo(new Secret.Password("pa$word$"));
        assertThat(secret("password = \"${CLEAR}!\"", environment)).isEqualTo(new Secret.Password("${X}$$!"));
        assertThat(secret("password = \"" + VERIFIER + "\"")).isEqualTo(new Secret.ScramVerifierText(VERIFIER));
        assertThat(secret("password = \"${VERIFIER}\"", environment)).isEqualTo(new Secret.ScramVerifierText(VERIFIER));
        assertThat(secret("password_file = \"unix\"")).isEqualTo(new Secret.Password("from a file"));
        assertThat(secret("password_file = \"windows\"")).isEqualTo(new Secret.Password(" two\nlines "));
        assertThat(secret("password_file = \"verifier\"")).isEqualTo(new Secret.ScramVerifierText(VERIFIER));
    }

    @ParameterizedTest
    @MethodSource
    void refusesSecretsWithoutShowingThem(String keys, String fault) throws IOException {
        Files.writeString(folder.resolve("empty"), "\n");
        Files.writeString(folder.resolve("bad-verifier"), "SCRAM-SHA-256$s3cr3t\n");
        Files.write(folder.resolve("binary"), new byte[] {(byte) 0xFF, 's'});
        Files.write(folder.resolve("huge"), new byte[65_537]);

        assertThat(faults(withSecret(keys), folder, Map.of("SECRET", "s3cr3t"))).containsExactly("weir.toml:" + fault);
    }

    static Stream<Arguments> refusesSecretsWithoutShowingThem() {
        String password = "6: tenant[0].user[0].password: ";
        String file = "6: tenant[0].user[0].password_file: ";
        String form = "must be SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>";
        return Stream.of(
                Arguments.of(
                        "",
                        "4: tenant[0].user[0].password: is missing: a user needs a password or a " + "password_file"),
                Arguments.of("password = \"\"", password + "must be a text that is not empty"),
                Arguments.of("password = \"s3cr3t\\u0000\"", password + "must be a text that is not empty"),
                Arguments.of("password = [\"s3cr3t\"]", password + "must be a text that is not empty"),
                Arguments.of("password = 5318008", password + "must be a text that is not empty"),
                Arguments.of("password = \"s3cr3t${NONE}\"", password + "the environment variable NONE is not set"),
                Arguments.of(
                        "password = \"x${s3cr3t!\"",
                        password + "must have the name of an environment variable between ${ and }; "
                                + "a $ that stands for itself is written $$"),
                Arguments.of("password = \"SCRAM-SHA-256$s3cr3t\"", password + form),
                Arguments.of(
                        "password = \"" + VERIFIER.replace("4096", "0") + "\"",
                        password + form + ", with at least 1 and at most 2147483647 iterations"),
                Arguments.of(
                        "password = \"" + VERIFIER.replace("MDEy", "-s3cr3t-") + "\"",
                        password + form + ", with a salt in Base64"),
                Arguments.of(
                        "password = \"" + VERIFIER.replace("$FaZH", "$") + "\"",
                        password + form + ", with a StoredKey of 32 bytes in Base64"),
                Arguments.of(
                        "password = \"" + VERIFIER.replace(":8V+y", ":") + "\"",
                        password + form + ", with a ServerKey of 32 bytes in Base64"),
                Arguments.of(
                        "password_file = \"empty\"\npassword = \"s3cr3t\"",
                        file + "must not stand beside password: one of them is enough"),
                Arguments.of("password_file = \"empty\"", file + "must hold a text that is not empty"),
                Arguments.of("password_file = \"bad-verifier\"", file + form),
                Arguments.of("password_file = \"binary\"", file + "must be UTF-8 text"),
                Arguments.of("password_file = \"huge\"", file + "must be at most 65536 bytes long"));
    }

    @Test
    void passwordWrittenAsItsFileIsNotShown() {
        assertThat(faults(withSecret("password_file = \"s3cr3t\""), folder, Map.of()))
                .containsExactly("weir.toml:6: tenant[0].user[0].password_file: must be a file that exists "
                        + "(a relative path starts at " + folder + ")");
    }

    @Test
    void passwordsInTheWrongPlaceAreNotShown() {
        assertThat(faults(TENANT + "pasword = \"s3cr3t\"\n[[tenant]]\nuser = [\"s3cr3t\"]\npassword = \"s3cr3t\"\n"))
                .contains(
                        "weir.toml:9: tenant[1].user[0]: must be a table, written [[tenant.user]]",
                        "weir.toml:10: tenant[1].password: unknown key here; it belongs to [[console.user]] or [[tenant.user]]")
                .noneMatch(fault -> fault.contains("s3cr3t"));
    }

    private Tenant tenant(String text) {
        return read(text, folder, Map.of()).tenants().find(new TenantId("acme")).orElseThrow();
    }

    /** The tenant with more keys of its own, from line 4 on. */
    private static String withKeys(String keys) {
        return TENANT.replace("[[tenant.user]]", keys.strip() + "\n[[tenant.user]]");
    }

    /** The tenant with other keys than a password, from line 6 on. */
    private static String withSecret(String keys) {
        return TENANT.replace("password = \"s3cr3t-horse\"", keys);
    }

    private Secret secret(String keys) {
        return secret(keys, Map.of());
    }

    private Secret secret(String keys, Map<String, String> environment) {
        Tenant tenant = read(withSecret(keys), folder, environment)
                .tenants()
                .find(new TenantId("acme"))
                .orElseThrow();
        return tenant.users().getFirst().secret();
    }
}
