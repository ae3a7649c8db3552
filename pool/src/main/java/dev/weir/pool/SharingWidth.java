package dev.weir.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Over how many of a pool's server connections shared statements are spread. A server that has all its processors at work
 * answers no more through twenty connections than through a few, but spends more on switching between them, and fewer
 * statements come to it together. Nobody can know the best number beforehand, so while there is a crowd another number is
 * tried against the one that is kept, in short turns of both, and kept instead if clearly more statements are answered with
 * it. Where there is no crowd, it is all of them; the next crowd begins with what was found in the one before. Confined to a
 * lane.
 */
final class SharingWidth {
    /** No limit: a statement only gets behind another where all server connections are busy. */
    static final int ALL = Integer.MAX_VALUE;

    /** A turn is measured for so long, or for {@link #ANSWERS_IN_TURN} answers' time if that is longer. */
    static final long TURN_NANOS = Duration.ofMillis(20).toNanos();

    private static final long LONGEST_TURN_NANOS = 10 * TURN_NANOS;

    /** So many times what one who comes waits for an answer. */
    private static final int ANSWERS_IN_TURN = 10;

    /** What was sent in the turn before is still answered in the beginning of a turn: this part of it is not measured. */
    private static final int SETTLING_PART = 5;

    /** With fewer answers in a turn there is nothing to be gained, and little to be seen. */
    private static final int FEW = 40;

    /** Turns between two trials: the first number, doubled with each trial that has brought nothing, up to the last one. */
    private static final int FIRST_PAUSE = 5;

    private static final int LAST_PAUSE = 320;

    /** After such a time without a crowd there is none. */
    private static final long CALM_NANOS = Duration.ofSeconds(1).toNanos();

    private int kept = ALL;
    private boolean calm = true;
    private @Nullable Trial trial;
    private boolean narrowerNext = true;
    private int pause = FIRST_PAUSE;
    private int paused;

    private long measuredFrom;
    private long turnEnd;
    private long turnNanos = TURN_NANOS;
    private int answered;
    private int crowded;
    private int mostServers;
    private long calmSince;

    /** @param now by the lane's clock */
    SharingWidth(long now) {
        measuredFrom = now;
        turnEnd = now;
        calmSince = now;
    }

    /** Whether a statement rather gets behind another than on one server connection more. */
    boolean isReached(int servers) {
        return servers >= inForce();
    }

    int inForce() {
        if (calm) {
            return ALL;
        }
        Trial running = trial;
        return running == null ? kept : running.inForce();
    }

    /** The number that has proved best where there is a crowd. */
    int kept() {
        return kept;
    }

    /** Whether there is a crowd, and a few have proved better for it than all. */
    boolean isNarrowed() {
        return !calm && kept != ALL;
    }

    /**
     * A shared statement has been answered.
     *
     * @param now by the lane's clock, in nanoseconds
     * @param behind whether others stand behind it
     * @param servers that are shared
     * @return whether the turn is over, and {@link #onTurnOver} due
     */
    boolean onAnswered(long now, boolean behind, int servers) {
        if (now - measuredFrom < 0) {
            return false;
        }
        answered++;
        mostServers = Math.max(mostServers, servers);
        if (behind) {
            crowded++;
        }
        return now - turnEnd >= 0;
    }

    /**
     * @param statements that stand on shared server connections
     * @param most of which there may be
     * @param lacking whether fewer are there than the number in force, and more are on their way
     */
    void onTurnOver(long now, int statements, int most, boolean lacking) {
        boolean interrupted = now - turnEnd > turnNanos;
        boolean crowd = crowded >= answered / 4;
        if (interrupted || answered < FEW || !(crowd || isSpreadForTrial())) {
            onCalm(now);
        } else {
            calmSince = crowd ? now : calmSince;
            double perNano = (double) answered / (now - measuredFrom);
            turnNanos = turnFor(statements / perNano);
            if (calm) {
                onNewCrowd();
            } else {
                onCrowd(perNano, Math.min(mostServers, kept), most, lacking);
            }
        }
        answered = 0;
        crowded = 0;
        mostServers = 0;
        measuredFrom = now + turnNanos / SETTLING_PART;
        turnEnd = measuredFrom + turnNanos;
    }

    /** Over the more of two numbers, so that nobody needs to stand behind another for the turn to tell something. */
    private boolean isSpreadForTrial() {
        Trial running = trial;
        return !calm && running != null && running.isMoreInForce();
    }

