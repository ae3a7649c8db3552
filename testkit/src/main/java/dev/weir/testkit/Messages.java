package dev.weir.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builders of what a client sends, each giving the bytes for the wire. They build what they are told, also what a
 * server refuses. Source: PostgreSQL documentation, chapter Message Formats.
 */
public final class Messages {
    /** Protocol 3.0, spoken by every server. */
    public static final int PROTOCOL_3_0 = 3 << 16;

    /** Protocol 3.2, spoken since PostgreSQL 18: longer cancel keys. */
    public static final int PROTOCOL_3_2 = 3 << 16 | 2;

    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;
    private static final int CANCEL_REQUEST = 80877102;

    private Messages() {}

    /** StartupMessage: {@code protocol} as major in the high and minor in the low 16 bits. */
    public static byte[] startup(int protocol, Map<String, String> parameters) {
        Body body = new Body().int32(protocol);
        parameters.forEach((name, value) -> body.text(name).text(value));
        return untyped(body.int8(0).bytes());
    }

    /** SSLRequest. */
    public static byte[] sslRequest() {
        return untyped(new Body().int32(SSL_REQUEST).bytes());
    }

    /** GSSENCRequest. */
    public static byte[] gssRequest() {
        return untyped(new Body().int32(GSS_REQUEST).bytes());
    }

    /** CancelRequest with a key of any length. */
    public static byte[] cancelRequest(int pid, byte[] key) {
        return untyped(new Body().int32(CANCEL_REQUEST).int32(pid).raw(key).bytes());
    }

    /** PasswordMessage, for cleartext and MD5. */
    public static byte[] password(String password) {
        return frame('p', new Body().text(password));
    }

    /** Query, the simple protocol; {@code sql} may hold several statements, or none. */
    public static byte[] query(String sql) {
        return frame('Q', new Body().text(sql));
    }

    /** Parse with types of parameters left to the server. An empty name is the unnamed statement. */
    public static byte[] parse(String statement, String sql, int... parameterTypes) {
        Body body = new Body().text(statement).text(sql).int16(parameterTypes.length);
        for (int type : parameterTypes) {
            body.int32(type);
        }
        return frame('P', body);
    }

    /** Bind with parameters and results in text format; null is NULL. */
    public static byte[] bind(String portal, String statement, @Nullable String... parameters) {
        Body body = new Body().text(portal).text(statement).int16(0).int16(parameters.length);
        for (String parameter : parameters) {
            body.value(parameter == null ? null : parameter.getBytes(StandardCharsets.UTF_8));
        }
        return frame('B', body.int16(0));
    }

    /** Bind with parameters and results in binary format; null is NULL. */
    public static byte[] bindBinary(String portal, String statement, List<byte @Nullable []> parameters) {
        Body body = new Body().text(portal).text(statement).int16(1).int16(1).int16(parameters.size());
        parameters.forEach(body::value);
        return frame('B', body.int16(1).int16(1));
    }

    /** Describe of a prepared statement. */
    public static byte[] describeStatement(String statement) {
        return frame('D', new Body().int8('S').text(statement));
    }

    /** Describe of a portal. */
    public static byte[] describePortal(String portal) {
        return frame('D', new Body().int8('P').text(portal));
    }

    /** Execute; {@code maxRows} 0 means all. */
    public static byte[] execute(String portal, int maxRows) {
        return frame('E', new Body().text(portal).int32(maxRows));
    }

    /** Close of a prepared statement. */
    public static byte[] closeStatement(String statement) {
        return frame('C', new Body().int8('S').text(statement));
    }

    /** Close of a portal. */
    public static byte[] closePortal(String portal) {
        return frame('C', new Body().int8('P').text(portal));
    }

    /** Sync. */
    public static byte[] sync() {
        return frame('S', new Body());
    }

    /** Flush. */
    public static byte[] flush() {
        return frame('H', new Body());
    }

    /** CopyData, as text. */
    public static byte[] copyData(String data) {
        return copyData(data.getBytes(StandardCharsets.UTF_8));
    }

    /** CopyData. */
    public static byte[] copyData(byte[] data) {
        return frame('d', new Body().raw(data));
    }

    /** CopyDone. */
    public static byte[] copyDone() {
        return frame('c', new Body());
    }

    /** CopyFail with the reason that the server repeats in its error. */
    public static byte[] copyFail(String reason) {
        return frame('f', new Body().text(reason));
    }

    /** FunctionCall with arguments and result in text format; null is NULL. */
    public static byte[] functionCall(int function, @Nullable String... arguments) {
        Body body = new Body().int32(function).int16(0).int16(arguments.length);
        for (String argument : arguments) {
            body.value(argument == null ? null : argument.getBytes(StandardCharsets.UTF_8));
        }
        return frame('F', body.int16(0));
    }

    /** Terminate. */
    public static byte[] terminate() {
        return frame('X', new Body());
    }

    /** Several messages in one piece, as a client that pipelines sends them. */
    public static byte[] together(byte[]... messages) {
        Body all = new Body();
        for (byte[] message : messages) {
            all.raw(message);
        }
        return all.bytes();
    }

    private static byte[] untyped(byte[] body) {
        return ByteBuffer.allocate(body.length + 4)
                .putInt(body.length + 4)
                .put(body)
                .array();
    }

    static byte[] frame(char type, Body body) {
        return new Frame(type, body.bytes()).bytes();
    }

    /** The body of a message while it is written. */
    static final class Body {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Body int8(int value) {
            out.write(value);
            return this;
        }

        Body int16(int value) {
            return int8(value >> 8).int8(value);
        }

        Body int32(int value) {
            return int16(value >> 16).int16(value);
        }

        Body raw(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }

        Body text(String text) {
            return raw(text.getBytes(StandardCharsets.UTF_8)).int8(0);
        }

        Body value(byte @Nullable [] value) {
            return value == null ? int32(-1) : int32(value.length).raw(value);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
