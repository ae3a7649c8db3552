package dev.weir.gateway;

import dev.weir.pool.Fate;
import org.jspecify.annotations.Nullable;

/**
 * Of a Query in which names were replaced, so that what stands behind them is elsewhere than the client believes.
 *
 * @param inner who else is to know what becomes of it
 * @param from where the first name stands
 * @param shift by so much what stands behind the last has moved to the right
 */
record Renamed(@Nullable Fate inner, int from, int shift) implements Fate {
    @Override
    public void onAnswered() {
        if (inner != null) {
            inner.onAnswered();
        }
    }

    @Override
    public void onUndone() {
        if (inner != null) {
            inner.onUndone();
        }
    }
}
