package dev.weir.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The frontend messages that the benchmark's own client sends (PostgreSQL manual, Message Formats; protocol 3.0). */
final class Messages {
    private static final int PROTOCOL_3_0 = 196_608;
    private static final int SSL_REQUEST = 80_877_103;

    private Messages() {}

    static ByteBuffer startup(Account account) {
        byte[] parameters = ("user\0" + account.user() + "\0database\0" + account.database()
                        + "\0application_name\0weir bench\0\0")
                .getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + parameters.length)
                .putInt(8 + parameters.length)
                .putInt(PROTOCOL_3_0)
                .put(parameters)
                .flip();
    }

    /** Asks for TLS; the answer is one byte, S for yes. */
    static ByteBuffer sslRequest() {
        return ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).flip();
    }

    static ByteBuffer saslInitialResponse(String mechanism, String data) {
        byte[] name = (mechanism + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] body = data.getBytes(StandardCharsets.UTF_8);
        return frame('p', name.length + 4 + body.length)
                .put(name)
                .putInt(body.length)
                .put(body)
                .flip();
    }

    static ByteBuffer saslResponse(String data) {
        byte[] body = data.getBytes(StandardCharsets.UTF_8);
        return frame('p', body.length).put(body).flip();
    }

    static ByteBuffer query(String sql) {
        byte[] body = (sql + "\0").getBytes(StandardCharsets.UTF_8);
        return frame('Q', body.length).put(body).flip();
    }

    /** CopyData messages, each a row of 1000 bytes with its line break, as many as fit. */
    static ByteBuffer copyRows(int bytes) {
        byte[] row = "x".repeat(999).concat("\n").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer rows = ByteBuffer.allocateDirect(bytes);
        while (rows.remaining() >= 5 + row.length) {
            rows.put((byte) 'd').putInt(4 + row.length).put(row);
        }
        return rows.flip();
    }

    static ByteBuffer copyDone() {
        return frame('c', 0).flip();
    }

    static ByteBuffer terminate() {
        return frame('X', 0).flip();
    }

    /** The text of an ErrorResponse's body: severity, SQLSTATE and message. */
    static String error(ByteBuffer body) {
        Map<Character, String> fields = new HashMap<>();
        while (body.hasRemaining()) {
            char code = (char) body.get();
            if (code == 0) {
                break;
            }
            fields.put(code, string(body));
        }
        return fields.getOrDefault('S', "ERROR") + " " + fields.getOrDefault('C', "?") + ": "
                + fields.getOrDefault('M', "");
    }

    /** Reads up to and with the next zero byte. */
    static String string(ByteBuffer body) {
        int start = body.position();
        int end = start;
        while (end < body.limit() && body.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - start];
        body.get(bytes);
        body.position(Math.min(end + 1, body.limit()));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static ByteBuffer frame(char type, int bodyLength) {
        return ByteBuffer.allocate(5 + bodyLength).put((byte) type).putInt(4 + bodyLength);
    }
}
