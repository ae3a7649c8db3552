package dev.weir.gateway;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a listener does with each client that it accepts: it is greeted, on a lane. Confined to the listener's lane. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);

    /** Bytes that may wait to be written before the other side is no longer read. */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 128 * 1024);

    /** For how long nobody is accepted when that has failed, of too many open files for instance. */
    private static final long PAUSE_SECONDS = 1;

    private final Gateway gateway;
    private final Mode mode;
    private final GreetingLoops loops;

    Acceptor(Gateway gateway, Mode mode, GreetingLoops loops) {
        this.gateway = gateway;
        this.mode = mode;
        this.loops = loops;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel client = (Channel) message;
        // TCP_NODELAY is on: Netty has set it.
        client.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        client.config().setWriteBufferWaterMark(WATER_MARK);
        long deadline = System.nanoTime() + gateway.settings().loginTimeout().toNanos();
        client.pipeline().addLast("client", new Greeting(gateway, mode, loops, deadline));
        loops.next().register(client).addListener(registered -> {
            if (!registered.isSuccess()) {
                loops.onOver();
                client.unsafe().closeForcibly();
            }
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ChannelConfig config = ctx.channel().config();
        if (config.isAutoRead()) {
            config.setAutoRead(false);
            ctx.channel().eventLoop().schedule(() -> config.setAutoRead(true), PAUSE_SECONDS, TimeUnit.SECONDS);
        }
        log.atWarn()
                .setMessage("client not accepted")
                .addKeyValue("mode", mode)
                .setCause(cause)
                .log();
    }
}
