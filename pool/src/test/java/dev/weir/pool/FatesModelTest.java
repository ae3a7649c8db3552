package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.SimulatedBackend.Message;
import dev.weir.pool.SimulatedBackend.Reply;
import dev.weir.pool.SimulatedBackend.Work;
import dev.weir.wire.Backend;
import dev.weir.wire.Frontend;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random conversations in which messages of Weir's own stand amid the client's and some of the client's are answered
 * without being sent: the client sees the replies to its own messages, in their order, and nothing else; and what becomes
 * of each message is told once and as it was.
 */
class FatesModelTest {
    private static final int RUNS = Integer.getInteger("weir.runs", 60_000);

    private static final Work[] WORKS = {
        Work.SELECT, Work.COMMAND, Work.COMMAND, Work.EMPTY, Work.SUSPEND, Work.COPY_OUT, Work.COPY_IN, Work.FAIL
    };

    private static final String[] GROUPS = {
        "Q", "Q", "PBDES", "PS", "BES", "PBESPBES", "PDHBE", "ES", "CS", "S", "F", "H", "PBEPBES", "CPBES", "PCHPS"
    };

    private final long seed = Long.getLong("weir.seed", System.nanoTime());

    private enum Whose {
        CLIENTS,
        OURS,
        PUT_IN
    }

    /** One message, sent or answered without being sent, and what was told of it. */
    private static final class Item implements Fate {
        final int place;
        final Whose whose;
        final Message message;
        final byte reply;
        final List<Item> undoing;
        int answered;
        int undone;

        Item(int place, Whose whose, Message message, byte reply, List<Item> undoing) {
            this.place = place;
            this.whose = whose;
            this.message = message;
            this.reply = reply;
            this.undoing = undoing;
        }

        boolean hasFate() {
            return whose == Whose.PUT_IN || "QPBDEC".indexOf(message.type()) >= 0;
        }

        @Override
        public void onAnswered() {
            answered++;
        }

        @Override
        public void onUndone() {
            undone++;
            undoing.add(this);
        }

        @Override
        public String toString() {
            return place + ":" + whose + " " + (reply != 0 ? (char) reply : message);
        }
    }

    /** What the client was shown. */
    private record Shown(byte type, int place) {}

    private static final class Conversation {
        final Random random;
        final SimulatedBackend backend = new SimulatedBackend();
        final ExpectedReplies expected = new ExpectedReplies();
        final Deque<Message> underway = new ArrayDeque<>();
        final List<Item> items = new ArrayList<>();
        final List<Shown> shown = new ArrayList<>();
        final List<String> story = new ArrayList<>();
        final List<Item> undoing = new ArrayList<>();

        Conversation(long seed) {
            random = new Random(seed);
        }

        void send(Whose whose, Message message) {
            Item item = new Item(items.size(), whose, message, (byte) 0, undoing);
            story.add("-> " + item);
            items.add(item);
            Fate fate = item.hasFate() ? item : null;
            if (whose == Whose.OURS) {
                expected.onOwnRequest(message.type(), fate);
            } else {
                expected.onRequest(message.type(), fate);
            }
            underway.add(message);
        }

        void putIn(byte reply) {
            Item item = new Item(items.size(), Whose.PUT_IN, Message.of('H'), reply, undoing);
            story.add("-> " + item);
            items.add(item);
            expected.onPutIn(reply, item);
            putInDue();
        }

        /** As the server connection does it. */
        private void putInDue() {
            for (byte type = expected.takePutIn(); type != 0; type = expected.takePutIn()) {
                byte put = type;
                Item next = items.stream()
                        .filter(item -> item.reply == put && item.answered == 1 && notShown(item))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("put in, and nobody was told: " + story));
                story.add("++ " + next);
                shown.add(new Shown(type, next.place));
            }
        }

        private boolean notShown(Item item) {
            return shown.stream().noneMatch(one -> one.place() == item.place);
        }

        boolean step() {
            if (!underway.isEmpty() && (backend.replies().isEmpty() || random.nextBoolean())) {
                backend.receive(underway.remove());
            } else if (!backend.replies().isEmpty()) {
                deliver(backend.replies().remove());
            } else {
                return false;
            }
            return true;
        }

