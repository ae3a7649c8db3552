package dev.weir.gateway;

import java.time.Duration;

/**
 * What the log says of clients.
 *
 * @param connections whether it has a line for each client that comes, and for each that leaves by itself
 * @param slowCheckoutNanos a client that has waited so long for a server connection is worth a line; {@link #NEVER}: none is
 * @param slowQueryNanos a statement that has taken so long is worth a line; {@link #NEVER}: none is
 */
public record LogSettings(boolean connections, long slowCheckoutNanos, long slowQueryNanos) {
    /** Longer than anything takes. */
    public static final long NEVER = Long.MAX_VALUE;

    /**
     * @param slowCheckout zero: never
     * @param slowQuery zero: never
     */
    public static LogSettings of(boolean connections, Duration slowCheckout, Duration slowQuery) {
        return new LogSettings(connections, nanosOrNever(slowCheckout), nanosOrNever(slowQuery));
    }

    private static long nanosOrNever(Duration limit) {
        return limit.isZero() ? NEVER : limit.toNanos();
    }
}
