package dev.weir.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StartupPacketTest {
    private final long seed = Long.getLong("weir.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static StartupPacket parse(ByteBuf packet) {
        return StartupPacket.parse(packet, 0, packet.getInt(0));
    }

    private static ByteBuf startup(int version, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Unpooled.buffer().writeInt(8 + bytes.length).writeInt(version).writeBytes(bytes);
    }

    private static Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("user", "jürgen.acme");
        parameters.put("database", "");
        parameters.put("options", "-c a=b");
        return parameters;
    }

    @Test
    void readsWhatItWrites() {
        ByteBuf out = Unpooled.buffer();
        Frontend.writeStartup(out, ProtocolVersion.V3_2.code(), parameters());
        assertThat(parse(out)).isEqualTo(new StartupPacket.StartupMessage(ProtocolVersion.V3_2, parameters()));
        assertThat(((StartupPacket.StartupMessage) parse(out)).parameters().keySet())
                .containsExactly("user", "database", "options");

        ByteBuf ssl = Unpooled.buffer();
        Frontend.writeSslRequest(ssl);
        assertThat(parse(ssl)).isEqualTo(new StartupPacket.SslRequest());

        ByteBuf gss = Unpooled.buffer().writeInt(8).writeInt(StartupPacket.GSSENC_REQUEST_CODE);
        assertThat(parse(gss)).isEqualTo(new StartupPacket.GssEncRequest());
    }

    @Test
    void readsCancelKeysFromFourTo256Bytes() {
        for (int length : new int[] {4, 32, 256}) {
            byte[] key = new byte[length];
            random.nextBytes(key);
            ByteBuf out = Unpooled.buffer();
            Frontend.writeCancelRequest(out, 4711, key);
            assertThat(parse(out)).isInstanceOfSatisfying(StartupPacket.CancelRequest.class, cancel -> {
                assertThat(cancel.processId()).isEqualTo(4711);
                assertThat(cancel.key()).isEqualTo(key);
            });
        }
        for (int length : new int[] {0, 3, 257}) {
            ByteBuf out = Unpooled.buffer();
            Frontend.writeCancelRequest(out, 1, new byte[length]);
            assertMalformed(parse(out), "08P01");
        }
    }

    private static void assertMalformed(StartupPacket packet, String code) {
        assertThat(packet)
                .isInstanceOfSatisfying(
                        StartupPacket.Malformed.class,
                        malformed -> assertThat(malformed.error().code()).isEqualTo(code));
    }

    @Test
    void refusesWhatTheProtocolForbids() {
        int version = ProtocolVersion.V3_0.code();
        for (String text :
                List.of("", "user", "user\0", "user\0me", "user\0me\0", "user\0me\0\0x", "\0\0", "user\0me\0x\0")) {
            assertMalformed(parse(startup(version, text)), "08P01");
        }
        assertMalformed(parse(startup(2 << 16, "user\0me\0\0")), "0A000");
        assertMalformed(parse(startup(4 << 16, "user\0me\0\0")), "0A000");
        ByteBuf longSsl = Unpooled.buffer()
                .writeInt(12)
                .writeInt(StartupPacket.SSL_REQUEST_CODE)
                .writeInt(0);
        assertMalformed(parse(longSsl), "08P01");
        ByteBuf longGss = Unpooled.buffer()
                .writeInt(12)
                .writeInt(StartupPacket.GSSENC_REQUEST_CODE)
                .writeInt(0);
        assertMalformed(parse(longGss), "08P01");
    }

    @Test
    void acceptsAnEmptyListAndTakesTheLastOfTwo() {
        int version = ProtocolVersion.V3_0.code();
        assertThat(parse(startup(version, "\0")))
                .isEqualTo(new StartupPacket.StartupMessage(ProtocolVersion.V3_0, Map.of()));
        assertThat(parse(startup(version, "user\0a\0user\0b\0\0")))
                .isEqualTo(new StartupPacket.StartupMessage(ProtocolVersion.V3_0, Map.of("user", "b")));
    }

    @Test
    void servesTheNewestVersionThatBothKnow() {
        assertThat(new ProtocolVersion(3 << 16 | 1).served()).isEqualTo(ProtocolVersion.V3_0);
        assertThat(new ProtocolVersion(3 << 16 | 9999).served()).isEqualTo(ProtocolVersion.V3_2);
    }

    /** Every truncation, and bytes changed at random; the buffer ends with the packet, so a read beyond it would throw. */
    @Test
    void neverThrows() {
        List<ByteBuf> packets = new ArrayList<>();
        ByteBuf out = Unpooled.buffer();
        Frontend.writeStartup(out, ProtocolVersion.V3_0.code(), parameters());
        packets.add(out);
        ByteBuf cancel = Unpooled.buffer();
        Frontend.writeCancelRequest(cancel, 1, new byte[32]);
        packets.add(cancel);
        for (ByteBuf packet : packets) {
            byte[] bytes = new byte[packet.readableBytes()];
            packet.getBytes(0, bytes);
            for (int length = StartupPacket.MIN_LENGTH; length <= bytes.length; length++) {
                ByteBuf cut = Unpooled.copiedBuffer(bytes, 0, length).setInt(0, length);
                assertThat(StartupPacket.parse(cut, 0, length)).isNotNull();
            }
            for (int round = 0; round < 20_000; round++) {
                byte[] changed = bytes.clone();
                for (int i = random.nextInt(4); i >= 0; i--) {
                    changed[4 + random.nextInt(changed.length - 4)] =
                            (byte) (random.nextBoolean() ? 0 : random.nextInt());
                }
                assertThat(StartupPacket.parse(Unpooled.wrappedBuffer(changed), 0, changed.length))
                        .as("seed %s", seed)
                        .isNotNull();
            }
        }
    }
}
