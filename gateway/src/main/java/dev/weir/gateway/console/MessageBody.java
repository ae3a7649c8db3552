package dev.weir.gateway.console;

import dev.weir.wire.Failure;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads the body of a message; one that ends too soon is a violation of the protocol. */
final class MessageBody {
    private final ByteBuf buffer;
    private final int end;
    private int position;

    MessageBody(ByteBuf buffer, int index, int length) {
        this.buffer = buffer;
        this.position = index;
        this.end = index + length;
    }

    byte readByte() throws ConsoleException {
        return buffer.getByte(advance(1));
    }

    int readShort() throws ConsoleException {
        return buffer.getUnsignedShort(advance(2));
    }

    int readInt() throws ConsoleException {
        return buffer.getInt(advance(4));
    }

    /** A text that ends with a zero byte. */
    String readText() throws ConsoleException {
        int length = end > position ? buffer.bytesBefore(position, end - position, (byte) 0) : -1;
        if (length < 0) {
            throw tooShort();
        }
        return buffer.toString(advance(length + 1), length, StandardCharsets.UTF_8);
    }

    /** A value with its length in front; null for NULL. */
    byte @Nullable [] readValue() throws ConsoleException {
        int length = readInt();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > end - position) {
            throw tooShort();
        }
        byte[] value = new byte[length];
        buffer.getBytes(advance(length), value);
        return value;
    }

    private int advance(int bytes) throws ConsoleException {
        if (bytes > end - position) {
            throw tooShort();
        }
        int at = position;
        position += bytes;
        return at;
    }

    private static ConsoleException tooShort() {
        return new ConsoleException(new Failure.ProtocolViolation("insufficient data left in message"));
    }
}
