package dev.weir.wire;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A handler whose verdicts are the frames' own types, and which writes down what it is asked and given. Upper case letters
 * are judged at the header, lower case ones when they are whole: F forward, S swallow, c forward and cut, w is swallowed
 * behind a cut that the handler asks for.
 */
final class ScriptedHandler implements FrameHandler {
    static final String TYPES = "FFFFSfscw";

    /** What is stopped at, asked before each verdict; counts down by itself. */
    interface Stops {
        boolean stopNow();
    }

    private final Stops stops;
    private final ByteArrayOutputStream forwarded = new ByteArrayOutputStream();
    private final List<String> log = new ArrayList<>();
    private final List<ByteBuf> taken = new ArrayList<>();
    FrameScanner scanner = new FrameScanner(this);
    private boolean malformed;

    /** Throws at this count of calls; negative never. */
    int throwAt = -1;

    ScriptedHandler(Stops stops) {
        this.stops = stops;
    }

    boolean isMalformed() {
        return malformed;
    }

    byte[] forwarded() {
        return forwarded.toByteArray();
    }

    List<String> log() {
        return log;
    }

    List<ByteBuf> taken() {
        return taken;
    }

    private void step() {
        if (throwAt == 0) {
            throwAt = -1;
            throw new IllegalStateException("thrown on purpose");
        }
        throwAt--;
    }

    @Override
    public Verdict onHeader(byte type, int bodyLength) {
        step();
        if (stops.stopNow()) {
            return Verdict.STOP;
        }
        switch (type) {
            case 'F' -> {
                log.add("F" + bodyLength);
                return Verdict.FORWARD;
            }
            case 'S' -> {
                log.add("S" + bodyLength);
                return Verdict.SWALLOW;
            }
            default -> {
                return Verdict.INSPECT;
            }
        }
    }

    @Override
    public Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        step();
        if (stops.stopNow()) {
            return Verdict.STOP;
        }
        String body = buffer.toString(bodyIndex, bodyLength, StandardCharsets.ISO_8859_1);
        if (type == 'w') {
            scanner.cut();
            log.add("w" + body + "@" + forwarded.size());
            return Verdict.SWALLOW;
        }
        log.add((char) type + body);
        return switch (type) {
            case 'f' -> Verdict.FORWARD;
            case 's' -> Verdict.SWALLOW;
            case 'c' -> Verdict.FORWARD_AND_CUT;
            default -> throw new IllegalArgumentException("no such type " + type);
        };
    }

    @Override
    public void onMalformedLength(byte type, int lengthField) {
        malformed = true;
        log.add("malformed " + (char) type + lengthField);
    }

    @Override
    public void takeRun(ByteBuf run) {
        taken.add(run);
        forwarded.writeBytes(run.toString(StandardCharsets.ISO_8859_1).getBytes(StandardCharsets.ISO_8859_1));
        run.release();
        step();
    }

    @Override
    public void onCut() {
        log.add("cut@" + forwarded.size());
        step();
    }
}
