package dev.weir.testkit;

import dev.weir.testkit.FaultProxy.Fault;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One direction of a {@link FaultProxy}: what is set for it, and the loop that moves its bytes. */
final class FaultyFlow {
    private static final int BUFFER = 1 << 16;

    private final ScheduledExecutorService scheduler;
    private final AtomicLong moved = new AtomicLong();
    private final Object gate = new Object();
    private boolean paused;
    private boolean ended;
    private volatile int chunk = BUFFER;
    private volatile Duration delay = Duration.ZERO;
    private volatile Trigger trigger = Trigger.NEVER;

    FaultyFlow(ScheduledExecutorService scheduler) {
        this.scheduler = scheduler;
    }

    void chunk(int bytes) {
        chunk = Math.clamp(bytes, 1, BUFFER);
    }

    void delay(Duration newDelay) {
        delay = newDelay;
    }

    void after(long bytes, Fault fault) {
        trigger = new Trigger(bytes, fault);
    }

    void pause() {
        synchronized (gate) {
            paused = true;
        }
    }

    void resume() {
        synchronized (gate) {
            paused = false;
            gate.notifyAll();
        }
    }

    void end() {
        synchronized (gate) {
            ended = true;
            gate.notifyAll();
        }
    }

    long bytes() {
        return moved.get();
    }

    void pump(Link link, Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        long sent = 0;
        try {
            while (passGate()) {
                int read = from.getInputStream().read(buffer, 0, chunk);
                if (read < 0) {
                    link.inflict(Fault.HALF_CLOSE, to);
                    return;
                }
                for (int at = 0; at < read; ) {
                    if (!passGate()) {
                        return;
                    }
                    // Asked after the read: a test sets its trigger while we wait in it.
                    Trigger due = trigger;
                    boolean ahead = due.bytes > sent;
                    int part = ahead ? (int) Math.min(read - at, due.bytes - sent) : read - at;
                    write(to, buffer, at, part);
                    at += part;
                    sent += part;
                    if (ahead && sent == due.bytes) {
                        if (due.fault != Fault.STALL) {
                            link.inflict(due.fault, to);
                            return;
                        }
                        pause();
                    }
                }
            }
        } catch (IOException | ExecutionException e) {
            // One side broke or was closed; the other shall see a break, not a silence.
            link.inflict(Fault.RESET, to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Socket to, byte[] buffer, int from, int length)
            throws IOException, InterruptedException, ExecutionException {
        Duration wait = delay;
        if (wait.isZero()) {
            writeNow(to, buffer, from, length);
            return;
        }
        Callable<Integer> later = () -> writeNow(to, buffer, from, length);
        scheduler.schedule(later, wait.toNanos(), TimeUnit.NANOSECONDS).get();
    }

    /** Counts first, so that the count is never behind what the receiver has seen. */
    private int writeNow(Socket to, byte[] buffer, int from, int length) throws IOException {
        moved.addAndGet(length);
        to.getOutputStream().write(buffer, from, length);
        return length;
    }

    /** Waits while paused; false at the end. */
    private boolean passGate() throws InterruptedException {
        synchronized (gate) {
            while (paused && !ended) {
                gate.wait();
            }
            return !ended;
        }
    }

    private record Trigger(long bytes, Fault fault) {
        static final Trigger NEVER = new Trigger(Long.MAX_VALUE, Fault.STALL);
    }
}
