package dev.weir.app;

import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One of many clients that ask Weir, each for answers that say who asked and what. It does whatever clients do, from plain
 * questions to cancelling and leaving amid one, and fails as soon as an answer is missing, doubled, or another's, or a row
 * of its own has not the count that it must have. What it does as its nth operation depends on the seed, its number and n
 * alone. For one thread.
 */
final class StormClient implements AutoCloseable {
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;
    private static final int NAMED = 4;
    private static final String NOON = "'2020-06-01 12:00+00'::timestamptz::text";

    /** Not all, since a client with parameters of its own shares only with those that have the same. */
    private static final int ZONES = 3;

    private final int number;
    private final String name;
    private final long seed;
    private final Destination destination;
    private final boolean killed;
    private final StormCounts counts;

    /** What it has said as it left, which is to be found in the table, once each. */
    private final Collection<String> farewells;

    /** Of 1,000 operations, how many are rough. */
    private final int rough;

    private SplittableRandom random = new SplittableRandom(0);
    private @Nullable StormWire wire;

    /** What tells its prepared statements apart; 0 where it has none. */
    private int[] named = new int[NAMED];

    private int zone;

    // Between these its row's count is: not known exactly once an update has got lost with its session.
    private int leastCount;
    private int mostCount;

    StormClient(
            int number, Storm.Plan plan, Destination destination, StormCounts counts, Collection<String> farewells) {
        this.number = number;
        this.name = "c" + number;
        this.seed = plan.seed();
        this.destination = destination;
        this.killed = plan.killing();
        this.counts = counts;
        this.rough = plan.rough();
        this.farewells = farewells;
    }

    void live(int operations) {
        for (int i = 1; i <= operations; i++) {
            random = new SplittableRandom((seed * 1_000_003 + number) * MIX + i);
            try {
                operate(connected(), name + "-" + i);
            } catch (StormWire.Lost expected) {
                counts.lost.increment();
                close();
            }
        }
        try {
            if (wire != null) {
                wire.awaitNotifications();
                wire.terminate();
            }
        } catch (StormWire.Lost expected) {
            counts.lost.increment();
        }
        close();
    }

    private StormWire connected() throws StormWire.Lost {
        StormWire open = wire;
        if (open == null) {
            open = new StormWire(name, destination, killed, counts);
            wire = open;
            named = new int[NAMED];
            zone = 0;
            if (number % 4 == 1) {
                setZone(open, 1 + number / 4 % ZONES);
            }
            if (isListener()) {
                open.query("listen " + name);
                open.done('I');
            }
        }
        return open;
    }

    private boolean isListener() {
        return number % 8 == 2;
    }

