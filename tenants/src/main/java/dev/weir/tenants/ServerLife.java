package dev.weir.tenants;

import java.time.Duration;

/**
 * How long server connections live.
 *
 * @param idleTimeout a server connection that nobody used for so long is closed, unless it is one of the pool's least;
 *     zero never
 * @param lifetime one that is older is closed as soon as it is not lent; zero never
 * @param checkDelay one that was idle for longer is asked whether it answers before it is lent; zero always
 * @param checkQuery what it is asked; the empty text is a query that does nothing
 */
public record ServerLife(Duration idleTimeout, Duration lifetime, Duration checkDelay, String checkQuery) {
    public static final ServerLife DEFAULTS =
            new ServerLife(Duration.ofSeconds(300), Duration.ofHours(1), Duration.ofSeconds(30), "");
}
