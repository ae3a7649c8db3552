package dev.weir.testkit;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A lane's loop that runs when a test says so, and whose time a test advances. Embedded channels keep a loop of their own,
 * since the closing of one cancels all timers of its loop.
 */
public final class ManualLoop extends AbstractScheduledEventExecutor implements EventLoop {
    private final MockTicker ticker = Ticker.newMockTicker();
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Future<?>> timers = new ArrayList<>();

    /** Runs what is due, and what that leads to. */
    public void run() {
        boolean more = true;
        while (more) {
            Runnable task = tasks.poll();
            if (task == null) {
                task = pollScheduledTask(ticker.nanoTime());
            }
            more = task != null;
            if (task != null) {
                task.run();
            }
        }
    }

    /** Whether anything is to run later. */
    public boolean hasTimers() {
        return nextScheduledTaskNano() >= 0;
    }

    /** Lets this time pass, and then runs what has become due meanwhile. */
    public void advance(Duration duration) {
        ticker.advance(duration.toNanos(), TimeUnit.NANOSECONDS);
        run();
    }

    /** Timers that are set and neither due nor cancelled. */
    public int timers() {
        timers.removeIf(Future::isDone);
        return timers.size();
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        ScheduledFuture<?> timer = super.schedule(command, delay, unit);
        timers.removeIf(Future::isDone);
        timers.add(timer);
        return timer;
    }

    @Override
    public Ticker ticker() {
        return ticker;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public ChannelFuture register(Channel channel) {
        try {
            ((EmbeddedChannel) channel).register();
        } catch (Exception e) {
            return channel.newFailedFuture(e);
        }
        return channel.newSucceededFuture();
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
        register(promise.channel());
        return promise.setSuccess();
    }

    @Override
    @Deprecated
    public ChannelFuture register(Channel channel, ChannelPromise promise) {
        register(channel);
        return promise.setSuccess();
    }

    @Override
    public boolean inEventLoop() {
        return true;
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return true;
    }

    @Override
    public EventLoop next() {
        return this;
    }

    @Override
    public EventLoopGroup parent() {
        return this;
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
        return newSucceededFuture(null);
    }

    @Override
    public Future<?> terminationFuture() {
        return newSucceededFuture(null);
    }

    @Override
    @Deprecated
    public void shutdown() {
        tasks.clear();
    }

    @Override
    public boolean isShuttingDown() {
        return false;
    }

    @Override
    public boolean isShutdown() {
        return false;
    }

    @Override
    public boolean isTerminated() {
        return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
