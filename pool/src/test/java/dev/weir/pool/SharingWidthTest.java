package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The load is a model: so many answers a second, by how many server connections statements are spread over. */
class SharingWidthTest {
    private static final int POOL = 20;
    private static final Duration ONE_TURN = Duration.ofNanos(SharingWidth.TURN_NANOS);

    /** A server with two processors, as it was measured: best with four connections, a third less with twenty. */
    private static double twoProcessors(int servers) {
        return switch (servers) {
            case 1 -> 34_000;
            case 2 -> 42_000;
            case 3 -> 46_000;
            default -> 49_000 - 900 * Math.max(servers - 4, 0);
        };
    }

    private final Random random = new Random(20261122);
    /** As a clock may be that has no beginning. */
    private long now = -Duration.ofSeconds(10).toNanos();

    /** Server connections that are there; the others log in. */
    private int open = POOL;

    private final SharingWidth width = new SharingWidth(now);

    @Test
    void isAllAtFirst() {
        assertThat(width.inForce()).isEqualTo(SharingWidth.ALL);
        assertThat(width.isReached(POOL)).isFalse();
    }

    @Test
    void narrowsWhereFewerServersAnswerMore() {
        run(Duration.ofSeconds(20), SharingWidthTest::twoProcessors, 0.1, 64);
        assertThat(width.kept()).isBetween(3, 6);
    }

    @Test
    void staysWhereMoreServersAnswerMore() {
        run(Duration.ofSeconds(20), servers -> 2_500.0 * servers, 0.1, 64);
        assertThat(width.kept()).isEqualTo(SharingWidth.ALL);
    }

    @Test
    void staysWhereItMakesNoDifference() {
        run(Duration.ofSeconds(60), servers -> 30_000, 0.05, 64);
        assertThat(width.kept()).isEqualTo(SharingWidth.ALL);
    }

    @Test
    void widensAgainWhenMoreServersAnswerMore() {
        run(Duration.ofSeconds(20), SharingWidthTest::twoProcessors, 0.1, 64);
        run(Duration.ofSeconds(90), servers -> 2_500.0 * servers, 0.1, 64);
        assertThat(width.kept()).isEqualTo(SharingWidth.ALL);
    }

    @Test
    void isAllWhenTheCrowdHasGone() {
        run(Duration.ofSeconds(20), SharingWidthTest::twoProcessors, 0.1, 64);
        assertThat(width.isNarrowed()).isTrue();
        run(Duration.ofSeconds(2), servers -> 20_000, 0.1, 2);
        assertThat(width.inForce()).isEqualTo(SharingWidth.ALL);
        assertThat(width.isNarrowed()).isFalse();
    }

    @Test
    void beginsTheNextCrowdWithWhatWasFoundInTheOneBefore() {
        run(Duration.ofSeconds(20), SharingWidthTest::twoProcessors, 0.1, 64);
        int found = width.kept();
        run(Duration.ofSeconds(5), servers -> 20_000, 0.1, 2);
        run(Duration.ofMillis(60), SharingWidthTest::twoProcessors, 0.1, 64);
        assertThat(width.inForce()).isEqualTo(found);
    }

    @Test
    void widensSoonForTheNextCrowdIfItIsOfAnotherKind() {
        run(Duration.ofSeconds(20), SharingWidthTest::twoProcessors, 0.1, 64);
        run(Duration.ofSeconds(5), servers -> 20_000, 0.1, 2);
        run(Duration.ofSeconds(3), servers -> 2_500.0 * servers, 0.1, 64);
        assertThat(width.kept()).isEqualTo(SharingWidth.ALL);
    }

    @Test
    void staysDuringAShortRest() {
        run(Duration.ofSeconds(20), SharingWidthTest::twoProcessors, 0.1, 64);
        int kept = width.kept();
        now += Duration.ofMillis(500).toNanos();
        run(Duration.ofMillis(1), SharingWidthTest::twoProcessors, 0, 64);
        assertThat(width.kept()).isEqualTo(kept);
    }

    @Test
    void narrowsAlsoWhereTheLoadComesInGusts() {
        for (int i = 0; i < 300; i++) {
            run(Duration.ofMillis(130), SharingWidthTest::twoProcessors, 0.1, 64);
            now += Duration.ofMillis(300).toNanos();
        }
        assertThat(width.kept()).isLessThan(POOL);
    }

    @Test
    void isAllAfterRest() {
        run(Duration.ofSeconds(20), SharingWidthTest::twoProcessors, 0.1, 64);
        now += Duration.ofSeconds(1).toNanos();
        run(Duration.ofMillis(1), SharingWidthTest::twoProcessors, 0, 64);
        assertThat(width.inForce()).isEqualTo(SharingWidth.ALL);
    }

