package dev.weir.gateway;

import dev.weir.pool.Borrower;
import dev.weir.pool.Fate;
import dev.weir.pool.Pool;
import dev.weir.pool.PoolCounters;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SessionParameters;
import dev.weir.pool.WaitingQueue;
import dev.weir.tenants.ClientLimits;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import dev.weir.wire.Sqlstate;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A client and the server connection that it is lent, from asking for one until it is given back, left or lost. Confined
 * to a lane.
 */
final class ClientBorrower implements Borrower {
    private final ClientConnection client;
    private final Channel channel;
    private final ClientReplies replies;
    private final ClientRequests requests;
    private final WaitingQueue.Place place = new WaitingQueue.Place(this);
    private final SessionHost host;
    private final Turn turn = new Turn();
    private ClientSession session;

    /** Where it borrows; null before the client has logged in and when it has gone. */
    private @Nullable Pool pool;

    /** Lent in phase Linked, and only there. */
    private @Nullable ServerConnection server;

    /** How long it has waited for what is lent to it, in nanoseconds. */
    private long waited;

    /** Its statements on server connections that it shares; null if it has every one to itself. */
    private @Nullable Ride ride;

    /** A cancel request of Weir's is under way, which must not hit what the client sends next. */
    private boolean canceling;

    ClientBorrower(ClientConnection client, Channel channel) {
        this.client = client;
        this.channel = channel;
        this.host = new SessionHost(client, this, channel);
        this.session = new DirectSession(SessionParameters.NONE, host);
        this.replies = new ClientReplies(channel, session);
        this.requests = new ClientRequests(client, this, replies.answers(), channel, session);
    }

    ClientRequests requests() {
        return requests;
    }

    ClientReplies replies() {
        return replies;
    }

    /** What its session asks things of. */
    SessionHost host() {
        return host;
    }

    ClientSession session() {
        return session;
    }

    /** The login is complete. */
    void begin(Pool joined, ClientSession begun) {
        pool = joined;
        session = begun;
        ride = begun.ride();
        replies.begin(begun, joined.counters());
        requests.setSession(begun);
    }

    @Nullable
    ServerConnection server() {
        return server;
    }

    @Override
    public long id() {
        return client.id();
    }

    @Override
    public WaitingQueue.Place place() {
        return place;
    }

    @Override
    public SessionParameters parameters() {
        return session.parameters();
    }

    // ---- lending

    /**
     * Asks for a server connection for a request.
     *
     * @param buffer holds the first frame whole; null if it has not been waited for
     * @return what is lent at once; null if the client has to wait, or was refused
     */
    @Nullable
    ServerConnection request(byte type, @Nullable ByteBuf buffer, int bodyIndex, int bodyLength) {
        Pool lender = pool;
        if (lender == null) {
            throw new IllegalStateException("a request before the login, or after the end");
        }
        client.onRequest();
        place.expect(ride == null ? WaitingQueue.Place.ALONE : ride.look(type, buffer, bodyIndex, bodyLength));
        lender.lend(this);
        return server;
    }

    @Override
    public void onLent(ServerConnection lent) {
        long now = lent.lentAt();
        client.onLent(now, lent.isShared());
        turn.onLent(now);
        server = lent;
        waited = lent.waitedFor();
        if (waited >= client.gateway().slowCheckoutNanos()) {
            client.log().slowCheckout(lent, waited);
        }
        if (lent.isShared()) {
            getOn(lent);
            return;
        }
        if (ride != null) {
            ride.onAlone(lent);
        }
        session.onLent(lent);
        lent.setReading(takesReplies());
        if (!lent.isWritable()) {
            requests.updateReading();
        }
        requests.resume();
    }

    @Override
    public void onRefused(PgError error) {
        if (!client.onRefused(error)) {
            return;
        }
        // The client's own connection is sound: it may try again on it.
        replies.answers().refuseNext(error.withSeverity(Severity.ERROR));
        requests.resume();
    }

    /** It waits no longer for one, if it did. */
    boolean forget() {
        return pool != null && pool.forget(this);
    }

    /** All requests that came in one wake-up have been passed on. */
    void afterRequests() {
        ServerConnection lent = server;
        if (lent != null && client.isRiding()) {
            lent.sharing().flushSoon();
        } else if (lent != null) {
            lent.flushRequests();
            // A flush that fails may take the server connection away.
            if (server == lent && lent.isAtRest()) {
                // A late CopyData ended here, whose COPY had failed before; or all was answered without the server.
                giveBackIfDone(lent, client.lane().now());
            }
        }
    }

    @Override
    public void onReady(boolean atRest) {
        replies.passHeld();
        ServerConnection lent = server;
        if (lent == null) {
            return;
        }
        long now = client.lane().now();
        if (turn.nanos(now) >= client.gateway().slowQueryNanos() && turn.isServers()) {
            client.log().slowQuery(lent, turn.nanos(now), waited);
        }
        if (ride != null) {
            ride.onTook(turn.nanos(now));
        }
        turn.onReady(lent, now);
        if (!atRest || client.endsAtRest()) {
            return;
        }
        if (giveBackIfDone(lent, now) && !requests.isEmpty()) {
            requests.resume();
        }
    }

