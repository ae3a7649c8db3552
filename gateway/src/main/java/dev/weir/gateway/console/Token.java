package dev.weir.gateway.console;

/**
 * A piece of a command.
 *
 * @param text of a word or a sign as it was written; of what was quoted, without the quotes
 */
record Token(Kind kind, String text) {

    /** What it is. */
    enum Kind {
        /** Letters, digits, dots and the like, without quotes. */
        WORD,
        /** In double quotes: a name. */
        NAME,
        /** In single quotes: a value. */
        STRING,
        /** {@code $1} and so on; the text is the number. */
        PARAMETER,
        /** Anything else, one character. */
        SIGN
    }

    boolean isWord(String word) {
        return kind == Kind.WORD && text.equalsIgnoreCase(word);
    }

    boolean isSign(char sign) {
        return kind == Kind.SIGN && text.charAt(0) == sign;
    }
}
