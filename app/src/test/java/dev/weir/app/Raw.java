package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.PgClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Bytes of a client that no builder of correct messages makes, and what is expected back for them. */
final class Raw {
    static final int PROTOCOL_3_0 = 3 << 16;

    private Raw() {}

    /** A packet without a type byte, with a length field that counts itself. */
    static byte[] packet(int code, byte[] body) {
        return ByteBuffer.allocate(body.length + 8)
                .putInt(body.length + 8)
                .putInt(code)
                .put(body)
                .array();
    }

    static byte[] packet(int code, String body) {
        return packet(code, body.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] int32(int... values) {
        ByteBuffer out = ByteBuffer.allocate(4 * values.length);
        for (int value : values) {
            out.putInt(value);
        }
        return out.array();
    }

    /** The head of a frame, without its body. */
    static byte[] header(int type, int lengthField) {
        return ByteBuffer.allocate(5).put((byte) type).putInt(lengthField).array();
    }

    /** SASLInitialResponse, whose data is shorter than 128 bytes. */
    static byte[] saslInitialResponse(String mechanism, String data) {
        return Frame.of('p', mechanism + "\0\0\0\0" + (char) data.length() + data)
                .bytes();
    }

    /** The peer says FATAL, nothing else, and closes. */
    static Frame expectOnlyFatal(PgClient client) {
        List<Frame> frames = client.readUntilClosed();
        assertThat(frames).hasSize(1);
        assertThat(frames.getFirst().type()).isEqualTo('E');
        assertThat(frames.getFirst().fields()).containsEntry('S', "FATAL").containsEntry('V', "FATAL");
        return frames.getFirst();
    }

    /** The attributes of a SCRAM message. */
    static Map<String, String> scram(Frame continuation) {
        String text = new String(continuation.body(), 4, continuation.body().length - 4, StandardCharsets.UTF_8);
        return java.util.Arrays.stream(text.split(",", -1))
                .collect(java.util.stream.Collectors.toMap(part -> part.substring(0, 1), part -> part.substring(2)));
    }
}
