package dev.weir.pool;

import dev.weir.wire.Backend;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is done with a server connection behind a client, until it can be lent to the next: what the client left running is
 * cancelled or awaited, a transaction rolled back, a session's state discarded, and cancel requests under way are waited
 * for; and the check of one that was idle. Confined to a lane.
 */
final class ServerRecovery {
    /** Between two cancels of what a client left running. */
    private static final Duration CANCEL_INTERVAL = Duration.ofMillis(50);

    private final ServerConnection server;
    private final Pool pool;
    private final Lane lane;
    private final Channel channel;
    private final BackendKey key;
    private final CancelSender cancels;
    private final ExpectedReplies expected;
    private final ServerSession session;
    private final ServerReplies replies;

    private int cancelsUnderway;
    private boolean cleanupFailed;

    /** To be closed instead of lent again. */
    private @Nullable CloseReason retiring;

    private @Nullable ScheduledFuture<?> deadline;

    ServerRecovery(
            ServerConnection server,
            Pool pool,
            Lane lane,
            OpenedServer opened,
            CancelSender cancels,
            ExpectedReplies expected,
            ServerSession session,
            ServerReplies replies) {
        this.server = server;
        this.pool = pool;
        this.lane = lane;
        this.channel = opened.channel();
        this.key = opened.key();
        this.cancels = cancels;
        this.expected = expected;
        this.session = session;
        this.replies = replies;
    }

    boolean isRetiring() {
        return retiring != null;
    }

    /** Whether a cancel request is on its way. */
    boolean isCanceling() {
        return cancelsUnderway > 0;
    }

    /** It is to be closed when it would be given back. */
    void retire(CloseReason why) {
        retiring = why;
    }

    /**
     * The client has left, and the server connection moved to {@link ServerPhase.Draining}.
     *
     * @param dirty its session's state goes with it
     */
    void begin(boolean graceful, boolean dirty) {
        if (expected.isAtRest()) {
            onDrained(dirty);
            return;
        }
        session.endOpenExchange();
        if (!graceful) {
            cancelUntilDrained();
        }
        if (!graceful || expected.isAmbiguous()) { // what is ambiguous may never seem complete
            armDeadline();
        }
    }

    /** A ReadyForQuery has come, and there is no borrower. */
    void onReadyAlone() {
        switch (server.phase()) {
            case ServerPhase.Cleaning cleaning -> {
                if (!expected.isAtRest()) {
                    return;
                }
                Cleanup cleanup = cleaning.cleanup();
                if (cleanupFailed || replies.status() != Backend.IDLE) {
                    boolean check = cleanup.isCheck();
                    server.close(cleaning.discard(check ? CloseReason.CHECK_FAILED : CloseReason.CLEANUP_FAILED));
                    return;
                }
                switch (cleanup.purpose()) {
                    case ROLLBACK_OF_SESSION ->
                        startCleanup(Cleanup.reset(pool.settings().sessions().resetQuery()));
                    case RESET -> {
                        session.onReset(cleanup);
                        finish();
                    }
                    case ROLLBACK, FORGET, CHECK -> finish();
                }
            }
            case ServerPhase.Draining draining -> {
                if (expected.isAtRest()) {
                    onDrained(draining.session());
                }
            }
            case ServerPhase.Idle idle -> replies.violation("ReadyForQuery while idle");
            case ServerPhase.Settling settling -> replies.violation("ReadyForQuery while idle");
            case ServerPhase.Shared shared -> throw server.illegal("ReadyForQuery for riders");
            case ServerPhase.Lent lent -> throw server.illegal("ReadyForQuery without a borrower");
            case ServerPhase.Closed closed -> {
                // bytes that were read before the close
            }
        }
    }

    /** A statement has failed, or what took its place. */
    void onError() {
        cleanupFailed = true; // read in phase Cleaning only, and cleared where it begins
        if (expected.isAmbiguous() && server.phase() instanceof ServerPhase.Draining) {
            armDeadline();
        }
    }

    /** A COPY that takes data has begun. */
    void onCopyIn() {
        if (server.phase() instanceof ServerPhase.Draining) {
            session.endOpenExchange();
        }
    }

    private void onDrained(boolean dirty) {
        if (replies.status() != Backend.IDLE) {
            startCleanup(Cleanup.rollback(dirty));
        } else if (dirty) {
            startCleanup(Cleanup.reset(pool.settings().sessions().resetQuery()));
        } else {
            finish();
        }
    }

    private void startCleanup(Cleanup cleanup) {
        if (cleanup.purpose() == Cleanup.Purpose.RESET
                && !pool.settings().sessions().reuse()) {
            server.discard(CloseReason.SESSION_OVER);
            return;
        }
        start(new ServerPhase.Cleaning(cleanup));
    }

    /** Asks the server whether it answers: back into the pool if it does, else the connection is closed. */
    void check(ServerPhase.Idle idle) {
        start(idle.check(Cleanup.check(pool.settings().life().checkQuery())));
    }

    /** Removes prepared statements beyond their limit. */
    void forget(ServerPhase.Idle idle) {
        start(idle.check(Cleanup.forget()));
    }

    private void start(ServerPhase.Cleaning cleaning) {
        Cleanup cleanup = cleaning.cleanup();
        server.moveTo(cleaning);
        cleanupFailed = false;
        armDeadline();
        session.clean(cleanup);
    }

    /** Again and again: a cancel ends one statement of a pipeline, and none if it comes before the statement does. */
    private void cancelUntilDrained() {
        if (server.phase() instanceof ServerPhase.Draining draining && draining.canceled()) {
            sendCancel(() -> lane.schedule(CANCEL_INTERVAL, this::cancelUntilDrained));
        }
    }

    /** @param done see {@link ServerConnection#cancel} */
    void sendCancel(Runnable done) {
        if (!expected.isBusy() || !channel.isActive()) {
            done.run();
            return;
        }
        cancelsUnderway++;
        pool.counters().cancelsSent++;
        cancels.send(channel.remoteAddress(), key, pool.settings().cancelTimeout(), delivered -> {
            cancelsUnderway--;
            if (!delivered && retiring == null) {
                retiring = CloseReason.UNCERTAIN; // it may yet arrive, and hit whoever is served then
            }
            done.run();
            if (server.phase() instanceof ServerPhase.Settling settling && cancelsUnderway == 0) {
                toPool(settling.giveBack());
            }
        });
    }

    /** At rest and clean: back into the pool, unless something speaks against it. */
    void finish() {
        disarmDeadline();
        CloseReason against = expected.isDoubtful() ? CloseReason.UNCERTAIN : retiring;
        if (against != null) {
            server.discard(against);
        } else if (session.hasTooManyStatements()) {
            startCleanup(Cleanup.forget());
        } else if (cancelsUnderway > 0) {
            server.moveTo(new ServerPhase.Settling());
        } else {
            toPool(ServerPhase.IDLE);
        }
    }

    private void toPool(ServerPhase.Idle idle) {
        server.becomeIdle(idle);
        if (retiring != null) {
            server.close(idle.retire(retiring));
        } else {
            pool.onGivenBack(server);
        }
    }

    private void armDeadline() {
        if (deadline == null) {
            deadline = lane.schedule(pool.settings().cleanupTimeout(), () -> {
                deadline = null;
                boolean check = server.phase() instanceof ServerPhase.Cleaning cleaning
                        && cleaning.cleanup().isCheck();
                server.discard(check ? CloseReason.CHECK_TIMEOUT : CloseReason.CLEANUP_TIMEOUT);
            });
        }
    }

    /** It has come to an end, one way or the other. */
    void disarmDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }
}
