package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.PgClient;
import org.junit.jupiter.api.Test;

/** What Weir asks the server behind a transaction must not fail by a statement_timeout that is meant for the client. */
class ShortStatementTimeoutIT {
    @Test
    void aClientIsNotPinnedSinceItsOwnTimeoutMetTheQuestion() {
        try (PooledRole pool = PooledRole.create("short_timeout", "pool_size = 1");
                PgClient client = pool.login(Mode.TRANSACTION);
                PgClient owner = pool.postgres().destination().login()) {
            client.query("set statement_timeout = '100ms'");
            owner.query("begin");
            owner.query("lock table pg_catalog.pg_settings in access exclusive mode"); // the question waits for it
            client.query("select set_config('work_mem', '3MB', false), set_config('statement_timeout', '90ms', false)");
            pool.awaitCount(1, "wait_event_type = 'Lock' and query like '%SET LOCAL statement_timeout%'");
            owner.query("commit");
            assertThat(pool.ask(Mode.TRANSACTION, "select 'not pinned'")).isEqualTo("not pinned");
            assertThat(PooledRole.single(client, "show statement_timeout")).isEqualTo("90ms");
            assertThat(PooledRole.single(client, "show work_mem")).isEqualTo("3MB");
            assertThat(pool.ask(Mode.TRANSACTION, "show statement_timeout")).isEqualTo("0");
            client.terminate();
            owner.terminate();
        }
    }
}
