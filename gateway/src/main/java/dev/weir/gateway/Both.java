package dev.weir.gateway;

import dev.weir.pool.Fate;

/** Two who are to know what becomes of one message. */
record Both(Fate first, Fate second) implements Fate {
    @Override
    public void onAnswered() {
        first.onAnswered();
        second.onAnswered();
    }

    @Override
    public void onUndone() {
        second.onUndone();
        first.onUndone();
    }
}
