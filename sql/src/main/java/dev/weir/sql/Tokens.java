package dev.weir.sql;

import org.jspecify.annotations.Nullable;

/** A reader's place among the tokens of one statement, with one token of view. */
final class Tokens {
    private final byte[] text;
    private final int end;
    private final boolean standardStrings;
    private final Findings findings;

    private int kind;
    private int word;
    private int start;
    private int stop;
    private int passed;

    /** Stands at the first token from {@code from} on. */
    Tokens(byte[] text, int from, int end, boolean standardStrings, Findings findings) {
        this.text = text;
        this.end = end;
        this.standardStrings = standardStrings;
        this.findings = findings;
        this.stop = from;
        advance();
    }

    /** Another reader at the same place. */
    Tokens copy() {
        return new Tokens(text, start, end, standardStrings, findings);
    }

    /** Goes on to the next token; {@link Lexer#END} behind the last one, and at what is broken. */
    void advance() {
        passed = stop;
        move();
        findings.countSteps(stop - passed);
    }

    private void move() {
        start = Lexer.skip(text, stop, end);
        if (start < 0 || start >= end) {
            finish();
            return;
        }
        long token = Lexer.next(text, start, end, standardStrings);
        kind = Lexer.kind(token);
        word = Lexer.word(token);
        stop = Lexer.end(token);
        if (kind == Lexer.BROKEN) {
            finish();
        }
    }

    private void finish() {
        kind = Lexer.END;
        word = 0;
        start = end;
        stop = end;
    }

    int kind() {
        return kind;
    }

    int start() {
        return start;
    }

    int stop() {
        return stop;
    }

    /** Where the name that begins at {@code from} and was taken last ends. */
    int endOfName(int from) {
        return Math.max(from, passed);
    }

    boolean is(int wanted) {
        return kind == wanted;
    }

    /** Whether this is the keyword, unquoted. */
    boolean is(Keyword keyword) {
        return kind == Lexer.WORD && Vocabulary.keyword(word) == keyword;
    }

    /** Whether this is the operator or sign of this one character. */
    boolean is(char sign) {
        return stop == start + 1 && text[start] == sign;
    }

    /** Whether this is a name, quoted or not. */
    boolean isName() {
        return kind == Lexer.WORD || kind == Lexer.QUOTED || kind == Lexer.UNICODE_QUOTED;
    }

    /** The keyword that this is, or null. */
    @Nullable
    Keyword keyword() {
        return kind == Lexer.WORD ? Vocabulary.keyword(word) : null;
    }

    /** The conspicuous name that this is, quoted or not, or null. */
    @Nullable
    Conspicuous conspicuous() {
        if (kind == Lexer.UNICODE_QUOTED) {
            return Vocabulary.conspicuous(Vocabulary.wordOf(copy().takeName()));
        }
        return Vocabulary.conspicuous(word);
    }

    /** Passes the keyword, if it is this one. */
    boolean take(Keyword keyword) {
        boolean taken = is(keyword);
        if (taken) {
            advance();
        }
        return taken;
    }

    /** Passes the name that this is, and returns it as Postgres sees it; "" if it is none. */
    String takeName() {
        int from = start;
        int to = stop;
        int of = kind;
        if (!isName()) {
            return "";
        }
        advance();
        if (of == Lexer.UNICODE_QUOTED) {
            char escape = '\\';
            if (is(Keyword.UESCAPE)) {
                advance();
                String given = literal();
                escape = given != null && given.length() == 1 ? given.charAt(0) : escape;
                advance();
            }
            return Names.unicode(text, from + 3, to - 1, escape);
        }
        return of == Lexer.QUOTED ? Names.quoted(text, from + 1, to - 1) : Names.folded(text, from, to);
    }

    /** The value of this token if it is a string without escapes, else null. */
    @Nullable
    String literal() {
        return kind == Lexer.STRING ? Names.literal(text, start, stop, standardStrings) : null;
    }
}
