package dev.weir.sql;

import java.util.Arrays;

/**
 * Postgres' lexical rules (manual, section 4.1; accepts what any version from 14 to 18 does, in doubt the newest), as
 * functions of text and position, so that looking at a text allocates nothing. Each takes time linear in what it passes.
 *
 * <p>A token is a long: its end in the lower half, its kind and its word in the upper.
 */
final class Lexer {
    /** Nothing that Postgres would accept; the whole text is wrong. */
    static final int BROKEN = 0;
    /** A keyword or an unquoted identifier. */
    static final int WORD = 1;
    /** {@code "x"}. */
    static final int QUOTED = 2;
    /** {@code U&"x"}; has no word. */
    static final int UNICODE_QUOTED = 3;
    /** A string or bit string in any notation. */
    static final int STRING = 4;
    /** Numbers and parameters. */
    static final int NUMBER = 5;

    static final int OPERATOR = 6;
    /** {@code ::}. */
    static final int CAST = 7;

    static final int OPEN = 8;
    static final int CLOSE = 9;
    static final int COMMA = 10;
    static final int DOT = 11;
    static final int SEMICOLON = 12;
    /** Brackets, colons, two dots. */
    static final int OTHER = 13;
    /** No more tokens. Never made here: for readers. */
    static final int END = 14;

    private static final byte LETTER = 1;
    private static final byte DIGIT = 2;
    private static final byte SPACE = 3;
    private static final byte OPERATING = 4;
    private static final byte APOSTROPHE = 5;
    private static final byte QUOTE = 6;
    private static final byte DOLLAR = 7;
    private static final byte SINGLE = 8;
    private static final byte[] CLASSES = classes();

    private Lexer() {}

    private static byte[] classes() {
        byte[] classes = new byte[256];
        Arrays.fill(classes, 'a', 'z' + 1, LETTER);
        Arrays.fill(classes, 'A', 'Z' + 1, LETTER);
        Arrays.fill(classes, 128, 256, LETTER);
        classes['_'] = LETTER;
        Arrays.fill(classes, '0', '9' + 1, DIGIT);
        mark(classes, " \t\n\r\f\u000b", SPACE);
        mark(classes, "~!@#^&|`?+-*/%<>=", OPERATING);
        mark(classes, "()[],;:.", SINGLE);
        classes['\''] = APOSTROPHE;
        classes['"'] = QUOTE;
        classes['$'] = DOLLAR;
        return classes;
    }

    private static void mark(byte[] classes, String characters, byte as) {
        for (int i = 0; i < characters.length(); i++) {
            classes[characters.charAt(i)] = as;
        }
    }

    static int kind(long token) {
        return (int) (token >>> 32) & 0xff;
    }

    /** Where the token ends. */
    static int end(long token) {
        return (int) token;
    }

    /** The token's number in the {@link Vocabulary}, or 0. */
    static int word(long token) {
        return (int) (token >>> 40);
    }

    private static long token(int kind, int end) {
        return (long) kind << 32 | end;
    }

    /** Where the next token begins, behind spaces and comments; {@code end} if there is none, -1 if a comment has no end. */
    static int skip(byte[] text, int from, int end) {
        int at = from;
        while (at < end) {
            byte c = text[at];
            if (CLASSES[c & 0xff] == SPACE) {
                at++;
            } else if (c == '-' && follows(text, at, end, '-')) {
                at = lineEnd(text, at, end);
            } else if (c == '/' && follows(text, at, end, '*')) {
                at = commentEnd(text, at + 2, end);
                if (at < 0) {
                    return at;
                }
            } else {
                return at;
            }
        }
        return end;
    }

    private static boolean follows(byte[] text, int at, int end, char next) {
        return at + 1 < end && text[at + 1] == next;
    }

    private static int lineEnd(byte[] text, int from, int end) {
        int at = from;
        while (at < end && text[at] != '\n' && text[at] != '\r') {
            at++;
        }
        return at;
    }

    private static int commentEnd(byte[] text, int from, int end) {
        int depth = 1;
        int at = from;
        while (at + 1 < end) {
            if (text[at] == '*' && text[at + 1] == '/') {
                at += 2;
                if (--depth == 0) {
                    return at;
                }
            } else if (text[at] == '/' && text[at + 1] == '*') {
                at += 2;
                depth++;
            } else {
                at++;
            }
        }
        return -1;
    }

