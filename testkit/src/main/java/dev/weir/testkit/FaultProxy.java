package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.awaitility.Awaitility;

/**
 * A TCP proxy that makes a network's faults on demand. It listens on a free port of 127.0.0.1. What is set for a
 * direction holds for all connections, those that exist and those to come. Safe for any thread; each direction of each
 * connection runs on a virtual thread.
 */
public final class FaultProxy implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final InetSocketAddress target;
    private final ServerSocket listener;
    private final Map<Direction, FaultyFlow> flows = new EnumMap<>(Direction.class);
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService scheduler =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory());
    private volatile int receiveBuffer;
    private volatile boolean closing;

    private FaultProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        for (Direction direction : Direction.values()) {
            flows.put(direction, new FaultyFlow(scheduler));
        }
        listener = new ServerSocket(0, 128, InetAddress.ofLiteral("127.0.0.1"));
        threads.add(Thread.ofVirtual().name("fault-proxy").start(this::accept));
    }

    /** Starts a proxy to this address; it does nothing wrong until told. */
    public static FaultProxy to(String host, int port) {
        try {
            return new FaultProxy(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!closing) {
            try {
                connect(listener.accept());
            } catch (IOException e) {
                if (!closing) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket server = new Socket();
        try {
            if (receiveBuffer > 0) {
                client.setReceiveBufferSize(receiveBuffer);
                server.setReceiveBufferSize(receiveBuffer);
            }
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            server.connect(target, Math.toIntExact(PATIENCE.toMillis()));
        } catch (IOException e) {
            // The target refuses, or the client has gone: so do we, as far as a proxy that has accepted can.
            Link.reset(client);
            server.close();
            return;
        }
        Link link = new Link(client, server);
        links.add(link);
        threads.add(Thread.ofVirtual().start(() -> flow(Direction.TO_SERVER).pump(link, client, server)));
        threads.add(Thread.ofVirtual().start(() -> flow(Direction.TO_CLIENT).pump(link, server, client)));
    }

    private FaultyFlow flow(Direction direction) {
        FaultyFlow flow = flows.get(direction);
        if (flow == null) {
            throw new AssertionError("every direction has a flow");
        }
        return flow;
    }

    /** The address to connect to. */
    public String host() {
        return "127.0.0.1";
    }

    /** The TCP port. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Sends on in pieces of at most this many bytes, each flushed; at least 1. */
    public FaultProxy chunk(Direction direction, int bytes) {
        flow(direction).chunk(bytes);
        return this;
    }

    /** Sends each piece on after this time; with {@link #chunk} that keeps pieces apart for the receiver. */
    public FaultProxy delay(Direction direction, Duration delay) {
        flow(direction).delay(delay);
        return this;
    }

    /** Stops reading in this direction, as a slow reader does; at most one more piece is taken, none is sent on. */
    public FaultProxy pause(Direction direction) {
        flow(direction).pause();
        return this;
    }

    /** Reads again. */
    public FaultProxy resume(Direction direction) {
        flow(direction).resume();
        return this;
    }

    /** On each connection that has not sent so much yet: does this after exactly so many bytes from its beginning. */
    public FaultProxy after(Direction direction, long bytes, Fault fault) {
        flow(direction).after(bytes, fault);
        return this;
    }

    /** Receive buffer of sockets of connections to come, in bytes: a small one makes a pause felt soon. */
    public FaultProxy receiveBuffer(int bytes) {
        receiveBuffer = bytes;
        return this;
    }

    /** Does this to all connections that are there. */
    public void now(Direction direction, Fault fault) {
        if (fault == Fault.STALL) {
            pause(direction);
        } else {
            links.forEach(
                    link -> link.inflict(fault, direction == Direction.TO_SERVER ? link.server() : link.client()));
        }
    }

    /**
     * Bytes sent on in this direction over all connections, with the piece that is being sent: never less than the
     * receiver has seen.
     */
    public long bytes(Direction direction) {
        return flow(direction).bytes();
    }

    /** Waits up to 10 s until at least this many bytes went in this direction. */
    public void awaitBytes(Direction direction, long bytes) {
        Awaitility.await().atMost(PATIENCE).until(() -> bytes(direction) >= bytes);
    }

    /** Connections accepted so far, also those that have ended. */
    public int connections() {
        return links.size();
    }

    /** Closes all connections and waits for their threads. */
    @Override
    public void close() {
        closing = true;
        try {
            listener.close();
            links.forEach(link -> link.inflict(Fault.CLOSE, link.server()));
            flows.values().forEach(FaultyFlow::end);
            scheduler.shutdownNow();
            for (Thread thread : threads) {
                if (!thread.join(PATIENCE)) {
                    throw new AssertionError("a thread of the proxy does not end: " + List.of(thread.getStackTrace()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** From the client to the server, or back. */
    public enum Direction {
        TO_SERVER,
        TO_CLIENT
    }

    /** What can happen to a connection. */
    public enum Fault {
        /** A TCP reset to both sides. */
        RESET,
        /** An orderly close of both sides. */
        CLOSE,
        /** The receiver of the direction sees the end of the stream; the other direction lives on. */
        HALF_CLOSE,
        /** Nothing goes on in the direction, until {@link #resume}. */
        STALL
    }
}
