package dev.weir.gateway;

import dev.weir.pool.Pool;
import dev.weir.wire.auth.ScramServerExchange;

/** Where a login stands. Each record's methods are the legal moves out of it. */
sealed interface LoginPhase {

    /** What the password is compared with is being looked up or made. */
    record Preparing() implements LoginPhase {
        Offered offer(ScramServerExchange exchange) {
            return new Offered(exchange);
        }
    }

    /** The mechanisms were offered; the client's first message is awaited. */
    record Offered(ScramServerExchange exchange) implements LoginPhase {
        Challenged challenge() {
            return new Challenged(exchange);
        }
    }

    /** The client's proof is awaited. */
    record Challenged(ScramServerExchange exchange) implements LoginPhase {
        AwaitingWelcome accept(Membership membership) {
            return new AwaitingWelcome(membership);
        }
    }

    /** The password was right; the parameters of a real server connection are awaited. */
    record AwaitingWelcome(Membership membership) implements LoginPhase {
        Pool pool() {
            return membership.pool();
        }
    }

    /** It succeeded, or it failed. */
    record Over() implements LoginPhase {}
}
