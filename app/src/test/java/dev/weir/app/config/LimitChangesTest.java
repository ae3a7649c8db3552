package dev.weir.app.config;

import static dev.weir.app.config.ConfigTexts.TENANT;
import static dev.weir.app.config.ConfigTexts.config;
import static dev.weir.app.config.ConfigTexts.faults;
import static dev.weir.app.config.ConfigTexts.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitChangesTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final String TEXT = TENANT.replace("[[tenant.user]]", "pool_size = 7\n[[tenant.user]]")
                    .replace("name =", "queue_timeout = \"9s\"\nname =")
            + """
                    [[tenant]]
                    id = "other"
                    host = "db"
                    [[tenant.user]]
                    name = "app"
                    password = "p"
                    """;

    private static WeirConfig with(LimitChanges changes) {
        return config(ConfigReader.read(read(TEXT).source(), changes));
    }

    private static Tenant tenant(WeirConfig config, String id) {
        return config.tenants().find(new TenantId(id)).orElseThrow();
    }

    @Test
    void winsOverTheTenantsTableButNotOverTheUsers() {
        LimitChanges changes = LimitChanges.NONE
                .with(Optional.empty(), "pool_size", "20")
                .with(Optional.empty(), "queue_timeout", "3");
        Tenant acme = tenant(with(changes), "acme");
        assertThat(acme.pool().size()).isEqualTo(20);
        assertThat(acme.pool().queueTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(acme.poolSettings(acme.users().getFirst()).queueTimeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(tenant(with(changes), "other").pool().size()).isEqualTo(20);
        assertThat(with(changes).limits().defaults())
                .containsEntry("pool_size", "20")
                .containsEntry("queue_timeout", "3s");
    }

    @Test
    void theLatestWinsWhetherOfOneTenantOrOfAll() {
        LimitChanges one =
                LimitChanges.NONE.with(Optional.empty(), "pool_size", "20").with(Optional.of(ACME), "pool_size", "5");
        assertThat(tenant(with(one), "acme").pool().size()).isEqualTo(5);
        assertThat(tenant(with(one), "other").pool().size()).isEqualTo(20);
        assertThat(with(one).limits().ofTenant(ACME)).containsEntry("pool_size", "5");
        LimitChanges all = one.with(Optional.empty(), "pool_size", "6");
        assertThat(tenant(with(all), "acme").pool().size()).isEqualTo(6);
    }

    @ParameterizedTest
    @CsvSource({
        "pool_size, 0, must be between 1 and 10000",
        "pool_size, many, must be a whole number",
        "queue_timeout, 5 minutes, must be a whole number and its unit",
        "pinning, '\"', must be",
        "server_check_query, '${HOME}', HOME"
    })
    void aWrongValueIsAFaultOfTheKey(String key, String value, String reason) {
        LimitChanges changes = LimitChanges.NONE.with(Optional.of(ACME), key, value);
        assertThat(faults(ConfigReader.read(
                        new ConfigText("weir.toml", TEXT, Path.of(""), Map.of("HOME", "secret")), changes)))
                .singleElement()
                .asString()
                .contains(key)
                .contains(reason)
                .doesNotContain("secret");
    }

    @Test
    void everyKeyHasATextThatCouldBeSet() {
        Map<String, String> builtIn = read(TENANT).limits().builtIn();
        assertThat(builtIn.keySet()).containsExactlyElementsOf(LimitChanges.keys());
        LimitChanges all = LimitChanges.NONE;
        for (Map.Entry<String, String> each : builtIn.entrySet()) {
            all = all.with(Optional.empty(), each.getKey(), each.getValue());
        }
        assertThat(with(all).limits().defaults()).isEqualTo(builtIn);
    }

    @Test
    void sourceDoesNotShowPasswords() {
        assertThat(read(TENANT).toString()).doesNotContain("s3cr3t-horse");
    }
}
