package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes of a logged-in client that are no message, or no good one: answered as Postgres answers them. */
class BadInputIT {
    private static final String TYPES = "QPBEDCSHFXdcf";

    /** The types that Postgres allows up to 10,000 bytes; the others may have nearly 1 GiB. */
    private static final String SMALL = "ESDCHXcf";

    private static final String ROLE = "bad_input";

    private static TestPostgres postgres;
    private static WeirFixture weir;

    @RegisterExtension
    final ErrorLog log = ErrorLog.duringEachTest();

    @BeforeAll
    static void start() {
        postgres = TestPostgres.shared();
        postgres.createRole(ROLE, "secret", TestPostgres.Login.TRUST);
        weir = WeirFixture.start(WeirFixture.toml(postgres, "pool_size = 3", "cleanup_timeout = \"30s\"") + """
                  [[tenant.user]]
                  name = "bad_input"
                  password = "secret"
                """);
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    @AfterEach
    void thePoolIsWhole() {
        try (PgClient client = pooled()) {
            assertThat(client.rows("SELECT 1")).isEqualTo(List.of(List.of("1")));
        }
        // No server connection is left in the midst of something: all come back within much less than cleanup_timeout.
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> postgres.query(
                                "SELECT 1 FROM pg_stat_activity WHERE usename = '" + ROLE + "' AND state <> 'idle'")
                        .isEmpty());
    }

    private static PgClient pooled() {
        return PgClient.connect("127.0.0.1", weir.weir().transactionPort()).login(ROLE, "secret", "postgres");
    }

    private static PgClient direct() {
        return PgClient.connect(postgres.host(), postgres.port()).login(ROLE, "secret", "postgres");
    }

    private static String outcome(PgClient client, byte[]... bytes) {
        try (client) {
            client.send(bytes);
            return describe(client.readUntilClosed());
        }
    }

    private static String describe(List<Frame> frames) {
        List<String> lines = new ArrayList<>();
        for (Frame frame : frames) {
            lines.add(
                    frame.type() == 'E'
                            ? "E " + frame.fields().get('V') + " " + frame.sqlstate() + " " + frame.message()
                            : frame.toString());
        }
        return String.join("\n", lines);
    }

    @Test
    void refusesEveryTypeThatIsNoMessage() {
        for (int type :
                IntStream.range(0, 256).filter(t -> TYPES.indexOf(t) < 0).toArray()) {
            byte[] frame = Raw.header(type, 4);
            assertThat(outcome(pooled(), frame))
                    .isEqualTo("E FATAL 08P01 invalid frontend message type " + type)
                    .isEqualTo(outcome(direct(), frame));
        }
    }

    /** Postgres closes without a word and says in its log why; we say it to the client: docs/differences.md. */
    @Test
    void refusesAnImpossibleLengthAtTheHeader() {
        for (int i = 0; i < TYPES.length(); i++) {
            char type = TYPES.charAt(i);
            int limit = SMALL.indexOf(type) >= 0 ? 10_000 : 0x3fffffff;
            for (int length : new int[] {0, 1, 2, 3, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, limit + 1}) {
                byte[] header = Raw.header(type, length);
                assertThat(outcome(direct(), header)).as(type + " " + length).isEmpty();
                assertThat(outcome(pooled(), header))
                        .as(type + " " + length)
                        .isEqualTo("E FATAL 08P01 invalid message length");
            }
        }
    }

    @Test
    void refusesThemBehindAnAnsweredRequestAsWell() {
        for (byte[] bad : List.of(Raw.header('y', 4), Raw.header(0, 4), Raw.header('p', 4))) {
            for (String before : List.of("SELECT 1", "BEGIN", "SELECT nothing")) {
                String expected = inTwoSteps(direct(), before, bad);
                assertThat(inTwoSteps(pooled(), before, bad)).isEqualTo(expected);
            }
        }
    }

    private static String inTwoSteps(PgClient client, String before, byte[] bad) {
        client.query(before);
        return outcome(client, bad);
    }

