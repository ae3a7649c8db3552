package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.SimulatedBackend.Message;
import dev.weir.pool.SimulatedBackend.Work;
import dev.weir.wire.Backend;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random clients, legal and odd, at a simulated server whose replies come at any time: the bookkeeping stays exact. */
class ExpectedRepliesModelTest {
    private static final int RUNS = Integer.getInteger("weir.runs", 60_000);

    private final long seed = Long.getLong("weir.seed", System.nanoTime());

    private int ambiguousRuns;

    /** One connection: what was sent and has not arrived, what the server answered and has not arrived. */
    private static final class Conversation {
        final Random random;
        final SimulatedBackend backend = new SimulatedBackend();
        final ExpectedReplies expected = new ExpectedReplies();
        final Deque<Message> underway = new ArrayDeque<>();
        final List<String> story = new ArrayList<>();

        Conversation(long seed) {
            this.random = new Random(seed);
        }

        void send(Message message) {
            story.add("-> " + message);
            expected.onRequest(message.type());
            underway.add(message);
        }

        /** Lets the server read, or a reply arrive. */
        boolean step() {
            boolean read = !underway.isEmpty() && (backend.replies().isEmpty() || random.nextBoolean());
            if (read) {
                backend.receive(underway.remove());
            } else if (!backend.replies().isEmpty()) {
                deliver(backend.replies().remove().type());
            } else {
                return false;
            }
            checkNeverTooSoon();
            return true;
        }

        private void deliver(byte type) {
            story.add("<- " + (char) type);
            boolean fits = switch (type) {
                case Backend.ERROR_RESPONSE -> {
                    expected.onError();
                    yield true;
                }
                case Backend.READY_FOR_QUERY -> expected.onReadyForQuery();
                case SimulatedBackend.FATAL -> true;
                default -> expected.onReply(type);
            };
            assertThat(fits).as("%s fits in %s", (char) type, story).isTrue();
        }

        private boolean isReallyAtRest() {
            return underway.isEmpty() && backend.replies().isEmpty() && backend.isAtRest();
        }

        private void checkNeverTooSoon() {
            if (expected.isAtRest() && !expected.isAmbiguous() && !backend.isDead()) {
                boolean onlyIgnored = underway.stream().allMatch(message -> "dcfH".indexOf(message.type()) >= 0);
                assertThat(onlyIgnored && backend.replies().isEmpty() && backend.isAtRest())
                        .as("at rest in %s", story)
                        .isTrue();
            }
        }

        void settle() {
            while (step()) {
                // until all has arrived
            }
            if (!backend.isDead() && !expected.isAmbiguous()) {
                assertThat(expected.isAtRest()).as("at rest after %s", story).isEqualTo(isReallyAtRest());
                assertThat(expected.isBusy()).as("busy after %s", story).isEqualTo(expected.isCopyIn());
            }
        }
    }

    private static final Work[] QUERY_WORKS = {
        Work.SELECT,
        Work.SELECT,
        Work.COMMAND,
        Work.EMPTY,
        Work.COPY_OUT,
        Work.COPY_IN,
        Work.COPY_IN_FAILS_AT_ONCE,
        Work.FAIL
    };

    private static Message random(Random random, char type) {
        return switch (type) {
            case 'Q' -> {
                List<Work> works = new ArrayList<>();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    works.add(QUERY_WORKS[random.nextInt(QUERY_WORKS.length)]);
                }
                yield new Message((byte) 'Q', works);
            }
            case 'E' ->
                Message.of(
                        'E', random.nextInt(5) == 0 ? Work.SUSPEND : QUERY_WORKS[random.nextInt(QUERY_WORKS.length)]);
            case 'D' ->
                switch (random.nextInt(5)) {
                    case 0 -> Message.of('D', Work.FAIL);
                    case 1 -> Message.of('D', Work.SUSPEND, Work.SELECT);
                    case 2 -> Message.of('D', Work.SUSPEND);
                    case 3 -> Message.of('D', Work.SELECT);
                    default -> Message.of('D');
                };
            default -> random.nextInt(9) == 0 ? Message.of(type, Work.FAIL) : Message.of(type);
        };
    }

    /** What a client that keeps to the manual sends. */
    private static void sendLegal(Conversation talk) {
        Random random = talk.random;
        if (talk.expected.isCopyIn()) {
            String some = "ddd" + (random.nextInt(4) == 0 ? "f" : "c") + (talk.expected.isOpen() ? "S" : "");
            some.chars().forEach(type -> talk.send(random(random, (char) type)));
            return;
        }
        String[] groups = {"Q", "Q", "PBDES", "PS", "BES", "PBESPBES", "PDHBE", "ES", "CS", "S", "F", "H", "PBEPBES"};
        groups[random.nextInt(groups.length)].chars().forEach(type -> talk.send(random(random, (char) type)));
    }

    @Test
    void staysExactWithAnyClient() {
        for (int run = 0; run < RUNS; run++) {
            long runSeed = seed + run;
            Conversation talk = new Conversation(runSeed);
            try {
                converse(talk, run % 2 == 0);
            } catch (AssertionError failed) {
                throw new AssertionError("-Dweir.seed=" + runSeed + (run % 2 == 0 ? " (legal)" : " (odd)"), failed);
            }
            if (talk.expected.isAmbiguous()) {
                ambiguousRuns++;
            }
        }
        assertThat(ambiguousRuns)
                .as("runs that could not stay exact")
                .isPositive()
                .isLessThan(RUNS / 4);
    }

    private static void converse(Conversation talk, boolean legal) {
        Random random = talk.random;
        for (int turn = 2 + random.nextInt(12); turn > 0 && !talk.backend.isDead(); turn--) {
            if (legal) {
                sendLegal(talk);
            } else {
                talk.send(random(random, "QPBDECFSSSHdcf".charAt(random.nextInt(14))));
            }
            for (int steps = random.nextInt(8); steps > 0; steps--) {
                talk.step();
            }
            if (random.nextInt(4) == 0) {
                talk.settle();
            }
        }
        talk.settle();
    }

    /** A Sync, and the data that a COPY waits for, bring any server to rest. */
    @Test
    void comesToRestWhenItIsBroughtToAnEnd() {
        for (int run = 0; run < RUNS / 4; run++) {
            Conversation talk = new Conversation(seed + run);
            converse(talk, true);
            for (int i = 0; i < 8 && !talk.expected.isAtRest() && !talk.backend.isDead(); i++) {
                if (talk.expected.isCopyIn()) {
                    talk.send(Message.of('f'));
                }
                if (talk.expected.isOpen()) {
                    talk.send(Message.of('S'));
                }
                talk.settle();
            }
            assertThat(talk.expected.isAtRest() || talk.expected.isAmbiguous() || talk.backend.isDead())
                    .as("seed %s: %s", seed + run, talk.story)
                    .isTrue();
        }
    }
}
