package dev.weir.app.importing;

import static dev.weir.app.importing.ImportTexts.VERIFIER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.app.config.WeirConfig;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Secret;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.UpstreamTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImporterTest {
    private static final String USERS = "\"app\" \"pass\"\n";

    @TempDir
    private Path folder;

    private WeirConfig config(String ini, String users) {
        return ImportTexts.config(ImportTexts.made(folder, ini, users), folder);
    }

    private String report(String ini, String users) {
        return ImportTexts.made(folder, ini, users).report();
    }

    private static Tenant only(WeirConfig config) {
        assertThat(config.tenants().all()).hasSize(1);
        return config.tenants().all().iterator().next();
    }

    @Test
    void makesOneTenantOfTheDatabasesOfAServer() {
        WeirConfig config = config("""
                ; a comment
                # another = one
                [databases]
                shop = host=db.internal port=5433
                stock = port=5433 host=db.internal pool_size=7
                [pgbouncer]
                listen_addr = *
                listen_port = 7000
                pool_mode = transaction
                default_pool_size = 5
                max_client_conn = 300
                max_user_client_connections = 30
                [users]
                few = max_user_client_connections=3
                """, USERS);
        Tenant tenant = only(config);
        assertThat(tenant.id()).isEqualTo(new TenantId("db"));
        assertThat(config.tenants().defaultTenant()).contains(tenant);
        assertThat(tenant.upstream().endpoints()).containsExactly(new Endpoint.Tcp("db.internal", 5433));
        assertThat(tenant.database()).isEqualTo("shop");
        assertThat(tenant.pool().size()).as("the largest").isEqualTo(7);
        assertThat(tenant.maxClients()).isEqualTo(300);
        assertThat(config.tenants().ceilings().maxClients()).hasValue(300);
        assertThat(tenant.user("app").orElseThrow().maxClients()).hasValue(30);
        assertThat(tenant.user("few").orElseThrow().maxClients()).hasValue(3);
        assertThat(config.listen().host()).isEqualTo("::");
        assertThat(config.listen().transactionPort()).isEqualTo(7000);
        assertThat(config.listen().sessionPort()).isEqualTo(6542);
    }

    @Test
    void takesOverTheConsoleAndItsUsers() {
        String ini = """
                [databases]
                shop = host=db.internal
                [pgbouncer]
                admin_users = app, root
                stats_users = app, watcher
                cancel_wait_timeout = 3
                log_connections = 0
                log_disconnections = 0
                """;
        ImportResult.Made made = ImportTexts.made(folder, ini, USERS);
        assertThat(made.toml())
                .contains("[[console.user]]\nname = \"app\"\npassword = \"pass\"\nrole = \"admin\"\n")
                .contains("[[console.user]]\nname = \"root\"\npassword = \"${ROOT_PASSWORD}\"\nrole = \"admin\"\n")
                .contains(
                        "[[console.user]]\nname = \"watcher\"\npassword = \"${WATCHER_PASSWORD}\"\nrole = \"stats\"\n")
                .containsOnlyOnce("role = \"stats\"");
        assertThat(made.report()).contains("user root: no password of it is known", "ROOT_PASSWORD");
        WeirConfig config = config(ini, USERS);
        assertThat(config.log().connections()).isFalse();
        assertThat(only(config).pool().cancelTimeout()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void makesATenantOfEachServerAndTellsHowToReachIt() {
        String ini = """
                [databases]
                a = host=10.0.0.1
                b = host=10.0.0.2
                c = host=10.0.0.2 port=5433
                * = host=10.0.0.2
                """;
        WeirConfig config = config(ini, USERS);
        assertThat(config.tenants().all())
                .extracting(tenant -> tenant.id().value())
                .containsExactlyInAnyOrder("pg-10-0-0-1", "pg-10-0-0-2", "pg-10-0-0-2-5433");
        assertThat(config.tenants().defaultTenant().map(tenant -> tenant.id().value()))
                .contains("pg-10-0-0-2");
        assertThat(report(ini, USERS))
                .contains("clients of a must log in as user.pg-10-0-0-1")
                .contains("clients of c must log in as user.pg-10-0-0-2-5433")
                .doesNotContain("user.pg-10-0-0-2 ");
    }

    @ParameterizedTest
    @CsvSource({
        "session, 6432, 6432, 6543, 4000",
        "transaction, 6432, 6542, 6432, 4000",
        "statement, 6432, 6542, 6432, 4000",
        "session, 6543, 6543, 6542, 4000",
        "transaction, 6542, 6543, 6542, 4000",
        "transaction, 4000, 6542, 4000, 4001"
    })
    void givesTheListenPortToItsMode(String mode, int port, int session, int transaction, int http) {
        WeirConfig config = config("""
                [databases]
                a = host=localhost
                [pgbouncer]
                pool_mode = %s
                listen_port = %d
                """.formatted(mode, port), USERS);
        assertThat(List.of(
                        config.listen().sessionPort(),
                        config.listen().transactionPort(),
                        config.listen().httpPort()))
                .containsExactly(session, transaction, http);
    }

    @Test
    void keepsPgBouncersDefaultsWhereItSaysNothing() {
        WeirConfig config = config("[databases]\na = host=localhost\n", USERS);
        Tenant tenant = only(config);
        assertThat(config.listen().loginTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.listen().host())
                .as("never more than PgBouncer listened on")
                .isEqualTo("127.0.0.1");
        assertThat(tenant.pool().size()).isEqualTo(20);
        assertThat(tenant.pool().queueTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(tenant.pool().life().idleTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(tenant.pool().life().lifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(tenant.upstream().connectTimeout()).isEqualTo(Duration.ofSeconds(15));
        assertThat(tenant.maxClients()).isEqualTo(100);
    }

    @Test
    void makesOfZeroWhatItMeans() {
        Tenant tenant = only(config("""
                [databases]
                a = host=localhost
                [pgbouncer]
                server_idle_timeout = 0
                server_lifetime = 0
                server_check_query =
                query_wait_timeout = 0
                query_timeout = 0
                server_connect_timeout = 0
                reserve_pool_size = 3
                reserve_pool_timeout = 0
                max_prepared_statements = 0
                """, USERS));
        assertThat(tenant.pool().life().idleTimeout()).as("never").isZero();
        assertThat(tenant.pool().life().lifetime()).as("use once").isEqualTo(Duration.ofMillis(1));
        assertThat(tenant.pool().life().checkDelay()).as("no check").isEqualTo(Duration.ofDays(30));
        assertThat(tenant.pool().queueTimeout()).as("no limit").isEqualTo(Duration.ofDays(1));
        assertThat(tenant.upstream().connectTimeout()).isEqualTo(Duration.ofDays(1));
        assertThat(tenant.pool().reserveSize()).as("no reserve").isZero();
        assertThat(tenant.pool().sessions().statementsPerServer()).isPositive();
    }

    @Test
    void readsSecondsWithFractions() {
        Tenant tenant = only(config("""
                [databases]
                a = host=localhost
                [pgbouncer]
                query_timeout = 1.5
                transaction_timeout = 0.0001
                client_idle_timeout = 7200
                """, USERS));
        assertThat(tenant.users().getFirst().limits().query()).isEqualTo(Duration.ofMillis(1500));
        assertThat(tenant.users().getFirst().limits().transaction()).isEqualTo(Duration.ofMillis(1));
        assertThat(tenant.users().getFirst().limits().idle()).isEqualTo(Duration.ofHours(2));
    }

    @Test
    void takesSecretsOfEachKind() {
        String users = """
                "plain" "with ""quotes"", ${HOME} and $$ and \\ too"
                ; "left" "out"
                "verifier" "%s"
                "old" "md5%s"
                "nothing" ""
                """.formatted(VERIFIER, "0123456789abcdef".repeat(2));
        String ini = "[databases]\na = host=localhost\n";
        Tenant tenant = only(config(ini, users));
        assertThat(tenant.user("plain").orElseThrow().secret())
                .isEqualTo(new Secret.Password("with \"quotes\", ${HOME} and $$ and \\ too"));
        assertThat(tenant.user("verifier").orElseThrow().secret()).isEqualTo(new Secret.ScramVerifierText(VERIFIER));
        assertThat(tenant.user("left")).isEmpty();
        assertThat(report(ini, users))
                .contains("user old: only the MD5")
                .contains("OLD_PASSWORD")
                .contains("user nothing: no password of it is known")
                .contains("NOTHING_PASSWORD")
                .doesNotContain("with \"quotes\"");
    }

    @Test
    void givesEachUserAVariableOfItsOwn() {
        ImportResult.Made made = ImportTexts.made(
                folder, "[databases]\na = host=localhost\n", "\"a-b\" \"\"\n\"a_b\" \"\"\n\"1\" \"\"\n");
        assertThat(made.toml()).contains("${A_B_PASSWORD}", "${A_B_2_PASSWORD}", "${_1_PASSWORD}");
        ImportTexts.config(made, folder);
    }

    @Test
    void tellsOfForcedUsersAliasesAndModes() {
        String ini = """
                [databases]
                short = host=localhost dbname=long_name
                forced = host=localhost user=owner password='it''s secret'
                queue = host=localhost pool_mode=session connect_query='select 1'
                [users]
                batch = pool_mode=session max_user_connections=3 query_timeout=9
                [pgbouncer]
                pool_mode = transaction
                """;
        Tenant tenant = only(config(ini, USERS));
        assertThat(tenant.database()).isEqualTo("long_name");
        assertThat(tenant.user("owner").orElseThrow().secret()).isEqualTo(new Secret.Password("it's secret"));
        assertThat(tenant.user("batch").orElseThrow().poolSize()).hasValue(3);
        assertThat(tenant.user("batch").orElseThrow().limits().query()).isEqualTo(Duration.ofSeconds(9));
        assertThat(report(ini, USERS))
                .contains("pgbouncer.ini:2: short is another name of the database long_name")
                .contains("pgbouncer.ini:3: forced: everyone was owner")
                .contains("pgbouncer.ini:4: queue has pool_mode = session: its clients must use port 6542")
                .contains("pgbouncer.ini:4: queue: connect_query: ")
                .contains("pgbouncer.ini:6: user batch has pool_mode = session")
                .doesNotContain("secret");
    }

    @Test
    void findsUnixSockets() {
        WeirConfig config = config("""
                [databases]
                own =
                other = host=/srv/pg port=5433
                [pgbouncer]
                unix_socket_dir = /run/postgresql
                server_tls_sslmode = verify-full
                """, USERS);
        assertThat(config.tenants().all())
                .extracting(tenant -> tenant.upstream().endpoints().getFirst().toString())
                .containsExactlyInAnyOrder("/run/postgresql/.s.PGSQL.5432", "/srv/pg/.s.PGSQL.5433");
    }

    @ParameterizedTest
    @CsvSource({
        "disable, db.internal, DISABLE",
        "allow, db.internal, DISABLE",
        "prefer, db.internal, REQUIRE",
        "prefer, 127.0.0.1, DISABLE",
        "require, 127.0.0.1, REQUIRE",
        "verify-ca, db.internal, VERIFY_CA",
        "verify-full, db.internal, VERIFY_FULL"
    })
    void encryptsServerConnectionsNoLess(String mode, String host, UpstreamTls tls) throws IOException {
        Path authorities = Files.writeString(folder.resolve("ca.crt"), "");
        Tenant tenant = only(config("""
                [databases]
                a = host=%s
                [pgbouncer]
                server_tls_sslmode = %s
                server_tls_ca_file = ca.crt
                """.formatted(host, mode), USERS));
        assertThat(tenant.upstream().tls()).isEqualTo(tls);
        assertThat(tenant.upstream().authorities().isPresent()).isEqualTo(mode.startsWith("verify"));
        tenant.upstream().authorities().ifPresent(file -> assertThat(file).isEqualTo(authorities));
    }

    @Test
    void offersClientsTls() throws IOException {
        Files.writeString(folder.resolve("s.key"), "");
        Files.writeString(folder.resolve("s.crt"), "");
        String ini = """
                [databases]
                a = host=localhost
                [pgbouncer]
                client_tls_sslmode = %s
                client_tls_key_file = s.key
                client_tls_cert_file = s.crt
                """;
        assertThat(config(ini.formatted("disable"), USERS).tls()).isEmpty();
        assertThat(config(ini.formatted("require"), USERS).tls())
                .contains(new WeirConfig.Tls(folder.resolve("s.crt"), folder.resolve("s.key")));
        assertThat(report(ini.formatted("require"), USERS)).contains("lets clients in without it");
        assertThat(report(ini.formatted("verify-full"), USERS)).contains("asks clients for no certificate");
        assertThat(ImportTexts.faults(
                        folder, ini.formatted("require").replace("client_tls_key_file = s.key", ""), USERS))
                .containsExactly("pgbouncer.ini:4: client_tls_sslmode = require needs client_tls_cert_file and"
                        + " client_tls_key_file");
    }

    @Test
    void capsPoolsByTheLimitsOfUsersAndDatabases() {
        Tenant tenant = only(config("""
                [databases]
                a = host=localhost
                [pgbouncer]
                default_pool_size = 50
                max_db_connections = 30
                max_user_connections = 10
                min_pool_size = 40
                """, USERS));
        assertThat(tenant.pool().size()).isEqualTo(10);
        assertThat(tenant.pool().minSize()).isEqualTo(10);
    }

    @Test
    void capsTheDatabasesOfATenantTogetherIfEachIsCapped() {
        String ini = """
                [databases]
                a = host=localhost max_db_connections=6 pool_size=12
                b = host=localhost pool_size=3
                [pgbouncer]
                max_db_connections = %d
                """;
        Tenant tenant = only(config(ini.formatted(4), USERS));
        assertThat(tenant.pool().size()).isEqualTo(6);
        assertThat(tenant.allotment().maxServers()).hasValue(10);
        assertThat(report(ini.formatted(4), USERS))
                .contains(
                        "tenant localhost: max_db_connections has become max_server_connections = 10, which a, b share");
        assertThat(only(config(ini.formatted(0), USERS)).allotment().maxServers())
                .isEmpty();
        assertThat(report(ini.formatted(0), USERS))
                .contains("tenant localhost: max_db_connections is not of all its databases");
        String single = "[databases]\na = host=localhost max_db_connections=6\n";
        assertThat(only(config(single, USERS)).allotment().maxServers()).hasValue(6);
        assertThat(report(single, USERS)).doesNotContain("max_db_connections");
        assertThat(report(single.replace("a =", "* ="), USERS)).contains("so nothing limits their pools together");
    }

    @Test
    void tellsOfSilencedLogsIfOnlyOneIs() {
        String ini = "[databases]\na = host=localhost\n[pgbouncer]\nlog_connections = 0\n";
        assertThat(config(ini, USERS).log().connections()).isTrue();
        assertThat(report(ini, USERS)).contains("log_connections = 0: `connections` of [log]");
        assertThat(config(ini + "log_disconnections = 0\n", USERS).log().connections())
                .isFalse();
        assertThat(report(ini + "log_disconnections = 0\n", USERS)).doesNotContain("connections = 0");
    }

    @Test
    void tellsWhichUsersOfTheConsoleAreUsersOfTenantsToo() {
        String ini = "[databases]\na = host=localhost\n[pgbouncer]\nadmin_users = app, other\n";
        assertThat(report(ini, USERS))
                .contains("user app of the console is a [[tenant.user]] too")
                .doesNotContain("user other of the console");
    }

    @Test
    void takesOverThePeriodOfAverages() {
        String ini = "[databases]\na = host=localhost\n[pgbouncer]\nstats_period = 15\n";
        assertThat(config(ini, USERS).console().statsPeriod()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void readsIncludedFilesAndQuotedKeys() throws IOException {
        Files.writeString(folder.resolve("more.ini"), "\"odd \"\"name\"\"\" = host=localhost\n");
        Files.writeString(folder.resolve("listed.txt"), "\"listed\" \"pass\"\n");
        Tenant tenant = only(config("[databases]\n%include more.ini\n[pgbouncer]\nauth_file = listed.txt\n", ""));
        assertThat(tenant.database()).isEqualTo("odd \"name\"");
        assertThat(tenant.user("listed")).isPresent();
    }

    @Test
    void writesAUserToReplaceIfThereIsNone() {
        String ini = "[databases]\na = host=localhost auth_user=checker\n";
        assertThat(only(config(ini, "")).users()).hasSize(1);
        assertThat(report(ini, "")).contains("nobody names a user").contains("a: auth_user: Weir looks nobody up");
    }

    @Test
    void tellsOfPeersAndWhatItDoesNotKnow() {
        assertThat(report("[databases]\na = host=localhost\n[peers]\n2 = host=other\n[pgbouncer]\nfuture = 1\n", USERS))
                .contains("pgbouncer.ini:4: peer 2: Weir knows no peers")
                .contains("pgbouncer.ini:6: future: no setting");
    }

    @Test
    void tellsWhichFaultTheResultHas() {
        assertThat(report("[databases]\na = host='not a host'\n", USERS))
                .contains("the result has a fault to mend: weir.toml:")
                .contains("tenant[0].host: must be a host name");
    }

    @Test
    void refusesWhatPgBouncerWouldRefuse() throws IOException {
        Files.writeString(folder.resolve("loop.ini"), "%include loop.ini\n");
        assertThat(ImportTexts.faults(folder, """
                early = 1
                [databases
                [databases]
                a = host
                =nothing
                [other]
                g = 1
                """, USERS))
                .containsExactly(
                        "pgbouncer.ini:1: must stand below a [section]",
                        "pgbouncer.ini:2: must be a section's name between [ and ]",
                        "pgbouncer.ini:5: must be written key = value; other keys than of letters, digits, _ . - * need"
                                + " double quotes",
                        "pgbouncer.ini:7: unknown section [other]",
                        "pgbouncer.ini:4: a: must be key=value pairs with spaces between them");
        assertThat(ImportTexts.faults(folder, """
                [databases]
                a = host
                b = host='x
                c = colour=red
                d = port=x
                e = host=
                pgbouncer = host=localhost
                [users]
                f = pool_mode=fast
                """, USERS))
                .containsExactly(
                        "pgbouncer.ini:9: f: pool_mode must be one of session, transaction, statement, is \"fast\"",
                        "pgbouncer.ini:2: a: must be key=value pairs with spaces between them",
                        "pgbouncer.ini:3: b: has a single quote that is not closed, at host",
                        "pgbouncer.ini:4: c: unknown parameter colour",
                        "pgbouncer.ini:5: d: port must be a whole number, is \"x\"",
                        "pgbouncer.ini:6: e: has no value for host",
                        "pgbouncer.ini:7: the name pgbouncer is reserved for PgBouncer's console");
        assertThat(ImportTexts.faults(folder, """
                [pgbouncer]
                default_pool_size = many
                query_timeout = -1
                listen_port = 70000
                auth_file = missing.txt
                """, ""))
                .containsExactly(
                        "pgbouncer.ini:2: default_pool_size must be a whole number, is \"many\"",
                        "pgbouncer.ini:3: query_timeout must be a number of seconds that is not negative, is \"-1\"",
                        "pgbouncer.ini:4: listen_port must be between 1 and 65535, is \"70000\"",
                        "pgbouncer.ini:5: auth_file: missing.txt can't be read: there is no such file");
        assertThat(ImportTexts.faults(folder, "[pgbouncer]\nauth_file = missing.txt\n", ""))
                .containsExactly("pgbouncer.ini:2: auth_file: missing.txt can't be read: there is no such file");
        assertThat(ImportTexts.faults(folder, "%include loop.ini\n", USERS))
                .containsExactly("loop.ini:1: includes go deeper than 10 files: does one include itself?");
        assertThat(ImportTexts.faults(folder, "[databases]\na = host=@abstract\n", USERS))
                .containsExactly("pgbouncer.ini: has no database that Weir can reach");
        assertThat(ImportTexts.faults(
                        folder, "[databases]\na = host=localhost\n", "\"a\" \"b\"\nc d\n\"e\n\"\" \"x\"\n"))
                .containsExactly(
                        "userlist.txt:2: must be a user and a secret, both in double quotes",
                        "userlist.txt:3: must be a user and a secret, both in double quotes",
                        "userlist.txt:4: must have a user's name of 1 to 63 bytes");
    }
}
