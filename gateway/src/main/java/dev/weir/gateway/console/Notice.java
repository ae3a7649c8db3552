package dev.weir.gateway.console;

import dev.weir.wire.Backend;
import dev.weir.wire.Frames;
import io.netty.buffer.ByteBuf;

/**
 * A NoticeResponse.
 *
 * @param detail empty for none
 */
record Notice(String message, String detail) {
    Notice(String message) {
        this(message, "");
    }

    void writeTo(ByteBuf out) {
        int start = Frames.begin(out, Backend.NOTICE_RESPONSE);
        field(out, 'S', "NOTICE");
        field(out, 'V', "NOTICE");
        field(out, 'C', "00000");
        field(out, 'M', message);
        if (!detail.isEmpty()) {
            field(out, 'D', detail);
        }
        out.writeByte(0);
        Frames.end(out, start);
    }

    private static void field(ByteBuf out, char type, String value) {
        out.writeByte(type);
        Frames.writeCString(out, value);
    }
}
