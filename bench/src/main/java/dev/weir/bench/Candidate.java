package dev.weir.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A candidate that accepts logins.
 *
 * @param port where on 127.0.0.1
 * @param sessionPort where sessions are pooled; empty if they aren't
 * @param poolerProcess the pooler's process id; empty for direct Postgres
 */
record Candidate(CandidateKind kind, int port, OptionalInt sessionPort, OptionalLong poolerProcess) {
    static final String HOST = "127.0.0.1";

    /** The address of a port of {@link #HOST}. */
    static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(HOST), port);
    }
}
