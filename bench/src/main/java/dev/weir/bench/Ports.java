package dev.weir.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Free ports of 127.0.0.1, and waiting until a server listens there. */
final class Ports {
    private static final long POLL_MILLIS = 50;

    private Ports() {}

    /** A port that was free a moment ago. */
    static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(Candidate.HOST))) {
            return socket.getLocalPort();
        }
    }

    /** Returns when a login succeeds there; fails when the child ends before, or does not get so far in time. */
    static void awaitLogin(Child child, int port, Account account, Connector connector, Duration limit)
            throws BenchFailure, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        Scram scram = new Scram(account.password());
        ByteBuffer buffer = PostgresConnection.newBuffer();
        while (true) {
            try {
                PostgresConnection.open(port, account, scram, buffer, connector).close();
                return;
            } catch (IOException | BenchFailure e) {
                if (!child.process().isAlive()) {
                    throw child.ended();
                }
                if (System.nanoTime() > deadline) {
                    throw new BenchFailure(
                            child.name() + " accepts no login after " + limit.toSeconds() + " s: " + e.getMessage()
                                    + "." + child.lastOutput(),
                            e);
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
    }
}
