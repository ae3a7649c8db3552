package dev.weir.pool;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Keeps the log readable when the same happens again and again: within a minute, the same message for the same tenant and
 * reason has {@link #LINES} lines, and at the end of that minute one that says how many more there were. May be asked from
 * any thread; it costs a map look-up a line.
 */
public final class LogLimit {
    private static final Logger log = LoggerFactory.getLogger(LogLimit.class);

    static final int LINES = 10;
    static final Duration WINDOW = Duration.ofMinutes(1);

    /**
     * What counts as the same.
     *
     * @param reason a SQLSTATE or a few fixed words, nothing that a client could vary
     */
    public record Kind(Level level, String message, String tenant, String reason) {}

    private final ConcurrentMap<Kind, Integer> counts = new ConcurrentHashMap<>();
    private final BiConsumer<Runnable, Duration> timer;
    private final ObjIntConsumer<Kind> summary;

    /** @param timer runs something later */
    LogLimit(BiConsumer<Runnable, Duration> timer) {
        this(timer, LogLimit::logLeftOut);
    }

    /**
     * @param timer runs something later
     * @param summary is told how many lines were left out of a kind; at least 1
     */
    LogLimit(BiConsumer<Runnable, Duration> timer, ObjIntConsumer<Kind> summary) {
        this.timer = timer;
        this.summary = summary;
    }

    /** Whether this line is to be written; else it is counted. */
    public boolean admits(Kind kind) {
        int count = counts.merge(kind, 1, Integer::sum);
        if (count == 1) {
            timer.accept(() -> end(kind), WINDOW);
        }
        return count <= LINES;
    }

    private static void logLeftOut(Kind kind, int count) {
        log.atLevel(kind.level())
                .setMessage(kind.message() + ", and " + count + " more")
                .addKeyValue("tenant", kind.tenant())
                .addKeyValue("reason", kind.reason())
                .addKeyValue("more", count)
                .log();
    }

    private void end(Kind kind) {
        Integer count = counts.remove(kind);
        if (count != null && count > LINES) {
            summary.accept(kind, count - LINES);
        }
    }

    /** Says now what has been left out so far. */
    public void endAll() {
        List.copyOf(counts.keySet()).forEach(this::end);
    }
}
