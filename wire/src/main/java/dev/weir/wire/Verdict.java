package dev.weir.wire;

/** What is to become of a frame; given at its header, or, after {@link #INSPECT}, when it is whole. */
public enum Verdict {
    /** Joins the run that is passed on; its body need not have come. */
    FORWARD,
    /** Joins the run, which ends here and is passed on at once; only for a whole frame. */
    FORWARD_AND_CUT,
    /** Needs to be seen whole; only at the header. The handler must bound the lengths that it asks this for. */
    INSPECT,
    /** Needs to be seen, but of a long one no more than its first {@link FrameScanner#PEEK_LENGTH} bytes; only at the header. */
    PEEK,
    /** Dropped, body and all. An answer or a replacement is what the handler wrote itself. */
    SWALLOW,
    /** Nothing of this frame is used; scanning ends in front of it and it will be judged anew. */
    STOP
}
