package dev.weir.tenants;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * How long clients may take; zero is no limit.
 *
 * @param query a statement, from sending it to the server until its last reply
 * @param idleTransaction a client that has a transaction open and says nothing
 * @param transaction a transaction, or what is lent for one
 * @param idle a client that has no transaction open and says nothing
 */
public record ClientLimits(Duration query, Duration idleTransaction, Duration transaction, Duration idle) {
    public static final ClientLimits NONE =
            new ClientLimits(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    /** Whether there is no limit at all. */
    public boolean isNone() {
        return equals(NONE);
    }

    /** The shortest of those that there are; zero if there is none. */
    public Duration shortest() {
        return Stream.of(query, idleTransaction, transaction, idle)
                .filter(Duration::isPositive)
                .min(Duration::compareTo)
                .orElse(Duration.ZERO);
    }
}
