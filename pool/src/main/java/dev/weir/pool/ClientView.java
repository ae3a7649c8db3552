package dev.weir.pool;

import java.net.SocketAddress;
import java.util.List;

/**
 * What a client was at one moment.
 *
 * @param id unique among all connections of this process
 * @param session it is in session mode
 * @param connectedMillis when it was accepted, since the epoch
 * @param inStateNanos for how long it has been so
 * @param server the id of the server connection that is lent to it; 0 if none is
 * @param applicationName as its startup message said; empty if it did not
 * @param statements that it has prepared
 * @param pins why it keeps its server connection, in words; empty if it need not
 */
public record ClientView(
        long id,
        PoolKey pool,
        boolean session,
        State state,
        SocketAddress remote,
        SocketAddress local,
        boolean tls,
        long connectedMillis,
        long inStateNanos,
        long server,
        String applicationName,
        int statements,
        List<String> pins) {
    public ClientView {
        pins = List.copyOf(pins);
    }

    /** Where it stands. */
    public enum State {
        LOGGING_IN,
        /** No server connection is lent to it. */
        IDLE,
        /** In its pool's queue; or, if a server connection is lent to it, for a place for another, to listen on. */
        WAITING,
        /** A server connection is lent to it. */
        LINKED
    }
}