    /** The token that begins at {@code at}, which {@link #skip} found. */
    static long next(byte[] text, int at, int end, boolean standardStrings) {
        return switch (CLASSES[text[at] & 0xff]) {
            case LETTER -> letter(text, at, end, standardStrings);
            case DIGIT -> number(text, at, end);
            case APOSTROPHE -> string(text, at + 1, end, !standardStrings, true);
            case QUOTE -> quoted(text, at, end);
            case DOLLAR -> dollar(text, at, end);
            case OPERATING -> operator(text, at, end);
            case SINGLE -> single(text, at, end);
            default -> token(BROKEN, at);
        };
    }

    private static long letter(byte[] text, int at, int end, boolean standardStrings) {
        if (at + 1 < end) {
            byte next = text[at + 1];
            if (next == '\'') {
                return switch (text[at] | 0x20) {
                    case 'e' -> string(text, at + 2, end, true, true);
                    case 'n' -> string(text, at + 2, end, !standardStrings, true);
                    case 'b', 'x' -> string(text, at + 2, end, false, false);
                    default -> word(text, at, end);
                };
            } else if (next == '&' && at + 2 < end && (text[at] | 0x20) == 'u') {
                if (text[at + 2] == '\'') {
                    return standardStrings ? string(text, at + 3, end, false, true) : token(BROKEN, at);
                }
                if (text[at + 2] == '"') {
                    int stop = quoteEnd(text, at + 3, end);
                    return stop <= at + 4 ? token(BROKEN, at) : token(UNICODE_QUOTED, stop);
                }
            }
        }
        return word(text, at, end);
    }

    private static long word(byte[] text, int from, int end) {
        int hash = 0;
        int at = from;
        while (at < end) {
            byte c = text[at];
            byte of = CLASSES[c & 0xff];
            if (of != LETTER && of != DIGIT && of != DOLLAR) {
                break;
            }
            hash = Vocabulary.hash(hash, c);
            at++;
        }
        return (long) Vocabulary.find(text, from, at, hash) << 40 | token(WORD, at);
    }

    private static long quoted(byte[] text, int from, int end) {
        int stop = quoteEnd(text, from + 1, end);
        if (stop <= from + 2) {
            return token(BROKEN, from);
        }
        int word = Vocabulary.findExact(text, from + 1, stop - 1);
        return (long) word << 40 | token(QUOTED, stop);
    }

    /** Behind the closing double quote, or -1. */
    private static int quoteEnd(byte[] text, int from, int end) {
        int at = from;
        while (at < end) {
            if (text[at] != '"') {
                at++;
            } else if (follows(text, at, end, '"')) {
                at += 2;
            } else {
                return at + 1;
            }
        }
        return -1;
    }

    private static long string(byte[] text, int from, int end, boolean escapes, boolean doubling) {
        int at = from;
        while (at < end) {
            byte c = text[at];
            if (c == '\\' && escapes) {
                at += 2;
            } else if (c != '\'') {
                at++;
            } else if (doubling && follows(text, at, end, '\'')) {
                at += 2;
            } else {
                int more = continuation(text, at + 1, end);
                if (more < 0) {
                    return token(STRING, at + 1);
                }
                at = more;
            }
        }
        return token(BROKEN, end);
    }

    /** A string goes on where another begins on a later line: behind that one's apostrophe; else -1. */
    private static int continuation(byte[] text, int from, int end) {
        boolean newLine = false;
        int at = from;
        while (at < end) {
            byte c = text[at];
            if (CLASSES[c & 0xff] == SPACE) {
                newLine |= c == '\n' || c == '\r';
                at++;
            } else if (c == '-' && follows(text, at, end, '-')) {
                at = lineEnd(text, at, end);
            } else {
                return newLine && c == '\'' ? at + 1 : -1;
            }
        }
        return -1;
    }

    private static long dollar(byte[] text, int from, int end) {
        int at = from + 1;
        if (at < end && CLASSES[text[at] & 0xff] == DIGIT) {
            return token(NUMBER, digits(text, at, end, false));
        }
        if (isClass(text, at, end, LETTER)) {
            while (isClass(text, at, end, LETTER) || isClass(text, at, end, DIGIT)) {
                at++;
            }
        }
        if (at >= end || text[at] != '$') {
            return token(BROKEN, from);
        }
        int stop = dollarEnd(text, from, at + 1, end);
        return stop < 0 ? token(BROKEN, end) : token(STRING, stop);
    }

