package dev.weir.bench;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;

/** How the benchmark's own clients reach a server, up to where the login begins. */
interface Connector {
    /** Without TLS. */
    Connector PLAIN = Connector::socket;

    /** Connects to a port of 127.0.0.1; reading and writing block. */
    ByteChannel connect(int port) throws IOException, BenchFailure;

    /** A connected socket that sends at once. */
    static SocketChannel socket(int port) throws IOException {
        SocketChannel socket = SocketChannel.open(Candidate.address(port));
        try {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
