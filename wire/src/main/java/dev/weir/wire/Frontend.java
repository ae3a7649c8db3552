package dev.weir.wire;

import io.netty.buffer.ByteBuf;
import java.util.Map;

/** Type bytes of the messages that a client sends, and those that Weir itself sends to servers. */
public final class Frontend {
    public static final byte BIND = 'B';
    public static final byte CLOSE = 'C';
    public static final byte COPY_DATA = 'd';
    public static final byte COPY_DONE = 'c';
    public static final byte COPY_FAIL = 'f';
    public static final byte DESCRIBE = 'D';
    public static final byte EXECUTE = 'E';
    public static final byte FLUSH = 'H';
    public static final byte FUNCTION_CALL = 'F';
    public static final byte PARSE = 'P';
    public static final byte PASSWORD = 'p';
    public static final byte QUERY = 'Q';
    public static final byte SYNC = 'S';
    public static final byte TERMINATE = 'X';

    /** What Describe and Close are about. */
    public static final byte STATEMENT = 'S';

    public static final byte PORTAL = 'P';

    /** What Postgres allows for messages without text of the user's: SYNC, FLUSH and the like. */
    private static final int SMALL_LENGTH_LIMIT = 10_000;

    /** What Postgres allows for all others. */
    private static final int LARGE_LENGTH_LIMIT = 0x3fffffff;

    private Frontend() {}

    /**
     * The largest length field that Postgres accepts for a message in a session, or -1 if there is no such message.
     * Source: PostgreSQL, {@code SocketBackend()} in postgres.c.
     */
    public static int lengthLimit(byte type) {
        return switch (type) {
            case QUERY, PARSE, BIND, FUNCTION_CALL, COPY_DATA -> LARGE_LENGTH_LIMIT;
            case EXECUTE, SYNC, DESCRIBE, CLOSE, FLUSH, TERMINATE, COPY_DONE, COPY_FAIL -> SMALL_LENGTH_LIMIT;
            default -> -1;
        };
    }

    public static void writeStartup(ByteBuf out, int version, Map<String, String> parameters) {
        int start = out.writerIndex();
        out.writeInt(0);
        out.writeInt(version);
        parameters.forEach((name, value) -> {
            Frames.writeCString(out, name);
            Frames.writeCString(out, value);
        });
        out.writeByte(0);
        Frames.end(out, start);
    }

    public static void writeSslRequest(ByteBuf out) {
        out.writeInt(8);
        out.writeInt(StartupPacket.SSL_REQUEST_CODE);
    }

    public static void writeCancelRequest(ByteBuf out, int processId, byte[] key) {
        out.writeInt(12 + key.length);
        out.writeInt(StartupPacket.CANCEL_REQUEST_CODE);
        out.writeInt(processId);
        out.writeBytes(key);
    }

    /** PasswordMessage. */
    public static void writePassword(ByteBuf out, String password) {
        int start = Frames.begin(out, PASSWORD);
        Frames.writeCString(out, password);
        Frames.end(out, start);
    }

    public static void writeSaslInitialResponse(ByteBuf out, String mechanism, byte[] data) {
        int start = Frames.begin(out, PASSWORD);
        Frames.writeCString(out, mechanism);
        out.writeInt(data.length);
        out.writeBytes(data);
        Frames.end(out, start);
    }

    public static void writeSaslResponse(ByteBuf out, byte[] data) {
        int start = Frames.begin(out, PASSWORD);
        out.writeBytes(data);
        Frames.end(out, start);
    }

    public static void writeQuery(ByteBuf out, String sql) {
        int start = Frames.begin(out, QUERY);
        Frames.writeCString(out, sql);
        Frames.end(out, start);
    }

    /** A Query whose text is in pieces. */
    public static void writeQuery(ByteBuf out, byte[]... sql) {
        int start = Frames.begin(out, QUERY);
        for (byte[] piece : sql) {
            out.writeBytes(piece);
        }
        out.writeByte(0);
        Frames.end(out, start);
    }

    /** Parse without types of parameters, of a text in pieces. */
    public static void writeParse(ByteBuf out, byte[] name, byte[]... sql) {
        int start = Frames.begin(out, PARSE);
        out.writeBytes(name).writeByte(0);
        for (byte[] piece : sql) {
            out.writeBytes(piece);
        }
        out.writeByte(0).writeShort(0);
        Frames.end(out, start);
    }

    /** Parse whose body behind the name is at hand. */
    public static void writeParseContent(ByteBuf out, byte[] name, byte[] content, int length) {
        int start = Frames.begin(out, PARSE);
        out.writeBytes(name).writeByte(0).writeBytes(content, 0, length);
        Frames.end(out, start);
    }

    /** Bind of a statement without parameters. */
    public static void writeBind(ByteBuf out, byte[] portal, byte[] statement) {
        int start = Frames.begin(out, BIND);
        out.writeBytes(portal).writeByte(0);
        out.writeBytes(statement).writeByte(0);
        out.writeShort(0).writeShort(0).writeShort(0);
        Frames.end(out, start);
    }

    /** Execute without a limit of rows. */
    public static void writeExecute(ByteBuf out, byte[] portal) {
        int start = Frames.begin(out, EXECUTE);
        out.writeBytes(portal).writeByte(0);
        out.writeInt(0);
        Frames.end(out, start);
    }

    /** @param what {@link #STATEMENT} or {@link #PORTAL} */
    public static void writeClose(ByteBuf out, byte what, byte[] name) {
        int start = Frames.begin(out, CLOSE);
        out.writeByte(what);
        out.writeBytes(name).writeByte(0);
        Frames.end(out, start);
    }

    public static void writeCopyFail(ByteBuf out, String reason) {
        int start = Frames.begin(out, COPY_FAIL);
        Frames.writeCString(out, reason);
        Frames.end(out, start);
    }
}
