package dev.weir.pool;

import dev.weir.tenants.Endpoint;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * One address of an endpoint, ready to connect to.
 *
 * @param host the name that led to it; empty for a Unix socket
 * @param port 0 for a Unix socket
 */
record Address(SocketAddress socket, String host, int port) {

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