        private void deliver(Reply reply) {
            Item item = itemOf(reply.of());
            story.add("<- " + (char) reply.type() + " of " + item.place);
            boolean ours = expected.isOurs();
            boolean next = expected.isPutInNext();
            if (!isBeyondKnowing() && reply.type() != SimulatedBackend.FATAL) {
                assertThat(ours).as("ours in %s", story).isEqualTo(item.whose == Whose.OURS);
            }
            switch (reply.type()) {
                case Backend.ERROR_RESPONSE -> onError(item);
                case Backend.READY_FOR_QUERY -> {
                    assertThat(expected.onReadyForQuery()).as("fits: %s", story).isTrue();
                    show(reply.type(), item, !ours);
                    putInDue();
                }
                case SimulatedBackend.FATAL -> {
                    // the end
                }
                default -> {
                    assertThat(expected.onReply(reply.type()))
                            .as("fits: %s", story)
                            .isTrue();
                    show(reply.type(), item, !ours);
                    if (ours || next) {
                        putInDue();
                    }
                }
            }
        }

        private void onError(Item item) {
            undoing.clear();
            boolean toBeSeen = isToBeSeen(item);
            boolean seen = expected.onError();
            if (!isBeyondKnowing()) {
                assertThat(seen).as("the error is shown: %s", story).isEqualTo(toBeSeen);
            }
            for (int i = 1; i < undoing.size(); i++) {
                assertThat(undoing.get(i).place).as("newest first: %s", story).isLessThan(undoing.get(i - 1).place);
            }
            undoing.clear();
            show(Backend.ERROR_RESPONSE, item, seen);
        }

        /** An error of our own is the client's as well if the server skips what the client sends. */
        private boolean isToBeSeen(Item item) {
            if (item.whose != Whose.OURS) {
                return true;
            }
            if (item.message.type() == Frontend.QUERY) {
                return false;
            }
            for (Item later : items.subList(item.place + 1, items.size())) {
                if (later.message.type() == Frontend.SYNC) {
                    return later.whose != Whose.OURS;
                }
            }
            return true;
        }

        private void show(byte type, Item item, boolean seen) {
            if (seen) {
                shown.add(new Shown(type, item.place));
            }
        }

        private Item itemOf(Message message) {
            return items.stream()
                    .filter(item -> item.message == message)
                    .findFirst()
                    .orElseThrow();
        }

        boolean isBeyondKnowing() {
            return expected.isAmbiguous() || backend.isDead();
        }

        void settle() {
            while (step()) {
                // until all has arrived
            }
        }

