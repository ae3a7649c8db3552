package dev.weir.testkit;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * What a server answered in a conversation, one line for each frame, in a form in which a pooler and the server behind it
 * must agree. Masked as {@code #} are process ids, cancel keys and object ids of tables; file, line and routine of errors
 * are left out. Of a long run of DataRow or CopyData the first lines stay, with the number and a digest of all.
 */
public record Transcript(List<String> lines) {
    private static final int BYTES_SHOWN = 300;
    private static final int ROWS_SHOWN = 10;

    public Transcript {
        lines = List.copyOf(lines);
    }

    @Override
    public String toString() {
        return String.join("\n", lines);
    }

    /** A transcript while its frames come in. */
    public static final class Writer {
        private final List<String> lines = new ArrayList<>();
        private final MessageDigest digest = Escapes.sha256();
        private char runType;
        private int runLength;

        /** Writes down the next frame. */
        public void add(Frame frame) {
            if (frame.type() != runType) {
                endRun();
                runType = frame.type();
            }
            if (frame.type() == 'D' || frame.type() == 'd') {
                runLength++;
                digest.update(ByteBuffer.allocate(4).putInt(frame.body().length).flip());
                digest.update(frame.body());
                if (runLength > ROWS_SHOWN) {
                    return;
                }
            }
            lines.add(line(frame));
        }

        /** All frames so far. */
        public Transcript end() {
            endRun();
            return new Transcript(lines);
        }

        private void endRun() {
            byte[] sum = digest.digest();
            if (runLength > ROWS_SHOWN) {
                lines.add(runType + " … " + runLength + " in all, " + Escapes.shortHex(sum));
            }
            runLength = 0;
            runType = 0;
        }
    }

    private static String line(Frame frame) {
        return switch (frame.type()) {
            case 'E', 'N' -> frame.type() + fields(frame);
            case 'T' -> frame.type() + rowDescription(ByteBuffer.wrap(frame.body()));
            case 'D' -> frame.type() + row(frame);
            case 'K' -> "K # #";
            case 'A' -> "A # " + Escapes.of(Arrays.copyOfRange(frame.body(), 4, frame.body().length), BYTES_SHOWN);
            default -> frame.type() + " " + Escapes.of(frame.body(), BYTES_SHOWN);
        };
    }

    private static String fields(Frame frame) {
        StringBuilder line = new StringBuilder();
        frame.fields().forEach((code, value) -> {
            if (code != 'F' && code != 'L' && code != 'R') {
                line.append(' ').append(code).append('=').append(value.replace("\n", "\\n"));
            }
        });
        return line.toString();
    }

    private static String rowDescription(ByteBuffer in) {
        int count = in.getShort();
        StringJoiner columns = new StringJoiner(", ", " ", "");
        for (int i = 0; i < count; i++) {
            String name = Frame.text(in);
            String table = in.getInt() == 0 ? "0" : "#";
            columns.add(name + " table " + table + "." + in.getShort() + " type " + in.getInt() + " length "
                    + in.getShort() + " modifier " + in.getInt() + " format " + in.getShort());
        }
        return columns.toString();
    }

    private static String row(Frame frame) {
        ByteBuffer in = ByteBuffer.wrap(frame.body());
        int count = in.getShort();
        StringJoiner columns = new StringJoiner(" | ", " ", "");
        for (int i = 0; i < count; i++) {
            columns.add(value(in));
        }
        return columns.toString();
    }

    private static String value(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0) {
            return "NULL";
        }
        byte[] value = new byte[length];
        in.get(value);
        return "'" + Escapes.of(value, BYTES_SHOWN) + "'";
    }

    /** The first line in which two transcripts differ, or null; for messages about long ones. */
    public @Nullable String firstDifference(Transcript other) {
        for (int i = 0; i < Math.max(lines.size(), other.lines.size()); i++) {
            String here = i < lines.size() ? lines.get(i) : "(end)";
            String there = i < other.lines.size() ? other.lines.get(i) : "(end)";
            if (!here.equals(there)) {
                return "line " + (i + 1) + ":\n  " + here + "\n  " + there;
            }
        }
        return null;
    }
}
