package dev.weir.app.config;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Replaces <code>${NAME}</code> in a text by the environment variable and {@code $$} by {@code $}; any other {@code $}
 * stands for itself, so that a SCRAM verifier can be written as Postgres shows it. What was put in is not searched
 * again.
 */
final class EnvironmentText {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private EnvironmentText() {}

    /**
     * @param fault takes what is wrong: a variable that is not set (each one), or a form that is none. It tells names of
     *     variables, never a value or another part of the text
     * @return empty if something is wrong
     */
    static Optional<String> expand(String text, Map<String, String> environment, Consumer<String> fault) {
        StringBuilder expanded = new StringBuilder(text.length());
        boolean good = true;
        int at = 0;
        while (at < text.length()) {
            int dollar = text.indexOf('$', at);
            if (dollar < 0) {
                dollar = text.length();
            }
            expanded.append(text, at, dollar);
            if (text.startsWith("$$", dollar)) {
                expanded.append('$');
                at = dollar + 2;
            } else if (text.startsWith("${", dollar)) {
                int end = text.indexOf('}', dollar);
                String name = end < 0 ? "" : text.substring(dollar + 2, end);
                if (!NAME.matcher(name).matches()) {
                    fault.accept("must have the name of an environment variable between ${ and }; "
                            + "a $ that stands for itself is written $$");
                    return Optional.empty();
                }
                String value = environment.get(name);
                if (value == null) {
                    fault.accept("the environment variable " + name + " is not set");
                    good = false;
                } else {
                    expanded.append(value);
                }
                at = end + 1;
            } else {
                expanded.append(text, dollar, Math.min(dollar + 1, text.length()));
                at = dollar + 1;
            }
        }
        return good ? Optional.of(expanded.toString()) : Optional.empty();
    }
}
