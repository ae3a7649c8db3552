package dev.weir.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a delayed connection: what is read here is written to the other side after a fixed time, in the same order,
 * and so is the end. Both sides belong to the same event loop.
 */
final class DelayLine extends ChannelInboundHandlerAdapter {
    private final Channel to;
    private final long delayNanos;
    private final Deque<Held> held = new ArrayDeque<>();

    /**
     * @param bytes null for the end of the connection
     * @param due by {@link System#nanoTime}
     */
    private record Held(@Nullable ByteBuf bytes, long due) {}

    DelayLine(Channel to, long delayNanos) {
        this.to = to;
        this.delayNanos = delayNanos;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        hold(context, (ByteBuf) message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        hold(context, null);
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

    private void hold(ChannelHandlerContext context, @Nullable ByteBuf bytes) {
        held.add(new Held(bytes, System.nanoTime() + delayNanos));
        if (held.size() == 1) {
            schedule(context, delayNanos);
        }
    }

    private void schedule(ChannelHandlerContext context, long nanos) {
        context.executor().schedule(() -> release(context), nanos, TimeUnit.NANOSECONDS);
    }

    private void release(ChannelHandlerContext context) {
        Held first;
        while ((first = held.peek()) != null) {
            long wait = first.due() - System.nanoTime();
            if (wait > 0) {
                to.flush();
                schedule(context, wait);
                return;
            }
            held.remove();
            if (first.bytes() == null) {
                to.flush();
                to.close();
            } else if (to.isActive()) {
                to.write(first.bytes(), to.voidPromise());
            } else {
                ReferenceCountUtil.release(first.bytes());
            }
        }
        to.flush();
    }
}
