package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** TCP ports of this machine. */
public final class Ports {
    private Ports() {}

    /** A port that was free on the loopback addresses a moment ago; two calls may give the same one. */
    public static int free() {
        while (true) {
            try (ServerSocket socket = bind("127.0.0.1", 0)) {
                int port = socket.getLocalPort();
                if (!hasIpv6() || isFree("::1", port)) {
                    return port;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Whether the machine has the IPv6 loopback address. */
    public static boolean hasIpv6() {
        return isFree("::1", 0);
    }

    /** Whether nothing listens on this port of this IP address, and it can be bound. */
    public static boolean isFree(String address, int port) {
        try (ServerSocket socket = bind(address, port)) {
            return socket.isBound();
        } catch (IOException e) {
            return false; // that it cannot be bound is the answer
        }
    }

    private static ServerSocket bind(String address, int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