    /** @return whether it did */
    private boolean giveBackIfDone(ServerConnection lent, long now) {
        if (requests.isWithinSentFrame() || !session.onAtRest(lent)) {
            return false;
        }
        giveBack(lent, now);
        return true;
    }

    /** The same, at a moment of which the server connection does not tell. */
    boolean giveBackIfDone() {
        ServerConnection lent = server;
        return lent != null && giveBackIfDone(lent, client.lane().now());
    }

    private void giveBack(ServerConnection lent, long now) {
        channel.flush(); // before the next client has its turn
        server = null;
        client.onGivenBack(now);
        if (!channel.config().isAutoRead()) {
            requests.updateReading(); // the server connection tells us no more when it can be written to
        }
        lent.setReading(true);
        lent.giveBack();
        session.tell();
    }

    /** What is lent can't be made the client's own. */
    void lendAnother() {
        ServerConnection lent = server;
        Pool lender = pool;
        if (lent == null || lender == null) {
            throw new IllegalStateException("another server connection wanted where none is lent");
        }
        client.onAnotherRequested();
        server = null;
        lent.leave(true, true, false);
        lender.lend(this);
    }

    /** The client has said Terminate: what it sent before is still to be carried out. */
    void leaveOrderly() {
        ServerConnection lent = server;
        if (lent != null) {
            lent.flushRequests();
            server = null;
            lent.leave(true, session.isDirty(), false);
        }
    }

    /** The client is on its way out, and nobody wants what still runs. */
    void leave() {
        ServerConnection lent = server;
        if (lent != null && client.isRiding()) {
            server = null;
            lent.sharing().flushSoon(); // or its reply would never come
            lent.sharing().leave(this, ride().isAboard());
        } else if (lent != null) {
            server = null;
            lent.flushRequests(); // what stood before the end of the run goes out, or its reply would never come
            lent.leave(false, session.isDirty(), requests.isWithinSentFrame());
        }
    }

    // ---- riding

    private Ride ride() {
        Ride own = ride;
        if (own == null) {
            throw new IllegalStateException("a ride of a client that has every server connection to itself");
        }
        return own;
    }

    /** Whether what the server sends now is for another client, which comes first. */
    private boolean isBehindOthers(ServerConnection lent) {
        return client.isRiding() && !lent.sharing().isRunning(this);
    }

    /** Whether the client has had a part of a message whose rest has not come. */
    boolean isMidReply() {
        ServerConnection lent = server;
        return lent != null && !isBehindOthers(lent) && lent.isMidReply();
    }

    private void getOn(ServerConnection shared) {
        if (shared.sharing().isRunning(this)) {
            shared.setReading(takesReplies());
        }
        requests.resume();
    }

    /** A frame begins while it rides. */
    Verdict onHeader(byte type, int bodyLength) {
        ServerConnection shared = server;
        assert shared != null;
        return ride().onHeader(shared, type, bodyLength);
    }

    @Override
    public void onRideOver(ServerConnection shared, long tookNanos) {
        replies.passHeld();
        if (tookNanos >= client.gateway().slowQueryNanos()) {
            client.log().slowQuery(shared, tookNanos, waited);
        }
        ride().onTook(tookNanos);
        ride().onOver();
        getOff();
        shared.setReading(true);
        channel.flush();
        if (client.endsAtRest()) {
            return;
        }
        session.tell();
        if (!requests.isEmpty()) {
            host.resumeSoon();
        }
    }

    private void getOff() {
        server = null;
        client.onRideOver(client.lane().now());
        if (!channel.config().isAutoRead()) {
            requests.updateReading();
        }
    }

    @Override
    public void onRideLost(@Nullable PgError lastWords, boolean running) {
        ByteBuf again = ride().takeAgain(lastWords, running);
        if (again == null) {
            replies.passHeld();
            ServerConnection lost = server;
            server = null;
            client.onRideLost(lastWords, running && lost != null && lost.isMidReply());
            return;
        }
        getOff();
        requests.holdAgain(again);
        host.resumeSoon();
    }

    /**
     * The client wants its statement cancelled. One that waits behind others is answered at once.
     *
     * @return whether that has been seen to
     */
    boolean cancelRide() {
        ServerConnection shared = server;
        if (shared == null || !client.isRiding()) {
            return false;
        }
        if (shared.sharing().isRunning(this)) {
            ride().onCancelWanted();
            return false;
        }
        shared.sharing().leave(this, true);
        ride().onGotOff();
        getOff();
        replies.answers().answer(new Failure.CanceledWhileWaiting().toPgError());
        replies.answers().flush();
        host.resumeSoon();
        return true;
    }

