package dev.weir.gateway;

import dev.weir.pool.ClientView;
import dev.weir.pool.PoolKey;
import dev.weir.pool.ServerConnection;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * What of a client does not change.
 *
 * @param id unique among all connections of this process
 * @param applicationName as its startup message said; empty if it did not
 * @param connectedMillis when it was accepted, since the epoch
 */
record ClientIdentity(long id, Mode mode, String user, String applicationName, long connectedMillis) {

    /** The client as it is at this moment. */
    ClientView view(
            PoolKey pool,
            Channel channel,
            ClientPhase phase,
            long inStateNanos,
            @Nullable ServerConnection lent,
            ClientSession session) {
        long waitedToListen = session.waitedToListen();
        boolean waitsToListen = waitedToListen >= 0;
        return new ClientView(
                id,
                pool,
                mode == Mode.SESSION,
                waitsToListen ? ClientView.State.WAITING : state(phase),
                channel.remoteAddress(),
                channel.localAddress(),
                channel.pipeline().get(SslHandler.class) != null,
                connectedMillis,
                waitsToListen ? waitedToListen : inStateNanos,
                lent == null ? 0 : lent.id(),
                applicationName,
                session.statements(),
                session.pinReasons().stream().map(PinReason::text).toList());
    }

    private static ClientView.State state(ClientPhase phase) {
        return switch (phase) {
            case ClientPhase.Linked linked -> ClientView.State.LINKED;
            case ClientPhase.Riding riding -> ClientView.State.LINKED;
            case ClientPhase.Idle idle -> ClientView.State.IDLE;
            case ClientPhase.Waiting waiting -> ClientView.State.WAITING;
            case ClientPhase.LoggingIn loggingIn -> ClientView.State.LOGGING_IN;
            case ClientPhase.Closed closed -> throw new IllegalStateException("no resident in phase " + phase);
        };
    }
}
