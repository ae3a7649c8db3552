package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Listens to the log while it is open, or, registered as an extension, during each test. When that ends it fails if there
 * was an ERROR, which means a bug or a leaked buffer: whatever clients and servers do is never one.
 */
final class ErrorLog extends AppenderBase<ILoggingEvent>
        implements AutoCloseable, BeforeEachCallback, AfterEachCallback {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final Queue<String> messages = new ConcurrentLinkedQueue<>();

    private ErrorLog() {}

    static ErrorLog open() {
        ErrorLog log = new ErrorLog();
        log.begin();
        return log;
    }

    /** For a field with {@code @RegisterExtension}. */
    static ErrorLog duringEachTest() {
        return new ErrorLog();
    }

    private void begin() {
        setContext(root.getLoggerContext());
        start();
        root.addAppender(this);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        begin();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    @Override
    protected void append(ILoggingEvent event) {
        messages.add(event.getFormattedMessage() + " " + event.getKeyValuePairs());
        if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
            String cause = event.getThrowableProxy() == null
                    ? ""
                    : " / " + event.getThrowableProxy().getClassName() + ": "
                            + event.getThrowableProxy().getMessage();
            errors.add(event.getLoggerName() + ": " + event.getFormattedMessage() + " " + event.getKeyValuePairs()
                    + cause);
        }
    }

    /** What was logged at ERROR so far. */
    List<String> errors() {
        return List.copyOf(errors);
    }

    /** What was logged at ERROR so far, as it should be: it makes nothing fail any more. */
    List<String> takeExpected() {
        List<String> taken = List.copyOf(errors);
        errors.removeAll(taken);
        return taken;
    }

    /** What was logged so far, with its values. */
    List<String> messages() {
        return List.copyOf(messages);
    }

    /** Waits until an event at INFO or above was logged whose message and values contain all these texts. */
    void await(String... texts) {
        Awaitility.await()
                .atMost(PooledRole.PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(messages)
                        .anySatisfy(message -> assertThat(message).contains(texts)));
    }

    @Override
    public void close() {
        root.detachAppender(this);
        stop();
        assertThat(errors).as("logged at ERROR").isEmpty();
    }
}
