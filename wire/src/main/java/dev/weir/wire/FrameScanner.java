package dev.weir.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Walks the frames of one direction of a connection in the buffers as they come, cut anywhere, and passes on runs of
 * them as retained slices: nothing is copied but headers and inspected frames that lie across two reads. Confined to the
 * lane of its connection.
 *
 * <p>A frame is a type byte, a length of four bytes that counts itself, and a body. Source: PostgreSQL manual, "Message
 * Flow" and "Message Formats".
 */
public final class FrameScanner {
    /** Bytes of a type and a length. */
    public static final int HEADER_LENGTH = 5;

    /** Bytes of a body that {@link Verdict#PEEK} shows, if it has as many. */
    public static final int PEEK_LENGTH = 256;

    private static final int LENGTH_FIELD = 4;

    private final FrameHandler handler;

    /** The head of a frame that could not be judged yet: less than a header, or less than a frame to be inspected. */
    private @Nullable ByteBuf carry;

    /** What is missing of the frame that passes or is swallowed now. */
    private int bodyLeft;

    private boolean swallowing;

    /** Bytes at the beginning of the frame under judgement that its handler has replaced. */
    private int replaced;

    /** The buffer under way, with the bounds of the run that it has yielded so far. */
    private @Nullable ByteBuf current;

    private int runStart;
    private int position;

    public FrameScanner(FrameHandler handler) {
        this.handler = handler;
    }

    /** Whether the last byte seen was the last of a frame. */
    public boolean isAtBoundary() {
        return bodyLeft == 0 && carry == null;
    }

    /** Whether a frame has been passed on in part and the rest has not come. */
    public boolean isWithinForwardedFrame() {
        return bodyLeft > 0 && !swallowing;
    }

    /**
     * Takes a buffer and walks it.
     *
     * @return null when it was used up; after {@link Verdict#STOP} what is left of it, which the caller owns and passes
     *     to this method again, in front of anything newer
     */
    public @Nullable ByteBuf take(ByteBuf in) {
        current = in;
        position = in.readerIndex();
        runStart = position;
        try {
            boolean stopped = (carry != null && !finishCarried(carry, in)) || !walk(in);
            emit();
            if (!stopped) {
                keepRest(in);
                return null;
            }
        } catch (RuntimeException | Error bug) {
            if (current != null) {
                current = null;
                in.release();
            }
            throw bug;
        }
        current = null;
        return in.readerIndex(position);
    }

    /** Passes on the run so far, so that the handler can write behind it; called from within its {@code onFrame}. */
    public void cut() {
        ByteBuf in = current;
        if (in != null && position > runStart) {
            handler.takeRun(in.retainedSlice(runStart, position - runStart));
            runStart = position;
        }
    }

    /** Drops the run so far; called from within the handler's {@code onFrame}. */
    public void dropRun() {
        runStart = position;
    }

    /**
     * Leaves out the header and the first bytes of the body of the frame under judgement, for which the handler has put
     * something else behind the {@link #cut}; called from within its {@code onFrame}, which then returns FORWARD.
     *
     * @param bodyBytes of those that {@code onFrame} was shown
     */
    public void replaceHead(int bodyBytes) {
        replaced = HEADER_LENGTH + bodyBytes;
    }

    /**
     * The buffer in which the frame under judgement lies, with what came behind it; to be called from within {@code onHeader}
     * or {@code onFrame}. Who keeps it retains it, and notes {@link #position}: its reader index moves on.
     *
     * @return borrowed; null if the frame lies across two reads
     */
    public @Nullable ByteBuf buffer() {
        return carry == null ? current : null;
    }

    /** The index at which the frame under judgement begins in {@link #buffer}. */
    public int position() {
        return position;
    }

    /** Swallows what is still to come of a frame that has been passed on in part, since its taker has gone. */
    public void dropRest() {
        swallowing = bodyLeft > 0;
    }

    /** Hands over what was kept of an unfinished frame, for another scanner; null if there is nothing. */
    public @Nullable ByteBuf takeUnfinished() {
        ByteBuf head = carry;
        carry = null;
        return head;
    }

    /** Drops what was kept of an unfinished frame; for the end of the connection. */
    public void release() {
        if (carry != null) {
            carry.release();
            carry = null;
        }
    }

