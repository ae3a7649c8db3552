package dev.weir.pool;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One event loop, one thread, and all that is confined to it. A tenant's home is one lane.
 *
 * @param index 0 to the number of lanes - 1
 * @param tls whose TLS its server connections use
 * @param hashing where passwords are hashed, which takes milliseconds; has threads of its own
 * @param blocking for what may block, such as resolving names; virtual threads
 * @param sql what judges the statements of its clients
 * @param ids numbers of its connections
 * @param logLimit of all lanes
 */
public record Lane(
        int index,
        EventLoop loop,
        Transport transport,
        TlsProvider tls,
        Executor hashing,
        Executor blocking,
        SqlReader sql,
        ConnectionIds ids,
        LogLimit logLimit) {

    /** States that the caller runs on this lane's thread. */
    public void assertInLane() {
        assert loop.inEventLoop() : "not on lane " + index + " but on " + Thread.currentThread();
    }

    /** The lane's clock, in nanoseconds; only differences mean anything. */
    public long now() {
        return loop.ticker().nanoTime();
    }

    public ScheduledFuture<?> schedule(Duration delay, Runnable task) {
        return loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Where buffers for messages of one's own come from. */
    public ByteBufAllocator allocator() {
        return ByteBufAllocator.DEFAULT;
    }

    /**
     * Processor time of its thread since the start, in nanoseconds; -1 if the JVM can't tell. Safe for all threads, but only
     * while the lane answers.
     */
    public long cpuNanos() {
        return loop instanceof SingleThreadEventExecutor executor
                ? ManagementFactory.getThreadMXBean()
                        .getThreadCpuTime(executor.threadProperties().id())
                : -1;
    }

    /** Tasks that it has not come to, as far as it can tell. Safe for all threads. */
    public int pendingTasks() {
        return loop instanceof SingleThreadEventExecutor executor ? executor.pendingTasks() : 0;
    }

    @Override
    public String toString() {
        return "lane " + index;
    }
}
