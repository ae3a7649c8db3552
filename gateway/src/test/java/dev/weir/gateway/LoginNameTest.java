package dev.weir.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Endpoint;
import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Secret;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.TenantUser;
import dev.weir.tenants.Tenants;
import dev.weir.tenants.Upstream;
import dev.weir.tenants.UpstreamTls;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoginNameTest {
    private static final List<Tenant> TENANTS = List.of(tenant("acme", "acme.example"), tenant("beta", "beta.example"));
    private static final Tenants WITHOUT_DEFAULT = Tenants.of(TENANTS, Optional.empty());
    private static final Tenants WITH_DEFAULT = Tenants.of(TENANTS, Optional.of(new TenantId("beta")));

    private static Tenant tenant(String id, String serverName) {
        return new Tenant(
                new TenantId(id),
                new Upstream(
                        List.of(new Endpoint.Tcp("localhost", 1)),
                        UpstreamTls.DISABLE,
                        Optional.empty(),
                        Duration.ofSeconds(1)),
                "db",
                PoolSettings.of(1, Duration.ofSeconds(1), Duration.ofSeconds(1), SessionSettings.DEFAULTS),
                1,
                List.of(TenantUser.of("john.doe", new Secret.Password("x"))),
                Set.of(serverName));
    }

    private static String name(String user, @Nullable String options, @Nullable String serverName, Tenants tenants) {
        Map<String, String> parameters = new HashMap<>(Map.of("user", user));
        if (options != null) {
            parameters.put("options", options);
        }
        return LoginName.of(parameters, serverName, tenants)
                .map(name -> name.user() + " of "
                        + name.tenant().map(TenantId::value).orElse("unknown"))
                .orElse("nobody");
    }

    @ParameterizedTest(name = "{0}, {1}, {2}: {3} or {4}")
    @CsvSource({
        "app.acme,,, app of acme, app of acme",
        "app,,, nobody, app of beta",
        "a.b.acme,,, a.b of acme, a.b of acme",
        "app.nowhere,,, app of unknown, app of unknown",
        "app.,,, app of unknown, app of unknown",
        ".acme,,, nobody, .acme of beta",
        "john.doe,,, john of unknown, john.doe of beta",
        "app,, acme.example, app of acme, app of acme",
        "app.beta,, acme.example, app.beta of acme, app.beta of acme",
        "app.acme,, other.example, app of acme, app of acme",
        "app, -c weir.tenant=acme,, app of acme, app of acme",
        "app, reference=acme, beta.example, app of acme, app of acme",
        "app.beta, reference=acme,, app.beta of acme, app.beta of acme",
        "app, reference=nowhere,, app of unknown, app of unknown",
        "app, reference=no good,, app of unknown, app of unknown",
        "app, -c work_mem=1,, nobody, app of beta",
    })
    void knowsWhoseClientItIs(
            String user, @Nullable String options, @Nullable String serverName, String without, String with) {
        assertThat(name(user, options, serverName, WITHOUT_DEFAULT)).isEqualTo(without);
        assertThat(name(user, options, serverName, WITH_DEFAULT)).isEqualTo(with);
    }

    @Test
    void takesTheTenantFromAParameterOfItsOwn() {
        assertThat(LoginName.of(Map.of("user", "app", "weir.tenant", "acme"), null, WITHOUT_DEFAULT))
                .contains(new LoginName("app", Optional.of(new TenantId("acme")), "acme", Optional.empty()));
    }

    @Test
    void leavesAnEmptyDatabaseToTheTenant() {
        assertThat(LoginName.of(Map.of("user", "a.acme", "database", ""), null, WITHOUT_DEFAULT)
                        .orElseThrow()
                        .database())
                .isEmpty();
        assertThat(LoginName.of(Map.of("user", "a.acme", "database", "x"), null, WITHOUT_DEFAULT)
                        .orElseThrow()
                        .database())
                .contains("x");
    }
}