        void check() {
            settle();
            if (isBeyondKnowing() || expected.isCopyIn()) {
                return;
            }
            boolean skipped = false;
            for (Item item : items) {
                boolean done = item.whose == Whose.PUT_IN ? !skipped : backend.hasDone(item.message);
                if (item.message.type() == Frontend.SYNC && done) {
                    skipped = false;
                }
                skipped |= backend.hasFailed(item.message) && "PBDEC".indexOf(item.message.type()) >= 0;
                if (item.hasFate()) {
                    assertThat(item.answered)
                            .as("%s answered in %s", item, story)
                            .isEqualTo(done ? 1 : 0);
                    assertThat(item.undone).as("%s undone in %s", item, story).isEqualTo(done ? 0 : 1);
                }
                if (item.whose == Whose.PUT_IN) {
                    assertThat(shown.stream()
                                    .filter(one -> one.place() == item.place)
                                    .count())
                            .as("%s shown in %s", item, story)
                            .isEqualTo(done ? 1 : 0);
                }
            }
            for (int i = 1; i < shown.size(); i++) {
                assertThat(shown.get(i).place())
                        .as("order of %s in %s", shown, story)
                        .isGreaterThanOrEqualTo(shown.get(i - 1).place());
            }
        }
    }

    private static Message message(Random random, char type) {
        return switch (type) {
            case 'Q', 'E' -> Message.of(type, WORKS[random.nextInt(WORKS.length)]);
            case 'D' -> random.nextInt(5) == 0 ? Message.of('D', Work.FAIL) : Message.of('D', Work.SELECT);
            case 'S', 'H' -> new Message((byte) type, List.of());
            default -> random.nextInt(9) == 0 ? Message.of(type, Work.FAIL) : new Message((byte) type, List.of());
        };
    }

    private static Message own(Random random, char type) {
        Work work = random.nextInt(6) == 0 ? Work.FAIL : Work.COMMAND;
        return type == 'Q' || type == 'E' || (work == Work.FAIL && type != 'S')
                ? Message.of(type, work)
                : new Message((byte) type, List.of());
    }

    private static void sendOwn(Conversation talk, String types) {
        types.chars().forEach(type -> talk.send(Whose.OURS, own(talk.random, (char) type)));
    }

    private static void sendClients(Conversation talk, char type, boolean odd) {
        Random random = talk.random;
        boolean free = !talk.expected.isCopyIn() && !talk.expected.isSkipping();
        @Nullable String before = null;
        if (free && random.nextInt(3) == 0) {
            before = switch (type) {
                case 'B', 'D' -> random.nextBoolean() ? "P" : random.nextBoolean() ? "CP" : "PBECC";
                case 'Q' -> talk.expected.isOpen() ? "P" : random.nextBoolean() ? "Q" : "PBECCS";
                case 'P' -> talk.expected.isOpen() || !talk.expected.isAtRest() ? "C" : "Q";
                default -> null;
            };
        }
        if (before != null) {
            sendOwn(talk, before);
        }
        if ((type == 'P' || type == 'C') && random.nextInt(2) == 0 && (odd || !talk.expected.isCopyIn())) {
            talk.putIn(type == 'P' ? Backend.PARSE_COMPLETE : Backend.CLOSE_COMPLETE);
        } else {
            Message message = message(random, type);
            talk.send(Whose.CLIENTS, message);
            if (!odd && message.works().contains(Work.COPY_IN)) {
                talk.settle(); // it looks whether data is asked for
            }
        }
    }

    private static void sendSome(Conversation talk, boolean odd) {
        Random random = talk.random;
        if (odd) {
            sendClients(talk, "QPPBDECCFSSSHdcf".charAt(random.nextInt(16)), true);
            return;
        }
        String types = GROUPS[random.nextInt(GROUPS.length)];
        if (talk.expected.isCopyIn()) {
            types = "dd" + (random.nextInt(4) == 0 ? "f" : "c") + (talk.expected.isOpen() ? "S" : "");
        }
        for (int i = 0; i < types.length(); i++) {
            sendClients(talk, types.charAt(i), false);
            for (int steps = random.nextInt(3); steps > 0; steps--) {
                talk.step();
            }
        }
    }

    @Test
    void eachFateIsToldOnceAndWhatIsOursIsNotShown() {
        converse(false);
    }

    /** Data for a COPY that was not asked for, and what no client may send while one takes data. */
    @Test
    void withClientsThatKeepToNothing() {
        converse(true);
    }

    private void converse(boolean odd) {
        for (int run = 0; run < RUNS; run++) {
            Conversation talk = new Conversation(seed + run);
            try {
                for (int turn = 2 + talk.random.nextInt(10); turn > 0 && !talk.backend.isDead(); turn--) {
                    sendSome(talk, odd);
                    for (int steps = talk.random.nextInt(8); steps > 0; steps--) {
                        talk.step();
                    }
                    if (talk.random.nextInt(4) == 0) {
                        talk.check();
                    }
                }
                talk.check();
            } catch (AssertionError failed) {
                throw new AssertionError("-Dweir.seed=" + (seed + run), failed);
            }
        }
    }

    /** When the connection ends, what was not told yet is told. */
    @Test
    void nothingIsLeftUntoldAtTheEnd() {
        for (int run = 0; run < RUNS / 4; run++) {
            Conversation talk = new Conversation(seed + run);
            for (int turn = 2 + talk.random.nextInt(10); turn > 0 && !talk.backend.isDead(); turn--) {
                sendSome(talk, false);
                for (int steps = talk.random.nextInt(8); steps > 0; steps--) {
                    talk.step();
                }
            }
            talk.expected.abandon();
            for (Item item : talk.items) {
                if (item.hasFate()) {
                    assertThat(item.answered + item.undone)
                            .as("seed %s: %s is told once in %s", seed + run, item, talk.story)
                            .isEqualTo(1);
                }
            }
        }
    }
}
