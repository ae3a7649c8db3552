package dev.weir.wire;

/** How grave an error is. Source: PostgreSQL manual, "Error and Notice Message Fields". */
public enum Severity {
    /** The statement failed; the connection goes on. */
    ERROR,
    /** The connection ends with this message. */
    FATAL,
    /** All connections of that server end. Never sent by Weir itself. */
    PANIC
}
