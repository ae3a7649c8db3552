package dev.weir.gateway;

import dev.weir.pool.PreparedStatements;
import dev.weir.wire.Backend;
import dev.weir.wire.Frames;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Errors in which a server speaks of what Weir has put in a statement's place, as the client is to read them. */
final class ErrorText {
    private static final Pattern NAME = Pattern.compile(PreparedStatements.PREFIX + "[0-9a-z]+");
    private static final byte[] PREFIX = PreparedStatements.PREFIX.getBytes(StandardCharsets.US_ASCII);

    private ErrorText() {}

    /** Whether it names a statement as only Weir does. */
    static boolean speaksOfNames(ByteBuf buffer, int index, int length) {
        int last = index + length - PREFIX.length;
        for (int i = index; i <= last; i++) {
            int matched = 0;
            while (matched < PREFIX.length && buffer.getByte(i + matched) == PREFIX[matched]) {
                matched++;
            }
            if (matched == PREFIX.length) {
                return true;
            }
        }
        return false;
    }

    /** The server's routine that raised it, which is the same in all languages; empty if it doesn't say. */
    static String routine(ByteBuf buffer, int index, int length) {
        int position = index;
        int end = index + length;
        while (position < end && buffer.getByte(position) != 0) {
            byte field = buffer.getByte(position);
            int textLength = Math.max(0, buffer.bytesBefore(position + 1, end - position - 1, (byte) 0));
            if (field == 'R') {
                return buffer.toString(position + 1, textLength, StandardCharsets.US_ASCII);
            }
            position += textLength + 2;
        }
        return "";
    }

    /**
     * Appends the ErrorResponse with the client's names and positions.
     *
     * @param name the client's name for one of Weir's, or the same if it has none
     * @param from positions behind this character are moved
     * @param shift by so many characters to the left
     */
    static void translate(
            ByteBuf buffer, int index, int length, UnaryOperator<String> name, int from, int shift, ByteBuf out) {
        int start = Frames.begin(out, Backend.ERROR_RESPONSE);
        int position = index;
        int end = index + length;
        while (position < end && buffer.getByte(position) != 0) {
            byte field = buffer.getByte(position);
            int textLength = Math.max(0, buffer.bytesBefore(position + 1, end - position - 1, (byte) 0));
            String text =
                    buffer.toString(position + 1, textLength, StandardCharsets.ISO_8859_1); // bytes, in any encoding
            position += textLength + 2;
            out.writeByte(field);
            if (field == 'P') {
                int place = Integer.parseInt(text);
                write(out, Integer.toString(place > from ? place - shift : place));
            } else {
                write(out, NAME.matcher(text).replaceAll(found -> Matcher.quoteReplacement(name.apply(found.group()))));
            }
        }
        out.writeByte(0);
        Frames.end(out, start);
    }

    private static void write(ByteBuf out, String bytes) {
        out.writeCharSequence(bytes, StandardCharsets.ISO_8859_1);
        out.writeByte(0);
    }
}
