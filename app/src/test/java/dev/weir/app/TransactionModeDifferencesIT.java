package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What looks different in transaction mode, as {@code docs/differences.md} says it. */
class TransactionModeDifferencesIT {
    private static final int MEBIBYTE = 1 << 20;

    @Test
    void showsWhatItHasUnderOtherNamesOrNotAtAll() {
        try (PooledRole pool = PooledRole.create("different_role", "pool_size = 1");
                PgClient client = pool.login(Mode.TRANSACTION);
                PgClient other = pool.login(Mode.TRANSACTION)) {
            client.rows("prepare mine as select 1");
            client.rows("listen mine");
            for (PgClient each : List.of(client, other)) {
                assertThat(PooledRole.single(each, "select name from pg_prepared_statements"))
                        .startsWith("weir_");
            }
            assertThat(other.rows("select pg_listening_channels()")).isEmpty();
            client.terminate();
            other.terminate();
        }
    }

    @Test
    void startupParametersAreTakenForThoseOfTheSession() {
        try (PooledRole pool = PooledRole.create("source_role")) {
            for (Mode mode : Mode.values()) {
                try (PgClient client = PgClient.connect(
                        pool.destination(mode).host(), pool.destination(mode).port())) {
                    client.login(
                            pool.destination(mode).user(),
                            PooledRole.PASSWORD,
                            pool.destination(mode).database(),
                            Map.of("work_mem", "1MB"));
                    assertThat(client.rows("select setting, source from pg_settings where name = 'work_mem'"))
                            .isEqualTo(List.of(List.of("1024", "session")));
                    client.terminate();
                }
            }
        }
    }

    @Test
    void longTextsCanBePreparedWithoutANameOnly() {
        String sql = "select '" + "x".repeat(MEBIBYTE) + "'";
        try (PooledRole pool = PooledRole.create("lengthy_role");
                PgClient client = pool.login(Mode.TRANSACTION)) {
            client.send(Messages.parse("named", sql), Messages.sync());
            Frame refused = PooledRole.error(client.readUntilReady());
            assertThat(refused.sqlstate()).isEqualTo("54000");
            assertThat(refused.fields().get('V')).isEqualTo("ERROR");
            client.send(Messages.parse("", sql), PreparedStatementStories.use(""), Messages.sync());
            assertThat(client.readUntilReady().stream().map(Frame::type)).containsExactly('1', '2', 'T', 'D', 'C', 'Z');
            client.terminate();
        }
    }
}
