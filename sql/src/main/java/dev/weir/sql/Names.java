package dev.weir.sql;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Makes names and strings of what is written (manual, sections 4.1.1 and 4.1.2). */
final class Names {
    /** NAMEDATALEN - 1. */
    private static final int LONGEST = 63;

    private Names() {}

    /** An unquoted name. */
    static String folded(byte[] text, int from, int to) {
        byte[] name = new byte[to - from];
        for (int i = 0; i < name.length; i++) {
            byte c = text[from + i];
            name[i] = (byte) (c >= 'A' && c <= 'Z' ? c + 0x20 : c);
        }
        return name(name);
    }

    /** A quoted name, from behind its opening quote up to its closing one. */
    static String quoted(byte[] text, int from, int to) {
        return name(undouble(text, from, to, '"'));
    }

    /** A quoted name with Unicode escapes; what is wrong in it stays as it is. */
    static String unicode(byte[] text, int from, int to, char escape) {
        String raw = decode(undouble(text, from, to, '"'));
        StringBuilder name = new StringBuilder();
        int at = 0;
        while (at < raw.length()) {
            char c = raw.charAt(at);
            if (c != escape) {
                name.append(c);
                at++;
            } else if (at + 1 < raw.length() && raw.charAt(at + 1) == escape) {
                name.append(c);
                at += 2;
            } else {
                int digits = at + 1 < raw.length() && raw.charAt(at + 1) == '+' ? 6 : 4;
                int first = digits == 6 ? at + 2 : at + 1;
                int code = hexadecimal(raw, first, first + digits);
                if (Character.isValidCodePoint(code)) {
                    name.appendCodePoint(code);
                    at = first + digits;
                } else {
                    name.append(c);
                    at++;
                }
            }
        }
        return name(name.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static int hexadecimal(String raw, int from, int to) {
        if (to > raw.length()) {
            return -1;
        }
        int code = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(raw.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            code = code << 4 | digit;
        }
        return code;
    }

    private static String name(byte[] name) {
        int length = name.length;
        if (length > LONGEST) {
            length = LONGEST;
            while (length > 0 && (name[length] & 0xc0) == 0x80) {
                length--; // no character is cut
            }
        }
        return decode(name, length);
    }

    /** The value of a string that has neither escapes nor a continuation; else null. */
    static @Nullable String literal(byte[] text, int start, int stop, boolean standardStrings) {
        byte first = text[start];
        if (first == '$') {
            int tag = 1;
            while (text[start + tag] != '$') {
                tag++;
            }
            return decode(Arrays.copyOfRange(text, start + tag + 1, stop - tag - 1));
        }
        boolean escapes = first == '\'' ? !standardStrings : (first | 0x20) == 'e';
        int from = first == '\'' ? start + 1 : start + 2;
        if (first != '\'' && !escapes) {
            return null;
        }
        for (int i = from; i < stop - 1; i++) {
            if (text[i] == '\\' && escapes) {
                return null;
            }
            if (text[i] == '\'' && text[++i] != '\'') {
                return null;
            }
        }
        return decode(undouble(text, from, stop - 1, '\''));
    }

    private static byte[] undouble(byte[] text, int from, int to, char quote) {
        ByteArrayOutputStream value = new ByteArrayOutputStream(to - from);
        for (int i = from; i < to; i++) {
            value.write(text[i]);
            if (text[i] == quote) {
                i++;
            }
        }
        return value.toByteArray();
    }

    private static String decode(byte[] value) {
        return decode(value, value.length);
    }

    /** UTF-8, or what any other encoding is read as if it is to stay distinct. */
    private static String decode(byte[] value, int length) {
        try {
            CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value, 0, length));
            return decoded.toString();
        } catch (CharacterCodingException e) {
            return new String(value, 0, length, StandardCharsets.ISO_8859_1);
        }
    }
}
