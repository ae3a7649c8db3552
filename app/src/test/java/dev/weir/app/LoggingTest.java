package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.weir.app.config.WeirConfig;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LoggingTest {
    private final LoggerContext context = new LoggerContext();

    private String line(WeirConfig.LogFormat format, String user) {
        context.setMDCAdapter(new LogbackMDCAdapter());
        LoggingEvent event =
                new LoggingEvent("", context.getLogger("test"), Level.INFO, "login failed", null, new Object[0]);
        event.addKeyValuePair(new KeyValuePair("user", user));
        event.addKeyValuePair(new KeyValuePair("connected_ms", 5));
        event.addKeyValuePair(new KeyValuePair("reason", null));
        byte[] line = Logging.encoder(format, context).encode(event);
        return new String(line, StandardCharsets.UTF_8);
    }

    @Test
    void textHasPairs() {
        assertThat(line(WeirConfig.LogFormat.TEXT, "jürgen o'x"))
                .endsWith("Z INFO  login failed user=\"jürgen o'x\" connected_ms=\"5\" reason=\"null\"\n");
    }

    @Test
    void nobodyForgesALineByAName() {
        String name = "x\" reason=\"y\\\n2030-01-01T00:00:00Z ERROR forged\r\t\u001b[2J\u0085\u2028\u202e";
        assertThat(line(WeirConfig.LogFormat.TEXT, name))
                .containsOnlyOnce("\n")
                .contains("user=\"x\\\" reason=\\\"y\\\\\\n2030-01-01T00:00:00Z ERROR forged\\r\\t\\u001b[2J\\u0085"
                        + "\\u2028\\u202e\" connected_ms");
        assertThat(line(WeirConfig.LogFormat.JSON, name)).containsOnlyOnce("\n").doesNotContain("\u001b");
    }
}
