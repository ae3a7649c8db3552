package dev.weir.gateway;

/** For how long a client keeps the server connection that it is lent; decided by the port. */
public enum Mode {
    /** From its first statement until it leaves. */
    SESSION,
    /** From a transaction's first statement to its end. */
    TRANSACTION
}
