package dev.weir.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What is under way in a delayed network, of all connections of one event loop: since all of it takes the same time, it leaves in
 * the order in which it came, and one timer is enough. For the thread of that loop.
 */
final class NetworkDelay {
    private final EventLoop loop;
    private final long delayNanos;
    private final Deque<Held> held = new ArrayDeque<>();
    /** In microseconds. */
    private Histogram kept = new Histogram(3);

    private boolean timed;

    /**
     * @param to where it goes
     * @param bytes null for the end of the connection
     * @param since when it came, by {@link System#nanoTime}
     */
    private record Held(Channel to, @Nullable ByteBuf bytes, long since) {}

    NetworkDelay(EventLoop loop, long delayNanos) {
        this.loop = loop;
        this.delayNanos = delayNanos;
    }

    /** Keeps bytes for the time, then sends them. */
    void take(ByteBuf bytes, Channel to) {
        hold(new Held(to, bytes, System.nanoTime()));
    }

    /** Closes a channel behind what is under way to it. */
    void end(Channel to) {
        hold(new Held(to, null, System.nanoTime()));
    }

    /** How long bytes were kept in truth since this was last asked, in microseconds. */
    Histogram kept() {
        Histogram result = kept;
        kept = new Histogram(3);
        return result;
    }

    private void hold(Held next) {
        held.add(next);
        // What is due does not wait until all that has come is read.
        releaseDue();
    }

    private void releaseDue() {
        Held first;
        while ((first = held.peek()) != null) {
            long age = System.nanoTime() - first.since();
            if (age < delayNanos) {
                if (!timed) {
                    timed = true;
                    loop.schedule(this::onTime, delayNanos - age, TimeUnit.NANOSECONDS);
                }
                return;
            }
            held.remove();
            release(first, age);
        }
    }

    private void onTime() {
        timed = false;
        releaseDue();
    }

    private void release(Held due, long age) {
        if (due.bytes() == null) {
            due.to().close();
        } else if (due.to().isActive()) {
            kept.recordValue(age / 1000);
            due.to().writeAndFlush(due.bytes(), due.to().voidPromise());
        } else {
            ReferenceCountUtil.release(due.bytes());
        }
    }
}
