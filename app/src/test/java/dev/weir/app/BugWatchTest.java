package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import org.junit.jupiter.api.Test;

class BugWatchTest {
    /** Of its own, or the watch of this class would fail it. */
    private final Logger log = new LoggerContext().getLogger(Logger.ROOT_LOGGER_NAME);

    private final BugWatch watch = new BugWatch(log);

    @Test
    void failsWhereABugWasLogged() {
        watch.begin();
        log.atError().setMessage("bug while being tested").log();
        assertThatThrownBy(watch::end)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("bug while being tested");
    }

    @Test
    void passesWhereOthersWereLogged() {
        watch.begin();
        log.atError().setMessage("a lane does not answer").log();
        watch.end();
    }
}
