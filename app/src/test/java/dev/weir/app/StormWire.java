package dev.weir.app;

import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * One session of a {@link StormClient}: what it is told must be what it expects, frame by frame. Notifications may come
 * between any two frames; they are checked against those that it has sent itself. For one thread.
 */
final class StormWire implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(6);

    /** The server process that served it was killed; thrown only where somebody does so. */
    static final class Lost extends Exception {
        private static final long serialVersionUID = 1;

        Lost() {
            super("the server process was killed");
        }
    }

    private final String name;
    private final Destination destination;
    private final boolean killed;
    private final StormCounts counts;
    private final PgClient client;
    private final Deque<String> notified = new ArrayDeque<>();
    private String question = "login";

    /** Whether a cancel of its own is on its way, or its time runs out, so that its statement may end by it. */
    private boolean mayBeCanceled;

    /** @param killed server processes are killed meanwhile, so that the session may end at any time */
    StormWire(String name, Destination destination, boolean killed, StormCounts counts) {
        this.name = name;
        this.destination = destination;
        this.killed = killed;
        this.counts = counts;
        this.client = PgClient.connect(destination.host(), destination.port()).readTimeout(PATIENCE);
        client.login(destination.user(), destination.password(), destination.database());
    }

    /** What is asked from now on. */
    void begin(String asked) {
        question = asked;
    }

    /** @throws Lost if the session has ended, as it may where server processes are killed */
    void send(byte[]... messages) throws Lost {
        try {
            client.send(messages);
        } catch (AssertionError e) {
            throw lostOr(e);
        }
    }

    /** The same, in two pieces. */
    void sendCutAt(int offset, byte[]... messages) throws Lost {
        client.cutSendsAt(offset);
        send(messages);
        client.cutSendsAt();
    }

    void query(String sql) throws Lost {
        send(Messages.query(sql));
    }

    /** Asks for what runs to be cancelled, and waits until that has been seen to. */
    void cancel() {
        Frame.BackendKey key = client.loggedIn().key();
        counts.cancelsAsked.increment();
        try (PgClient other = PgClient.connect(destination.host(), destination.port())) {
            other.send(Messages.cancelRequest(key.pid(), key.key()));
            other.readUntilClosed();
        }
    }

    /** From now on, or no longer, a statement may end by 57014. */
    void mayBeCanceled(boolean may) {
        mayBeCanceled = may;
    }

    /** It has notified itself of this. */
    void awaitNotification(String payload) {
        notified.add(payload);
    }

    /** Reads until all has come of which it has notified itself. */
    void awaitNotifications() throws Lost {
        while (!notified.isEmpty()) {
            takeNotification(read());
        }
    }

    // ---- what it is told

    /** The whole reply to a simple query with one row. */
    void row(char status, String... values) throws Lost {
        expect('T');
        dataRow(values);
        expect('C');
        ready(status);
    }

    void row(String... values) throws Lost {
        row('I', values);
    }

    /** @return whether the statement came to its end; else it was cancelled, which may also be behind the row */
    boolean rowOrCancel(String... values) throws Lost {
        Frame frame = next();
        if (frame.type() == 'T') {
            frame = next();
        }
        if (!isCanceled(frame)) {
            check(frame, values);
            frame = next();
        }
        boolean canceled = isCanceled(frame);
        if (canceled) {
            counts.canceled.increment();
        } else if (frame.type() != 'C') {
            throw unexpected(frame, "message C");
        }
        ready('I');
        return !canceled;
    }

    private static boolean isCanceled(Frame frame) {
        return frame.type() == 'E' && frame.sqlstate().equals("57014");
    }

    void dataRow(String... values) throws Lost {
        check(next(), values);
    }

    private void check(Frame frame, String... values) {
        if (frame.type() != 'D' || !frame.columns().equals(List.of(values))) {
            throw unexpected(frame, "a row with " + values[0]);
        }
    }

    /** The reply to a command without rows. */
    void done(char status) throws Lost {
        expect('C');
        ready(status);
    }

    /** An error that speaks of this, and the ReadyForQuery behind it. */
    void error(char status, String about) throws Lost {
        Frame error = next();
        if (error.type() != 'E' || !error.message().contains(about)) {
            throw unexpected(error, "the error about " + about);
        }
        ready(status);
    }

    void ready(char status) throws Lost {
        Frame ready = next();
        if (ready.type() != 'Z' || ready.status() != status) {
            throw unexpected(ready, "ReadyForQuery " + status);
        }
        counts.statements.increment();
    }

    void expect(char... types) throws Lost {
        for (char type : types) {
            Frame frame = next();
            if (frame.type() != type) {
                throw unexpected(frame, "message " + type);
            }
        }
    }

    /** The next frame of a reply. */
    Frame next() throws Lost {
        Frame frame = read();
        while (frame.type() == 'A' || frame.type() == 'S') {
            if (frame.type() == 'A') {
                takeNotification(frame);
            }
            frame = read();
        }
        if (frame.type() == 'E' && !mayBeCanceled && frame.sqlstate().equals("57014")) {
            throw unexpected(frame, "no cancel, since it asked for none");
        }
        return frame;
    }

    private Frame read() throws Lost {
        Frame frame;
        try {
            frame = client.readFrame();
        } catch (AssertionError e) {
            throw lostOr(e);
        }
        if (frame.type() == 'E' && killed && isOfKilled(frame.sqlstate())) {
            throw new Lost();
        }
        return frame;
    }

    private Lost lostOr(AssertionError e) {
        String message = String.valueOf(e.getMessage());
        if (killed && (message.contains("closed") || message.contains("sending"))) {
            return new Lost();
        }
        throw new AssertionError(name + ", " + question + ": " + message, e);
    }

    private static boolean isOfKilled(String sqlstate) {
        return sqlstate.equals("57P01") || sqlstate.equals("08006");
    }

    private void takeNotification(Frame frame) {
        String payload = notified.poll();
        if (frame.type() != 'A' || payload == null || !tail(frame).equals(name + '\0' + payload + '\0')) {
            throw unexpected(frame, "the notification " + payload);
        }
    }

    /** Channel and payload. */
    private static String tail(Frame frame) {
        return new String(frame.body(), 4, frame.body().length - 4, StandardCharsets.UTF_8);
    }

    AssertionError unexpected(Frame frame, String wanted) {
        return new AssertionError(name + ", " + question + ": " + frame + " instead of " + wanted);
    }

    // ---- the end

    /** What it has sent is to be carried out. */
    void terminate(byte[]... messages) throws Lost {
        send(Messages.together(Messages.together(messages), Messages.terminate()));
        client.close();
    }

    void reset() {
        client.reset();
    }

    @Override
    public void close() {
        client.close();
    }
}
