package dev.weir.wire;

import io.netty.buffer.ByteBuf;

/** Judges the frames that a {@link FrameScanner} finds, and takes the runs that result. */
public interface FrameHandler {

    /**
     * A frame begins.
     *
     * @param type the type byte
     * @param bodyLength bytes behind the length field, 0 or more; they may not have come yet
     */
    Verdict onHeader(byte type, int bodyLength);

    /**
     * A frame that {@link Verdict#INSPECT} was asked for is whole. {@link FrameScanner#cut} first, if anything is to be
     * written in front of it.
     *
     * @param buffer borrowed; holds the frame, its body from {@code bodyIndex} on
     */
    Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength);

    /** A length field below its minimum of 4; scanning stops. */
    void onMalformedLength(byte type, int lengthField);

    /** Frames, or parts of a large one, to be passed on in this order. */
    void takeRun(ByteBuf run);

    /** The run that ended with a {@link Verdict#FORWARD_AND_CUT} frame has been taken. */
    void onCut();
}