    @Test
    void oneTurnThatWasDisturbedDecidesNothing() {
        int[] turn = new int[1];
        run(
                Duration.ofSeconds(60),
                servers -> {
                    boolean disturbed = turn[0]++ % 40 == 0;
                    return disturbed ? 3_000 : twoProcessors(servers);
                },
                0.1,
                64);
        assertThat(width.kept()).isBetween(3, 6);
    }

    @Test
    void triesNothingWithoutACrowd() {
        run(
                Duration.ofSeconds(20),
                servers -> {
                    assertThat(servers).isEqualTo(POOL);
                    return 30_000;
                },
                0.1,
                8);
    }

    @Test
    void triesLittleOfWhatIsNoBetter() {
        long begin = now;
        long[] narrow = new long[1];
        run(
                Duration.ofMinutes(5),
                servers -> {
                    narrow[0] += servers < POOL ? 1 : 0;
                    return 2_500.0 * servers;
                },
                0.02,
                64);
        long turns = (now - begin) / SharingWidth.TURN_NANOS;
        assertThat(narrow[0]).isPositive().isLessThan(turns / 25);
    }

    @Test
    void aTrialEndsThoughNobodyStandsBehindOthersOverAsManyAsItTries() {
        narrow();
        int kept = width.kept();
        long begin = now;
        long[] wider = new long[1];
        run(
                Duration.ofMinutes(2),
                servers -> {
                    wider[0] += servers > kept ? 1 : 0;
                    return twoProcessors(servers);
                },
                0.02,
                kept + 2);
        long turns = (now - begin) / SharingWidth.TURN_NANOS;
        assertThat(width.kept()).isEqualTo(kept);
        assertThat(wider[0]).isPositive().isLessThan(turns / 10);
    }

    @Test
    void isAllThoughTheCrowdGoesAmidATrial() {
        narrow();
        while (width.inForce() <= width.kept()) {
            crowdFor(ONE_TURN);
        }
        run(Duration.ofSeconds(3), servers -> 20_000, 0.1, 2);
        assertThat(width.isNarrowed()).isFalse();
    }

    @Test
    void triesMoreNextThoughATrialOfFewerWasLeftByTheCrowdBefore() {
        narrow();
        int kept = width.kept();
        while (width.inForce() >= kept) {
            crowdFor(ONE_TURN);
        }
        run(Duration.ofSeconds(5), servers -> 20_000, 0.1, 2);
        crowdFor(Duration.ofMillis(60));
        for (int inRow = 0; inRow < 5; ) { // what is left of that trial
            crowdFor(ONE_TURN);
            inRow = width.inForce() == kept ? inRow + 1 : 0;
        }
        while (width.inForce() == kept) {
            crowdFor(ONE_TURN);
        }
        assertThat(width.inForce()).isGreaterThan(kept);
    }

    @Test
    void triesNothingWhereOneIsAllThatIsShared() {
        for (int i = 0; i < 100_000; i++) {
            now += Duration.ofNanos(50_000).toNanos();
            if (width.onAnswered(now, true, 1)) {
                width.onTurnOver(now, 8, POOL, false);
            }
            assertThat(width.inForce()).isEqualTo(SharingWidth.ALL);
        }
    }

    @Test
    void aTrialOfMoreBeginsWhenTheyAreOpen() {
        narrow();
        int before = width.kept();
        Duration toOpen = Duration.ofMillis(400);
        long wanted = 0;
        open = before;
        for (int inRow = 0; inRow < 5 || wanted == 0; ) { // until that trial is over
            run(ONE_TURN, servers -> 10_000.0 * servers, 0.01, 64);
            boolean more = width.inForce() > before;
            wanted = more && wanted == 0 ? now : wanted;
            open = wanted != 0 && now - wanted > toOpen.toNanos() ? POOL : before;
            inRow = width.inForce() == before ? inRow + 1 : 0;
            if (width.kept() > before) {
                return;
            }
        }
        assertThat(width.kept()).isGreaterThan(before);
    }

    private void narrow() {
        crowdFor(Duration.ofSeconds(20));
        assertThat(width.isNarrowed()).isTrue();
    }

    private void crowdFor(Duration time) {
        run(time, SharingWidthTest::twoProcessors, 0.1, 64);
    }

    /**
     * @param noise of the rate, as a standard deviation, changing every 20 ms
     * @param clients of which each has one statement standing or running at all times
     */
    private void run(Duration time, IntToDoubleFunction perSecond, double noise, int clients) {
        long end = now + time.toNanos();
        while (now < end) {
            int servers = Math.min(width.inForce(), open);
            double rate = perSecond.applyAsDouble(servers) * Math.exp(noise * random.nextGaussian());
            long gap = (long) (1e9 / rate);
            long until = Math.min(now + SharingWidth.TURN_NANOS, end);
            while (now < until) {
                now += gap;
                if (width.onAnswered(now, clients > servers, Math.min(servers, clients))) {
                    width.onTurnOver(now, clients, POOL, width.inForce() > open && open < POOL);
                    break;
                }
            }
        }
    }
}
