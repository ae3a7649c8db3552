package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.NoOperations;
import dev.weir.pool.LaneCheck;
import dev.weir.tenants.Ceilings;
import dev.weir.tenants.ConsoleRole;
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
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProcessTablesTest {
    private static final int MANY_BYTES = 8 << 20;

    private static Tenant tenant(String id) {
        return new Tenant(
                new TenantId(id),
                new Upstream(
                        List.of(new Endpoint.Tcp("db", 5432)),
                        UpstreamTls.DISABLE,
                        Optional.empty(),
                        Duration.ofSeconds(1)),
                "app",
                PoolSettings.of(5, Duration.ofSeconds(1), Duration.ofSeconds(1), SessionSettings.DEFAULTS),
                100,
                List.of(TenantUser.of("app", new Secret.Password("x"))),
                Set.of());
    }

    private static Snapshot snapshot(OptionalInt maxClients) {
        return new Snapshot(
                new ConsoleAccess("ops", ConsoleRole.ADMIN, Optional.empty()),
                Tenants.of(List.of(tenant("one"), tenant("two")), Optional.empty(), new Ceilings(Map.of(), maxClients)),
                List.of(),
                Map.of(),
                LaneCheck.begin(List.of()),
                new Statistics(0).period(),
                List.of(),
                new NoOperations(),
                Optional.empty(),
                0);
    }

    @Test
    void maxClientConnIsWhatIsReachedFirst() {
        assertThat(ProcessTables.config(snapshot(OptionalInt.empty())).getLast().value(1))
                .isEqualTo("200");
        assertThat(ProcessTables.config(snapshot(OptionalInt.of(150))).getLast().value(1))
                .isEqualTo("150");
        assertThat(ProcessTables.config(snapshot(OptionalInt.of(500))).getLast().value(1))
                .isEqualTo("200");
    }

    @Test
    void aHostOfSeveralTenantsIsThereOnce() {
        assertThat(ProcessTables.hosts(snapshot(OptionalInt.empty())))
                .map(row -> row.value(0))
                .containsExactly("db");
    }

    @Test
    void buffersOfTheLanesAreCounted() {
        ByteBuf buffer = ByteBufAllocator.DEFAULT.directBuffer(MANY_BYTES);
        try {
            Row direct = ProcessTables.memory(snapshot(OptionalInt.empty())).getLast();
            assertThat(direct.value(0)).isEqualTo("direct_buffers");
            assertThat(Long.parseLong(String.valueOf(direct.value(4)))).isGreaterThanOrEqualTo(MANY_BYTES);
        } finally {
            buffer.release();
        }
    }
}
