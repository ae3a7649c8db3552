package dev.weir.pool;

import dev.weir.wire.auth.ScramClientExchange;

/** Where a server connection that is being opened stands. Each record's methods are the legal moves out of it. */
sealed interface OpeningPhase {

    /** TCP connect is under way. */
    record Connecting() implements OpeningPhase {
        AskingTls askForTls() {
            return new AskingTls();
        }

        Authenticating start() {
            return new Authenticating();
        }
    }

    /** SSLRequest was sent; one byte answers it. */
    record AskingTls() implements OpeningPhase {
        Encrypting encrypt() {
            return new Encrypting();
        }
    }

    /** The TLS handshake is under way. */
    record Encrypting() implements OpeningPhase {
        Authenticating start() {
            return new Authenticating();
        }
    }

    /** StartupMessage was sent. */
    record Authenticating() implements OpeningPhase {
        Sasl sasl(ScramClientExchange exchange) {
            return new Sasl(exchange, false);
        }

        AwaitingReady accepted() {
            return new AwaitingReady();
        }
    }

    /** @param verified the server has proved that it knows the password */
    record Sasl(ScramClientExchange exchange, boolean verified) implements OpeningPhase {
        Sasl serverVerified() {
            return new Sasl(exchange, true);
        }

        AwaitingReady accepted() {
            return new AwaitingReady();
        }
    }

    /** AuthenticationOk came; parameters, key and ReadyForQuery follow. */
    record AwaitingReady() implements OpeningPhase {
        Over succeed() {
            return new Over();
        }
    }

    /** It succeeded, or it failed. */
    record Over() implements OpeningPhase {}
}
