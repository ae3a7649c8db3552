package dev.weir.pool;

/** Why a server connection ended; for log and metrics. */
public enum CloseReason {
    /** The server closed it. */
    BY_SERVER("closed by the server"),
    /** It sent what the protocol does not allow, or what can't be followed. */
    PROTOCOL("protocol violation by the server"),
    /** Its client left in the midst of a message. */
    CLIENT_LEFT_MID_MESSAGE("client left in the midst of a message"),
    /** A cleanup statement failed. */
    CLEANUP_FAILED("cleanup failed"),
    /** A cleanup, or the end of a left client's statement, took too long. */
    CLEANUP_TIMEOUT("cleanup timed out"),
    /** It may not be as clean as it says. */
    UNCERTAIN("state is uncertain"),
    /** The tenant's configuration has changed or the pool is closed. */
    RETIRED("pool was changed or closed"),
    SHUTDOWN("shutdown"),
    /** A bug of Weir's. */
    INTERNAL("internal error");

    private final String text;

    CloseReason(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
