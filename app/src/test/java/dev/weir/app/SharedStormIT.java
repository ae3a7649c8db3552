package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.TestPostgres;
import org.junit.jupiter.api.Test;

/**
 * Many clients share a few server connections, and every answer tells who asked and what: none is lost, doubled, or given to
 * another, whatever they do and whatever befalls the servers. {@code -Dweir.storm.operations}, {@code clients}, {@code pool},
 * {@code rough} and {@code seed} make another storm of it; see {@link Storm.Plan}.
 */
class SharedStormIT {

    @Test
    void everyoneGetsTheAnswerToWhatWasAsked() {
        Storm.Plan plan = Storm.Plan.ofProperties(false);
        try (PooledRole pool = pool("storm", plan)) {
            Storm storm = new Storm(plan, pool, "storm");
            storm.run();
            assertThat(storm.counts().lost.sum()).as("sessions that ended").isZero();
            assertThat(storm.counters().rides())
                    .as("statements that shared a server connection")
                    .isPositive();
            pool.assertSound(plan.poolSize());
        }
    }

    @Test
    void alsoWhileServerProcessesAreKilled() {
        Storm.Plan plan = Storm.Plan.ofProperties(true);
        try (PooledRole pool = pool("storm_killed", plan)) {
            Storm storm = new Storm(plan, pool, "storm_killed");
            storm.run();
            assertThat(storm.counters().repeats())
                    .as("statements that were sent again")
                    .isPositive();
            pool.assertSound(plan.poolSize());
        }
    }

    /** Time limits are not what is tested: a storm takes what the machine has, and many log in at once. */
    private static PooledRole pool(String role, Storm.Plan plan) {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, role);
        String tenant = PooledRole.tenant(
                "acme",
                postgres.host(),
                postgres.port(),
                role,
                "pool_size = " + plan.poolSize(),
                "max_clients = 2000",
                "connect_timeout = \"5m\"");
        return PooledRole.existing(
                postgres, role, PooledRole.toml("", tenant).replace("[listen]", "[listen]\nlogin_timeout = \"5m\""));
    }
}
