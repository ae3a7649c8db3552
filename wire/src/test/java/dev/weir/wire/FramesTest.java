package dev.weir.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

class FramesTest {

    private static String hex(ByteBuf out) {
        return ByteBufUtil.hexDump(out);
    }

    @Test
    void fillsInLengthsBehindWhatWasThere() {
        ByteBuf out = Unpooled.buffer().writeByte(0xff);
        Frontend.writeQuery(out, "é");
        Frames.writeEmpty(out, Frontend.SYNC);
        assertThat(hex(out)).isEqualTo("ff" + "5100000007c3a900" + "5300000004");
    }

    @Test
    void writesWhatTheManualSays() {
        ByteBuf out = Unpooled.buffer();
        Backend.writeReadyForQuery(out, Backend.IDLE);
        Backend.writeBackendKeyData(out, 1, new byte[] {1, 2, 3, 4});
        Backend.writeNegotiateProtocolVersion(out, ProtocolVersion.V3_2.code(), List.of("_pq_.x"));
        Backend.writeAuthenticationSasl(out, List.of("A"));
        Backend.writeAuthenticationOk(out);
        assertThat(hex(out))
                .isEqualTo("5a0000000549" + "4b0000000c0000000101020304" + "7600000013000300020000000"
                        + "15f70715f2e7800" + "520000000b0000000a410000" + "520000000800000000");
    }

    @Test
    void limitsLengthsAsPostgresDoes() {
        assertThat(Frontend.lengthLimit(Frontend.SYNC)).isEqualTo(10_000);
        assertThat(Frontend.lengthLimit(Frontend.QUERY)).isEqualTo(0x3fffffff);
        assertThat(Frontend.lengthLimit(Frontend.PASSWORD)).isNegative();
        assertThat(Frontend.lengthLimit((byte) 0)).isNegative();
    }
}
