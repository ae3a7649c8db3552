package dev.weir.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An ErrorResponse as a value: one that Weir sends of its own, or what a server said. Immutable.
 *
 * @param code SQLSTATE, five characters
 * @param message what happened
 * @param detail the numbers, or null
 * @param hint what to do, or null
 */
public record PgError(
        Severity severity,
        String code,
        String message,
        @Nullable String detail,
        @Nullable String hint) {

    public static PgError fatal(Sqlstate sqlstate, String message) {
        return new PgError(Severity.FATAL, sqlstate.code(), message, null, null);
    }

    public static PgError error(Sqlstate sqlstate, String message) {
        return new PgError(Severity.ERROR, sqlstate.code(), message, null, null);
    }

    public PgError withDetail(String text) {
        return new PgError(severity, code, message, text, hint);
    }

    public PgError withHint(String text) {
        return new PgError(severity, code, message, detail, text);
    }

    public PgError withSeverity(Severity other) {
        return new PgError(other, code, message, detail, hint);
    }

    public boolean isFatal() {
        return severity != Severity.ERROR;
    }

    /** Appends the whole ErrorResponse frame. */
    public void writeTo(ByteBuf out) {
        int start = Frames.begin(out, Backend.ERROR_RESPONSE);
        field(out, 'S', severity.name());
        field(out, 'V', severity.name());
        field(out, 'C', code);
        field(out, 'M', message);
        if (detail != null) {
            field(out, 'D', detail);
        }
        if (hint != null) {
            field(out, 'H', hint);
        }
        out.writeByte(0);
        Frames.end(out, start);
    }

    private static void field(ByteBuf out, char type, String value) {
        out.writeByte(type);
        Frames.writeCString(out, value);
    }

    /**
     * Reads the body of an ErrorResponse; empty if it is none. A severity or a code that is missing is taken as FATAL
     * and XX000, so that an odd server is never taken for a healthy one.
     */
    public static Optional<PgError> parse(ByteBuf buffer, int bodyIndex, int bodyLength) {
        int end = bodyIndex + bodyLength;
        int position = bodyIndex;
        @Nullable String severity = null;
        @Nullable String nonLocalized = null;
        String code = Sqlstate.INTERNAL_ERROR.code();
        String message = "";
        @Nullable String detail = null;
        @Nullable String hint = null;
        while (position < end) {
            byte type = buffer.getByte(position++);
            if (type == 0) {
                break;
            }
            int length = buffer.bytesBefore(position, end - position, (byte) 0);
            if (length < 0) {
                return Optional.empty();
            }
            String value = buffer.toString(position, length, StandardCharsets.UTF_8);
            position += length + 1;
            switch (type) {
                case 'S' -> severity = value;
                case 'V' -> nonLocalized = value;
                case 'C' -> code = value;
                case 'M' -> message = value;
                case 'D' -> detail = value;
                case 'H' -> hint = value;
                default -> {
                    // position, file, routine and the like are of no use here
                }
            }
        }
        String said = nonLocalized != null ? nonLocalized : severity;
        Severity grade = "ERROR".equals(said) ? Severity.ERROR : "PANIC".equals(said) ? Severity.PANIC : Severity.FATAL;
        return Optional.of(new PgError(grade, code, message, detail, hint));
    }
}
