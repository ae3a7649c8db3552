package dev.weir.gateway;

import dev.weir.pool.Lane;
import dev.weir.pool.Rate;
import dev.weir.pool.TenantHome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Stands before a client whose tenant has {@code max_bytes_per_second}: counts what it sends and gets, and when too much
 * was, stops reading the client and, by saying that the client can't be written to, its server. Confined to its lane.
 */
final class ByteRate extends ChannelDuplexHandler {
    /** Of the bits by which a channel can be said not to be writable; the water mark has the lowest. */
    private static final int WRITABILITY_BIT = 1;

    private final TenantHome home;
    private final Lane lane;
    private final Runnable readAsWanted;
    private final ArrayDeque<Object> held = new ArrayDeque<>();
    private boolean paused;

    /** @param readAsWanted lets the client's own backpressure decide anew whether it is read */
    ByteRate(TenantHome home, Lane lane, Runnable readAsWanted) {
        this.home = home;
        this.lane = lane;
        this.readAsWanted = readAsWanted;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        charge(ctx, message);
        if (paused) {
            held.addLast(message); // at most what was being read, and what is read before the client is told to stop
            ctx.channel().config().setAutoRead(false);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        charge(ctx, message);
        ctx.write(message, promise);
    }

    private void charge(ChannelHandlerContext ctx, Object message) {
        Rate rate = home.bytes();
        if (rate == null || !(message instanceof ByteBuf bytes)) {
            return;
        }
        rate.charge(bytes.readableBytes(), lane.now());
        long pause = rate.nanosToNext(lane.now());
        if (pause > 0 && !paused) {
            paused = true;
            ctx.channel().config().setAutoRead(false);
            setWritable(ctx, false);
            lane.schedule(Duration.ofNanos(pause), () -> look(ctx));
        }
    }

    private void look(ChannelHandlerContext ctx) {
        if (ctx.isRemoved() || !ctx.channel().isActive()) {
            return;
        }
        Rate rate = home.bytes();
        long pause = rate == null ? 0 : rate.nanosToNext(lane.now());
        if (pause > 0) { // others of the tenant have used it up meanwhile
            lane.schedule(Duration.ofNanos(pause), () -> look(ctx));
            return;
        }
        paused = false;
        setWritable(ctx, true);
        while (!held.isEmpty()) { // they were counted when they came
            ctx.fireChannelRead(held.removeFirst());
        }
        ctx.fireChannelReadComplete();
        if (!paused) {
            readAsWanted.run();
        }
    }

    private static void setWritable(ChannelHandlerContext ctx, boolean writable) {
        ChannelOutboundBuffer out = ctx.channel().unsafe().outboundBuffer();
        if (out != null) {
            out.setUserDefinedWritability(WRITABILITY_BIT, writable);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        release();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        release();
    }

    private void release() {
        while (!held.isEmpty()) {
            ReferenceCountUtil.release(held.removeFirst());
        }
    }
}
