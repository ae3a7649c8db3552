package dev.weir.tenants;

import java.time.Duration;

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
}
