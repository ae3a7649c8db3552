package dev.weir.gateway.console;

import dev.weir.wire.Backend;
import dev.weir.wire.Frames;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes what a query is answered with. Source: PostgreSQL manual, "Message Formats". */
final class Replies {
    private static final int NUMERIC_BASE = 10_000;
    private static final int NUMERIC_NEGATIVE = 0x4000;

    private Replies() {}

    static void writeRowDescription(ByteBuf out, List<Column> columns, Formats formats) {
        int start = Frames.begin(out, Backend.ROW_DESCRIPTION);
        out.writeShort(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            Frames.writeCString(out, column.name());
            out.writeInt(0); // of no table
            out.writeShort(0);
            out.writeInt(column.type().oid());
            out.writeShort(column.type().size());
            out.writeInt(-1); // no type modifier
            out.writeShort(formats.code(i));
        }
        Frames.end(out, start);
    }

    static void writeDataRow(ByteBuf out, List<Column> columns, Formats formats, Row row) {
        int start = Frames.begin(out, Backend.DATA_ROW);
        out.writeShort(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            @Nullable String value = row.value(i);
            if (value == null) {
                out.writeInt(-1);
                continue;
            }
            int length = out.writerIndex();
            out.writeInt(0);
            if (formats.isBinary(i)) {
                writeBinary(out, columns.get(i).type(), value);
            } else {
                out.writeCharSequence(value, StandardCharsets.UTF_8);
            }
            out.setInt(length, out.writerIndex() - length - 4);
        }
        Frames.end(out, start);
    }

    private static void writeBinary(ByteBuf out, ColumnType type, String value) {
        switch (type) {
            case TEXT -> out.writeCharSequence(value, StandardCharsets.UTF_8);
            case INT4 -> out.writeInt(Integer.parseInt(value));
            case INT8 -> out.writeLong(Long.parseLong(value));
            case NUMERIC -> writeNumeric(out, Long.parseLong(value));
            case BOOL -> out.writeBoolean(value.equals("t"));
            case VOID -> {}
        }
    }

    /** A whole number: digits of base 10,000, the weight of the first, a sign, no digits behind the point. */
    static void writeNumeric(ByteBuf out, long value) {
        short[] digits = new short[5]; // 10,000 to the power of 5 is more than a long holds
        int count = 0;
        for (long rest = value; rest != 0; rest /= NUMERIC_BASE) {
            digits[count++] = (short) Math.abs(rest % NUMERIC_BASE);
        }
        out.writeShort(count);
        out.writeShort(Math.max(0, count - 1));
        out.writeShort(value < 0 ? NUMERIC_NEGATIVE : 0);
        out.writeShort(0);
        for (int i = count - 1; i >= 0; i--) {
            out.writeShort(digits[i]);
        }
    }

    static void writeCommandComplete(ByteBuf out, String tag) {
        int start = Frames.begin(out, Backend.COMMAND_COMPLETE);
        Frames.writeCString(out, tag);
        Frames.end(out, start);
    }

    /** @param oids of each parameter */
    static void writeParameterDescription(ByteBuf out, List<Integer> oids) {
        int start = Frames.begin(out, Backend.PARAMETER_DESCRIPTION);
        out.writeShort(oids.size());
        oids.forEach(out::writeInt);
        Frames.end(out, start);
    }
}