    /** Behind the next tag that equals the one between {@code tag} and {@code from}, or -1. */
    private static int dollarEnd(byte[] text, int tag, int from, int end) {
        int length = from - tag;
        int at = from;
        while (at + length <= end) {
            int same = 0;
            while (same < length && text[at + same] == text[tag + same]) {
                same++;
            }
            if (same == length) {
                return at + length;
            }
            at += Math.max(1, same); // a tag holds no dollar but its first and last byte
        }
        return -1;
    }

    private static boolean isClass(byte[] text, int at, int end, byte wanted) {
        return at < end && CLASSES[text[at] & 0xff] == wanted;
    }

    private static long number(byte[] text, int from, int end) {
        int at = from;
        if (text[at] == '0' && at + 1 < end && isRadix(text[at + 1])) {
            int stop = digits(text, at + 2, end, true);
            if (stop > at + 2) {
                return token(NUMBER, stop);
            }
        }
        at = digits(text, at, end, false);
        if (at < end && text[at] == '.' && !follows(text, at, end, '.')) {
            at = digits(text, at + 1, end, false);
        }
        return exponent(text, at, end);
    }

    private static boolean isRadix(byte c) {
        int lower = c | 0x20;
        return lower == 'x' || lower == 'o' || lower == 'b';
    }

    private static long exponent(byte[] text, int from, int end) {
        int at = from;
        if (at < end && (text[at] | 0x20) == 'e') {
            int power = at + 1;
            if (power < end && (text[power] == '+' || text[power] == '-')) {
                power++;
            }
            if (isClass(text, power, end, DIGIT)) {
                at = digits(text, power, end, false);
            }
        }
        return token(NUMBER, at);
    }

    /** Passes digits and single underscores between them. */
    private static int digits(byte[] text, int from, int end, boolean hexadecimal) {
        int at = from;
        while (at < end) {
            if (isDigit(text[at], hexadecimal)) {
                at++;
            } else if (text[at] == '_' && at + 1 < end && isDigit(text[at + 1], hexadecimal)) {
                at += 2;
            } else {
                break;
            }
        }
        return at;
    }

    private static boolean isDigit(byte c, boolean hexadecimal) {
        int lower = c | 0x20;
        return CLASSES[c & 0xff] == DIGIT || (hexadecimal && lower >= 'a' && lower <= 'f');
    }

    /**
     * A comment may begin within a run of operator characters, and then the operator ends. Signs at its end are operators of
     * their own, unless it holds a character that SQL's own operators do not have; a run of signs is left together here.
     */
    private static long operator(byte[] text, int from, int end) {
        boolean special = false;
        int behindUnsigned = from;
        int at = from;
        while (isClass(text, at, end, OPERATING)) {
            byte c = text[at];
            if ((c == '-' && follows(text, at, end, '-')) || (c == '/' && follows(text, at, end, '*'))) {
                break;
            }
            at++;
            special |= isSpecial(c);
            behindUnsigned = c == '+' || c == '-' ? behindUnsigned : at;
        }
        return token(OPERATOR, special || behindUnsigned == from ? at : behindUnsigned);
    }

    private static boolean isSpecial(byte c) {
        return switch (c) {
            case '~', '!', '@', '#', '^', '&', '|', '`', '?', '%' -> true;
            default -> false;
        };
    }

    private static long single(byte[] text, int at, int end) {
        return switch (text[at]) {
            case '(' -> token(OPEN, at + 1);
            case ')' -> token(CLOSE, at + 1);
            case ',' -> token(COMMA, at + 1);
            case ';' -> token(SEMICOLON, at + 1);
            case '.' -> {
                if (isClass(text, at + 1, end, DIGIT)) {
                    yield exponent(text, digits(text, at + 1, end, false), end);
                }
                yield follows(text, at, end, '.') ? token(OTHER, at + 2) : token(DOT, at + 1);
            }
            case ':' -> {
                if (follows(text, at, end, ':')) {
                    yield token(CAST, at + 2);
                }
                yield follows(text, at, end, '=') ? token(OPERATOR, at + 2) : token(OTHER, at + 1);
            }
            default -> token(OTHER, at + 1);
        };
    }
}
