package dev.weir.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    private static long of(String text) {
        byte[] bytes = ("..." + text + "...").getBytes(StandardCharsets.UTF_8);
        return Fingerprint.of(bytes, 3, bytes.length - 6);
    }

    @Test
    void isTheSameForOtherLiterals() {
        assertThat(of("select a from t where b = 1 and c = 'x'"))
                .isEqualTo(of("select a from t where b = 27.5 and c = ''"));
        assertThat(of("select '1', 'it''s'")).isEqualTo(of("select 'one', 'x''y''z'"));
    }

    @Test
    void isAnotherForOtherStatements() {
        Set<Long> seen = new HashSet<>();
        for (String text : new String[] {
            "",
            "select a from t1",
            "select a from t2",
            "select $1",
            "select $2",
            "select a1",
            "select a",
            "select 1",
            "select 'a'",
            "select a , b",
            "select a, b",
            "'unfinished",
            "select 1, 2"
        }) {
            assertThat(seen.add(of(text))).as(text).isTrue();
        }
    }

    @Test
    void isSpreadAndNeverZero() {
        Random random = new Random(3);
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            StringBuilder text = new StringBuilder("select ");
            for (int j = 0; j < 6; j++) {
                text.append((char) ('a' + random.nextInt(26)));
            }
            seen.add(of(text.toString() + i % 7 + (char) ('a' + i % 26)));
        }
        assertThat(seen).doesNotContain(0L).hasSizeGreaterThan(99_000);
    }
}
