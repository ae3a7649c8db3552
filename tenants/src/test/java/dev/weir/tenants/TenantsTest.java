package dev.weir.tenants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TenantsTest {
    private static final PoolSettings POOL =
            PoolSettings.of(20, Duration.ofSeconds(1), Duration.ofSeconds(2), SessionSettings.DEFAULTS);

    private static Tenant tenant(String id, String... serverNames) {
        return new Tenant(
                new TenantId(id),
                new Upstream(
                        List.of(new Endpoint.Tcp("localhost", 5432)),
                        UpstreamTls.DISABLE,
                        Optional.empty(),
                        Duration.ofSeconds(1)),
                "db",
                POOL,
                100,
                List.of(
                        TenantUser.of("app", new Secret.Password("hush")),
                        new TenantUser(
                                "batch",
                                new Secret.ScramVerifierText("hush"),
                                OptionalInt.of(3),
                                false,
                                Optional.empty(),
                                ClientLimits.NONE)),
                Set.of(serverNames));
    }

    @Test
    void findsTenantsByIdAndByServerName() {
        Tenant acme = tenant("acme", "acme.example", "db.acme.example");
        Tenants tenants = Tenants.of(List.of(acme, tenant("beta")), Optional.of(acme.id()));
        assertThat(tenants.find(new TenantId("acme"))).contains(acme);
        assertThat(tenants.find(new TenantId("Acme"))).isEmpty();
        assertThat(tenants.findByServerName("db.acme.example")).contains(acme);
        assertThat(tenants.findByServerName("beta")).isEmpty();
        assertThat(tenants.defaultTenant()).contains(acme);
        assertThat(tenants.all()).hasSize(2);
        assertThat(Tenants.of(List.of(), Optional.empty()).defaultTenant()).isEmpty();
    }

    @Test
    void refusesWhatWouldNotBeToldApart() {
        assertThatThrownBy(() -> Tenants.of(List.of(tenant("acme"), tenant("acme")), Optional.empty()))
                .hasMessageContaining("id acme");
        assertThatThrownBy(() -> Tenants.of(List.of(tenant("a", "x"), tenant("b", "x")), Optional.empty()))
                .hasMessageContaining("server name x");
        assertThatThrownBy(() -> Tenants.of(List.of(tenant("a")), Optional.of(new TenantId("b"))))
                .hasMessageContaining("default tenant b");
    }

    @Test
    void givesAUserWhatIsItsOwn() {
        Tenant acme = tenant("acme");
        PoolSettings app = acme.user("app").map(acme::poolSettings).orElseThrow();
        PoolSettings batch = acme.user("batch").map(acme::poolSettings).orElseThrow();
        assertThat(app.size()).isEqualTo(20);
        assertThat(app.sessions().reuse()).isTrue();
        assertThat(app.sessions().pinned()).isEqualTo(19);
        assertThat(batch.size()).isEqualTo(3);
        assertThat(batch.queueTimeout()).isEqualTo(POOL.queueTimeout());
        assertThat(batch.sessions().reuse()).isFalse();
        assertThat(batch.sessions().pinned()).isEqualTo(2);
        assertThat(acme.user("App")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,1", "15,14"})
    void leavesOneServerConnectionUnpinnedIfThereIsAnother(int size, int pinned) {
        assertThat(SessionSettings.DEFAULTS.forPool(size, true).pinned()).isEqualTo(pinned);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "4,4", "5,5", "6,5"})
    void pinsNoMoreThanThereAre(int size, int pinned) {
        SessionSettings five = new SessionSettings(true, "DISCARD ALL", 1, 1, 1, false, true, 5);
        assertThat(five.forPool(size, true).pinned()).isEqualTo(pinned);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A-b_9", "0"})
    void acceptsPlainIds(String id) {
        assertThat(new TenantId(id).toString()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.b", "a b", "ä", "a\0", "a/b"})
    void refusesIdsThatWouldBreakAUserName(String id) {
        assertThat(TenantId.isValid(id)).isFalse();
        assertThatThrownBy(() -> new TenantId(id)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void limitsTheLengthOfIds() {
        assertThat(TenantId.isValid("x".repeat(TenantId.MAX_LENGTH))).isTrue();
        assertThat(TenantId.isValid("x".repeat(TenantId.MAX_LENGTH + 1))).isFalse();
    }

    @Test
    void neverShowsASecret() {
        assertThat(tenant("acme").toString()).contains("app").doesNotContain("hush");
    }

    @Test
    void needsAnEndpoint() {
        assertThatThrownBy(() -> new Upstream(List.of(), UpstreamTls.DISABLE, Optional.empty(), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new Endpoint.Tcp("::1", 5).toString()).isEqualTo("[::1]:5");
    }
}
