package dev.weir.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StatementCacheTest {
    private static final int THRESHOLD = 32;

    private final StatementCache cache = new StatementCache(20_000, THRESHOLD, 1);

    private Judgement judge(String text) {
        byte[] bytes = ("xx" + text + "yy").getBytes(StandardCharsets.UTF_8);
        return cache.judge(bytes, 2, bytes.length - 4, true);
    }

    private static String text(int i) {
        return "BEGIN; SELECT " + i + ", '" + "x".repeat(THRESHOLD) + "'; COMMIT";
    }

    @Test
    void findsALongTextAgain() {
        Judgement first = judge(text(1));
        assertThat(first.count()).isEqualTo(3);
        assertThat(judge(text(1))).isSameAs(first);
        assertThat(judge(text(2))).isNotSameAs(first);
        assertThat(cache.count()).isEqualTo(2);
    }

    @Test
    void keepsNoShortText() {
        assertThat(judge("BEGIN")).isNotSameAs(judge("BEGIN"));
        assertThat(cache.count()).isZero();
    }

    @Test
    void keepsNoTextThatTakesTooMuchRoom() {
        judge("BEGIN; SELECT '" + "x".repeat(10_000) + "'");
        assertThat(cache.count()).isZero();
    }

    @Test
    void tellsStringsApartByWhatTheServerSees() {
        byte[] bytes = ("SELECT '" + "x".repeat(THRESHOLD) + "\\'; LISTEN b --'").getBytes(StandardCharsets.UTF_8);
        assertThat(cache.judge(bytes, 0, bytes.length, true).has(Effect.LISTEN)).isTrue();
        assertThat(cache.judge(bytes, 0, bytes.length, false).has(Effect.LISTEN))
                .isFalse();
    }

    @Test
    void staysWithinItsBytesAndKeepsWhatIsAskedFor() {
        Judgement wanted = judge(text(-1));
        long seed = Long.getLong("weir.seed", System.nanoTime());
        System.out.println("-Dweir.seed=" + seed);
        Random random = new Random(seed);
        int kept = 0;
        for (int i = 0; i < 10_000; i++) {
            judge(text(random.nextInt()));
            assertThat(cache.bytes()).isLessThanOrEqualTo(20_000);
            kept += judge(text(-1)) == wanted ? 1 : 0;
        }
        assertThat(kept).isEqualTo(10_000);
        assertThat(cache.count()).isGreaterThan(50);
    }
}
