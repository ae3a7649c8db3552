package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.LaneView;
import dev.weir.testkit.Frame;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Hundreds who connect and say nothing keep nobody from logging in, and are gone when the login deadline has passed. */
class SilentFloodIT {
    private static final TestPostgres postgres = TestPostgres.shared();

    private static final int SILENT = 600;

    /** Of those, at least so many are dealt over the lanes, while the first are greeted where the last client went. */
    private static final int DEALT = 300;

    /** The first of the silent ones are to be there until the clients have logged in. */
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(6);

    @RegisterExtension
    final ErrorLog log = ErrorLog.duringEachTest();

    private static PgClient connect(WeirFixture weir) {
        return PgClient.connect("127.0.0.1", weir.weir().transactionPort());
    }

    private static PgClient login(WeirFixture weir, String tenant) {
        return connect(weir).login("flooded_role." + tenant, PooledRole.PASSWORD, "postgres");
    }

    private static WeirFixture start() {
        PooledRole.createRole(postgres, "flooded_role");
        String toml = PooledRole.toml(
                "lanes = 2",
                PooledRole.tenant("a", postgres.host(), postgres.port(), "flooded_role"),
                PooledRole.tenant("b", postgres.host(), postgres.port(), "flooded_role"));
        return WeirFixture.start(
                toml.replace("[listen]", "[listen]\nlogin_timeout = \"" + LOGIN_TIMEOUT.toSeconds() + "s\""));
    }

    @Test
    void clientsLogInAmidManyWhoSayNothing() {
        List<PgClient> silent = new ArrayList<>();
        try (WeirFixture weir = start();
                PgClient before = login(weir, "a")) {
            for (int i = 0; i < SILENT; i++) {
                silent.add(connect(weir));
            }
            try (PgClient there = login(weir, "a");
                    PgClient elsewhere = login(weir, "b")) {
                for (PgClient client : List.of(before, there, elsewhere)) {
                    assertThat(client.rows("select 'served'")).containsExactly(List.of("served"));
                }
                assertThat(silent.getFirst().hasBytesWithin(Duration.ofMillis(1)))
                        .as("the deadline has passed before the clients were served")
                        .isFalse();
                silent.forEach(SilentFloodIT::assertTimedOut);
                assertThat(before.rows("select 1")).hasSize(1);
            }
            List<Long> byLane = timeoutsByLane(weir);
            assertThat(byLane).as("where they were greeted").hasSize(2).allMatch(count -> count >= DEALT / 2);
            assertThat(byLane.stream().mapToLong(Long::longValue).sum()).isEqualTo(SILENT);
        } finally {
            silent.forEach(PgClient::close);
        }
    }

    private static void assertTimedOut(PgClient client) {
        List<Frame> last = client.readUntilClosed();
        assertThat(last).hasSize(1);
        assertThat(last.getFirst().sqlstate()).isEqualTo("57014");
    }

    private static List<Long> timeoutsByLane(WeirFixture weir) {
        return weir.weir().view(false).join().stream()
                .map(LaneView::others)
                .map(others -> others.loginFailures().of("timeout"))
                .toList();
    }
}
