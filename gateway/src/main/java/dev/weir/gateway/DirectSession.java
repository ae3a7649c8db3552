package dev.weir.gateway;

import dev.weir.pool.Fate;
import dev.weir.pool.ServerConnection;
import dev.weir.pool.SessionParameters;
import dev.weir.wire.PgError;
import dev.weir.wire.Verdict;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The session of a client of session mode: it is the server's own, so everything goes on as it is and the server
 * connection stays lent until the client leaves. Confined to a lane.
 */
class DirectSession implements ClientSession {
    /** A request up to this size is awaited whole before a server connection is lent for it, in bytes. */
    static final int WHOLE_LIMIT = 8 * 1024;

    private final SessionParameters startup;
    private final Client client;

    /** @param startup what the client's startup message has set of what is not so by itself */
    DirectSession(SessionParameters startup, Client client) {
        this.startup = startup;
        this.client = client;
    }

    @Override
    public final SessionParameters parameters() {
        return startup;
    }

    @Override
    public final void onLent(ServerConnection lent) {
        lent.session().begin(startup, new SessionBegin(client));
    }

    @Override
    public boolean onAtRest(ServerConnection lent) {
        return false;
    }

    @Override
    public final boolean isDirty() {
        return true;
    }

    @Override
    public final void end() {
        // what it leaves is on the server
    }

    @Override
    public int wholeLimit(byte type) {
        return WHOLE_LIMIT;
    }

    @Override
    public Verdict onHeader(ServerConnection lent, byte type, int bodyLength) {
        lent.onRequest(type);
        return Verdict.FORWARD;
    }

    @Override
    public Verdict onFrame(ServerConnection lent, byte type, ByteBuf buffer, int index, int length) {
        throw new IllegalStateException("nobody asked to see this frame");
    }

    @Override
    public final void onRead(ByteBuf in) {
        // nothing is ever repeated
    }

    @Override
    public final boolean holds(ByteBuf run) {
        return false;
    }

    @Override
    public final boolean isHolding() {
        return false;
    }

    @Override
    public final @Nullable ByteBuf takeReply() {
        return null;
    }

    @Override
    public final void onParameter(String name) {
        // the server knows
    }

    @Override
    public final void onNotification(ByteBuf buffer, int index, int length) {
        // the server has told it
    }

    @Override
    public final void tell() {
        // nothing is kept
    }

    @Override
    public final boolean repeats(
            ServerConnection lent, PgError error, ByteBuf buffer, int index, int length, boolean alone) {
        return false;
    }

    @Override
    public final boolean isRepetitionDue() {
        return false;
    }

    @Override
    public final ByteBuf takeRepeatable() {
        throw new IllegalStateException("nothing to repeat");
    }

    @Override
    public final boolean translate(ByteBuf buffer, int index, int length, @Nullable Fate fate, ByteBuf out) {
        return false;
    }

    @Override
    public final int statements() {
        return 0;
    }

    @Override
    public final List<PinReason> pinReasons() {
        return List.of();
    }
}
