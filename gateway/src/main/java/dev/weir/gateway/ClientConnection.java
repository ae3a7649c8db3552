package dev.weir.gateway;

import dev.weir.pool.ClientView;
import dev.weir.pool.Lane;
import dev.weir.pool.Resident;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SessionParameters;
import dev.weir.tenants.ClientLimits;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import dev.weir.wire.Sqlstate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A client at its tenant's lane: it logs in, then its frames walk to the server connection that it is lent and the replies
 * walk back. It owns the client's phase; {@link ClientRequests} are what comes from the client, {@link ClientReplies} what
 * goes to it, and {@link ClientBorrower} is its part in the pool. Confined to that lane.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter implements LoginOwner, Resident, CancelKeys.Target {
    private final Gateway gateway;
    private final Lane lane;
    private final Channel channel;
    private final CancelKeys.CancelKey cancelKey;
    private final ClientBorrower borrower;
    private final ClientRequests requests;
    private final ClientReplies replies;
    private final ClientLog log;

    private final ClientIdentity identity;

    private ClientPhase phase;

    /** When it came into its phase, by the lane's clock; not for phase Waiting, of which its place knows. */
    private long since;

    /** Who it is; set when it has logged in. */
    private @Nullable Membership membership;

    /** To end with this as soon as no transaction is open. */
    private @Nullable PgError ending;

    ClientConnection(Gateway gateway, Lane lane, Channel channel, Arrival arrival) {
        this.gateway = gateway;
        this.lane = lane;
        this.channel = channel;
        this.borrower = new ClientBorrower(this, channel);
        this.requests = borrower.requests();
        this.replies = borrower.replies();
        this.log = new ClientLog(gateway, channel);
        this.identity = new ClientIdentity(
                lane.ids().next(),
                arrival.mode(),
                arrival.name().user(),
                arrival.startup().getOrDefault("application_name", ""),
                System.currentTimeMillis());
        this.since = lane.now();
        this.cancelKey = gateway.cancelKeys().create(arrival.version());
        Login login = new Login(gateway, lane, this, channel, arrival);
        this.phase = new ClientPhase.LoggingIn(login);
    }

    Gateway gateway() {
        return gateway;
    }

    Lane lane() {
        return lane;
    }

    ClientLog log() {
        return log;
    }

    /** Unique among all connections of this process. */
    long id() {
        return identity.id();
    }

    ClientPhase phase() {
        return phase;
    }

    boolean isClosed() {
        return phase instanceof ClientPhase.Closed;
    }

    // ---- login

    /**
     * Starts the login.
     *
     * @param rest bytes that came behind the startup message, or null
     */
    void begin(@Nullable ByteBuf rest) {
        requests.hold(rest);
        if (phase instanceof ClientPhase.LoggingIn loggingIn) {
            loggingIn.login().begin();
        }
    }

    @Override
    public CancelKeys.CancelKey key() {
        return cancelKey;
    }

    @Override
    public void readOn() {
        requests.resume();
    }

    /** Reads, if what is read can go on. */
    void updateReading() {
        requests.updateReading();
    }

    /** The login is complete. */
    void onLoggedIn(Membership joined, SessionParameters own) {
        if (!(phase instanceof ClientPhase.LoggingIn loggingIn)) {
            throw new IllegalStateException("logged in during phase " + phase);
        }
        membership = joined;
        borrower.begin(joined.pool(), newSession(joined, own));
        gateway.cancelKeys().add(this);
        moveTo(loggingIn.welcome());
        joined.pool()
                .counters()
                .onLogin(identity.mode() == Mode.SESSION, loggingIn.login().elapsedNanos());
        log.connected(joined, identity);
        if (ending != null) {
            endNow(ending);
        } else {
            requests.resume();
        }
    }

    private ClientSession newSession(Membership joined, SessionParameters own) {
        return switch (identity.mode()) {
            case TRANSACTION -> new VirtualSession(requests.scanner(), joined.pool(), lane.sql(), own, borrower.host());
            case SESSION ->
                own.isNone()
                        ? new DirectSession(own, borrower.host())
                        : new StartupKeeper(own, lane.sql(), borrower.host());
        };
    }

    // ---- its channel

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        Membership member = membership;
        if (member != null) {
            member.pool().counters().onBytesFromClient(in.readableBytes());
        }
        requests.take(in);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        requests.afterScan();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        borrower.onWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (requests.onOver()) {
            borrower.onWritabilityChanged(); // replies are dropped from now on
            return; // as in Postgres, what stands before its Terminate is carried out
        }
        borrower.leave();
        end(End.CLOSED);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            log.channelFailed(cause);
            borrower.leave();
            end(End.of(cause));
            channel.close();
        } else {
            log.bug(phase, cause);
            close(new Failure.Internal().toPgError(), "internal error");
        }
    }

    // ---- lending

    /** It asks for a server connection. */
    void onRequest() {
        moveTo(ClientPhase.WAITING);
    }

    void onLent(long now, boolean shared) {
        if (!(phase instanceof ClientPhase.Waiting waiting)) {
            throw new IllegalStateException("lent in phase " + phase);
        }
        since = now;
        moveTo(shared ? waiting.ride() : waiting.link());
    }

    boolean isRiding() {
        return phase instanceof ClientPhase.Riding;
    }

    void onRideOver(long now) {
        if (!(phase instanceof ClientPhase.Riding riding)) {
            throw new IllegalStateException("the end of a ride in phase " + phase);
        }
        since = now;
        moveTo(riding.arrive());
    }

    /** What it shared is gone, and what it sent is not to be sent again. */
    void onRideLost(@Nullable PgError lastWords, boolean amidReply) {
        if (lastWords == null || amidReply) {
            onServerLost(null, amidReply);
        } else {
            close(lastWords, "server connection ended: " + lastWords.message());
        }
    }

    /** @return whether it goes on nevertheless */
    boolean onRefused(PgError error) {
        if (!(phase instanceof ClientPhase.Waiting waiting)) {
            throw new IllegalStateException("refused in phase " + phase);
        }
        log.refused(error);
        if (error.code().equals(Sqlstate.ADMIN_SHUTDOWN.code())) {
            close(error, error.message());
            return false;
        }
        since = lane.now();
        moveTo(waiting.refuse());
        return !endsAtRest();
    }

    void onGivenBack(long now) {
        since = now;
        moveTo(ClientPhase.IDLE);
    }

    void onAnotherRequested() {
        if (!(phase instanceof ClientPhase.Linked linked)) {
            throw new IllegalStateException("another server connection wanted in phase " + phase);
        }
        moveTo(linked.requestAnother());
    }

    void onServerLost(@Nullable PgError lastWords, boolean amidReply) {
        if (lastWords != null) {
            end(End.of(lastWords, "server connection ended: " + lastWords.message()));
            replies.end(lane);
        } else if (amidReply) {
            end(End.SERVER_LOST_AMID_MESSAGE);
            replies.end(lane);
        } else {
            close(new Failure.ServerLost().toPgError(), "server connection lost");
        }
    }

    // ---- cancel

    @Override
    public CancelKeys.CancelKey cancelKey() {
        return cancelKey;
    }

    @Override
    public void cancel(Runnable done) {
        lane.loop().execute(() -> {
            ServerConnection lent = borrower.server();
            borrower.onCancelAsked();
            if (borrower.cancelRide()) {
                endsAtRest();
                done.run();
                return;
            }
            if (lent != null) {
                lent.cancel(done);
                return;
            }
            if (phase instanceof ClientPhase.Waiting && borrower.forget()) {
                borrower.onCanceledWaiting();
                borrower.onRefused(new Failure.CanceledWhileWaiting().toPgError());
            }
            done.run();
        });
    }

    // ---- as a resident of its tenant's home

    @Override
    public String user() {
        return identity.user();
    }

    @Override
    public ClientView view() {
        Membership member = phase instanceof ClientPhase.LoggingIn loggingIn
                ? loggingIn.login().membership()
                : membership;
        if (member == null) {
            throw new IllegalStateException("no resident in phase " + phase);
        }
        long inState =
                phase instanceof ClientPhase.Waiting ? borrower.place().waitedNanos(lane.now()) : lane.now() - since;
        return identity.view(member.pool().key(), channel, phase, inState, borrower.server(), borrower.session());
    }

    @Override
    public void endSoon(PgError error) {
        ServerConnection lent = borrower.server();
        boolean busy = phase instanceof ClientPhase.Waiting || (lent != null && !lent.isAtRest());
        if (busy) {
            ending = error;
        } else {
            endNow(error);
        }
    }

    @Override
    public void endNow(PgError error) {
        close(error, error.message());
    }

    /** Nothing is outstanding and no transaction open: if it is to end, it does so now. */
    boolean endsAtRest() {
        if (ending == null) {
            return false;
        }
        endNow(ending);
        return true;
    }

    // ---- time limits

    /** Its bytes have been looked at. */
    void onSpoken() {
        if (phase instanceof ClientPhase.Idle) { // it has sent a part of a request, or what needs no server
            since = lane.now();
        }
    }

    private @Nullable Failure exceeded(ClientLimits limits, long now) {
        if (phase instanceof ClientPhase.Idle && Turn.isOver(limits.idle(), now - since)) {
            return new Failure.ClientIdleTimeout(limits.idle().toMillis());
        }
        return borrower.exceeded(limits, now);
    }

    @Override
    public boolean isLate(ClientLimits limits, long now) {
        return exceeded(limits, now) != null;
    }

    @Override
    public void onLate(ClientLimits limits, long now) {
        Failure late = exceeded(limits, now);
        if (late instanceof Failure.QueryTimeout) {
            log.canceled(late.toPgError());
            borrower.cancelLate(limits.query(), now);
        } else if (late != null) {
            endNow(late.toPgError());
        }
    }

    // ---- the end

    void onViolation(String message) {
        requests.cut();
        close(new Failure.ProtocolViolation(message).toPgError(), "protocol violation: " + message);
    }

    void onTerminate() {
        borrower.leaveOrderly();
        end(End.TERMINATED);
        if (gateway.stopsReading()) {
            channel.config().setAutoRead(false); // or io_uring arms a poll behind a close that waits for a write
        }
        channel.close();
    }

    void fail(PgError error) {
        close(error.withSeverity(Severity.FATAL), error.message());
    }

    @Override
    public void close(PgError error, String why) {
        if (phase instanceof ClientPhase.Closed) {
            return;
        }
        boolean amidReply = borrower.isMidReply();
        replies.passHeld();
        borrower.leave();
        if (phase instanceof ClientPhase.LoggingIn loggingIn) {
            loggingIn.login().onRefused(error);
        }
        end(End.of(error, why));
        replies.end(error, amidReply, lane);
    }

    private void end(End why) {
        Membership member = membership;
        ClientPhase before = phase;
        if (before instanceof ClientPhase.Closed) {
            return;
        }
        moveTo(new ClientPhase.Closed(why.reason()));
        if (before instanceof ClientPhase.LoggingIn loggingIn) {
            log.loginFailed(loggingIn.login(), why);
            loggingIn.login().abandon();
        }
        borrower.end();
        if (member != null) {
            membership = null;
            gateway.cancelKeys().remove(this);
            member.home().depart(this);
            member.pool().counters().onDeparture(identity.mode() == Mode.SESSION);
            member.pool().leave();
            log.disconnected(before, why, identity);
        }
        if (requests.isOver()) {
            requests.release();
        }
    }

    private void moveTo(ClientPhase next) {
        assert channel.eventLoop().inEventLoop() : "not on the lane";
        log.moved(phase, next);
        phase = next;
    }
}
