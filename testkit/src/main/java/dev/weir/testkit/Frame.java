package dev.weir.testkit;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One protocol message with a type byte, as it went over the wire; the body excludes type and length. Two frames are
 * equal if type and body are. The decoding methods throw AssertionError if the frame is of another type.
 * Source: PostgreSQL documentation, chapter Message Formats.
 */
@SuppressWarnings("ArrayRecordComponent") // the body is never changed, and equals compares its content
public record Frame(char type, byte[] body) {
    private static final int MAX_BODY = 1 << 30;

    /** A frame whose body is text, for tests that know the bytes. */
    public static Frame of(char type, String body) {
        return new Frame(type, body.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads one frame. @throws java.io.EOFException if the stream ends first */
    static Frame read(DataInputStream in) throws IOException {
        char type = (char) in.readUnsignedByte();
        int length = in.readInt();
        if (length < 4 || length - 4 > MAX_BODY) {
            throw new AssertionError("frame '" + type + "' has the impossible length " + length);
        }
        byte[] body = new byte[length - 4];
        in.readFully(body);
        return new Frame(type, body);
    }

    /** The frame as it goes over the wire. */
    public byte[] bytes() {
        return ByteBuffer.allocate(body.length + 5)
                .put((byte) type)
                .putInt(body.length + 4)
                .put(body)
                .array();
    }

    /** Fields of an ErrorResponse or NoticeResponse by their code, for example {@code 'C'} for the SQLSTATE. */
    public Map<Character, String> fields() {
        if (type != 'E' && type != 'N') {
            throw new AssertionError("not an ErrorResponse or NoticeResponse: " + this);
        }
        Map<Character, String> fields = new LinkedHashMap<>();
        ByteBuffer in = ByteBuffer.wrap(body);
        for (char code = (char) in.get(); code != 0; code = (char) in.get()) {
            fields.put(code, text(in));
        }
        return Collections.unmodifiableMap(fields);
    }

    /** SQLSTATE of an ErrorResponse or NoticeResponse. */
    public String sqlstate() {
        return fields().getOrDefault('C', "");
    }

    /** Primary message of an ErrorResponse or NoticeResponse. */
    public String message() {
        return fields().getOrDefault('M', "");
    }

    /** Name and value of a ParameterStatus. */
    public Map.Entry<String, String> parameter() {
        ByteBuffer in = of('S');
        return Map.entry(text(in), text(in));
    }

    /** Process id and secret key of a BackendKeyData. */
    public BackendKey backendKey() {
        ByteBuffer in = of('K');
        int pid = in.getInt();
        byte[] key = new byte[in.remaining()];
        in.get(key);
        return new BackendKey(pid, key);
    }

    /** Columns of a DataRow read as UTF-8 text; null where the column is NULL. */
    public List<@Nullable String> columns() {
        ByteBuffer in = of('D');
        int count = in.getShort();
        List<@Nullable String> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int length = in.getInt();
            if (length < 0) {
                columns.add(null);
            } else {
                byte[] value = new byte[length];
                in.get(value);
                columns.add(new String(value, StandardCharsets.UTF_8));
            }
        }
        return Collections.unmodifiableList(columns);
    }

    /** Command tag of a CommandComplete. */
    public String tag() {
        return text(of('C'));
    }

    /** Transaction status of a ReadyForQuery: {@code I}, {@code T} or {@code E}. */
    public char status() {
        return (char) of('Z').get();
    }

    private ByteBuffer of(char expected) {
        if (type != expected) {
            throw new AssertionError("expected a frame '" + expected + "': " + this);
        }
        return ByteBuffer.wrap(body);
    }

    /** Takes one text up to its closing zero byte. */
    static String text(ByteBuffer in) {
        int start = in.position();
        int end = start;
        while (in.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - start];
        in.get(text).get();
        return new String(text, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Frame that && type == that.type && Arrays.equals(body, that.body);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(body);
    }

    @Override
    public String toString() {
        return type + " " + Escapes.of(body, 200);
    }

    /** What a BackendKeyData holds: 4 bytes of key in protocol 3.0, 4 to 256 in 3.2. */
    @SuppressWarnings("ArrayRecordComponent") // the key is never changed, and equals compares its content
    public record BackendKey(int pid, byte[] key) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof BackendKey that && pid == that.pid && Arrays.equals(key, that.key);
        }

        @Override
        public int hashCode() {
            return 31 * pid + Arrays.hashCode(key);
        }
    }
}
