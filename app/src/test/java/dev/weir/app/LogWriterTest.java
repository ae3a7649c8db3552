package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogWriterTest {
    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("test");
    private final PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    private final CountDownLatch read = new CountDownLatch(1);
    private final Pipe pipe = new Pipe();
    private final LogWriter writer = new LogWriter(logger, encoder, pipe);

    /** What it takes nobody reads before the latch opens. */
    private final class Pipe extends ByteArrayOutputStream {
        @Override
        public void flush() {
            try {
                read.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        List<String> lines() {
            return toString(StandardCharsets.UTF_8).lines().toList();
        }
    }

    @BeforeEach
    void start() {
        context.setMDCAdapter(new LogbackMDCAdapter());
        encoder.setContext(context);
        encoder.setPattern("%msg %kvp%n");
        encoder.start();
        writer.setContext(context);
        writer.start();
    }

    private void log(int number) {
        writer.doAppend(new LoggingEvent("", logger, Level.INFO, "line " + number, null, new Object[0]));
    }

    @Test
    void writesSoonAndInOrder() {
        read.countDown();
        log(1);
        log(2);
        Awaitility.await().until(() -> pipe.lines().size() == 2);
        log(3);
        writer.stop();
        assertThat(pipe.lines()).map(String::strip).containsExactly("line 1", "line 2", "line 3");
    }

    @Test
    void nobodyWaitsForAReader() {
        log(0);
        Awaitility.await().until(() -> pipe.size() > 0); // and now it waits for the reader
        int lines = LogWriter.CAPACITY + 5;
        for (int i = 1; i <= lines; i++) {
            log(i);
        }
        assertThat(writer.leftOut()).isEqualTo(5);
        read.countDown();
        Awaitility.await().until(() -> pipe.lines().size() == LogWriter.CAPACITY + 2);
        writer.stop();
        assertThat(pipe.lines().getLast()).isEqualTo(LogWriter.LEFT_OUT + " count=\"5\"");
        assertThat(writer.leftOut()).as("is not forgotten when it is told").isEqualTo(5);
        assertThat(pipe.lines().get(LogWriter.CAPACITY).strip()).isEqualTo("line " + LogWriter.CAPACITY);
    }
}
