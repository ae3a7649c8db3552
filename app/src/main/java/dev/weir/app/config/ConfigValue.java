package dev.weir.app.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * One value of the file and its place. It reports faults at that place, and decides what of it may be shown in them:
 * nothing if its key is secret, and else only what stands in the file, never what the environment put in.
 */
final class ConfigValue {
    private static final int MAX_SHOWN = 60;

    private final ConfigSource source;
    private final int line;
    private final String path;
    private final boolean secret;
    private final Object written;
    private final Object content;

    private ConfigValue(ConfigSource source, int line, String path, boolean secret, Object written, Object content) {
        this.source = source;
        this.line = line;
        this.path = path;
        this.secret = secret;
        this.written = written;
        this.content = content;
    }

    /** The value of a key; empty after a fault if it names an environment variable that is not set. */
    static Optional<ConfigValue> of(ConfigSource source, int line, String path, boolean secret, Object written) {
        if (!(written instanceof String text)) {
            return Optional.of(new ConfigValue(source, line, path, secret, written, written));
        }
        return EnvironmentText.expand(text, source.environment(), reason -> source.fault(line, path, reason))
                .map(expanded -> new ConfigValue(source, line, path, secret, written, expanded));
    }

    /** A value that stands in no file: a key's default. */
    static ConfigValue literal(Object content) {
        return new ConfigValue(new ConfigSource("", Path.of(""), Map.of()), 0, "", false, content, content);
    }

    /** A {@code String} with the environment's values put in, or what else the parser makes of a value. */
    Object content() {
        return content;
    }

    /** Where relative paths start. */
    Path folder() {
        return source.folder();
    }

    /** The elements of a list, or this value alone; those with a fault are left out. */
    List<ConfigValue> elements() {
        if (!(content instanceof TomlArray array)) {
            return List.of(this);
        }
        List<ConfigValue> elements = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            of(source, array.inputPositionOf(i).line(), path + "[" + i + "]", secret, array.get(i))
                    .ifPresent(elements::add);
        }
        return elements;
    }

    /**
     * Reports that this value can't be taken.
     *
     * @param requirement beginning with {@code must}; what the value is instead is added, if it may be shown
     */
    <T> Optional<T> refuse(String requirement) {
        source.fault(line, path, requirement + shown());
        return Optional.empty();
    }

    private String shown() {
        if (secret) {
            return "";
        }
        return switch (written) {
            case String text -> looksLikeUrl(text) ? "" : ", is \"" + printable(shortened(text)) + "\"";
            case Long number -> ", is " + number;
            case Double number -> ", is " + number;
            case Boolean truth -> ", is " + truth;
            case TomlArray _ -> ", is a list";
            case TomlTable _ -> ", is a table";
            default -> ", is a date or a time";
        };
    }

    /** Someone may have written a whole connection URL, password and all, where a host is asked for. */
    private static boolean looksLikeUrl(String text) {
        return text.contains("://") || text.contains("@");
    }

    private static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                printable.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                printable.append(c);
            }
        }
        return printable.toString();
    }

    private static String shortened(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }
}
