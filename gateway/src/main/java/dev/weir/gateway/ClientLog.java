package dev.weir.gateway;

import dev.weir.pool.ServerConnection;
import dev.weir.wire.PgError;
import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** What the log says of one client. The text of a statement is never written: its literals are data. */
final class ClientLog {
    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

    private final Gateway gateway;
    private final Channel channel;

    /** Who it is; null before it has logged in. */
    private @Nullable Membership membership;

    ClientLog(Gateway gateway, Channel channel) {
        this.gateway = gateway;
        this.channel = channel;
    }

    void connected(Membership joined, ClientIdentity identity) {
        membership = joined;
        if (gateway.logsConnections()) {
            event(Level.INFO, "client connected")
                    .addKeyValue("mode", identity.mode())
                    .addKeyValue("application_name", identity.applicationName())
                    .log();
        }
    }

    /** The login of a client that was not welcomed has ended. */
    void loginFailed(Login login, End end) {
        if (gateway.admits(Level.INFO, "login failed", login.tenant(), end.kind())) {
            login.event(event(Level.INFO, "login failed"))
                    .addKeyValue("reason", end.reason())
                    .log();
        }
    }

    void disconnected(ClientPhase before, End end, ClientIdentity identity) {
        boolean written = end.byClient() ? gateway.logsConnections() : admits(Level.INFO, "client disconnected", end);
        if (written) {
            event(Level.INFO, "client disconnected")
                    .addKeyValue("phase", before.getClass().getSimpleName())
                    .addKeyValue("connected_ms", Math.max(0, System.currentTimeMillis() - identity.connectedMillis()))
                    .addKeyValue("reason", end.reason())
                    .log();
        }
    }

    void refused(PgError error) {
        End why = End.of(error);
        if (admits(Level.WARN, "request refused", why)) {
            event(Level.WARN, "request refused")
                    .addKeyValue("sqlstate", error.code())
                    .addKeyValue("reason", error.message())
                    .log();
        }
    }

    void canceled(PgError error) {
        if (admits(Level.INFO, "statement canceled", End.of(error))) {
            event(Level.INFO, "statement canceled")
                    .addKeyValue("reason", error.detail())
                    .log();
        }
    }

    void slowCheckout(ServerConnection lent, long waitedNanos) {
        if (admits(Level.WARN, "slow checkout", End.SLOW)) {
            event(Level.WARN, "slow checkout")
                    .addKeyValue("waited_ms", TimeUnit.NANOSECONDS.toMillis(waitedNanos))
                    .addKeyValue("server_pid", lent.processId())
                    .addKeyValue("reason", "the client had to wait for a server connection")
                    .log();
        }
    }

    void slowQuery(ServerConnection lent, long nanos, long waitedNanos) {
        if (admits(Level.WARN, "slow query", End.SLOW)) {
            event(Level.WARN, "slow query")
                    .addKeyValue("duration_ms", TimeUnit.NANOSECONDS.toMillis(nanos))
                    .addKeyValue("waited_ms", TimeUnit.NANOSECONDS.toMillis(waitedNanos))
                    .addKeyValue("server_pid", lent.processId())
                    .log();
        }
    }

    void pinned(List<PinReason> reasons) {
        event(Level.INFO, "client keeps its server connection")
                .addKeyValue("reason", reasons.stream().map(PinReason::text).toList())
                .log();
    }

    void channelFailed(Throwable cause) {
        event(Level.DEBUG, "client connection failed").setCause(cause).log();
    }

    void bug(ClientPhase phase, Throwable cause) {
        event(Level.ERROR, "bug while serving a client")
                .addKeyValue("phase", phase)
                .setCause(cause)
                .log();
    }

    void moved(ClientPhase from, ClientPhase to) {
        if (log.isTraceEnabled()) {
            event(Level.TRACE, "client phase")
                    .addKeyValue("from", from)
                    .addKeyValue("to", to)
                    .log();
        }
    }

    private boolean admits(Level level, String message, End end) {
        String tenant =
                membership == null ? "" : membership.pool().key().tenant().value();
        return log.isEnabledForLevel(level) && gateway.admits(level, message, tenant, end.kind());
    }

    private LoggingEventBuilder event(Level level, String message) {
        LoggingEventBuilder event = gateway.event(log.atLevel(level), message, channel);
        return membership == null ? event : membership.event(event);
    }
}
