package dev.weir.tenants;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A user of a tenant, the same name towards clients and towards Postgres.
 *
 * @param poolSize server connections of each of this user's pools; empty takes the tenant's
 * @param reuse whether a server connection is kept when the session that it was lent to is over; not for credentials that
 *     soon end
 * @param queueTimeout how long this user's clients wait for a server connection; empty takes the tenant's
 * @param maxClients logged-in clients of this user, at most; empty for as many as the tenant may have
 * @param limits how long this user's clients may take
 */
public record TenantUser(
        String name,
        Secret secret,
        OptionalInt poolSize,
        boolean reuse,
        Optional<Duration> queueTimeout,
        OptionalInt maxClients,
        ClientLimits limits) {

    /** A user for whom nothing but the tenant's settings holds. */
    public static TenantUser of(String name, Secret secret) {
        return new TenantUser(name, secret, OptionalInt.empty(), true, Optional.empty(), ClientLimits.NONE);
    }

    /** A user who may have as many clients as the tenant. */
    public TenantUser(
            String name,
            Secret secret,
            OptionalInt poolSize,
            boolean reuse,
            Optional<Duration> queueTimeout,
            ClientLimits limits) {
        this(name, secret, poolSize, reuse, queueTimeout, OptionalInt.empty(), limits);
    }
}