    /** Glued behind a request, it ends the session without the answer to that request: docs/differences.md. */
    @Test
    void keepsTheServerConnectionIfABadFrameFollowsARequestAtOnce() {
        try (PgClient one = pooled();
                PgClient two = pooled()) {
            one.rows("SELECT 1");
            two.rows("SELECT 1");
        }
        List<?> before = servers();
        assertThat(before).isNotEmpty();
        for (int i = 0; i < 10; i++) {
            String outcome = outcome(pooled(), Messages.query("SELECT 1"), Raw.header('y', 4));
            assertThat(outcome).endsWith("E FATAL 08P01 invalid frontend message type 121");
        }
        try (PgClient client = pooled()) {
            assertThat(client.rows("SELECT 1")).hasSize(1);
        }
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> servers().containsAll(before));
    }

    private static List<?> servers() {
        return postgres.query("SELECT pid FROM pg_stat_activity WHERE usename = '" + ROLE + "' AND state = 'idle'");
    }

    static Stream<Map.Entry<String, byte[]>> malformedBodies() {
        Map<String, byte[]> bodies = new LinkedHashMap<>();
        byte[] sync = Messages.sync();
        bodies.put("Query without a zero", Frame.of('Q', "SELECT 1").bytes());
        bodies.put(
                "Query with text behind the zero",
                Frame.of('Q', "SELECT 1\0more").bytes());
        bodies.put("empty Query", Frame.of('Q', "").bytes());
        bodies.put("Query that is no UTF-8", new byte[] {'Q', 0, 0, 0, 7, (byte) 0xc3, 0x28, 0});
        bodies.put("Parse without anything", Messages.together(Frame.of('P', "").bytes(), sync));
        bodies.put(
                "Parse without a zero",
                Messages.together(Frame.of('P', "\0SELECT 1").bytes(), sync));
        bodies.put(
                "Parse with too few types",
                Messages.together(Frame.of('P', "\0SELECT 1\0\0\3\0\0").bytes(), sync));
        bodies.put(
                "Parse with text behind",
                Messages.together(Frame.of('P', "\0SELECT 1\0\0\0more").bytes(), sync));
        byte[] parse = Messages.parse("", "SELECT $1::int");
        bodies.put(
                "Bind without anything",
                Messages.together(parse, Frame.of('B', "").bytes(), sync));
        bodies.put(
                "Bind of a short value",
                Messages.together(parse, Frame.of('B', "\0\0\0\0\0\1\0\0\0\11x").bytes(), sync));
        bodies.put(
                "Bind with another number of values",
                Messages.together(
                        parse,
                        Frame.of('B', "\0\0\0\0\0\2\0\0\0\0011\0\0\0\0011\0\0").bytes(),
                        sync));
        bodies.put(
                "Bind with text behind",
                Messages.together(
                        parse, Frame.of('B', "\0\0\0\0\0\1\0\0\0\0011\0\0more").bytes(), sync));
        bodies.put(
                "Execute without a number",
                Messages.together(Frame.of('E', "\0").bytes(), sync));
        bodies.put(
                "Describe of nothing known",
                Messages.together(Frame.of('D', "Xname\0").bytes(), sync));
        bodies.put(
                "Close of nothing known",
                Messages.together(Frame.of('C', "Xname\0").bytes(), sync));
        bodies.put(
                "Describe without a body", Messages.together(Frame.of('D', "").bytes(), sync));
        bodies.put("FunctionCall without anything", Frame.of('F', "").bytes());
        bodies.put(
                "CopyData where no COPY is", Messages.together(Messages.copyData("1\n"), Messages.query("SELECT 1")));
        bodies.put("CopyFail where no COPY is", Messages.together(Messages.copyFail("no"), Messages.query("SELECT 1")));
        return bodies.entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("malformedBodies")
    void passesMalformedBodiesOnToPostgres(Map.Entry<String, byte[]> bytes) {
        assertThat(answerThenQuery(pooled(), bytes.getValue()))
                .as(bytes.getKey())
                .isEqualTo(answerThenQuery(direct(), bytes.getValue()));
    }

    /** The reply, and whether the connection is still of use. */
    private static String answerThenQuery(PgClient client, byte[] bytes) {
        try (client) {
            client.send(bytes);
            String first = describe(readReply(client));
            if (client.hasBytesWithin(Duration.ofMillis(1)) && client.isClosedByPeer()) {
                return first + "\nclosed";
            }
            return first + "\n" + describe(client.query("SELECT '" + "x".repeat(3) + "'"));
        }
    }

    private static List<Frame> readReply(PgClient client) {
        List<Frame> frames = new ArrayList<>();
        do {
            frames.add(client.readFrame());
        } while (frames.getLast().type() != 'Z'
                && !(frames.getLast().type() == 'E'
                        && "FATAL".equals(frames.getLast().fields().get('V'))));
        return frames;
    }

    @Test
    void refusesTextThatIsNoMessageAtAll() {
        byte[] http = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(outcome(pooled(), http)).isEqualTo(outcome(direct(), http));
    }
}
