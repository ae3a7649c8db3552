package dev.weir.testkit;

import dev.weir.testkit.Messages.Body;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builders of what a server sends, for {@link ScriptedServer}, each giving the bytes for the wire.
 * Source: PostgreSQL documentation, chapter Message Formats.
 */
public final class Replies {
    private static final int TEXT_OID = 25;

    private Replies() {}

    /** AuthenticationOk. */
    public static byte[] authenticationOk() {
        return authentication(0, new byte[0]);
    }

    /** An authentication request: 3 cleartext, 5 MD5 with a salt of 4 bytes, 10 SASL, 11 continue, 12 final. */
    public static byte[] authentication(int kind, byte[] data) {
        return Messages.frame('R', new Body().int32(kind).raw(data));
    }

    /** AuthenticationSASL with the names of the mechanisms. */
    public static byte[] authenticationSasl(String... mechanisms) {
        Body body = new Body().int32(10);
        for (String mechanism : mechanisms) {
            body.text(mechanism);
        }
        return Messages.frame('R', body.int8(0));
    }

    /** ParameterStatus. */
    public static byte[] parameterStatus(String name, String value) {
        return Messages.frame('S', new Body().text(name).text(value));
    }

    /** BackendKeyData with a key of any length. */
    public static byte[] backendKeyData(int pid, byte[] key) {
        return Messages.frame('K', new Body().int32(pid).raw(key));
    }

    /** ReadyForQuery with {@code I}, {@code T} or {@code E}. */
    public static byte[] readyForQuery(char status) {
        return Messages.frame('Z', new Body().int8(status));
    }

    /** RowDescription of columns of type text. */
    public static byte[] rowDescription(String... columns) {
        Body body = new Body().int16(columns.length);
        for (String column : columns) {
            body.text(column).int32(0).int16(0);
            body.int32(TEXT_OID).int16(-1).int32(-1).int16(0);
        }
        return Messages.frame('T', body);
    }

    /** DataRow; null is NULL. */
    public static byte[] dataRow(@Nullable String... columns) {
        Body body = new Body().int16(columns.length);
        for (String column : columns) {
            body.value(column == null ? null : column.getBytes(StandardCharsets.UTF_8));
        }
        return Messages.frame('D', body);
    }

    /** CommandComplete. */
    public static byte[] commandComplete(String tag) {
        return Messages.frame('C', new Body().text(tag));
    }

    /** ErrorResponse; {@code severity} is {@code ERROR}, {@code FATAL} or {@code PANIC}. */
    public static byte[] error(String severity, String sqlstate, String message) {
        return Messages.frame('E', fields(severity, sqlstate, message));
    }

    /** NoticeResponse. */
    public static byte[] notice(String severity, String sqlstate, String message) {
        return Messages.frame('N', fields(severity, sqlstate, message));
    }

    /** NegotiateProtocolVersion: the newest minor version the server speaks, and the options it does not know. */
    public static byte[] negotiateProtocolVersion(int newestMinor, List<String> unknownOptions) {
        Body body = new Body().int32(newestMinor).int32(unknownOptions.size());
        unknownOptions.forEach(body::text);
        return Messages.frame('v', body);
    }

    /** ParseComplete, BindComplete, NoData and the other frames without a body, by their type. */
    public static byte[] empty(char type) {
        return Messages.frame(type, new Body());
    }

    /** A complete reply to a query of one column and one row. */
    public static byte[] oneRow(String value) {
        return Messages.together(
                rowDescription("column"), dataRow(value), commandComplete("SELECT 1"), readyForQuery('I'));
    }

    private static Body fields(String severity, String sqlstate, String message) {
        Body body = new Body().int8('S').text(severity).int8('V').text(severity);
        return body.int8('C').text(sqlstate).int8('M').text(message).int8(0);
    }
}
