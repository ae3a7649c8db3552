package dev.weir.gateway;

import dev.weir.wire.PgError;

/** Why logins do not come about, in a few words that stay the same; for the metrics. */
final class LoginFailures {
    /** The client went away before it was told anything. */
    static final String CLIENT_LEFT = "client_left";

    /** The TLS handshake failed. */
    static final String TLS = "tls";

    private static final String SHUTDOWN = "shutdown";

    private LoginFailures() {}

    /** @param error what Weir says */
    static String reason(PgError error) {
        return switch (error.code()) {
            case "28P01" -> "password";
            case "53300" -> "too_many";
            case "57014" -> "timeout";
            case "08P01" -> "protocol";
            case "57P01" -> SHUTDOWN;
            case "28000", "0A000", "42601" -> "startup_message";
            default -> "other";
        };
    }

    /** @param error for which there is no server connection, or what the server says to the startup parameters */
    static String ofServer(PgError error) {
        return error.code().equals("57P01") ? SHUTDOWN : "server";
    }
}