    private void operate(StormWire to, String question) throws StormWire.Lost {
        to.begin(question);
        if (random.nextInt(1000) < rough) {
            operateRoughly(to, question);
            return;
        }
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> unnamed(to, question);
            case 3 -> rebound(to, question);
            case 4, 5, 6, 7, 8 -> named(to, question);
            case 9 -> rows(to, question);
            case 10 -> zoned(to, question);
            case 11 -> counted(to, question);
            case 12 -> wide(to, question);
            default -> simple(to, question);
        }
    }

    private void operateRoughly(StormWire to, String question) throws StormWire.Lost {
        switch (random.nextInt(20)) {
            case 0 -> error(to, question);
            case 1 -> errorOfExtended(to, question);
            case 2, 3 -> blocked(to, question);
            case 4 -> slow(to, question);
            case 5, 6 -> canceled(to, question);
            case 7 -> leave(to, question);
            case 8 -> sayFarewell(to, question);
            case 9 -> transaction(to, question);
            case 10 -> counting(to, question);
            case 11, 12 -> pipeline(to, question);
            case 13 -> readSlowly(to, question);
            case 14 -> timed(to, question);
            case 15 -> pinned(to, question);
            case 16 -> prepared(to, question);
            case 17 -> setZone(to, random.nextInt(ZONES + 1));
            case 18 -> inPieces(to, question);
            default -> notified(to, question);
        }
    }

    // ---- calm

    private void simple(StormWire to, String question) throws StormWire.Lost {
        to.query("select '" + question + "' as who");
        to.row(question);
    }

    private void unnamed(StormWire to, String question) throws StormWire.Lost {
        List<byte[]> messages = new ArrayList<>(6);
        messages.add(Messages.parse("", "select $1::text as who"));
        boolean statement = random.nextInt(4) == 0;
        if (statement) {
            messages.add(Messages.describeStatement(""));
        }
        messages.add(Messages.bind("", "", question));
        boolean portal = random.nextBoolean();
        if (portal) {
            messages.add(Messages.describePortal(""));
        }
        messages.add(Messages.execute("", 0));
        messages.add(Messages.sync());
        to.send(messages.toArray(byte[][]::new));
        to.expect('1');
        if (statement) {
            to.expect('t', 'T');
        }
        to.expect('2');
        if (portal) {
            to.expect('T');
        }
        executed(to, question);
    }

    /** The unnamed statement is used again, in exchanges of their own. */
    private void rebound(StormWire to, String question) throws StormWire.Lost {
        to.send(Messages.parse("", "select $1::text as who, '" + question + "'"), Messages.sync());
        to.expect('1');
        to.ready('I');
        for (int i = 0; i < 2; i++) {
            to.send(Messages.bind("", "", name + i), Messages.execute("", 0), Messages.sync());
            to.expect('2');
            executed(to, name + i, question);
        }
    }

    private void named(StormWire to, String question) throws StormWire.Lost {
        int which = random.nextInt(NAMED);
        String statement = "s" + which;
        boolean again = random.nextInt(50) == 0;
        if (again && named[which] != 0) {
            to.send(Messages.closeStatement(statement), Messages.sync());
            to.expect('3');
            to.ready('I');
            named[which] = 0;
        }
        if (named[which] == 0) {
            named[which] = 1 + which + NAMED * random.nextInt(3);
            to.send(Messages.parse(statement, "select $1::text as who, " + named[which]), Messages.sync());
            to.expect('1');
            to.ready('I');
        }
        to.send(Messages.bind("", statement, question), Messages.execute("", 0), Messages.sync());
        to.expect('2');
        executed(to, question, Integer.toString(named[which]));
    }

    private static void executed(StormWire to, String... values) throws StormWire.Lost {
        to.dataRow(values);
        to.done('I');
    }

    private void rows(StormWire to, String question) throws StormWire.Lost {
        int count = random.nextInt(6);
        to.query("select '" + question + "/' || n from generate_series(1, " + count + ") n");
        to.expect('T');
        for (int i = 1; i <= count; i++) {
            to.dataRow(question + "/" + i);
        }
        to.done('I');
    }

    /** The answer tells whether the server connection has the client's parameters. */
    private void zoned(StormWire to, String question) throws StormWire.Lost {
        to.query("select '" + question + "', " + NOON);
        to.row(question, "2020-06-01 " + (12 + zone) + ":00:00+0" + zone);
    }

    private void counted(StormWire to, String question) throws StormWire.Lost {
        to.query("select '" + question + "', n from counts where who = '" + name + "'");
        to.expect('T');
        learnCount(to, question);
    }

    /** A reply that does not fit into one read. */
    private void wide(StormWire to, String question) throws StormWire.Lost {
        int length = random.nextInt(random.nextInt(10) == 0 ? 60_000 : 6_000);
        to.query("select '" + question + "', repeat('x', " + length + ")");
        to.row(question, "x".repeat(length));
    }

    // ---- rough: what fails, or takes long

    private void error(StormWire to, String question) throws StormWire.Lost {
        to.query("select '" + question + "'::int");
        to.error('I', '"' + question + '"');
    }

    private void errorOfExtended(StormWire to, String question) throws StormWire.Lost {
        to.send(
                Messages.parse("", "select $1::int"),
                Messages.bind("", "", question),
                Messages.execute("", 0),
                Messages.sync());
        to.expect('1');
        to.error('I', '"' + question + '"');
    }

    /** Short, unless somebody has locked the table. */
    private void blocked(StormWire to, String question) throws StormWire.Lost {
        to.query("select '" + question + "', count(*) from gate");
        to.row(question, "1");
    }

    /** Short by its form, slow by its number. */
    private void slow(StormWire to, String question) throws StormWire.Lost {
        int rows = random.nextInt(4) == 0 ? 200_000 : 10;
        to.query("select '" + question + "', count(*) from generate_series(1, " + rows + ")");
        to.row(question, Integer.toString(rows));
    }

    /** It may come too late, or too soon; but it is for this client only. */
    private void canceled(StormWire to, String question) throws StormWire.Lost {
        boolean extended = random.nextBoolean();
        to.mayBeCanceled(true);
        if (extended) {
            to.send(
                    Messages.parse("", "select $1::text, count(*) from gate"),
                    Messages.bind("", "", question),
                    Messages.execute("", 0),
                    Messages.sync());
        } else {
            to.query("select '" + question + "', count(*) from gate");
        }
        to.cancel();
        if (extended) {
            answeredOrCanceled(to, question);
        } else {
            to.rowOrCancel(question, "1");
        }
        to.mayBeCanceled(false);
    }

    private void answeredOrCanceled(StormWire to, String question) throws StormWire.Lost {
        for (char step : new char[] {'1', '2'}) {
            Frame frame = to.next();
            if (frame.type() == 'E') {
                counts.canceled.increment();
                to.ready('I');
                return;
            }
            if (frame.type() != step) {
                throw to.unexpected(frame, "message " + step);
            }
        }
        to.rowOrCancel(question, "1");
    }

    /** By the limit of a parameter of its own. */
    private void timed(StormWire to, String question) throws StormWire.Lost {
        to.query("set statement_timeout = '100ms'");
        to.done('I');
        to.mayBeCanceled(true);
        for (int i = 0; i < 3; i++) {
            to.query("select '" + question + "/" + i + "', count(*) from gate");
            to.rowOrCancel(question + "/" + i, "1");
        }
        Frame frame;
        do {
            to.query("reset statement_timeout");
            frame = to.next();
            to.ready('I');
        } while (frame.type() == 'E');
        to.mayBeCanceled(false);
    }

    // ---- rough: comings and goings

    /** Without awaiting the answer; by Terminate or not. */
    private void leave(StormWire to, String question) throws StormWire.Lost {
        boolean blocked = random.nextBoolean();
        to.query("select '" + question + "', count(*) from " + (blocked ? "gate" : "generate_series(1, 1000)"));
        counts.left.increment();
        switch (random.nextInt(3)) {
            case 0 -> to.terminate();
            case 1 -> to.reset();
            default -> to.close();
        }
        wire = null;
    }

    /** What stands before a Terminate is carried out. */
    private void sayFarewell(StormWire to, String question) throws StormWire.Lost {
        counts.left.increment();
        farewells.add(question);
        to.terminate(
                Messages.query("select '" + question + "' as who"),
                Messages.query("insert into farewells values ('" + question + "')"));
        wire = null;
    }

    /** One that takes its time to read what would fill all buffers. */
    private void readSlowly(StormWire to, String question) throws StormWire.Lost {
        int count = 6;
        byte[] wide = Messages.query("select '" + question + "', repeat('x', 50000)");
        to.send(wide, wide, wide, wide, wide, wide);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(40)));
        String row = "x".repeat(50_000);
        for (int i = 0; i < count; i++) {
            to.row(question, row);
        }
    }

    // ---- rough: what needs a server connection alone, or writes

    private void transaction(StormWire to, String question) throws StormWire.Lost {
        to.query("begin");
        to.done('T');
        to.query("select '" + question + "' as who");
        to.row('T', question);
        boolean failing = random.nextInt(3) == 0;
        if (failing) {
            to.query("select '" + question + "'::int");
            to.error('E', '"' + question + '"');
        } else {
            to.query("update counts set n = n + 1 where who = '" + name + "'");
            to.done('T');
        }
        boolean committing = !failing && random.nextBoolean();
        mostCount += committing ? 1 : 0;
        to.query(committing ? "commit" : "rollback");
        to.done('I');
        leastCount += committing ? 1 : 0;
    }

    private void counting(StormWire to, String question) throws StormWire.Lost {
        mostCount++;
        to.query("update counts set n = n + 1 where who = '" + name + "' returning '" + question + "', n");
        to.expect('T');
        leastCount++;
        learnCount(to, question);
    }

    private void learnCount(StormWire to, String question) throws StormWire.Lost {
        Frame row = to.next();
        int count = row.type() == 'D' && question.equals(row.columns().getFirst())
                ? Integer.parseInt(String.valueOf(row.columns().get(1)))
                : -1;
        if (count < leastCount || count > mostCount) {
            throw to.unexpected(row, "a count from " + leastCount + " to " + mostCount);
        }
        to.done('I');
        leastCount = count;
        mostCount = count;
    }

    private void pinned(StormWire to, String question) throws StormWire.Lost {
        to.query("select pg_advisory_lock(" + number + ")");
        Frame first = to.next();
        if (first.type() == 'E') {
            if (!first.sqlstate().equals("53400")) { // others keep all that may be kept
                throw to.unexpected(first, "53400");
            }
            to.ready('I');
            return;
        }
        executed(to, "");
        simple(to, question);
        unnamed(to, question);
        to.query("select pg_advisory_unlock(" + number + ")");
        to.row("t");
    }

    private void prepared(StormWire to, String question) throws StormWire.Lost {
        to.query("prepare p as select $1::text, '" + name + "'");
        to.done('I');
        to.query("execute p ('" + question + "')");
        to.row(question, name);
        to.query("deallocate p");
        to.done('I');
    }

    private void setZone(StormWire to, int hours) throws StormWire.Lost {
        to.query(hours == 0 ? "reset timezone" : "set timezone = 'Etc/GMT-" + hours + "'");
        to.done('I');
        zone = hours;
    }

    private void notified(StormWire to, String question) throws StormWire.Lost {
        if (isListener()) {
            to.awaitNotification(question);
        }
        to.query("notify " + name + ", '" + question + "'");
        to.done('I');
    }

    // ---- rough: several at once

    private void pipeline(StormWire to, String question) throws StormWire.Lost {
        int count = 2 + random.nextInt(4);
        int[] kinds = random.ints(count, 0, 4).toArray();
        List<byte[]> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String asked = question + "/" + i;
            switch (kinds[i]) {
                case 0 -> messages.add(Messages.query("select '" + asked + "'::int"));
                case 1 -> {
                    messages.add(Messages.parse("", "select $1::text as who"));
                    messages.add(Messages.bind("", "", asked));
                    messages.add(Messages.execute("", 0));
                    messages.add(Messages.sync());
                }
                default -> messages.add(Messages.query("select '" + asked + "' as who"));
            }
        }
        to.send(messages.toArray(byte[][]::new));
        for (int i = 0; i < count; i++) {
            String asked = question + "/" + i;
            switch (kinds[i]) {
                case 0 -> to.error('I', asked);
                case 1 -> {
                    to.expect('1', '2');
                    executed(to, asked);
                }
                default -> to.row(asked);
            }
        }
    }

    /** A frame is cut at any byte, the next one's head among them. */
    private void inPieces(StormWire to, String question) throws StormWire.Lost {
        byte[] one = Messages.query("select '" + question + "/1' as who");
        byte[] two = Messages.query("select '" + question + "/2' as who");
        to.sendCutAt(1 + random.nextInt(one.length + 6), one, two);
        to.row(question + "/1");
        to.row(question + "/2");
    }

    @Override
    public void close() {
        StormWire open = wire;
        wire = null;
        if (open != null) {
            open.close();
        }
    }
}
