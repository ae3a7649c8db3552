package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.FaultProxy;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Every client moves from the lane that greeted it to the lane of its tenant: it is greeted where the last one went, and
 * that was one of the other tenant, which has the other lane.
 */
class MovingInIT {
    private static final int LOGINS = 60;

    /**
     * Byte by byte, with pauses, so that the new lane waits in a read while the old one may still have to do with the
     * client. It is a matter of luck: of such logins, one in 150 ended the old lane when a client arrived at the new one
     * at once.
     */
    @Test
    void slowLoginsHarmNoLane() {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, "arriving_role");
        String[] tenants = {
            PooledRole.tenant("a", postgres.host(), postgres.port(), "arriving_role"),
            PooledRole.tenant("b", postgres.host(), postgres.port(), "arriving_role")
        };
        try (Warnings warnings = Warnings.of("Unexpected exception from an event executor");
                WeirFixture weir = WeirFixture.start(PooledRole.toml("lanes = 2", tenants));
                FaultProxy proxy = FaultProxy.to("127.0.0.1", weir.weir().transactionPort())) {
            proxy.chunk(FaultProxy.Direction.TO_SERVER, 1)
                    .delay(FaultProxy.Direction.TO_SERVER, Duration.ofNanos(100_000));
            for (int i = 0; i < LOGINS; i++) {
                String user = "arriving_role." + (i % 2 == 0 ? "a" : "b");
                try (PgClient client = PgClient.connect(proxy.host(), proxy.port())) {
                    assertThat(client.send(Messages.gssRequest()).readByte()).isEqualTo('N');
                    client.login(user, PooledRole.PASSWORD, "postgres");
                }
            }
            assertThat(warnings.count()).isZero();
        }
    }
}
