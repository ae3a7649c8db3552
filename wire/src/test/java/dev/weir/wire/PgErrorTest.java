package dev.weir.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PgErrorTest {
    private final long seed = Long.getLong("weir.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static Optional<PgError> parse(ByteBuf body) {
        return PgError.parse(body, body.readerIndex(), body.readableBytes());
    }

    private static Optional<PgError> parse(String body) {
        return parse(Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
    }

    @Test
    void readsWhatItWrites() {
        for (Severity severity : Severity.values()) {
            for (String detail : new String[] {null, "", "die Zahlen: 20 Größen"}) {
                for (String hint : new String[] {null, "🔑"}) {
                    PgError error = new PgError(severity, "53300", "sorry, täglich", detail, hint);
                    ByteBuf out = Unpooled.buffer().writeZero(3);
                    error.writeTo(out);
                    assertThat(out.getByte(3)).isEqualTo(Backend.ERROR_RESPONSE);
                    assertThat(out.getInt(4)).isEqualTo(out.readableBytes() - 4);
                    assertThat(PgError.parse(out, 8, out.readableBytes() - 8)).contains(error);
                }
            }
        }
    }

    @Test
    void takesTheNonLocalizedSeverity() {
        assertThat(parse("SFEHLER\0VERROR\0C42601\0Mx\0\0"))
                .contains(new PgError(Severity.ERROR, "42601", "x", null, null));
        assertThat(parse("SERROR\0C42601\0Mx\0\0").orElseThrow().severity()).isEqualTo(Severity.ERROR);
    }

    @Test
    void takesWhatIsMissingForGrave() {
        PgError empty = parse("\0").orElseThrow();
        assertThat(empty.isFatal()).isTrue();
        assertThat(empty.code()).isEqualTo("XX000");
        assertThat(parse("SFEHLER\0\0").orElseThrow().severity()).isEqualTo(Severity.FATAL);
        assertThat(parse("Mno end")).isEmpty();
    }

    /** A server is not trusted: whatever it says, and wherever it is cut off, nothing is read behind the body. */
    @Test
    void neverThrowsAtGarbage() {
        byte[] good =
                "SERROR\0VERROR\0C53300\0Mtoo many\0Dnone\0Htry\0Ffile\0L12\0Rfn\0\0".getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length <= good.length; length++) {
            assertThat(parse(Unpooled.copiedBuffer(good, 0, length))).isNotNull();
        }
        for (int round = 0; round < 20_000; round++) {
            byte[] garbage = random.nextBoolean() ? good.clone() : new byte[random.nextInt(40)];
            for (int i = 0; i < garbage.length; i++) {
                if (random.nextInt(8) == 0) {
                    garbage[i] = (byte) random.nextInt(256);
                }
            }
            assertThat(parse(Unpooled.wrappedBuffer(garbage)))
                    .as("seed %s", seed)
                    .isNotNull();
        }
    }
}
