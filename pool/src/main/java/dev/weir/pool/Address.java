package dev.weir.pool;

import dev.weir.tenants.Endpoint;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One address of an endpoint, ready to connect to.
 *
 * @param host the name that led to it; empty for a Unix socket
 * @param port 0 for a Unix socket
 */
public record Address(SocketAddress socket, String host, int port) {

    /** As logs show it: {@code 127.0.0.1:5432}, {@code [::1]:5432}, the path of a Unix socket; null stays null. */
    public static @Nullable String text(@Nullable SocketAddress socket) {
        return socket instanceof InetSocketAddress tcp
                ? NetUtil.toSocketAddressString(tcp)
                : socket == null ? null : socket.toString();
    }

    boolean isUnixSocket() {
        return port == 0;
    }

    /**
     * All addresses of all endpoints in their order; blocks.
     *
     * @throws UnknownHostException if there is none at all
     */
    static List<Address> resolve(List<Endpoint> endpoints, Transport transport) throws UnknownHostException {
        List<Address> addresses = new ArrayList<>();
        UnknownHostException unknown = new UnknownHostException("no address");
        for (Endpoint endpoint : endpoints) {
            switch (endpoint) {
                case Endpoint.UnixSocket unix ->
                    addresses.add(new Address(transport.unixAddress().apply(unix), "", 0));
                case Endpoint.Tcp tcp -> {
                    try {
                        for (InetAddress address : InetAddress.getAllByName(tcp.host())) {
                            addresses.add(
                                    new Address(new InetSocketAddress(address, tcp.port()), tcp.host(), tcp.port()));
                        }
                    } catch (UnknownHostException e) {
                        unknown = e;
                    }
                }
            }
        }
        if (addresses.isEmpty()) {
            throw unknown;
        }
        return addresses;
    }
}
