package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The login by SCRAM-SHA-256, without TLS: passwords and verifiers, good messages and bad ones. */
class ScramLoginIT {
    private static final String FIRST = "n,,n=,r=0123456789abcdef01234567";

    private static TestPostgres postgres;
    private static WeirFixture weir;

    @RegisterExtension
    final ErrorLog log = ErrorLog.duringEachTest();

    @BeforeAll
    static void start() {
        postgres = TestPostgres.shared();
        StringBuilder toml = new StringBuilder(WeirFixture.toml(postgres));
        postgres.createRole("scram_password", "pässword ★", TestPostgres.Login.SCRAM);
        toml.append(user("scram_password", "pässword ★"));
        for (int iterations : new int[] {4096, 1, 10_000}) {
            String name = "scram_verifier_" + iterations;
            postgres.execute("SET scram_iterations = " + iterations + "; CREATE ROLE " + name
                    + " LOGIN PASSWORD 'pässword ★'; GRANT login_by_scram TO " + name);
            toml.append(user(name, verifierOf(name)));
        }
        // Whose verifier here is of another salt than there: its keys open nothing.
        postgres.createRole("scram_elsewhere", "pässword ★", TestPostgres.Login.SCRAM);
        toml.append(user("scram_elsewhere", verifierOf("scram_verifier_4096")));
        postgres.createRole("scram_cleartext", "pässword ★", TestPostgres.Login.CLEARTEXT);
        toml.append(user("scram_cleartext", verifierOf("scram_cleartext")));
        weir = WeirFixture.start(toml.toString());
    }

    private static String user(String name, String password) {
        return """
                  [[tenant.user]]
                  name = "%s"
                  password = "%s"
                """.formatted(name, password);
    }

    private static String verifierOf(String role) {
        String text = postgres.query("SELECT rolpassword FROM pg_authid WHERE rolname = '" + role + "'")
                .getFirst()
                .getFirst();
        assertThat(text).startsWith("SCRAM-SHA-256$");
        return String.valueOf(text);
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static PgClient connect() {
        return PgClient.connect("127.0.0.1", weir.weir().transactionPort());
    }

    private static PgClient connectDirectly() {
        return PgClient.connect(postgres.host(), postgres.port());
    }

    /** With a verifier, the server connection is opened by the keys that the client's proof yields. */
    @ParameterizedTest
    @ValueSource(strings = {"scram_password", "scram_verifier_4096", "scram_verifier_1", "scram_verifier_10000"})
    void logsInByPasswordAndByVerifier(String user) {
        for (int i = 0; i < 2; i++) {
            try (PgClient client = connect()) {
                client.login(user, "pässword ★", "postgres");
                assertThat(client.rows("SELECT current_user")).isEqualTo(List.of(List.of(user)));
            }
        }
        try (PgClient client = connect()) {
            Frame last = client.attemptLogin(Messages.PROTOCOL_3_0, user, "password", "postgres", Map.of());
            assertThat(last.sqlstate()).isEqualTo("28P01");
            assertThat(last.message()).isEqualTo("password authentication failed for user \"" + user + "\"");
        }
    }

    @Test
    void saysSoIfTheServerHasAnotherVerifier() {
        try (PgClient client = connect()) {
            Frame last =
                    client.attemptLogin(Messages.PROTOCOL_3_0, "scram_elsewhere", "pässword ★", "postgres", Map.of());
            assertThat(last.fields()).containsEntry('V', "FATAL");
            assertThat(last.sqlstate()).isEqualTo("28000");
            assertThat(last.message()).contains("verifier");
        }
    }

    @Test
    void saysSoIfTheServerWantsAPasswordAndOnlyAVerifierIsThere() {
        try (PgClient client = connect()) {
            Frame last =
                    client.attemptLogin(Messages.PROTOCOL_3_0, "scram_cleartext", "pässword ★", "postgres", Map.of());
            assertThat(last.fields()).containsEntry('V', "FATAL");
            assertThat(last.sqlstate()).isEqualTo("28000");
            assertThat(last.message()).contains("only a SCRAM verifier is configured");
        }
    }

    // ---- bad messages, in place of the client's first

    static Stream<Map.Entry<String, byte[]>> firstMessages() {
        Map<String, byte[]> messages = new LinkedHashMap<>();
        messages.put("another mechanism", Raw.saslInitialResponse("SCRAM-SHA-1", FIRST));
        messages.put("no mechanism", Raw.saslInitialResponse("", FIRST));
        messages.put("plus without TLS", Raw.saslInitialResponse("SCRAM-SHA-256-PLUS", FIRST));
        messages.put("no attributes", Raw.saslInitialResponse("SCRAM-SHA-256", "n,,"));
        messages.put("nothing", Raw.saslInitialResponse("SCRAM-SHA-256", ""));
        messages.put("no gs2 header", Raw.saslInitialResponse("SCRAM-SHA-256", "n=,r=abc"));
        messages.put("an unknown flag", Raw.saslInitialResponse("SCRAM-SHA-256", "q,,n=,r=0123456789"));
        messages.put("a binding without TLS", Raw.saslInitialResponse("SCRAM-SHA-256", "p=tls-unique,,n=,r=012345"));
        messages.put("another identity", Raw.saslInitialResponse("SCRAM-SHA-256", "n,a=root,n=,r=0123456789"));
        messages.put("no nonce", Raw.saslInitialResponse("SCRAM-SHA-256", "n,,n=user"));
        messages.put("a nonce that can't be printed", Raw.saslInitialResponse("SCRAM-SHA-256", "n,,n=,r=01\u0001"));
        messages.put("a zero byte", Raw.saslInitialResponse("SCRAM-SHA-256", "n,,n=,r=01\0more"));
        messages.put("a mandatory extension", Raw.saslInitialResponse("SCRAM-SHA-256", "n,,m=must,n=,r=0123456789"));
        messages.put(
                "a length beyond the frame",
                Frame.of('p', "SCRAM-SHA-256\0\0\0\0\177n,,n=,r=0123").bytes());
        messages.put(
                "a length short of the frame",
                Frame.of('p', "SCRAM-SHA-256\0\0\0\0\4n,,n=,r=0123").bytes());
        messages.put("no length", Frame.of('p', "SCRAM-SHA-256\0").bytes());
        messages.put("no end of the mechanism", Frame.of('p', "SCRAM-SHA-256").bytes());
        messages.put("an empty frame", Frame.of('p', "").bytes());
        messages.put("a password in clear", Messages.password("postgres"));
        return messages.entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("firstMessages")
    void refusesABadFirstMessageWithTheSameSqlstateAsPostgres(Map.Entry<String, byte[]> message) {
        assertThat(refusal(connect(), message.getValue()))
                .as(message.getKey())
                .isEqualTo(refusal(connectDirectly(), message.getValue()));
    }

    private static String refusal(PgClient client, byte[]... messages) {
        try (client) {
            client.send(
                    Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "scram_password", "database", "postgres")));
            assertThat(client.readFrame().type()).isEqualTo('R');
            for (int i = 0; i < messages.length; i++) {
                client.send(messages[i]);
                if (i < messages.length - 1) {
                    assertThat(client.readFrame().type()).isEqualTo('R');
                }
            }
            return Raw.expectOnlyFatal(client).sqlstate();
        }
    }

