package dev.weir.gateway;

import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code options} of a StartupMessage: {@code -c name=value} and {@code --name=value}, split at white space that no
 * backslash escapes, as {@code pg_split_opts()} of Postgres does. Drivers that can't write these pass
 * {@code name=value} alone, which is read as well.
 */
final class StartupOptions {
    private StartupOptions() {}

    /**
     * What Postgres would say is wrong with them, or nothing. Switches that are for whoever starts the server are of that
     * kind as well.
     */
    static Optional<PgError> fault(String options) {
        List<String> words = split(options);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            boolean separate = word.equals("-c") && i + 1 < words.size();
            String setting = separate ? words.get(i + 1) : word.length() > 2 ? word.substring(2) : "";
            if (word.startsWith("-c") || word.startsWith("--")) {
                if (setting.indexOf('=') <= 0) {
                    String flag = word.startsWith("--") ? "--" : "-c ";
                    return malformed(flag + setting + " requires a value");
                }
                i += separate ? 1 : 0;
            } else if (word.startsWith("-")) {
                return malformed("invalid command-line argument for server process: " + word);
            }
        }
        return Optional.empty();
    }

    private static Optional<PgError> malformed(String message) {
        return Optional.of(new Failure.MalformedOptions(message).toPgError());
    }

    /** Names in lower case, {@code -} in {@code --name} taken as {@code _}; what is no setting is left out. */
    static Map<String, String> parse(String options) {
        Map<String, String> settings = new LinkedHashMap<>();
        List<String> words = split(options);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("-c") && i + 1 < words.size()) {
                i++;
                put(settings, words.get(i));
            } else if (word.startsWith("-c")) {
                put(settings, word.substring(2));
            } else if (word.startsWith("--")) {
                put(settings, word.substring(2));
            } else if (!word.startsWith("-")) {
                put(settings, word);
            }
        }
        return settings;
    }

    private static void put(Map<String, String> settings, String assignment) {
        int equals = assignment.indexOf('=');
        if (equals > 0) {
            String name = assignment.substring(0, equals).replace('-', '_').toLowerCase(Locale.ROOT);
            settings.put(name, assignment.substring(equals + 1));
        }
    }

    private static List<String> split(String options) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean within = false;
        for (int i = 0; i < options.length(); i++) {
            char c = options.charAt(i);
            if (c == '\\' && i + 1 < options.length()) {
                i++;
                word.append(options.charAt(i));
                within = true;
            } else if (Character.isWhitespace(c)) {
                if (within) {
                    words.add(word.toString());
                    word.setLength(0);
                    within = false;
                }
            } else {
                word.append(c);
                within = true;
            }
        }
        if (within) {
            words.add(word.toString());
        }
        return words;
    }
}
