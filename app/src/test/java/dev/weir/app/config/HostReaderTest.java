package dev.weir.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.Ceilings;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Rates;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostReaderTest {
    private static final String HOST = """
            [[host]]
            host = "DB.internal"
            max_connections = 20
            """;

    private static String tenant(String id, String... lines) {
        return """
                [[tenant]]
                id = "%s"
                host = "db.internal"
                %s
                [[tenant.user]]
                name = "app"
                password = "pass"
                """.formatted(id, String.join("\n", lines));
    }

    private static Tenant only(String text) {
        return ConfigTexts.read(text).tenants().all().iterator().next();
    }

    @Test
    void readsWhatTenantsShare() {
        WeirConfig config = ConfigTexts.read("""
                [listen]
                max_clients = 1234
                [defaults]
                share_weight = 2
                max_transactions_per_second = 50
                """ + HOST
                + tenant(
                        "acme",
                        "guaranteed_connections = 5",
                        "max_server_connections = 18",
                        "max_new_connections_per_second = 7",
                        "max_bytes_per_second = \"64KiB\"")
                + "max_clients = 3\n");
        assertThat(config.tenants().ceilings())
                .isEqualTo(new Ceilings(Map.of(new Endpoint.Tcp("db.internal", 5432), 20), OptionalInt.of(1234)));
        Tenant tenant = config.tenants().find(new TenantId("acme")).orElseThrow();
        assertThat(tenant.allotment()).isEqualTo(new Allotment(2, 5, OptionalInt.of(18), new Rates(7, 50, 64 * 1024L)));
        assertThat(tenant.user("app").orElseThrow().maxClients()).hasValue(3);
        assertThat(config.tenants().ceilings().ofHost(tenant.upstream())).hasValue(20);
    }

    @Test
    void hasNoLimitThatIsNotWritten() {
        WeirConfig config = ConfigTexts.read(tenant("acme"));
        assertThat(config.tenants().ceilings()).isEqualTo(Ceilings.NONE);
        assertThat(only(tenant("acme")).allotment()).isEqualTo(Allotment.NONE);
    }

    @Test
    void refusesWhatCanNeverBeHad() {
        assertThat(ConfigTexts.faults(
                        HOST + tenant("acme", "pool_size = 21", "guaranteed_connections = 22") + "pool_size = 23\n"))
                .containsExactly(
                        "weir.toml:3: host[0].max_connections: must not be below the sum of guaranteed_connections,"
                                + " which is 22 (acme 22), is 20",
                        "weir.toml:7: tenant[0].pool_size: must not be above max_connections of [[host]]"
                                + " db.internal:5432, which is 20, is 21",
                        "weir.toml:8: tenant[0].guaranteed_connections: must not be above max_connections of [[host]]"
                                + " db.internal:5432, which is 20, is 22",
                        "weir.toml:12: tenant[0].user[0].pool_size: must not be above max_connections of [[host]]"
                                + " db.internal:5432, which is 20, is 23");
        assertThat(ConfigTexts.faults(
                        HOST + tenant("a", "guaranteed_connections = 11") + tenant("b", "guaranteed_connections = 10")))
                .containsExactly("weir.toml:3: host[0].max_connections: must not be below the sum of"
                        + " guaranteed_connections, which is 21 (a 11, b 10), is 20");
        assertThat(ConfigTexts.faults(tenant("acme", "max_server_connections = 14")))
                .containsExactly(
                        "weir.toml:4: tenant[0].max_server_connections: must not be below pool_size, which is 15,"
                                + " is 14");
        assertThat(ConfigTexts.faults(tenant("acme", "max_server_connections = 16") + "pool_size = 17\n"))
                .containsExactly("weir.toml:8: tenant[0].user[0].pool_size: must not be above the tenant's"
                        + " max_server_connections, which is 16, is 17");
    }

    @Test
    void refusesTwoTablesForAHost() {
        assertThat(ConfigTexts.faults(HOST + HOST.replace("DB", "db") + tenant("acme")))
                .containsExactly("weir.toml:5: host[1].host: must be unique with its port, but host[0] is for"
                        + " db.internal:5432 too");
    }

    @Test
    void findsUnixSockets() {
        String text = """
                [[host]]
                host = "/run/postgresql"
                port = 5433
                max_connections = 20
                [[tenant]]
                id = "acme"
                host = "/run/postgresql/"
                port = 5433
                pool_size = 21
                [[tenant.user]]
                name = "app"
                password = "pass"
                """;
        assertThat(ConfigTexts.faults(text)).singleElement().asString().contains("tenant[0].pool_size");
    }

    @ParameterizedTest
    @CsvSource({
        "compute = \"micro\", 54",
        "compute = \"16xl\", 450",
        "compute = \"micro\"; pool_size = 70, 70",
        "compute = \"micro\"; max_server_connections = 30, 30"
    })
    void takesTheLimitOfTheComputeSize(String lines, int most) {
        assertThat(only(tenant("acme", lines.split("; ", -1))).allotment().maxServers())
                .hasValue(most);
        assertThat(only("[defaults]\n" + lines.replace("; ", "\n") + "\n" + tenant("acme"))
                        .allotment()
                        .maxServers())
                .hasValue(most);
    }
}