    private static long turnFor(double waitNanos) {
        return Math.clamp((long) (ANSWERS_IN_TURN * waitNanos), TURN_NANOS, LONGEST_TURN_NANOS);
    }

    private void onCalm(long now) {
        Trial running = trial;
        if (running != null) {
            running.repeatPair(); // the load comes in gusts: what is left of the trial goes on in the next one
        }
        if (now - calmSince >= CALM_NANOS) {
            calm = true;
        }
    }

    /** It may be of another kind than the one before: whether more are better is to be seen soon. */
    private void onNewCrowd() {
        calm = false;
        pause = FIRST_PAUSE;
        paused = 0;
        narrowerNext = false;
    }

    private void onCrowd(double perNano, int servers, int most, boolean lacking) {
        Trial running = trial;
        if (running == null) {
            paused++;
            if (paused >= pause) {
                paused = 0;
                trial = next(servers, most);
            }
            return;
        }
        if (lacking) {
            running.repeatPair(); // or the trial would be over before there is anything to be tried
            return;
        }
        switch (running.onTurn(perNano)) {
            case UNDECIDED -> {}
            case BETTER -> {
                kept = running.other;
                narrowerNext = running.isNarrower();
                pause = FIRST_PAUSE;
                trial = null;
            }
            case NOT_BETTER -> {
                narrowerNext = !running.isNarrower();
                pause = Math.min(2 * pause, LAST_PAUSE);
                trial = null;
            }
        }
    }

    private @Nullable Trial next(int servers, int most) {
        if (servers <= 1) {
            narrowerNext = false;
        } else if (kept == ALL) {
            narrowerNext = true;
        }
        int other = narrowerNext ? (servers + 1) / 2 : wider(most);
        return other == kept ? null : new Trial(kept, other);
    }

    private int wider(int most) {
        return kept >= most / 2 ? ALL : 2 * kept;
    }

    private enum Outcome {
        UNDECIDED,
        BETTER,
        NOT_BETTER
    }

    /**
     * Two numbers side by side. They take turns as ABBA, so that what changes steadily meanwhile, as a load or a JIT does,
     * counts for neither.
     */
    private static final class Trial {
        private static final int FEWEST_PAIRS_TO_END = 4;
        private static final int FEWEST_PAIRS_TO_WIN = 8;
        private static final int MOST_PAIRS = 48;

        /** What the other must bring, as a natural logarithm of the ratio of rates: about 3 %. */
        private static final double WORTHWHILE = 0.03;

        /** A pair counts for no more, as it does where the machine was busy otherwise for one of its turns. */
        private static final double MOST_OF_A_PAIR = 0.4;

        private final int kept;
        private final int other;
        private int turns;
        private double first;
        private int pairs;
        private double sum;
        private double sumOfSquares;

        Trial(int kept, int other) {
            this.kept = kept;
            this.other = other;
        }

        int inForce() {
            return isOthersTurn() ? other : kept;
        }

        private boolean isOthersTurn() {
            int inRound = turns & 3;
            return inRound == 1 || inRound == 2;
        }

        boolean isNarrower() {
            return other < kept;
        }

        boolean isMoreInForce() {
            return isOthersTurn() != isNarrower();
        }

        /** What was measured of a pair counts for nothing. */
        void repeatPair() {
            turns &= ~1;
        }

        Outcome onTurn(double rate) {
            boolean others = isOthersTurn();
            boolean isSecond = (turns & 1) == 1;
            turns++;
            if (!isSecond) {
                first = rate;
                return Outcome.UNDECIDED;
            }
            double gain = Math.clamp(Math.log(others ? rate / first : first / rate), -MOST_OF_A_PAIR, MOST_OF_A_PAIR);
            pairs++;
            sum += gain;
            sumOfSquares += gain * gain;
            return pairs < FEWEST_PAIRS_TO_END ? Outcome.UNDECIDED : outcome();
        }

        private Outcome outcome() {
            double mean = sum / pairs;
            double variance = Math.max(sumOfSquares / pairs - mean * mean, 0) * pairs / (pairs - 1);
            double error = Math.sqrt(variance / pairs);
            if (pairs >= FEWEST_PAIRS_TO_WIN && mean > WORTHWHILE && mean > 3 * error) {
                return Outcome.BETTER;
            }
            boolean hopeless = mean + 2 * error < WORTHWHILE;
            return hopeless || pairs == MOST_PAIRS ? Outcome.NOT_BETTER : Outcome.UNDECIDED;
        }
    }
}
