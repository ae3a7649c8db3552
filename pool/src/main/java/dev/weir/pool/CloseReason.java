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
    /** Nobody used it for {@code server_idle_timeout}. */
    IDLE("idle for too long"),
    /** It was older than {@code server_lifetime}. */
    LIFETIME("older than its lifetime"),
    /** It answered {@code server_check_query} with an error. */
    CHECK_FAILED("check failed"),
    /** It did not answer {@code server_check_query} within {@code cleanup_timeout}. */
    CHECK_TIMEOUT("check timed out"),
    /** The pool has more than its size, and nobody waits. */
    SURPLUS("more than the pool's size"),
    /** The session that it was lent to is over, and its user has {@code reuse = false}. */
    SESSION_OVER("its session is over"),
    /** It was there to listen, and nobody listens any more. */
    NO_LISTENER("nobody listens any more"),
    /** An administrator wants other ones. */
    RECONNECT("reconnect by an administrator"),
    /** An administrator has paused the pool, or ended it. */
    ADMINISTRATOR("paused by an administrator"),
    /** The tenant's configuration has changed: its upstream, its users, or whether there is a tenant. */
    RETIRED("configuration was changed"),
    /** Another tenant, or another pool, is to have its place. */
    NEEDED_ELSEWHERE("its place was needed elsewhere"),
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
