package dev.weir.pool;

import dev.weir.wire.Frontend;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The short connection over which one CancelRequest goes to a server. The server answers nothing; it closes when it has
 * signalled its process. Source: PostgreSQL manual, "Canceling Requests in Progress".
 */
final class CancelConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(CancelConnection.class);

    private final BackendKey key;
    private final @Nullable Function<Channel, SslHandler> encryption;
    private final Consumer<Boolean> done;

    private @Nullable Channel channel;
    private boolean sent;
    private boolean over;

    /** @param encryption makes the handler of a TLS connection; null sends in clear */
    CancelConnection(BackendKey key, @Nullable Function<Channel, SslHandler> encryption, Consumer<Boolean> done) {
        this.key = key;
        this.encryption = encryption;
        this.done = done;
    }

    /** It could not be delivered, or it is not known. */
    void abandon() {
        finish(false);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        if (encryption == null) {
            sendCancel(ctx.channel());
            return;
        }
        ByteBuf out = ctx.alloc().buffer(8);
        Frontend.writeSslRequest(out);
        ctx.writeAndFlush(out, ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        boolean accepted =
                !sent && encryption != null && in.readableBytes() == 1 && in.getByte(in.readerIndex()) == 'S';
        in.release();
        if (!accepted || encryption == null) {
            finish(false);
            return;
        }
        SslHandler handler = encryption.apply(ctx.channel());
        ctx.pipeline().addFirst(handler);
        handler.handshakeFuture().addListener(handshake -> {
            if (handshake.isSuccess()) {
                sendCancel(ctx.channel());
            } else {
                finish(false);
            }
        });
    }

    private void sendCancel(Channel to) {
        sent = true;
        ByteBuf out = to.alloc().buffer(32);
        Frontend.writeCancelRequest(out, key.processId(), key.key());
        to.writeAndFlush(out, to.voidPromise());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        finish(sent);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("a cancel request could not be delivered", cause);
        finish(false);
    }

    private void finish(boolean delivered) {
        if (over) {
            return;
        }
        over = true;
        if (channel != null) {
            channel.close();
        }
        done.accept(delivered);
    }
}
