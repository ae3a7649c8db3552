package dev.weir.gateway.console;

/** How a shutdown goes. */
public enum ShutdownKind {
    /** Everyone is cut. */
    IMMEDIATE,
    /** Transactions may end, within the grace period. */
    WAIT_FOR_SERVERS,
    /** Nobody new is let in; it ends when the last client has left of its own accord. */
    WAIT_FOR_CLIENTS
}
