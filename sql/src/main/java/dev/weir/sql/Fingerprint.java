package dev.weir.sql;

/**
 * A number for texts that differ in nothing but their literals, so that what was observed of one is expected of the next.
 * It is for estimates only: digits and quoted strings are skipped without regard for the finer rules, and two texts may
 * share a number.
 */
public final class Fingerprint {
    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    private Fingerprint() {}

    /** Never 0. */
    public static long of(byte[] text, int offset, int length) {
        long hash = length == 0 ? 1 : 0;
        int end = offset + length;
        boolean word = false;
        for (int i = offset; i < end; i++) {
            byte c = text[i];
            if (!word && isDigit(c)) {
                i = endOfNumber(text, i, end) - 1;
                c = '0';
            } else if (c == '\'') {
                i = endOfString(text, i + 1, end) - 1;
            }
            word = isOfWord(c);
            hash = (hash ^ c) * FACTOR;
            hash ^= hash >>> 32;
        }
        return hash == 0 ? 1 : hash;
    }

    private static int endOfNumber(byte[] text, int from, int end) {
        int i = from;
        while (i < end && (isDigit(text[i]) || text[i] == '.')) {
            i++;
        }
        return i;
    }

    /** Behind the closing quote, which is not doubled. */
    private static int endOfString(byte[] text, int from, int end) {
        int i = from;
        while (i < end && (text[i] != '\'' || (i + 1 < end && text[i + 1] == '\''))) {
            i += text[i] == '\'' ? 2 : 1;
        }
        return Math.min(i + 1, end);
    }

    private static boolean isDigit(byte c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isOfWord(byte c) {
        int lower = c | 0x20;
        return (lower >= 'a' && lower <= 'z') || isDigit(c) || c == '_' || c == '$' || c < 0;
    }
}
