package dev.weir.app;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.List;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;

/**
 * Writes what belongs to a line of the log as {@code key="value"}. Values hold what anybody sends who reaches a port, such as a
 * user's name, so nothing in one can end it or begin another line.
 */
final class LogPairs extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs == null) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        for (KeyValuePair pair : pairs) {
            text.append(text.isEmpty() ? "" : " ").append(pair.key).append("=\"");
            append(text, String.valueOf(pair.value));
            text.append('"');
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String value) {
        value.codePoints().forEach(c -> {
            switch (c) {
                case '"', '\\' -> text.append('\\').appendCodePoint(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (isShown(c)) {
                        text.appendCodePoint(c);
                    } else {
                        text.append(String.format(Locale.ROOT, "\\u%04x", c));
                    }
                }
            }
        });
    }

    /** Not what moves a terminal's cursor, breaks a line, or turns the direction of what follows. */
    private static boolean isShown(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
