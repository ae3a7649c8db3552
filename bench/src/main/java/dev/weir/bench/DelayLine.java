package dev.weir.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * One direction of a delayed connection: what is read here is written to the other side later, in the same order, and so is the
 * end. Both sides belong to the event loop of the delay.
 */
final class DelayLine extends ChannelInboundHandlerAdapter {
    private final Channel to;
    private final NetworkDelay delay;

    DelayLine(Channel to, NetworkDelay delay) {
        this.to = to;
        this.delay = delay;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        delay.take((ByteBuf) message, to);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        delay.end(to);
    }

    /** The other direction has become full or free: this one is not read meanwhile. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        to.config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close(); // a reset is an end like any other
    }
}
