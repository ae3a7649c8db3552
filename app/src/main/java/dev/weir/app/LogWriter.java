package dev.weir.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.event.KeyValuePair;

/**
 * Writes the log on a thread of its own, so that no lane waits for whoever reads it. A line waits for {@link #GATHERING} at
 * most, for others to go with it; {@link #stop} writes what is left. While {@link #CAPACITY} lines wait, since nobody reads,
 * further ones are left out, and counted in a line of their own later. Safe for all threads.
 */
final class LogWriter extends UnsynchronizedAppenderBase<ILoggingEvent> {
    static final int CAPACITY = 10_000;

    /** What {@link #CAPACITY} has cost. */
    static final String LEFT_OUT = "log lines left out";

    private static final Duration GATHERING = Duration.ofMillis(10);

    /** How long the end waits for a reader of the log. */
    private static final Duration END_LIMIT = Duration.ofSeconds(2);

    private final Logger own;
    private final Encoder<ILoggingEvent> encoder;
    private final OutputStream out;
    private final BlockingQueue<ILoggingEvent> waiting = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicLong leftOut = new AtomicLong();

    /** How many of those the log has told. Confined to the thread that writes it. */
    private long told;

    private final Thread thread = Thread.ofPlatform().name("log").daemon().unstarted(this::run);

    /**
     * @param own whose line it is that tells of lines left out
     * @param encoder started
     */
    LogWriter(Logger own, Encoder<ILoggingEvent> encoder, OutputStream out) {
        this.own = own;
        this.encoder = encoder;
        this.out = out;
    }

    @Override
    public void start() {
        super.start();
        thread.start();
    }

    @Override
    public void stop() {
        super.stop();
        thread.interrupt();
        try {
            if (!thread.join(END_LIMIT)) {
                addWarn("nobody reads the log");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        event.prepareForDeferredProcessing();
        if (!waiting.offer(event)) {
            leftOut.incrementAndGet();
        }
    }

    /** How many lines were left out since the start. */
    long leftOut() {
        return leftOut.get();
    }

    private void run() {
        List<ILoggingEvent> events = new ArrayList<>();
        try {
            while (true) {
                events.add(waiting.take());
                TimeUnit.NANOSECONDS.sleep(GATHERING.toNanos());
                waiting.drainTo(events);
                write(events);
            }
        } catch (InterruptedException end) {
            waiting.drainTo(events);
            write(events);
        }
    }

    private void write(List<ILoggingEvent> events) {
        long all = leftOut.get();
        if (all > told) {
            events.add(missing(all - told));
            told = all;
        }
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (ILoggingEvent event : events) {
            try {
                lines.writeBytes(encoder.encode(event));
            } catch (RuntimeException e) {
                addError("a line can't be written: " + event.getMessage(), e);
            }
        }
        events.clear();
        try {
            lines.writeTo(out);
            out.flush();
        } catch (IOException e) {
            addError("the log can't be written", e);
        }
    }

    private ILoggingEvent missing(long count) {
        LoggingEvent event =
                new LoggingEvent(LogWriter.class.getName(), own, Level.WARN, LEFT_OUT, null, new Object[0]);
        event.addKeyValuePair(new KeyValuePair("count", count));
        return event;
    }
}
