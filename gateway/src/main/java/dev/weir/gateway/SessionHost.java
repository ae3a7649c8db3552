package dev.weir.gateway;

import dev.weir.pool.ServerConnection;
import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import java.util.List;

/** A client as its session sees it. Confined to a lane. */
final class SessionHost implements ClientSession.Client {
    private final ClientConnection client;
    private final ClientBorrower borrower;
    private final Channel channel;

    SessionHost(ClientConnection client, ClientBorrower borrower, Channel channel) {
        this.client = client;
        this.borrower = borrower;
        this.channel = channel;
    }

    @Override
    public void resume() {
        borrower.requests().resume();
    }

    @Override
    public void resumeSoon() {
        client.lane().loop().execute(borrower.requests()::resume);
    }

    @Override
    public void lendAnother() {
        borrower.lendAnother();
    }

    @Override
    public void onPinned(List<PinReason> reasons) {
        borrower.onPinned(reasons);
        client.log().pinned(reasons);
    }

    @Override
    public void tellParameter(String name, String value) {
        borrower.replies().tellParameter(name, value);
    }

    @Override
    public boolean isReadyForNotifications() {
        ServerConnection lent = borrower.server();
        return channel.isWritable() && (lent == null || lent.isAtRest());
    }

    @Override
    public void takeNotification(ByteBuf frame) {
        borrower.replies().takeNotification(frame);
    }

    @Override
    public ByteBufAllocator allocator() {
        return channel.alloc();
    }

    /** Not within what has brought it about, which may be about to give the server connection back itself. */
    @Override
    public void onMoved() {
        ServerConnection lent = borrower.server();
        client.lane().loop().execute(() -> {
            if (lent == borrower.server() && borrower.giveBackIfDone()) {
                borrower.requests().resume();
            }
        });
    }

    @Override
    public void fail(PgError error) {
        client.fail(error);
    }
}
