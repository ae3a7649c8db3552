package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails a class of tests during which Weir has logged a bug of its own, though its clients may have noticed nothing. JUnit
 * finds it by itself, for every class.
 */
public final class BugWatch implements BeforeAllCallback, AfterAllCallback {
    private static final String BUG = "bug while";

    private final Logger root;
    private final Queue<String> bugs = new ConcurrentLinkedQueue<>();
    private final Watch watch = new Watch();

    public BugWatch() {
        this((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME));
    }

    /** @param root of the log that is watched */
    BugWatch(Logger root) {
        this.root = root;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!isNested(context)) {
            begin();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (!isNested(context)) {
            end();
        }
    }

    private static boolean isNested(ExtensionContext context) {
        return context.getRequiredTestClass().getEnclosingClass() != null;
    }

    void begin() {
        bugs.clear();
        watch.setContext(root.getLoggerContext());
        watch.start();
        root.addAppender(watch);
    }

    /** Fails if a bug was logged since the begin. */
    void end() {
        root.detachAppender(watch);
        watch.stop();
        assertThat(bugs).as("bugs that were logged").isEmpty();
    }

    private final class Watch extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            if (event.getMessage().startsWith(BUG)) {
                String trace = event.getThrowableProxy() == null
                        ? ""
                        : "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
                bugs.add(event.getFormattedMessage() + " " + event.getKeyValuePairs() + trace);
            }
        }
    }
}
