package dev.weir.gateway;

import dev.weir.pool.ServerConnection;
import dev.weir.tenants.ClientLimits;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is between a client and the server connection that is lent to it, and since when. The times change where
 * a turn does, not with each message; whether one has lasted too long is asked from time to time. Confined to a lane.
 */
final class Turn {
    /** The server has something to do, or to say. */
    private boolean servers;

    /** When the turn began, by the lane's clock. */
    private long since;

    /** When the transaction, or the statement outside one, began. */
    private long transactionSince;

    /** The server was asked to cancel what it does in this turn. */
    private boolean canceled;

    private long canceledAt;

    /** The limit for which it was. */
    private Duration exceeded = Duration.ZERO;

    /** A server connection is lent for a request. */
    void onLent(long now) {
        servers = true;
        since = now;
        transactionSince = now;
        canceled = false;
    }

    /** Whether it is the server's, so that {@link #onSpoken} has nothing to tell. */
    boolean isServers() {
        return servers;
    }

    /** The client says something in its turn. */
    void onSpoken(ServerConnection lent, long now) {
        servers = true;
        since = now;
        canceled = false;
        if (lent.status() == Backend.IDLE && lent.isAtRest()) {
            transactionSince = now;
        }
    }

    /** The client has sent a part of a message, for whose rest the server waits. */
    void onPart(long now) {
        servers = false;
        since = now;
    }

    /** A ReadyForQuery has come. */
    void onReady(ServerConnection lent, long now) {
        servers = lent.isBusy();
        since = now;
        canceled = false;
        if (lent.status() == Backend.IDLE) {
            transactionSince = now;
        }
    }

    /** How long the server's turn has lasted. */
    long nanos(long now) {
        return now - since;
    }

    /** The server has been asked to cancel, since its turn has lasted longer than that. */
    void onCanceled(Duration limit, long now) {
        canceled = true;
        canceledAt = now;
        exceeded = limit;
    }

    /** Why the statement of this turn was cancelled; null if Weir did not have it cancelled. */
    @Nullable
    Failure reasonOfCancel() {
        return canceled ? new Failure.QueryTimeout(exceeded.toMillis()) : null;
    }

    /**
     * What the client has exceeded; null if nothing. A server that owes nothing, though it has not said ReadyForQuery,
     * waits for the client: from when that is first seen, it is the client's turn.
     *
     * @param cancelTimeout how long a statement may go on after the server was asked to cancel it
     */
    @Nullable
    Failure exceeded(ServerConnection lent, ClientLimits limits, Duration cancelTimeout, long now) {
        if (servers && !lent.isBusy()) {
            servers = false;
            since = now;
        }
        boolean atRest = lent.isAtRest();
        if (servers && canceled && now - canceledAt >= cancelTimeout.toNanos()) {
            return new Failure.QueryNotCanceled(exceeded.toMillis(), cancelTimeout.toMillis());
        }
        if (!servers && !atRest && isOver(limits.idleTransaction(), now - since)) {
            return new Failure.IdleTransactionTimeout(limits.idleTransaction().toMillis());
        }
        if (!atRest && isOver(limits.transaction(), now - transactionSince)) {
            return new Failure.TransactionTimeout(limits.transaction().toMillis());
        }
        if (!servers && atRest && isOver(limits.idle(), now - since)) {
            return new Failure.ClientIdleTimeout(limits.idle().toMillis());
        }
        if (servers && !canceled && isOver(limits.query(), now - since)) {
            return new Failure.QueryTimeout(limits.query().toMillis());
        }
        return null;
    }

    /** Whether there is such a limit, and it is reached. */
    static boolean isOver(Duration limit, long nanos) {
        return limit.isPositive() && nanos >= limit.toNanos();
    }
}
