package dev.weir.app.importing;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes values as {@code weir.toml} has them. */
final class TomlText {
    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private TomlText() {}

    /** A text that stands for itself: what would name an environment variable is protected. */
    static String text(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            escaped.append(c);
            // Only there a $ is special; elsewhere it is left as it is, so that a verifier can be compared by eye.
            boolean first = at + 1 < text.length() && "{$".indexOf(text.charAt(at + 1)) >= 0;
            boolean second = at > 0 && text.charAt(at - 1) == '$';
            boolean special = c == '$' && (first || second);
            if (special) {
                escaped.append('$');
            }
        }
        return quoted(escaped.toString());
    }

    /** What an environment variable says. */
    static String variable(String name) {
        return quoted("${" + name + "}");
    }

    static String texts(List<String> texts) {
        return texts.size() == 1
                ? text(texts.getFirst())
                : texts.stream().map(TomlText::text).collect(Collectors.joining(", ", "[", "]"));
    }

    /** In the largest unit that says it exactly. */
    static String duration(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return quoted(millis + "ms");
        }
        long seconds = millis / 1000;
        if (seconds == 0 || seconds % 60 != 0) {
            return quoted(seconds + "s");
        }
        if (seconds % 86_400 == 0) {
            return quoted(seconds / 86_400 + "d");
        }
        return quoted(seconds % 3600 == 0 ? seconds / 3600 + "h" : seconds / 60 + "m");
    }

    private static String quoted(String text) {
        StringBuilder toml = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                toml.append('\\').appendCodePoint(c);
            } else if (Character.isISOControl(c) || c == BYTE_ORDER_MARK) {
                toml.append(String.format(Locale.ROOT, "\\u%04X", c));
            } else {
                toml.appendCodePoint(c);
            }
        });
        return toml.append('"').toString();
    }
}
