package dev.weir.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of frames of all verdicts, cut everywhere: what comes of them must not depend on the cuts. */
@ExtendWith(LeakWatch.class)
class FrameScannerTest {
    private static final ScriptedHandler.Stops NEVER = () -> false;

    private final long seed = Long.getLong("weir.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private static byte[] frame(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    private byte[] stream(int frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < frames; i++) {
            byte[] body = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(12)];
            random.nextBytes(body);
            char type = ScriptedHandler.TYPES.charAt(random.nextInt(ScriptedHandler.TYPES.length()));
            out.writeBytes(frame(type, body));
        }
        return out.toByteArray();
    }

    /** What a stream must lead to, found without the scanner. */
    private static byte[] forwardedOf(byte[] stream) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer in = ByteBuffer.wrap(stream);
        while (in.remaining() >= 5) {
            int length = 1 + in.getInt(in.position() + 1);
            if ("Ffc".indexOf(in.get(in.position())) >= 0) {
                out.write(stream, in.position(), length);
            }
            in.position(in.position() + length);
        }
        return out.toByteArray();
    }

    /** Feeds the parts, going on where it was stopped, and checks that nothing of them is left. */
    private static ScriptedHandler run(List<byte[]> parts, ScriptedHandler handler) {
        List<ByteBuf> fed = new ArrayList<>();
        for (byte[] part : parts) {
            ByteBuf in =
                    ByteBufAllocator.DEFAULT.buffer(Math.max(1, part.length)).writeBytes(part);
            fed.add(in);
            @Nullable ByteBuf rest = handler.scanner.take(in);
            while (rest != null && !handler.isMalformed()) {
                rest = handler.scanner.take(rest);
            }
            if (rest != null) {
                rest.release();
                break;
            }
        }
        handler.scanner.release();
        assertThat(fed).allMatch(buffer -> buffer.refCnt() == 0);
        assertThat(handler.taken()).allMatch(buffer -> buffer.refCnt() == 0);
        return handler;
    }

    private static List<byte[]> cutAt(byte[] stream, int offset) {
        return List.of(Arrays.copyOfRange(stream, 0, offset), Arrays.copyOfRange(stream, offset, stream.length));
    }

    private List<byte[]> chunks(byte[] stream, int longest) {
        List<byte[]> parts = new ArrayList<>();
        int position = 0;
        while (position < stream.length) {
            int end = Math.min(stream.length, position + random.nextInt(longest + 1));
            parts.add(Arrays.copyOfRange(stream, position, end));
            position = end;
        }
        return parts;
    }

    private void assertSame(ScriptedHandler actual, ScriptedHandler whole, String how) {
        assertThat(actual.forwarded()).as("%s, seed %s", how, seed).isEqualTo(whole.forwarded());
        assertThat(actual.log()).as("%s, seed %s", how, seed).isEqualTo(whole.log());
    }

    @Test
    void yieldsTheSameWhereverAStreamIsCut() {
        for (int round = 0; round < 40; round++) {
            byte[] stream = stream(1 + random.nextInt(14));
            ScriptedHandler whole = run(List.of(stream), new ScriptedHandler(NEVER));
            assertThat(whole.forwarded()).as("seed %s", seed).isEqualTo(forwardedOf(stream));
            assertThat(whole.scanner.isAtBoundary()).isTrue();
            for (int offset = 0; offset <= stream.length; offset++) {
                assertSame(run(cutAt(stream, offset), new ScriptedHandler(NEVER)), whole, "cut at " + offset);
            }
            for (int longest : new int[] {1, 3, 7, 30}) {
                assertSame(run(chunks(stream, longest), new ScriptedHandler(NEVER)), whole, "chunks to " + longest);
            }
        }
    }

    @Test
    void goesOnWhereItWasStopped() {
        for (int round = 0; round < 300; round++) {
            byte[] stream = stream(1 + random.nextInt(14));
            ScriptedHandler whole = run(List.of(stream), new ScriptedHandler(NEVER));
            ScriptedHandler stopped =
                    run(chunks(stream, 1 + random.nextInt(20)), new ScriptedHandler(() -> random.nextInt(3) == 0));
            assertSame(stopped, whole, "stopped at random");
        }
    }

    @Test
    void releasesEverythingWhenTheHandlerThrowsAnywhere() {
        byte[] stream = stream(20);
        for (int call = 0; call < 80; call++) {
            for (int longest : new int[] {3, 11, stream.length}) {
                ScriptedHandler handler = new ScriptedHandler(NEVER);
                handler.throwAt = call;
                List<ByteBuf> fed = new ArrayList<>();
                for (byte[] part : chunks(stream, longest)) {
                    ByteBuf in = Unpooled.directBuffer(Math.max(1, part.length)).writeBytes(part);
                    fed.add(in);
                    try {
                        handler.scanner.take(in);
                    } catch (IllegalStateException onPurpose) {
                        break;
                    }
                }
                handler.scanner.release();
                assertThat(fed)
                        .as("call %s, chunks to %s, seed %s", call, longest, seed)
                        .allMatch(buffer -> buffer.refCnt() == 0);
                assertThat(handler.taken()).allMatch(buffer -> buffer.refCnt() == 0);
            }
        }
    }

    /** The last run of a buffer is handed on behind the walk; an error there must not keep the buffer. */
    @Test
    void releasesTheBufferWhenItsLastRunIsRefused() {
        ScriptedHandler handler = new ScriptedHandler(NEVER);
        handler.throwAt = 2; // header F, header f (not whole), then takeRun
        ByteBuf in = Unpooled.buffer()
                .writeBytes(frame('F', new byte[] {1}))
                .writeBytes(frame('f', new byte[] {2, 3}), 0, 6);
        assertThatThrownBy(() -> handler.scanner.take(in)).hasMessage("thrown on purpose");
        assertThat(in.refCnt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 2, 1, 0, -1, Integer.MIN_VALUE})
    void stopsAtAMalformedLengthWhereverItIsCut(int lengthField) {
        byte[] bad = ByteBuffer.allocate(9).put((byte) 'F').putInt(lengthField).array();
        byte[] good = frame('F', new byte[] {7, 8});
        byte[] stream =
                ByteBuffer.allocate(good.length + bad.length).put(good).put(bad).array();
        ScriptedHandler whole = run(List.of(stream), new ScriptedHandler(NEVER));
        assertThat(whole.forwarded()).isEqualTo(good);
        assertThat(whole.log()).containsExactly("F2", "malformed F" + lengthField);
        for (int offset = 0; offset <= stream.length; offset++) {
            assertSame(run(cutAt(stream, offset), new ScriptedHandler(NEVER)), whole, "cut at " + offset);
        }
    }

    @Test
    void passesTheLargestFrameOnWithoutAwaitingIt() {
        ScriptedHandler handler = new ScriptedHandler(NEVER);
        ByteBuf in =
                Unpooled.buffer().writeByte('F').writeInt(Integer.MAX_VALUE).writeZero(3);
        assertThat(handler.scanner.take(in)).isNull();
        assertThat(handler.forwarded()).hasSize(8);
        assertThat(handler.scanner.isWithinForwardedFrame()).isTrue();
        assertThat(in.refCnt()).isZero();
    }

    @Test
    void dropsTheRestOfAFrameWhoseTakerHasGone() {
        ScriptedHandler handler = new ScriptedHandler(NEVER);
        byte[] first = frame('F', new byte[] {1, 2, 3, 4});
        byte[] second = frame('F', new byte[] {5});
        handler.scanner.take(Unpooled.copiedBuffer(first, 0, 7));
        handler.scanner.dropRest();
        assertThat(handler.scanner.isWithinForwardedFrame()).isFalse();
        handler.scanner.take(Unpooled.buffer().writeBytes(first, 7, 2).writeBytes(second));
        assertThat(handler.forwarded()).isEqualTo(join(Arrays.copyOf(first, 7), second));
        handler.scanner.dropRest();
        assertThat(handler.scanner.isAtBoundary()).isTrue();
    }

    private static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }
}
