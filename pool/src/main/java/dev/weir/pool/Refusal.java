package dev.weir.pool;

import dev.weir.wire.PgError;

/**
 * Stands for a message that is not to be carried out: something that fails is sent in its place, so that the server does
 * with what follows, and with the transaction, what it does after an error; and the client is told this error instead of
 * the server's.
 */
public record Refusal(PgError error) implements Fate {
    @Override
    public void onAnswered() {
        throw new IllegalStateException("what was sent to fail has not failed");
    }

    @Override
    public void onUndone() {
        // as it was meant
    }
}
