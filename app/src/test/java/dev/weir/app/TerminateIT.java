package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that say goodbye, in whatever state: what they sent before is carried out, what they left open is undone. */
class TerminateIT {
    private static PooledRole pool;

    @BeforeAll
    static void start() {
        pool = PooledRole.create("terminate_role", "pool_size = 1");
        pool.execute(Mode.SESSION, "create table farewell (word text)");
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    @BeforeEach
    void empty() {
        pool.postgres().execute("truncate terminate_role.farewell");
    }

    private static int words() {
        return Integer.parseInt(Objects.requireNonNull(pool.postgres()
                .query("select count(*) from terminate_role.farewell")
                .getFirst()
                .getFirst()));
    }

    private static void awaitWords(int expected) {
        Awaitility.await().atMost(PooledRole.PATIENCE).until(() -> words() == expected);
    }

    @ParameterizedTest
    @EnumSource
    void aloneItClosesTheConnectionAndTheServerConnectionIsReused(Mode mode) {
        int backend;
        try (PgClient client = pool.login(mode)) {
            backend = PooledRole.backend(client);
            client.send(Messages.terminate());
            assertThat(client.isClosedByPeer()).isTrue();
        }
        assertThat(pool.ask(mode, "select pg_backend_pid()")).isEqualTo(Integer.toString(backend));
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void beforeAnyStatementItClosesTheConnection(Mode mode) {
        try (PgClient client = pool.login(mode)) {
            client.send(Messages.terminate());
            assertThat(client.isClosedByPeer()).isTrue();
        }
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void gluedToAQueryTheStatementTakesEffect(Mode mode) {
        try (PgClient client = pool.login(mode)) {
            client.send(Messages.query("insert into farewell values ('bye')"), Messages.terminate());
        }
        awaitWords(1);
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void gluedToAQueryThatWaitsForAServerConnectionTheStatementTakesEffect(Mode mode) {
        try (PgClient holder = pool.login(Mode.TRANSACTION)) {
            holder.query("begin");
            try (PgClient client = pool.login(mode)) {
                client.send(Messages.query("insert into farewell values ('bye')"), Messages.terminate());
            }
            try (PgClient later = pool.login(mode)) {
                later.terminate(); // by now Weir has seen that the other has gone
            }
            holder.query("commit");
            awaitWords(1);
            holder.terminate();
        }
        pool.assertSound(1);
    }

    @Test
    void gluedToAQueryForWhichParametersAreSetTheStatementTakesEffect() {
        try (PgClient client = pool.login(Mode.TRANSACTION)) {
            client.rows("set search_path = terminate_role, public");
            pool.execute(Mode.TRANSACTION, "select 1"); // takes them away
            client.send(Messages.query("insert into farewell values ('bye')"), Messages.terminate());
        }
        awaitWords(1);
        pool.assertSound(1);
    }

    @Test
    void gluedBehindAStatementThatSharesEveryStatementTakesEffect() {
        for (int i = 1; i <= 3; i++) { // from the third time on it is known to be short
            try (PgClient client = pool.login(Mode.TRANSACTION)) {
                client.send(
                        Messages.query("select word from farewell where word = 'none'"),
                        Messages.query("insert into farewell values ('bye')"),
                        Messages.terminate());
            }
            awaitWords(i);
        }
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void gluedToASlowQueryTheStatementTakesEffectAfterTheClientHasGone(Mode mode) {
        try (PgClient client = pool.login(mode)) {
            client.send(Messages.query("insert into farewell select 'slow' from pg_sleep(0.3)"), Messages.terminate());
        }
        awaitWords(1);
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void gluedBehindAPipelineEveryStatementTakesEffect(Mode mode) {
        try (PgClient client = pool.login(mode)) {
            byte[] insert = Messages.together(
                    Messages.parse("", "insert into farewell values ($1)"),
                    Messages.bind("", "", "word"),
                    Messages.execute("", 0),
                    Messages.sync());
            client.send(insert, insert, Messages.query("insert into farewell values ('q')"), Messages.terminate());
        }
        awaitWords(3);
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void gluedToAnExchangeWithoutSyncItIsUndone(Mode mode) {
        try (PgClient client = pool.login(mode)) {
            client.send(
                    Messages.parse("", "insert into farewell values ($1)"),
                    Messages.bind("", "", "word"),
                    Messages.execute("", 0),
                    Messages.terminate());
        }
        pool.awaitRest();
        pool.assertSound(1);
        assertThat(words()).as("what was never committed").isZero();
    }

    @ParameterizedTest
    @EnumSource
    void withinATransactionItIsRolledBackAndTheSameServerConnectionReused(Mode mode) {
        int backend;
        try (PgClient client = pool.login(mode)) {
            client.query("begin");
            backend = PooledRole.backend(client);
            client.query("insert into farewell values ('never')");
            client.terminate();
        }
        assertThat(pool.ask(mode, "select pg_backend_pid()")).isEqualTo(Integer.toString(backend));
        assertThat(words()).isZero();
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void withinAFailedTransactionItIsRolledBackAndTheSameServerConnectionReused(Mode mode) {
        int backend;
        try (PgClient client = pool.login(mode)) {
            client.query("begin");
            backend = PooledRole.backend(client);
            assertThat(client.query("select 1/0").getLast().status()).isEqualTo('E');
            client.terminate();
        }
        assertThat(pool.ask(mode, "select pg_backend_pid()")).isEqualTo(Integer.toString(backend));
        pool.assertSound(1);
    }

    @ParameterizedTest
    @EnumSource
    void gluedToAQueryWithinATransactionItIsRolledBack(Mode mode) {
        try (PgClient client = pool.login(mode)) {
            client.query("begin");
            client.send(Messages.query("insert into farewell values ('never')"), Messages.terminate());
        }
        pool.assertSound(1);
        assertThat(words()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void gluedToCopyDataTheCopyIsUndone(Mode mode) {
        try (PgClient client = pool.login(mode)) {
            client.send(Messages.query("copy farewell from stdin"));
            client.readUntil('G');
            client.send(Messages.copyData("never\n"), Messages.terminate());
        }
        pool.assertSound(1);
        assertThat(words()).isZero();
    }
}
