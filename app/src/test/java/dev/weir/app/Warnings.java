package dev.weir.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.LoggerFactory;

/** Counts the warnings with a certain text that this JVM logs while it is open. */
final class Warnings implements AutoCloseable {
    private final AtomicInteger count = new AtomicInteger();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final AppenderBase<ILoggingEvent> appender;

    private Warnings(String text) {
        appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (event.getLevel().equals(Level.WARN)
                        && event.getFormattedMessage().contains(text)) {
                    count.incrementAndGet();
                }
            }
        };
    }

    static Warnings of(String text) {
        Warnings warnings = new Warnings(text);
        warnings.appender.setContext(warnings.root.getLoggerContext());
        warnings.appender.start();
        warnings.root.addAppender(warnings.appender);
        return warnings;
    }

    int count() {
        return count.get();
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        appender.stop();
    }
}
