package dev.weir.gateway;

import dev.weir.wire.PgError;

/**
 * Why a client's connection, or its request, came to an end.
 *
 * @param kind what counts as the same reason: a SQLSTATE or a few fixed words
 * @param reason the whole of it
 * @param byClient it has left by itself, or the network has lost it
 */
record End(String kind, String reason, boolean byClient) {
    static final End TERMINATED = new End("terminated", "terminated by the client", true);
    static final End CLOSED = new End("closed", "closed by the client", true);
    static final End SERVER_LOST_AMID_MESSAGE =
            new End("server lost", "server connection lost in the midst of a message", false);
    static final End SLOW = new End("slow", "slow", false);

    static End of(PgError error) {
        return new End(error.code(), error.message(), false);
    }

    static End of(PgError error, String reason) {
        return new End(error.code(), reason, false);
    }

    static End of(Throwable failure) {
        return new End("connection failed", "connection failed: " + failure.getMessage(), true);
    }
}
