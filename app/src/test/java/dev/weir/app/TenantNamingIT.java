package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.TlsProvider;
import dev.weir.testkit.Certificates;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The ways to say which tenant a connection is for. Each tenant's own default database tells which one was reached. */
@ParameterizedClass
@SuppressWarnings("NullAway.Init") // what JUnit sets, and what is set before each of its invocations
@EnumSource(value = TlsProvider.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
class TenantNamingIT {
    private static final String NOBODY = "127.0.0.1";

    @Parameter
    TlsProvider provider;

    private static SSLContext trust;
    private static WeirFixture weir;
    private static WeirFixture withoutDefault;

    @BeforeAll
    static void prepare() {
        TestPostgres postgres = TestPostgres.shared();
        for (String tenant : List.of("red", "green", "blue")) {
            postgres.createDatabase("naming_" + tenant);
        }
        postgres.createRole("naming", "secret", TestPostgres.Login.SCRAM);
        postgres.createRole("naming.with.dots", "secret", TestPostgres.Login.SCRAM);
    }

    @BeforeParameterizedClassInvocation
    static void start(TlsProvider provider) {
        TestPostgres postgres = TestPostgres.shared();
        Certificates authority = Certificates.temporary();
        trust = authority.trust();
        Certificates.Issued certificate = authority.server("localhost");
        String top = "tls_provider = \"" + provider.name().toLowerCase(Locale.ROOT) + "\"\n";
        String toml = WeirFixture.LISTEN
                + """
                [tls]
                certificate = "%s"
                key = "%s"
                """.formatted(certificate.certificateFile(), certificate.keyFile())
                + tenant(postgres, "red")
                + tenant(postgres, "green")
                + tenant(postgres, "blue");
        weir = WeirFixture.start(top + "default_tenant = \"blue\"\n" + toml);
        withoutDefault = WeirFixture.start(top + toml);
    }

    private static String tenant(TestPostgres postgres, String id) {
        return """
                [[tenant]]
                id = "%s"
                host = "%s"
                port = %d
                database = "naming_%s"
                server_names = ["%s.db.test", "%s.other.test"]
                  [[tenant.user]]
                  name = "naming"
                  password = "secret"
                  [[tenant.user]]
                  name = "naming.with.dots"
                  password = "secret"
                """.formatted(id, postgres.host(), postgres.port(), id, id, id.toUpperCase(Locale.ROOT));
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        weir.close();
        withoutDefault.close();
    }

    /** The tenant that such a login reaches, or the SQLSTATE that refuses it. */
    private static String reach(WeirFixture at, String serverName, String user, Map<String, String> parameters) {
        try (PgClient client = PgClient.connect("127.0.0.1", at.weir().transactionPort())) {
            if (!serverName.equals(NOBODY)) {
                assertThat(client.send(Messages.sslRequest()).readByte()).isEqualTo('S');
                client.startTls(trust, serverName);
            }
            Frame last = client.attemptLogin(Messages.PROTOCOL_3_0, user, "secret", "", parameters);
            if (last.type() == 'E') {
                assertThat(last.fields()).containsEntry('V', "FATAL");
                return last.sqlstate();
            }
            List<@Nullable String> row =
                    client.rows("SELECT current_database(), current_user").getFirst();
            String reached = String.valueOf(row.getFirst()).replace("naming_", "");
            return "naming".equals(row.getLast()) ? reached : reached + " as " + row.getLast();
        }
    }

    private static String reach(String user, String options) {
        return reach(weir, NOBODY, user, options.isEmpty() ? Map.of() : Map.of("options", options));
    }

    @Test
    void standsBehindTheLastDotOfTheUser() {
        assertThat(reach("naming.red", "")).isEqualTo("red");
        assertThat(reach("naming.green", "")).isEqualTo("green");
        assertThat(reach("naming.with.dots.red", "")).isEqualTo("red as naming.with.dots");
    }

    @Test
    void isTheDefaultTenantIfNothingNamesOne() {
        assertThat(reach("naming", "")).isEqualTo("blue");
        assertThat(reach("naming.with.dots", "")).isEqualTo("blue as naming.with.dots");
    }

    @Test
    void mustBeNamedWithoutADefaultTenant() {
        assertThat(reach(withoutDefault, NOBODY, "naming", Map.of())).isEqualTo("28000");
        assertThat(reach(withoutDefault, NOBODY, ".red", Map.of())).isEqualTo("28000");
        assertThat(reach(withoutDefault, "elsewhere.test", "naming", Map.of())).isEqualTo("28000");
        assertThat(reach(withoutDefault, NOBODY, "naming.red", Map.of())).isEqualTo("red");
    }

    @Test
    void standsInOptions() {
        assertThat(reach("naming", "-c weir.tenant=red")).isEqualTo("red");
        assertThat(reach("naming", "-cweir.tenant=red")).isEqualTo("red");
        assertThat(reach("naming", "--weir.tenant=red")).isEqualTo("red");
        assertThat(reach("naming", "--WEIR.Tenant=red")).isEqualTo("red");
        assertThat(reach("naming", "reference=red")).isEqualTo("red");
        assertThat(reach("naming", "-c reference=red")).isEqualTo("red");
        assertThat(reach("naming", "-c geqo=off  -c weir.tenant=red -c statement_timeout=5min"))
                .isEqualTo("red");
        assertThat(reach("naming", "-c search_path=a,\\ b --weir.tenant=red")).isEqualTo("red");
        assertThat(reach("naming", "-c weir.tenant=green -c weir.tenant=red")).isEqualTo("red");
    }

    @Test
    void standsInAStartupParameterOfItsOwn() {
        assertThat(reach(weir, NOBODY, "naming", Map.of("reference", "red"))).isEqualTo("red");
        assertThat(reach(weir, NOBODY, "naming", Map.of("weir.tenant", "red"))).isEqualTo("red");
    }

    @Test
    void isKnownByTheServerName() {
        assertThat(reach(weir, "red.db.test", "naming", Map.of())).isEqualTo("red");
        assertThat(reach(weir, "GREEN.DB.test", "naming", Map.of())).isEqualTo("green");
        assertThat(reach(weir, "red.other.test", "naming", Map.of())).isEqualTo("red");
        assertThat(reach(weir, "elsewhere.test", "naming", Map.of())).isEqualTo("blue");
    }

    @Test
    void isTakenFromOptionsBeforeTheServerNameBeforeTheUserBeforeTheDefault() {
        Map<String, String> red = Map.of("options", "-c weir.tenant=red");
        assertThat(reach(weir, "green.db.test", "naming", red)).isEqualTo("red");
        assertThat(reach(weir, NOBODY, "naming.with.dots", red)).isEqualTo("red as naming.with.dots");
        assertThat(reach(weir, "green.db.test", "naming.with.dots", Map.of())).isEqualTo("green as naming.with.dots");
        assertThat(reach(weir, "elsewhere.test", "naming.red", Map.of())).isEqualTo("red");
        // Where something better names the tenant, the user's name is taken whole.
        assertThat(reach(weir, NOBODY, "naming.green", red)).isEqualTo("28P01");
        assertThat(reach(weir, NOBODY, "naming", Map.of("weir.tenant", "red", "reference", "green")))
                .isEqualTo("red");
    }

    @Test
    void thatCannotBeIsRefusedLikeAWrongPassword() {
        for (String tenant : List.of(
                "purple", "", "red green", "röd", "../red", "RED", "x".repeat(64), "x".repeat(5000), "\u0001")) {
            assertThat(reach(weir, NOBODY, "naming." + tenant, Map.of()))
                    .as(tenant)
                    .isEqualTo("28P01");
            assertThat(reach(weir, NOBODY, "naming", Map.of("weir.tenant", tenant)))
                    .as(tenant)
                    .isEqualTo("28P01");
        }
    }
}
