package dev.weir.app.config;

import static dev.weir.app.config.ConfigTexts.TENANT;
import static dev.weir.app.config.ConfigTexts.faults;
import static dev.weir.app.config.ConfigTexts.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.ConsoleLimits;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.ConsoleUser;
import dev.weir.tenants.ConsoleUsers;
import dev.weir.tenants.Secret;
import dev.weir.tenants.TenantId;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleReaderTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final String ADMIN = "[[console.user]]\nname = \"ops\"\npassword = \"p\"\nrole = \"admin\"\n";

    @Test
    void readsUsersOfAllTenantsAndOfOne() {
        WeirConfig.Console console = read(TENANT.replace("[[tenant.user]]", """
                        admin_users = "app"
                        stats_users = ["app"]
                        [[tenant.user]]""") + ADMIN
                        + "[console]\nstats_period = \"10s\"\n")
                .console();
        assertThat(console.statsPeriod()).isEqualTo(Duration.ofSeconds(10));
        assertThat(console.users().find("ops"))
                .contains(new ConsoleUser("ops", new Secret.Password("p"), ConsoleRole.ADMIN));
        assertThat(console.users().find("app")).isEmpty();
        assertThat(console.users().roleOf(ACME, "app")).contains(ConsoleRole.ADMIN);
        assertThat(console.users().roleOf(ACME, "ops")).isEmpty();
        assertThat(console.users().toString()).doesNotContain("\"p\"").contains("hidden");
    }

    @Test
    void readsHowManyOfTenantsMayUseIt() {
        assertThat(read(TENANT + "[console]\nmax_clients = 7\nmax_clients_per_tenant = 3\n")
                        .console()
                        .users()
                        .limits())
                .isEqualTo(new ConsoleLimits(7, 3));
    }

    @Test
    void withoutATableNobodyMayUseIt() {
        assertThat(read(TENANT).console().users()).isEqualTo(ConsoleUsers.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "admin_users = [\"ap\"] | admin_users: must name users of the tenant, but it has no \"ap\", did you mean"
                        + " \"app\"?",
                "stats_users = \"other\" | stats_users: must name users of the tenant, but it has no \"other\""
            })
    void aTenantsUsersMustBeItsOwn(String line, String fault) {
        assertThat(faults(TENANT.replace("[[tenant.user]]", line + "\n[[tenant.user]]")))
                .containsExactly("weir.toml:4: tenant[0]." + fault);
    }

    @Test
    void aUserNeedsNameSecretAndRoleAndIsThereOnce() {
        assertThat(faults(TENANT + "[[console.user]]\n"))
                .containsExactly(
                        "weir.toml:7: console.user[0].name: is missing",
                        "weir.toml:7: console.user[0].password: is missing: a user needs a password or a password_file",
                        "weir.toml:7: console.user[0].role: is missing");
        assertThat(faults(TENANT + ADMIN + ADMIN))
                .containsExactly("weir.toml:12: console.user[1].name: must be unique, but console.user[0] has it too");
        assertThat(faults(TENANT + ADMIN.replace("admin", "root")))
                .containsExactly(
                        "weir.toml:10: console.user[0].role: must be one of \"admin\", \"stats\", is \"root\"");
    }
}
