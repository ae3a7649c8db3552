package dev.weir.tenants;

import java.util.OptionalInt;

/**
 * A user of a tenant, the same name towards clients and towards Postgres.
 *
 * @param poolSize server connections of each of this user's pools; empty takes the tenant's
 * @param reuse whether a server connection is kept when the session that it was lent to is over; not for credentials that
 *     soon end
 */
public record TenantUser(String name, Secret secret, OptionalInt poolSize, boolean reuse) {}
