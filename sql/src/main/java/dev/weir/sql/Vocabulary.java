package dev.weir.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All words that mean something to the rules: keywords, and functions of Postgres. A word has a number above 0; it is found
 * by its bytes, in any case, without making a String of them.
 */
final class Vocabulary {
    /** A power of two, several times the number of words, so that most are found at once. */
    private static final int SLOTS = 16_384;

    private static final int LONGEST = 63;
    private static final Keyword[] KEYWORDS = Keyword.values();
    private static final Conspicuous[] CONSPICUOUS = Conspicuous.values();
    private static final byte[][] NAMES;
    private static final int[] TRAITS;
    private static final short[] TABLE = new short[SLOTS];

    static {
        Map<String, Integer> words = new LinkedHashMap<>(Map.of("", 0)); // no word has number 0
        for (Keyword keyword : KEYWORDS) {
            words.put(keyword.text(), keyword.traits);
        }
        for (Conspicuous name : CONSPICUOUS) {
            words.put(name.text(), Traits.CONSPICUOUS);
        }
        lines("stable-functions.txt").forEach(name -> words.merge(name, Traits.STABLE, (old, more) -> old | more));
        lines("volatile-functions.txt").forEach(name -> words.merge(name, Traits.VOLATILE, (old, more) -> old | more));
        NAMES = words.keySet().stream()
                .map(name -> name.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
        TRAITS = words.values().stream().mapToInt(Integer::intValue).toArray();
        for (int word = 1; word < NAMES.length; word++) {
            TABLE[freeSlot(NAMES[word])] = (short) word;
        }
    }

    private Vocabulary() {}

    private static List<String> lines(String resource) {
        try (InputStream in = Vocabulary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freeSlot(byte[] name) {
        int hash = 0;
        for (byte c : name) {
            hash = hash(hash, c);
        }
        int slot = slot(hash);
        while (TABLE[slot] != 0) {
            slot = slot + 1 & SLOTS - 1;
        }
        return slot;
    }

    /** The hash of a word whose bytes before {@code c} have {@code hash}; that of the empty word is 0. */
    static int hash(int hash, byte c) {
        return hash * 31 + (c | 0x20);
    }

    private static int slot(int hash) {
        return (hash ^ hash >>> 15) & SLOTS - 1;
    }

    /** The number of an unquoted word, or 0. */
    static int find(byte[] text, int from, int end, int hash) {
        int length = end - from;
        if (length > LONGEST) {
            return 0;
        }
        int slot = slot(hash);
        int word = TABLE[slot];
        while (word != 0) {
            byte[] name = NAMES[word];
            if (name.length == length && isSame(name, text, from)) {
                return word;
            }
            slot = slot + 1 & SLOTS - 1;
            word = TABLE[slot];
        }
        return 0;
    }

    private static boolean isSame(byte[] name, byte[] text, int from) {
        for (int i = 0; i < name.length; i++) {
            byte c = text[from + i];
            if (name[i] != (c >= 'A' && c <= 'Z' ? c + 0x20 : c)) {
                return false;
            }
        }
        return true;
    }

    /** The number of a quoted word, which is only the same in lower case, or 0. */
    static int findExact(byte[] text, int from, int end) {
        if (end - from > LONGEST) {
            return 0;
        }
        int hash = 0;
        for (int i = from; i < end; i++) {
            if (text[i] >= 'A' && text[i] <= 'Z') {
                return 0;
            }
            hash = hash(hash, text[i]);
        }
        return find(text, from, end, hash);
    }

    static int traits(int word) {
        return TRAITS[word];
    }

    static @Nullable Keyword keyword(int word) {
        return word > 0 && word <= KEYWORDS.length ? KEYWORDS[word - 1] : null;
    }

    static @Nullable Conspicuous conspicuous(int word) {
        int index = word - KEYWORDS.length - 1;
        return index >= 0 && index < CONSPICUOUS.length ? CONSPICUOUS[index] : null;
    }

    /** The number of a name in lower case, or 0. */
    static int wordOf(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return findExact(bytes, 0, bytes.length);
    }
}
