package dev.weir.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakWatch.class)
class LeakWatchTest {

    @Test
    void noticesABufferThatIsNeverReleased() {
        leakOne();
        assertThat(LeakWatch.leaks()).isNotEmpty();
    }

    private static void leakOne() {
        ByteBufAllocator.DEFAULT.buffer(16).writeByte(1);
    }
}