    // ---- bad messages, in place of the client's proof

    static Stream<String> finalMessages() {
        String proof = "A".repeat(43) + "=";
        return Stream.of(
                "",
                "c=biws",
                "c=biws,r=NONCE",
                "c=biws,r=NONCE,p=",
                "c=biws,r=NONCE,p=AAAA",
                "c=biws,r=NONCE,p=" + proof,
                "c=biws,r=NONCE,p=" + proof + ",x=more",
                "c=biws,r=NONCEx,p=" + proof,
                "c=biws,r=other,p=" + proof,
                "c=eSws,r=NONCE,p=" + proof,
                "c=,r=NONCE,p=" + proof,
                "r=NONCE,p=" + proof,
                "c=biws,r=NONCE,x=extension,p=" + proof,
                "c=biws,r=NONCE,p=!!!!");
    }

    @ParameterizedTest
    @MethodSource("finalMessages")
    void refusesABadProofWithTheSameSqlstateAsPostgres(String message) {
        assertThat(refusalOfProof(connect(), message))
                .as(message)
                .isEqualTo(refusalOfProof(connectDirectly(), message));
    }

    private static String refusalOfProof(PgClient client, String message) {
        try (client) {
            client.send(
                    Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "scram_password", "database", "postgres")));
            client.readFrame();
            client.send(Raw.saslInitialResponse("SCRAM-SHA-256", FIRST));
            String nonce = String.valueOf(Raw.scram(client.readFrame()).get("r"));
            client.send(Frame.of('p', message.replace("NONCE", nonce)).bytes());
            return Raw.expectOnlyFatal(client).sqlstate();
        }
    }

    // ---- frames that have no place in a login

    @Test
    void refusesAnOversizeMessageAtItsHeader() {
        try (PgClient client = connect()) {
            client.send(Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres")));
            client.readFrame();
            client.send(Raw.header('p', 70_000)); // and no body
            assertThat(Raw.expectOnlyFatal(client).sqlstate()).isEqualTo("08P01");
        }
    }

    @Test
    void refusesEveryFrameThatIsNoPassword() {
        for (int type : IntStream.range(0, 256).filter(t -> t != 'p').toArray()) {
            try (PgClient client = connect()) {
                client.send(Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres")));
                client.readFrame();
                client.send(Raw.header(type, 4));
                Frame error = Raw.expectOnlyFatal(client);
                assertThat(error.sqlstate()).isEqualTo("08P01");
                assertThat(error.message()).isEqualTo("expected SASL response, got message type " + type);
            }
        }
    }

    @Test
    void refusesRequestsThatDoNotWaitForTheLogin() {
        try (PgClient client = connect()) {
            client.send(
                    Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres")), Messages.query("SELECT 1"));
            assertThat(client.readFrame().type()).isEqualTo('R');
            assertThat(Raw.expectOnlyFatal(client).sqlstate()).isEqualTo("08P01");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, -1, Integer.MIN_VALUE})
    void refusesAnImpossibleLength(int length) {
        try (PgClient client = connect()) {
            client.send(Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres")));
            client.readFrame();
            client.send(Raw.header('p', length));
            assertThat(Raw.expectOnlyFatal(client).sqlstate()).isEqualTo("08P01");
        }
    }
}
