package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Nothing that is answered before a login has succeeded tells whether a tenant or a user exists. */
class LoginSecrecyIT {
    private static WeirFixture weir;

    @BeforeAll
    static void start() {
        TestPostgres postgres = TestPostgres.shared();
        postgres.createRole("alice", "one password", TestPostgres.Login.SCRAM);
        postgres.createRole("clara", "one password", TestPostgres.Login.SCRAM);
        weir = WeirFixture.start(WeirFixture.toml(postgres) + """
                  [[tenant.user]]
                  name = "alice"
                  password = "one password"
                  [[tenant.user]]
                  name = "clara"
                  password = "one password"
                """);
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static PgClient connect() {
        return PgClient.connect("127.0.0.1", weir.weir().transactionPort());
    }

    /** Type and length of each frame, and what does not differ by nonce, salt or name. */
    private static List<String> shapeOfRefusal(String user) {
        try (PgClient client = connect()) {
            Frame last = client.attemptLogin(Messages.PROTOCOL_3_0, user, "wrong", "postgres", Map.of());
            assertThat(last.type()).isEqualTo('E');
            assertThat(client.isClosedByPeer()).isTrue();
            List<String> shape = new ArrayList<>();
            for (Frame frame : client.loggedIn().frames()) {
                shape.add(frame.type() + " of " + frame.body().length + " bytes");
            }
            Map<String, String> challenge = Raw.scram(client.loggedIn().frames().get(1));
            shape.add(String.join(",", challenge.keySet().stream().sorted().toList()));
            shape.add("iterations " + challenge.get("i"));
            shape.add(last.fields().toString().replace(user.substring(0, 5), "the user"));
            return shape;
        }
    }

    private static String saltOf(String user, Map<String, String> parameters) {
        try (PgClient client = connect()) {
            client.attemptLogin(Messages.PROTOCOL_3_0, user, "wrong", "postgres", parameters);
            return String.valueOf(Raw.scram(client.loggedIn().frames().get(1)).get("s"));
        }
    }

    private static String saltOf(String user) {
        return saltOf(user, Map.of());
    }

    @Test
    void answersUnknownTenantUnknownUserAndWrongPasswordAlike() {
        List<String> wrongPassword = shapeOfRefusal("alice.acme");
        assertThat(wrongPassword).hasSize(6).contains("iterations 4096");
        assertThat(shapeOfRefusal("bobby.acme")).isEqualTo(wrongPassword);
        assertThat(shapeOfRefusal("alice.none")).isEqualTo(wrongPassword);
        assertThat(shapeOfRefusal("bobby.none")).isEqualTo(wrongPassword);
    }

    @Test
    void showsEachUserTheSameSaltAgainAndAgain() {
        for (String user : List.of("alice.acme", "bobby.acme", "alice.none", "bobby.none")) {
            assertThat(saltOf(user)).as(user).isEqualTo(saltOf(user));
        }
    }

    @Test
    void showsNoTwoUsersTheSameSalt() {
        List<String> salts = new ArrayList<>();
        // Two with one password; two that do not exist; the same name at two tenants that do not exist.
        for (String user : List.of(
                "alice.acme", "clara.acme", "bobby.acme", "dorag.acme", "bobby.none", "bobby.nono", "alice.none")) {
            salts.add(saltOf(user));
        }
        assertThat(salts).doesNotHaveDuplicates();
    }

    @Test
    void showsAUserTheSameSaltWhicheverWayTheTenantIsNamed() {
        for (String tenant : List.of("acme", "none")) {
            for (String user : List.of("alice", "bobby")) {
                assertThat(saltOf(user, Map.of("options", "-c weir.tenant=" + tenant)))
                        .as(user + "." + tenant)
                        .isEqualTo(saltOf(user + "." + tenant));
            }
        }
    }

    @Test
    void hashesNoPasswordAgainAfterTheFirstAttempt() {
        int attempts = 40;
        saltOf("alice.acme");
        long before = hashingNanos();
        for (int i = 0; i < attempts; i++) {
            saltOf("alice.acme");
            saltOf("bobby.acme");
            saltOf("alice.none");
        }
        // One PBKDF2 of 4096 rounds takes more than a millisecond of CPU.
        assertThat(Duration.ofNanos(hashingNanos() - before)).isLessThan(Duration.ofMillis(attempts / 2));
    }

    private static long hashingNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("hashing"))
                .mapToLong(thread -> threads.getThreadCpuTime(thread.getThreadId()))
                .sum();
    }
}
