package dev.weir.gateway.console;

import java.net.SocketAddress;

/**
 * Who uses the console on one connection.
 *
 * @param id as those of other clients, and unique among them
 * @param connectedMillis since the epoch
 */
public record ConsoleClient(
        long id,
        ConsoleAccess access,
        SocketAddress remote,
        SocketAddress local,
        boolean tls,
        long connectedMillis,
        String applicationName) {

    /** The same, by another application name. */
    ConsoleClient named(String name) {
        return new ConsoleClient(id, access, remote, local, tls, connectedMillis, name);
    }
}
