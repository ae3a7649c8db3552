package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;

/**
 * A fake Postgres for faults that a real one does not produce on demand. It listens on a free port of 127.0.0.1 and runs
 * a script for each connection, on a virtual thread each. {@link #close} ends all and throws what a script threw, so a
 * script's failed expectation fails the test. Safe for any thread.
 */
public final class ScriptedServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ServerSocket listener;
    private final List<Script> scripts;
    private final List<ScriptedSession> sessions = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean closing;

    private ScriptedServer(List<Script> scripts) throws IOException {
        this.scripts = scripts;
        listener = new ServerSocket(0, 128, InetAddress.ofLiteral("127.0.0.1"));
        threads.add(Thread.ofVirtual().name("scripted-server").start(this::accept));
    }

    /** Starts a server; the nth connection gets the nth script, and all after the last get the last. */
    public static ScriptedServer start(Script first, Script... more) {
        List<Script> scripts = new CopyOnWriteArrayList<>(List.of(first));
        scripts.addAll(List.of(more));
        try {
            return new ScriptedServer(scripts);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!closing) {
            try {
                Socket socket = listener.accept();
                ScriptedSession session = new ScriptedSession(socket, released);
                Script script = scripts.get(Math.min(sessions.size(), scripts.size() - 1));
                sessions.add(session);
                threads.add(Thread.ofVirtual().start(() -> run(script, session)));
            } catch (IOException e) {
                if (!closing) {
                    failures.add(e);
                }
            }
        }
    }

    private void run(Script script, ScriptedSession session) {
        try {
            script.run(session);
        } catch (Exception | AssertionError e) {
            if (!closing) {
                failures.add(e); // before the client can see the end, and the test go on
            }
        } finally {
            session.close();
            session.ended();
        }
    }

    /** The address to connect to. */
    public String host() {
        return "127.0.0.1";
    }

    /** The TCP port. */
    public int port() {
        return listener.getLocalPort();
    }

    /** The connections accepted so far, in their order, also those that have ended. */
    public List<ScriptedSession> sessions() {
        return List.copyOf(sessions);
    }

    /** Waits up to 10 s until this many connections were accepted in all, and returns the last of them. */
    public ScriptedSession awaitSession(int number) {
        Awaitility.await().atMost(PATIENCE).until(() -> sessions.size() >= number);
        return sessions.get(number - 1);
    }

    /** Lets all scripts go on that wait in {@link ScriptedSession#stall}, now and later. */
    public void release() {
        released.countDown();
    }

    /** What scripts threw so far. */
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Ends all connections and waits for their scripts; an AssertionError if one failed before. */
    @Override
    public void close() {
        closing = true;
        released.countDown();
        try {
            listener.close();
            sessions.forEach(ScriptedSession::close);
            for (Thread thread : threads) {
                if (!thread.join(PATIENCE)) {
                    throw new AssertionError("a script does not end: " + List.of(thread.getStackTrace()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        if (!failures.isEmpty()) {
            AssertionError failure = new AssertionError("a script failed: " + failures.getFirst());
            failures.forEach(failure::addSuppressed);
            throw failure;
        }
    }

    /** What the server does on one connection; the connection is closed when it returns. */
    @FunctionalInterface
    public interface Script {
        /** Runs on a virtual thread of its own; what it throws fails the test. */
        void run(ScriptedSession session) throws Exception;
    }
}