    /** The client has gone. */
    void end() {
        session.end();
        forget();
        pool = null;
    }

    @Override
    public void onServerLost(@Nullable PgError lastWords) {
        replies.passHeld();
        ServerConnection lost = server;
        server = null;
        client.onServerLost(lastWords, lost != null && lost.isMidReply());
    }

    @Override
    public void onServerWritabilityChanged(boolean writable) {
        requests.updateReading();
    }

    /** The client can be written to, or can't. */
    void onWritabilityChanged() {
        ServerConnection lent = server;
        if (lent != null && !isBehindOthers(lent)) {
            lent.setReading(takesReplies());
        } else {
            requests.updateReading();
        }
        if (channel.isWritable()) {
            session.tell();
        }
    }

    @Override
    public void onRoom() {
        requests.resume();
    }

    // ---- time limits

    /** The client's bytes are about to be looked at. */
    void onSpoken() {
        ServerConnection lent = server;
        if (lent != null && !turn.isServers()) {
            turn.onSpoken(lent, client.lane().now());
        }
    }

    /** The client has sent a part of a message whose rest has not come. */
    void onPart() {
        ServerConnection lent = server;
        if (lent != null && !lent.isCopyIn()) {
            turn.onPart(client.lane().now());
        }
    }

    /** What the client has exceeded, to whom a server connection is lent; null if nothing. */
    @Nullable
    Failure exceeded(ClientLimits limits, long now) {
        ServerConnection lent = server;
        Pool lender = pool;
        return lent == null || lender == null || isBehindOthers(lent)
                ? null
                : turn.exceeded(lent, limits, lender.cancelTimeout(), now);
    }

    /** Asks the server to cancel what it does for the client, whose next request waits until that has arrived. */
    void cancelLate(Duration limit, long now) {
        ServerConnection lent = server;
        if (lent != null) {
            turn.onCanceled(limit, now);
            canceling = true;
            if (client.isRiding()) {
                ride().onCancelWanted();
            }
            lent.cancel(() -> {
                canceling = false;
                if (!client.isClosed()) {
                    requests.resume();
                }
            });
        }
    }

    /** Whether what the client sends now has to wait. */
    boolean isCanceling() {
        return canceling;
    }

    /** The client keeps its server connection from now on. */
    void onPinned(List<PinReason> reasons) {
        Pool lender = pool;
        if (lender != null) {
            reasons.forEach(reason -> lender.counters().onPin(reason.name()));
        }
    }

    /** The client has asked for what it does to be cancelled. */
    void onCancelAsked() {
        Pool lender = pool;
        if (lender != null) {
            lender.counters().onCancel();
        }
    }

    /** Its request was cancelled while it waited. */
    void onCanceledWaiting() {
        Pool lender = pool;
        if (lender != null) {
            lender.counters().onRefusal(PoolCounters.Refused.CANCELED);
        }
    }

    private static boolean isCancel(ByteBuf buffer, int index, int length) {
        return PgError.parse(buffer, index, length)
                .filter(error -> error.code().equals(Sqlstate.QUERY_CANCELED.code()))
                .isPresent();
    }

    // ---- replies

    @Override
    public void takeReplies(ByteBuf run) {
        replies.take(run);
    }

    @Override
    public void takeOwnReply(ByteBuf frame) {
        replies.takeOwn(frame);
    }

    @Override
    public void flushReplies() {
        replies.flush();
        ServerConnection lent = server;
        if (lent != null && !takesReplies()) {
            lent.setReading(false);
        }
    }

    /** Whether replies can be written; to one who is gone they can, since they are dropped. */
    private boolean takesReplies() {
        return channel.isWritable() || requests.isOver();
    }

    @Override
    public boolean repeats(PgError error, ByteBuf buffer, int index, int length) {
        ServerConnection lent = server;
        if (lent != null && client.isRiding()) {
            return ride().repeats(lent, error, buffer, index, length);
        }
        return lent != null && session.repeats(lent, error, buffer, index, length, requests.isAllSent());
    }

    @Override
    public void onRepeat() {
        requests.repeat(session.takeRepeatable());
    }

    @Override
    public boolean takesError(ByteBuf buffer, int index, int length, @Nullable Fate fate) {
        Failure reason = turn.reasonOfCancel();
        if (reason != null && isCancel(buffer, index, length)) {
            ByteBuf told = channel.alloc().buffer(256);
            reason.toPgError().writeTo(told);
            replies.takeOwn(told);
            return true;
        }
        ByteBuf out = channel.alloc().buffer(length + 64);
        if (!session.translate(buffer, index, length, fate, out)) {
            out.release();
            return false;
        }
        replies.takeOwn(out);
        return true;
    }

    @Override
    public void onNotification(ByteBuf buffer, int index, int length) {
        session.onNotification(buffer, index, length);
    }

    @Override
    public void onParameter(String name, String value) {
        session.onParameter(name.toLowerCase(Locale.ROOT));
    }
}
