package dev.weir.app;

import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One of many clients that ask Weir, each for answers that say who asked and what. It does whatever clients do, from plain
 * questions to cancelling and leaving amid one, and fails as soon as an answer is missing, doubled, or another's. For one
 * thread.
 */
final class StormClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int NAMED = 4;

    private final String name;
    private final Destination destination;
    private final Random random;
    private final boolean killed;
    private @Nullable PgClient client;
    private int asked;
    private boolean[] named = new boolean[NAMED];

    /** Whether a cancel of its own is on its way, so that its statement may end by it. */
    private boolean cancelling;

    /** Sessions that ended because somebody killed the server process. */
    private int lost;

    /**
     * @param killed server processes are killed meanwhile, so that its session may end at any time
     */
    StormClient(int number, long seed, Destination destination, boolean killed) {
        this.name = "c" + number;
        this.destination = destination;
        this.random = new Random(seed * 1_000_003 + number);
        this.killed = killed;
    }

    int lost() {
        return lost;
    }

    void live(int operations) {
        for (int i = 0; i < operations; i++) {
            try {
                operate();
            } catch (Lost expected) {
                lost++;
                close();
            }
        }
        close();
    }

    private void operate() throws Lost {
        PgClient connection = connection();
        asked++;
        String question = name + "-" + asked;
        switch (random.nextInt(40)) {
            case 0 -> error(connection, question);
            case 1 -> slow(connection, question);
            case 2 -> cancelled(connection, question);
            case 3 -> leave(connection, question);
            case 4 -> transaction(connection, question);
            case 5, 6 -> pipeline(connection, question);
            case 7 -> wide(connection, question);
            case 8, 9, 10, 11, 12, 13, 14 -> unnamed(connection, question);
            case 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 -> named(connection, question);
            default -> simple(connection, question);
        }
    }

    /** The server process that served it was killed; allowed only where somebody does so. */
    private static final class Lost extends Exception {
        private static final long serialVersionUID = 1;
    }

    private PgClient connection() {
        PgClient open = client;
        if (open == null) {
            open = destination.login();
            open.readTimeout(PATIENCE);
            client = open;
            named = new boolean[NAMED];
        }
        return open;
    }

    // ---- what clients do

    private void simple(PgClient connection, String question) throws Lost {
        connection.send(Messages.query("select '" + question + "' as who"));
        expectRow(connection, question);
        expectReady(connection, 'I');
    }

    private void error(PgClient connection, String question) throws Lost {
        connection.send(Messages.query("select '" + question + "'::int"));
        Frame error = next(connection);
        if (error.type() != 'E' || !error.message().contains('"' + question + '"')) {
            throw unexpected(error, "the error about " + question);
        }
        expectReady(connection, 'I');
    }

    /** Short by its form, slow by its number. */
    private void slow(PgClient connection, String question) throws Lost {
        int rows = random.nextInt(4) == 0 ? 400_000 : 10;
        connection.send(Messages.query("select '" + question + "', count(*) from generate_series(1, " + rows + ")"));
        expectRow(connection, question, Integer.toString(rows));
        expectReady(connection, 'I');
    }

    /** A reply that does not fit into one read. */
    private void wide(PgClient connection, String question) throws Lost {
        int length = random.nextInt(60_000);
        connection.send(Messages.query("select '" + question + "', repeat('x', " + length + ")"));
        expectRow(connection, question, "x".repeat(length));
        expectReady(connection, 'I');
    }

    private void unnamed(PgClient connection, String question) throws Lost {
        List<byte[]> messages = new ArrayList<>();
        messages.add(Messages.parse("", "select $1::text as who"));
        messages.add(Messages.bind("", "", question));
        boolean described = random.nextBoolean();
        if (described) {
            messages.add(Messages.describePortal(""));
        }
        messages.add(Messages.execute("", 0));
        messages.add(Messages.sync());
        connection.send(messages.toArray(byte[][]::new));
        expect(connection, '1');
        expect(connection, '2');
        if (described) {
            expect(connection, 'T');
        }
        expectDataRow(connection, question);
        expect(connection, 'C');
        expectReady(connection, 'I');
    }

    private void named(PgClient connection, String question) throws Lost {
        int number = random.nextInt(NAMED);
        String statement = "s" + number;
        if (!named[number]) {
            connection.send(
                    Messages.parse(statement, "select $1::text as who, " + number + " as number"), Messages.sync());
            expect(connection, '1');
            expectReady(connection, 'I');
            named[number] = true;
        }
        connection.send(Messages.bind("", statement, question), Messages.execute("", 0), Messages.sync());
        expect(connection, '2');
        expectDataRow(connection, question, Integer.toString(number));
        expect(connection, 'C');
        expectReady(connection, 'I');
    }

    private void pipeline(PgClient connection, String question) throws Lost {
        int count = 2 + random.nextInt(4);
        List<byte[]> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            messages.add(Messages.query("select '" + question + "/" + i + "' as who"));
        }
        connection.send(messages.toArray(byte[][]::new));
        for (int i = 0; i < count; i++) {
            expectRow(connection, question + "/" + i);
            expectReady(connection, 'I');
        }
    }

    private void transaction(PgClient connection, String question) throws Lost {
        connection.send(Messages.query("begin"));
        expect(connection, 'C');
        expectReady(connection, 'T');
        connection.send(Messages.query("select '" + question + "' as who"));
        expectRow(connection, question);
        expectReady(connection, 'T');
        connection.send(Messages.query("commit"));
        expect(connection, 'C');
        expectReady(connection, 'I');
    }

    /** It may come too late, or too soon; but it is for this client only. */
    private void cancelled(PgClient connection, String question) throws Lost {
        Frame.BackendKey key = connection.loggedIn().key();
        int rows = random.nextBoolean() ? 10 : 1_000_000;
        cancelling = true;
        connection.send(Messages.query("select '" + question + "', count(*) from generate_series(1, " + rows + ")"));
        try (PgClient other = PgClient.connect(destination.host(), destination.port())) {
            other.send(Messages.cancelRequest(key.pid(), key.key()));
            other.readUntilClosed();
        }
        Frame first = next(connection);
        if (first.type() == 'E') {
            if (!first.sqlstate().equals("57014")) {
                throw unexpected(first, "57014");
            }
        } else {
            Frame row = next(connection);
            if (row.type() == 'D') { // else it was cancelled behind the description
                check(row, question, Integer.toString(rows));
                expect(connection, 'C');
            } else if (row.type() != 'E' || !row.sqlstate().equals("57014")) {
                throw unexpected(row, "57014");
            }
        }
        expectReady(connection, 'I');
        cancelling = false;
    }

    /** Without awaiting the answer; by Terminate or not. */
    private void leave(PgClient connection, String question) {
        connection.send(Messages.query("select '" + question + "', count(*) from generate_series(1, 1000)"));
        if (random.nextBoolean()) {
            connection.terminate();
        } else {
            connection.close();
        }
        client = null;
    }

    // ---- what they are told

    private void expectRow(PgClient connection, String... values) throws Lost {
        expect(connection, 'T');
        expectDataRow(connection, values);
        expect(connection, 'C');
    }

    private void expectDataRow(PgClient connection, String... values) throws Lost {
        Frame row = next(connection);
        if (row.type() != 'D') {
            throw unexpected(row, "a row with " + values[0]);
        }
        check(row, values);
    }

    private void check(Frame row, String... values) {
        if (!row.columns().equals(List.of(values))) {
            throw unexpected(row, "a row with " + values[0]);
        }
    }

    private void expectReady(PgClient connection, char status) throws Lost {
        Frame ready = next(connection);
        if (ready.type() != 'Z' || ready.status() != status) {
            throw unexpected(ready, "ReadyForQuery " + status);
        }
    }

    private void expect(PgClient connection, char type) throws Lost {
        Frame frame = next(connection);
        if (frame.type() != type) {
            throw unexpected(frame, "message " + type);
        }
    }

    private Frame next(PgClient connection) throws Lost {
        Frame frame;
        try {
            frame = connection.readFrame();
        } catch (AssertionError e) {
            if (killed && String.valueOf(e.getMessage()).contains("closed")) {
                throw new Lost();
            }
            throw new AssertionError(name + ", question " + asked + ": " + e.getMessage(), e);
        }
        if (frame.type() == 'E' && killed && isOfKilled(frame.sqlstate())) {
            throw new Lost();
        }
        if (frame.type() == 'E' && !cancelling && frame.sqlstate().equals("57014")) {
            throw unexpected(frame, "no cancel, since it asked for none");
        }
        return frame;
    }

    private static boolean isOfKilled(String sqlstate) {
        return sqlstate.equals("57P01") || sqlstate.equals("08006");
    }

    private AssertionError unexpected(Frame frame, String wanted) {
        return new AssertionError(name + ", question " + asked + ": " + frame + " instead of " + wanted);
    }

    @Override
    public void close() {
        cancelling = false;
        PgClient open = client;
        client = null;
        if (open != null) {
            open.close();
        }
    }
}
