package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepliesTest {

    /** As {@code numeric_send} writes them: digits, weight, sign, scale, then the digits. */
    @ParameterizedTest
    @CsvSource({
        "0, 0000000000000000",
        "1, 00010000000000000001",
        "9999, 0001000000000000270f",
        "10000, 0002000100000000" + "00010000",
        "-12345678, 000200014000000004d2162e",
        "9223372036854775807, 0005000400000000" + "039a0d2c0170156516af"
    })
    void numericIsWrittenAsPostgresWritesIt(long value, String expected) {
        ByteBuf out = Unpooled.buffer();
        Replies.writeNumeric(out, value);
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo(expected);
    }

    @Test
    void eachColumnHasItsOwnFormat() throws ConsoleException {
        List<Column> columns = Column.list("text: a; int4: b; int8: c; numeric: d; text: e");
        ByteBuf out = Unpooled.buffer();
        Replies.writeDataRow(out, columns, new Formats(List.of(0, 1, 1, 0, 1), 5), Row.of("x", 1, 2L, 3, null));
        assertThat(ByteBufUtil.hexDump(out))
                .isEqualTo("44" + "00000028" + "0005" + "0000000178" + "0000000400000001" + "000000080000000000000002"
                        + "0000000133" + "ffffffff");
        out.clear();
        Replies.writeRowDescription(out, Column.list("int4: n"), new Formats(List.of(1), 1));
        assertThat(ByteBufUtil.hexDump(out))
                .isEqualTo("54" + "0000001a" + "0001" + "6e00" + "000000000000" + "00000017" + "0004" + "ffffffff"
                        + "0001");
    }
}
