package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Conversations;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What clients send, with some bytes flipped, left out or put in: it ends as it does at Postgres itself. */
class FuzzIT {
    private static final String DATABASE = "fuzz";
    private static final String ROLE = "fuzz";
    private static final int CASES = 300;
    private static final long SEED = 20_260_202L;

    /** Sent behind each stream: who answers it has answered all that stood before. */
    private static final String END = "the end";

    /** How long silence must last to be taken for waiting, for the rest of a frame whose length has grown. */
    private static final Duration SILENCE = Duration.ofMillis(200);

    private static final List<byte[]> STREAMS = List.of(
            Messages.together(
                    Messages.query("SELECT n, name FROM weir_numbers ORDER BY n"), Messages.query("SELECT 1")),
            Messages.together(
                    Messages.query("BEGIN"),
                    Messages.query("SELECT half FROM weir_numbers; SELECT 1/0"),
                    Messages.query("ROLLBACK")),
            Messages.together(
                    Messages.parse("", "SELECT name, bytes FROM weir_numbers WHERE n = $1"),
                    Messages.bind("", "", "3"),
                    Messages.describePortal(""),
                    Messages.execute("", 0),
                    Messages.sync(),
                    Messages.query("SELECT 2")),
            Messages.together(
                    Messages.parse("one", "SELECT $1::int + 1"),
                    Messages.describeStatement("one"),
                    Messages.bind("p", "one", "41"),
                    Messages.execute("p", 5),
                    Messages.closePortal("p"),
                    Messages.closeStatement("one"),
                    Messages.flush(),
                    Messages.sync()),
            Messages.together(Messages.query("COPY weir_numbers TO STDOUT"), Messages.query("SELECT 3")),
            Messages.together(
                    Messages.query("CREATE TEMP TABLE t (a int, b text)"),
                    Messages.query("COPY t FROM STDIN"),
                    Messages.copyData("1\tone\n2\ttwo\n"),
                    Messages.copyData("3\tthree\n"),
                    Messages.copyDone(),
                    Messages.query("SELECT count(*) FROM t")));

    /** The errors in their order, and how it ended. */
    private record Outcome(List<String> sqlstates, boolean closed) {}

    @Test
    void endsAsAtPostgresItself() {
        TestPostgres postgres = TestPostgres.shared();
        postgres.createDatabase(DATABASE);
        Conversations.prepare(postgres, DATABASE);
        // One round, since the client's hashing would take most of the time.
        postgres.execute("SET scram_iterations = 1; CREATE ROLE fuzz LOGIN PASSWORD 'secret';"
                + " GRANT login_by_trust TO fuzz; ALTER ROLE fuzz SET statement_timeout = '5s'");
        String user = """
                  [[tenant.user]]
                  name = "fuzz"
                  password = "%s"
                """.formatted(postgres.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'fuzz'")
                .getFirst()
                .getFirst());
        System.out.println("fuzz: seed " + SEED);
        Random random = new Random(SEED);
        List<String> differences = new ArrayList<>();
        try (ErrorLog log = ErrorLog.open();
                WeirFixture weir = WeirFixture.start(
                        WeirFixture.toml(postgres, "pool_size = 4", "cleanup_timeout = \"20s\"") + user)) {
            for (int i = 0; i < CASES; i++) {
                byte[] bytes = mutate(random, STREAMS.get(i % STREAMS.size()));
                Outcome direct = run(PgClient.connect(postgres.host(), postgres.port()), bytes, null);
                Outcome pooled = run(PgClient.connect("127.0.0.1", weir.weir().sessionPort()), bytes, direct);
                if (!isAlike(direct, pooled)) {
                    differences.add("case " + i + ": direct " + direct + ", pooled " + pooled + "\n"
                            + HexFormat.of().formatHex(bytes) + "\n"
                            + new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1)
                                    .replaceAll("[^ -~]", "."));
                }
                assertThat(log.errors()).as("case " + i).isEmpty();
            }
            assertThat(differences).isEmpty();
            try (PgClient client = PgClient.connect("127.0.0.1", weir.weir().sessionPort())) {
                client.login(ROLE, "secret", DATABASE);
                assertThat(client.rows("SELECT count(*) FROM weir_numbers")).isEqualTo(List.of(List.of("10")));
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> postgres.query(
                                    "SELECT 1 FROM pg_stat_activity WHERE usename = 'fuzz' AND state <> 'idle'")
                            .isEmpty());
        }
    }

    /**
     * Where the client breaks the protocol, Weir ends the session at once, so that answers to what stood before may be
     * missing; and it says why where Postgres closes without a word: docs/differences.md.
     */
    private static boolean isAlike(Outcome direct, Outcome pooled) {
        if (direct.equals(pooled)) {
            return true;
        }
        if (direct.closed() && !pooled.closed()) {
            // A type byte that is none, and nothing behind it: Postgres does not wait for its length.
            List<String> withIt = new ArrayList<>(pooled.sqlstates());
            withIt.add("08P01");
            return direct.sqlstates().equals(withIt);
        }
        if (!direct.closed() || pooled.sqlstates().isEmpty()) {
            return false;
        }
        List<String> before = pooled.sqlstates().subList(0, pooled.sqlstates().size() - 1);
        return pooled.sqlstates().getLast().equals("08P01")
                && before.size() <= direct.sqlstates().size()
                && direct.sqlstates().subList(0, before.size()).equals(before);
    }

    private static byte[] mutate(Random random, byte[] valid) {
        byte[] bytes = valid;
        int mutations = random.nextInt(1, 4);
        for (int i = 0; i < mutations; i++) {
            int at = random.nextInt(bytes.length);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(bytes, 0, at);
            int rest = at;
            switch (random.nextInt(4)) {
                case 0 -> out.write(bytes[rest++] ^ 1 << random.nextInt(8));
                case 1 -> rest = Math.min(bytes.length, at + random.nextInt(1, 4));
                case 2 -> out.write(random.nextInt(256));
                default -> {
                    out.write(random.nextInt(256));
                    rest++;
                }
            }
            out.write(bytes, rest, bytes.length - rest);
            bytes = out.toByteArray();
        }
        return bytes;
    }

    /** @param expected with the same errors silence need not last; null if they are not known */
    private static Outcome run(PgClient client, byte[] bytes, @Nullable Outcome expected) {
        List<String> sqlstates = new ArrayList<>();
        boolean ending = false;
        try (client) {
            client.login(ROLE, "secret", DATABASE);
            try {
                client.send(bytes, Messages.sync(), Messages.query("SELECT '" + END + "'"));
            } catch (AssertionError closed) {
                assertThat(closed).hasMessageContaining("sending");
            }
            while (true) {
                boolean enough = expected == null
                        || (!expected.closed() && expected.sqlstates().equals(sqlstates));
                client.readTimeout(enough ? SILENCE : Duration.ofSeconds(3));
                if (client.isClosedByPeer()) {
                    return new Outcome(sqlstates, true);
                }
                if (!client.hasBytesWithin(Duration.ofMillis(1))) {
                    return new Outcome(sqlstates, false);
                }
                client.readTimeout(Duration.ofSeconds(3));
                Frame frame = client.readFrame();
                switch (frame.type()) {
                    case 'E' -> sqlstates.add(frame.sqlstate());
                    case 'D' -> ending = frame.columns().contains(END);
                    case 'Z' -> {
                        if (ending) {
                            return new Outcome(sqlstates, false);
                        }
                    }
                    default -> {
                        // whatever else is answered
                    }
                }
            }
        }
    }
}
