package dev.weir.sql;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a text holds, it is judged, in steps that are in proportion to its length. */
class HostileTextTest {
    private static final int LONG = 10_000_000;

    /** How often a byte may be looked at: a scan, some readers, and what they look ahead for. */
    private static final int LOOKS = 12;

    private static final List<String> ALPHABET = List.of(
            "'",
            "\"",
            "$",
            "$$",
            "$a$",
            "E'",
            "U&\"",
            "\\",
            "--",
            "/*",
            "*/",
            "\n",
            ";",
            "(",
            ")",
            ",",
            ".",
            "a",
            "1",
            " SELECT ",
            " WITH ",
            " AS ",
            " SET ",
            " set_config(",
            " PREPARE ",
            " EXPLAIN ",
            " CREATE ",
            " FUNCTION ",
            " BEGIN ",
            " ATOMIC ",
            " END ",
            " CASE ",
            " DO ",
            " INTO ",
            " DISTINCT ON ",
            " UESCAPE ",
            "::",
            "\u0000",
            "é");

    private static Judgement judge(byte[] text, boolean standardStrings) {
        return SqlJudge.judge(text, 0, text.length, standardStrings);
    }

    private static byte[] repeated(String start, String piece, int length) {
        return (start + piece.repeat(length / piece.length())).getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                ")",
                "/*",
                "*/",
                "$a",
                "$a$",
                "$",
                "'",
                "'' ",
                "E'\\",
                "\"",
                ";",
                "a",
                "a.",
                "1",
                "+-",
                "-",
                "'a'\n",
                "a(",
                "set_config(",
                "set_config('a',",
                "WITH a AS (",
                "SELECT DISTINCT ON (",
                "CASE ",
                "U&\"a\" UESCAPE ",
                "BEGIN;",
                "DO $$ SET a $$;",
                "SELECT 1 UNION ",
                "EXPLAIN (",
                "EXPLAIN ANALYZE ",
                "CREATE TABLE AS EXECUTE a;",
                "pg_notify(U&\"",
                "\u0000",
                "é"
            })
    void judgesTenMegabytes(String piece) {
        judge(repeated("", piece, LONG), true);
        judge(repeated("SELECT set_config('a', ", piece, LONG), false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                "$a",
                "'a'\n",
                "set_config(",
                "set_config('a', 'b', ",
                "pg_notify(",
                "SET a = b;",
                "DO $$ SET a $$;",
                "EXPLAIN (ANALYZE) ",
                "BEGIN;",
                "CREATE TEMP TABLE t AS EXECUTE a;",
                "U&\"set_config\"(",
                "PREPARE a AS ",
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE, ",
                "query_to_xml('SET a', "
            })
    void takesStepsInProportionToTheLength(String piece) {
        for (String start : List.of("", "SELECT ", "CREATE ", "SET ", "PREPARE a AS ", "DO ")) {
            byte[] text = repeated(start, piece, 100_000);
            long steps = steps(text);
            assertThat(steps).as(start + piece).isLessThan((long) LOOKS * text.length);
        }
    }

    private static long steps(byte[] text) {
        StatementReader reader = new StatementReader(text, 0, true);
        StatementScan scan = new StatementScan();
        long bytes = 0;
        int from = 0;
        while (from < text.length) {
            int stop = scan.scan(text, from, text.length, true);
            bytes += stop - from;
            if ((scan.marks() & StatementScan.CLOSER) != 0) {
                reader.read(from, stop);
            }
            from = stop + 1;
        }
        return bytes + reader.findings().steps();
    }

    @Test
    void judgesWhateverChanceMakes() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("-Dweir.seed=" + seed);
        Random random = new Random(seed);
        List<String> written = Corpus.written();
        for (int i = 0; i < 200_000; i++) {
            byte[] text = text(random, written);
            Judgement judgement = judge(text, random.nextBoolean());
            assertThat(judgement.count()).isNotNegative();
            assertThat(judgement.isShareable() && !judgement.isReadOnly()).isFalse();
            assertThat(judgement.isPlain() && !judgement.details().isEmpty()).isFalse();
            judgement.details().forEach(detail -> assertNameIsWithin(detail, text.length));
        }
    }

    private static byte[] text(Random random, List<String> written) {
        StringBuilder text = new StringBuilder();
        switch (random.nextInt(3)) {
            case 0 -> {
                byte[] bytes = new byte[random.nextInt(60)];
                random.nextBytes(bytes);
                return bytes;
            }
            case 1 -> {
                for (int i = random.nextInt(30); i >= 0; i--) {
                    text.append(ALPHABET.get(random.nextInt(ALPHABET.size())));
                }
            }
            default -> {
                text.append(written.get(random.nextInt(written.size())));
                for (int i = random.nextInt(4); i >= 0; i--) {
                    int at = random.nextInt(text.length() + 1);
                    text.replace(
                            at,
                            Math.min(text.length(), at + random.nextInt(3)),
                            ALPHABET.get(random.nextInt(ALPHABET.size())));
                }
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void assertNameIsWithin(SessionStatement detail, int length) {
        switch (detail) {
            case SessionStatement.Prepare(String name, int start, int end) -> assertWithin(start, end, length);
            case SessionStatement.Execute(String name, int start, int end) -> assertWithin(start, end, length);
            default -> {}
        }
    }

    private static void assertWithin(int start, int end, int length) {
        assertThat(start).isBetween(0, length);
        assertThat(end).isBetween(start, length);
    }

    @Test
    void allocatesNothingForPlainStatements() {
        List<byte[]> texts = List.of(
                "SELECT abalance FROM pgbench_accounts WHERE aid = $1".getBytes(StandardCharsets.UTF_8),
                "UPDATE t SET a = a + 1 WHERE b = 'c''d' RETURNING lower(a)".getBytes(StandardCharsets.UTF_8),
                "INSERT INTO t (a) VALUES ($1) ON CONFLICT DO NOTHING;".getBytes(StandardCharsets.UTF_8),
                "WITH a AS (SELECT \"b\" FROM t) DELETE FROM u USING a".getBytes(StandardCharsets.UTF_8));
        texts.forEach(text -> judge(text, true));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            judge(texts.get(i & 3), true);
        }
        long after = threads.getCurrentThreadAllocatedBytes();
        assertThat(after - before).isLessThan(10_000);
    }
}
