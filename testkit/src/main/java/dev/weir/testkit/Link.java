package dev.weir.testkit;

import dev.weir.testkit.FaultProxy.Fault;
import java.io.IOException;
import java.net.Socket;
import java.net.StandardSocketOptions;

/** One connection through a {@link FaultProxy}: its two sockets. */
record Link(Socket client, Socket server) {
    /** Does what can be done to sockets; {@code receiver} is the end of the direction that is meant. */
    void inflict(Fault fault, Socket receiver) {
        try {
            switch (fault) {
                case RESET -> {
                    reset(client);
                    reset(server);
                }
                case CLOSE -> {
                    client.close();
                    server.close();
                }
                case HALF_CLOSE -> {
                    if (!receiver.isClosed()) {
                        receiver.shutdownOutput();
                    }
                }
                case STALL -> throw new IllegalArgumentException("a stall is not done to sockets");
            }
        } catch (IOException e) {
            // The peer was faster: the connection has gone, which is more than was asked for.
            return;
        }
    }

    static void reset(Socket socket) throws IOException {
        if (!socket.isClosed()) {
            socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            socket.close();
        }
    }
}