    /** Walks from {@link #position} on; false when stopped. */
    private boolean walk(ByteBuf in) {
        int end = in.writerIndex();
        if (bodyLeft > 0) {
            passBody(end);
        }
        while (end - position >= HEADER_LENGTH) {
            byte type = in.getByte(position);
            int lengthField = in.getInt(position + 1);
            if (lengthField < LENGTH_FIELD) {
                handler.onMalformedLength(type, lengthField);
                return false;
            }
            int bodyLength = lengthField - LENGTH_FIELD;
            Verdict verdict = handler.onHeader(type, bodyLength);
            int shown = shown(verdict, bodyLength);
            if (shown >= 0) {
                if (end - position - HEADER_LENGTH < shown) {
                    return true; // kept until the rest comes
                }
                verdict = handler.onFrame(type, in, position + HEADER_LENGTH, bodyLength);
                assert shown(verdict, 0) < 0;
            }
            switch (verdict) {
                case FORWARD -> {
                    if (replaced > 0) {
                        runStart = position + replaced;
                        replaced = 0;
                    }
                    pass(end, bodyLength);
                }
                case FORWARD_AND_CUT -> {
                    position += HEADER_LENGTH + bodyLength;
                    if (position == end) {
                        emit();
                    } else {
                        cut();
                    }
                    handler.onCut();
                }
                case SWALLOW -> {
                    cut();
                    swallowing = true;
                    pass(end, bodyLength);
                }
                case STOP, INSPECT, PEEK -> {
                    return false;
                }
            }
        }
        return true;
    }

    /** How much of the body a verdict wants to be shown, or -1. */
    private static int shown(Verdict verdict, int bodyLength) {
        return switch (verdict) {
            case INSPECT -> bodyLength;
            case PEEK -> Math.min(bodyLength, PEEK_LENGTH);
            case FORWARD, FORWARD_AND_CUT, SWALLOW, STOP -> -1;
        };
    }

    private void pass(int end, int bodyLength) {
        position += HEADER_LENGTH;
        bodyLeft = bodyLength;
        passBody(end);
    }

    private void passBody(int end) {
        int here = Math.min(bodyLeft, end - position);
        position += here;
        bodyLeft -= here;
        if (swallowing) {
            runStart = position;
            swallowing = bodyLeft > 0;
        }
    }

    /**
     * Fills the carried head from {@code in} up to a verdict. Such a frame travels in a buffer of its own.
     *
     * @return false when stopped
     */
    private boolean finishCarried(ByteBuf head, ByteBuf in) {
        fill(head, in, HEADER_LENGTH);
        if (head.readableBytes() < HEADER_LENGTH) {
            return true;
        }
        byte type = head.getByte(0);
        int lengthField = head.getInt(1);
        if (lengthField < LENGTH_FIELD) {
            handler.onMalformedLength(type, lengthField);
            return false;
        }
        int bodyLength = lengthField - LENGTH_FIELD;
        Verdict verdict = handler.onHeader(type, bodyLength);
        int shown = shown(verdict, bodyLength);
        if (shown >= 0) {
            fill(head, in, HEADER_LENGTH + shown);
            if (head.readableBytes() < HEADER_LENGTH + shown) {
                return true;
            }
            verdict = handler.onFrame(type, head, HEADER_LENGTH, bodyLength);
            assert shown(verdict, 0) < 0;
        }
        if (verdict == Verdict.STOP) {
            return false;
        }
        carry = null;
        bodyLeft = HEADER_LENGTH + bodyLength - head.readableBytes();
        if (replaced > 0) {
            head.skipBytes(replaced);
            replaced = 0;
            if (!head.isReadable()) {
                head.release();
                return true;
            }
        }
        if (verdict == Verdict.SWALLOW) {
            head.release();
            swallowing = bodyLeft > 0;
            return true;
        }
        handler.takeRun(head);
        if (verdict == Verdict.FORWARD_AND_CUT) {
            handler.onCut();
        }
        return true;
    }

    private void fill(ByteBuf head, ByteBuf in, int wanted) {
        int missing = Math.min(wanted - head.readableBytes(), in.writerIndex() - position);
        if (missing > 0) {
            head.ensureWritable(missing);
            head.writeBytes(in, position, missing);
            position += missing;
            runStart = position;
        }
    }

    /** Passes on the run, as the buffer itself if that is all there is of it. */
    private void emit() {
        ByteBuf in = current;
        if (in == null || position == runStart) {
            return;
        }
        if (position == in.writerIndex()) {
            // The buffer's own reference goes with the last run.
            in.readerIndex(runStart);
            current = null;
            runStart = position;
            handler.takeRun(in);
        } else {
            cut();
        }
    }

    private void keepRest(ByteBuf in) {
        if (current == null) {
            return; // it went with the last run
        }
        current = null;
        int rest = in.writerIndex() - position;
        if (rest > 0 && carry == null) {
            carry = ByteBufAllocator.DEFAULT.buffer(Math.max(rest, HEADER_LENGTH));
            carry.writeBytes(in, position, rest);
        }
        in.release();
    }
}
