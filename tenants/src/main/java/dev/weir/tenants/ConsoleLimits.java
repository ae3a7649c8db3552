package dev.weir.tenants;

/**
 * How many users of tenants may be at the console at once. Users of the console who belong to no tenant are not counted, so
 * that they can always see what the others do.
 *
 * @param clients of all tenants together, at least 1
 * @param clientsPerTenant of each tenant, at least 1
 */
public record ConsoleLimits(int clients, int clientsPerTenant) {
    public static final ConsoleLimits DEFAULTS = new ConsoleLimits(100, 10);
}
