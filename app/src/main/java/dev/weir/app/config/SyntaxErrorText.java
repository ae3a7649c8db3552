package dev.weir.app.config;

import org.tomlj.TomlParseError;

/**
 * The reason of a TOML syntax error. The parser quotes the text that it did not expect, which may be a piece of a
 * password (a quote within one is enough), so that is left out: line and column tell where it stands.
 */
final class SyntaxErrorText {
    private static final String UNEXPECTED = "Unexpected ";
    private static final String EXPECTED = ", expected ";

    private SyntaxErrorText() {}

    static String of(TomlParseError error) {
        return "not TOML at column " + error.position().column() + ": "
                + withoutQuotedText(String.valueOf(error.getMessage()));
    }

    static String withoutQuotedText(String message) {
        if (message.startsWith(UNEXPECTED)) {
            int expected = message.lastIndexOf(EXPECTED);
            String what = message.startsWith("end of ", UNEXPECTED.length())
                    ? message.substring(UNEXPECTED.length(), expected < 0 ? message.length() : expected)
                    : "text";
            return "unexpected " + what + (expected < 0 ? "" : message.substring(expected));
        }
        int quote = message.indexOf('\'');
        return quote < 0 ? message : message.substring(0, quote).strip();
    }
}
