package dev.weir.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a client may send before it is logged in: packets without a type byte. Source: PostgreSQL manual, "Message
 * Formats": StartupMessage, SSLRequest, GSSENCRequest, CancelRequest.
 */
public sealed interface StartupPacket {
    int CANCEL_REQUEST_CODE = 1234 << 16 | 5678;
    int SSL_REQUEST_CODE = 1234 << 16 | 5679;
    int GSSENC_REQUEST_CODE = 1234 << 16 | 5680;

    /** The largest packet that is accepted, in bytes of its length field, as in Postgres. */
    int MAX_LENGTH = 10_000;

    /** A length and a code. */
    int MIN_LENGTH = 8;

    int MAX_CANCEL_KEY_LENGTH = 256;

    record SslRequest() implements StartupPacket {}

    record GssEncRequest() implements StartupPacket {}

    /** @param key 4 bytes up to protocol 3.1, up to 256 from 3.2 on */
    record CancelRequest(int processId, byte[] key) implements StartupPacket {}

    /** @param parameters in the order of the packet; {@code user}, {@code database}, ... */
    record StartupMessage(ProtocolVersion version, Map<String, String> parameters) implements StartupPacket {}

    /** A packet that the protocol forbids. */
    record Malformed(PgError error) implements StartupPacket {}

    /**
     * Reads a whole packet.
     *
     * @param buffer borrowed; the packet begins at {@code index}, with its length field
     * @param length the value of the length field, {@link #MIN_LENGTH} to {@link #MAX_LENGTH}
     */
    static StartupPacket parse(ByteBuf buffer, int index, int length) {
        int code = buffer.getInt(index + 4);
        return switch (code) {
            case SSL_REQUEST_CODE ->
                length == MIN_LENGTH ? new SslRequest() : malformed("invalid length of SSL request");
            case GSSENC_REQUEST_CODE ->
                length == MIN_LENGTH ? new GssEncRequest() : malformed("invalid length of GSSAPI request");
            case CANCEL_REQUEST_CODE -> parseCancel(buffer, index, length);
            default -> parseStartup(new ProtocolVersion(code), buffer, index, length);
        };
    }

    private static StartupPacket parseCancel(ByteBuf buffer, int index, int length) {
        int keyLength = length - 12;
        if (keyLength < 4 || keyLength > MAX_CANCEL_KEY_LENGTH) {
            return malformed("invalid length of cancel request");
        }
        byte[] key = new byte[keyLength];
        buffer.getBytes(index + 12, key);
        return new CancelRequest(buffer.getInt(index + 8), key);
    }

    private static StartupPacket parseStartup(ProtocolVersion version, ByteBuf buffer, int index, int length) {
        if (version.major() != 3) {
            return new Malformed(PgError.fatal(
                    Sqlstate.FEATURE_NOT_SUPPORTED,
                    "unsupported frontend protocol " + version.major() + "." + version.minor()
                            + ": server supports 3.0 to 3.2"));
        }
        return parseParameters(version, buffer, index + 8, index + length);
    }

    private static StartupPacket parseParameters(ProtocolVersion version, ByteBuf buffer, int begin, int end) {
        Map<String, String> parameters = new LinkedHashMap<>();
        int position = begin;
        while (position < end && buffer.getByte(position) != 0) {
            int nameLength = buffer.bytesBefore(position, end - position, (byte) 0);
            int valueAt = position + nameLength + 1;
            int valueLength =
                    nameLength < 0 || valueAt >= end ? -1 : buffer.bytesBefore(valueAt, end - valueAt, (byte) 0);
            if (valueLength < 0) {
                return malformed("invalid startup packet layout: expected terminator as last byte");
            }
            parameters.put(
                    buffer.toString(position, nameLength, StandardCharsets.UTF_8),
                    buffer.toString(valueAt, valueLength, StandardCharsets.UTF_8));
            position = valueAt + valueLength + 1;
        }
        if (position != end - 1) {
            return malformed("invalid startup packet layout: expected terminator as last byte");
        }
        return new StartupMessage(version, Collections.unmodifiableMap(parameters));
    }

    private static Malformed malformed(String message) {
        return new Malformed(PgError.fatal(Sqlstate.PROTOCOL_VIOLATION, message));
    }
}
