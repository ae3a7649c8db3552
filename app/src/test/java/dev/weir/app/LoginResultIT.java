package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client is told when it has logged in. */
class LoginResultIT {
    private static TestPostgres postgres;
    private static WeirFixture weir;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.shared();
        // One round, since it is the client's time that a thousand logins would take.
        postgres.execute("SET scram_iterations = 1; CREATE ROLE login_result LOGIN PASSWORD 'secret';"
                + " GRANT login_by_scram TO login_result");
        String verifier =
                String.valueOf(postgres.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'login_result'")
                        .getFirst()
                        .getFirst());
        weir = WeirFixture.start(WeirFixture.toml(postgres) + """
                  [[tenant.user]]
                  name = "login_result"
                  password = "%s"
                """.formatted(verifier));
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static PgClient connect() {
        return PgClient.connect("127.0.0.1", weir.weir().transactionPort());
    }

    private static PgClient login(PgClient client, int protocol) {
        Frame last = client.attemptLogin(protocol, "login_result", "secret", "postgres", Map.of());
        assertThat(last).isEqualTo(Frame.of('Z', "I"));
        return client;
    }

    @ParameterizedTest
    @ValueSource(ints = {Messages.PROTOCOL_3_0, Messages.PROTOCOL_3_2})
    void isThatOfADirectLogin(int protocol) {
        try (PgClient direct = login(PgClient.connect(postgres.host(), postgres.port()), protocol);
                PgClient pooled = login(connect(), protocol)) {
            assertThat(List.copyOf(pooled.loggedIn().parameters().entrySet()))
                    .isEqualTo(List.copyOf(direct.loggedIn().parameters().entrySet()));
            assertThat(types(pooled)).isEqualTo(types(direct));
            assertThat(pooled.loggedIn().key().key())
                    .hasSameSizeAs(direct.loggedIn().key().key())
                    .hasSize(protocol == Messages.PROTOCOL_3_0 ? 4 : 32);
            assertThat(pooled.loggedIn().key().pid()).isPositive();
        }
    }

    private static List<Character> types(PgClient client) {
        return client.loggedIn().frames().stream().map(Frame::type).toList();
    }

    @Test
    void givesEachClientAKeyOfItsOwn() {
        int logins = 1000;
        Set<Integer> processes = new HashSet<>();
        Set<String> keys = new HashSet<>();
        List<Integer> inOrder = new ArrayList<>();
        for (int i = 0; i < logins; i++) {
            try (PgClient client = login(connect(), Messages.PROTOCOL_3_2)) {
                Frame.BackendKey key = client.loggedIn().key();
                processes.add(key.pid());
                inOrder.add(key.pid());
                keys.add(HexFormat.of().formatHex(key.key()));
            }
        }
        assertThat(keys).hasSize(logins);
        // Of 2^31 numbers at random, two of a thousand are equal once in 4,000 runs.
        assertThat(processes).hasSizeGreaterThan(logins - 3);
        int rising = 0;
        for (int i = 1; i < logins; i++) {
            if (inOrder.get(i) > inOrder.get(i - 1)) {
                rising++;
            }
        }
        assertThat(rising).as("no counter, neither up nor down").isBetween(logins * 4 / 10, logins * 6 / 10);
    }
}
