package dev.weir.tenants;

import java.util.OptionalInt;

/**
 * A tenant's part of what tenants share.
 *
 * @param weight its weight where a host's connections are shared, 1 to 1,000
 * @param guaranteed server connections that are got for it as soon as any of another tenant's is free; may be 0
 * @param maxServers server connections over all its pools, at most
 */
public record Allotment(int weight, int guaranteed, OptionalInt maxServers, Rates rates) {
    /** Of a tenant for which nothing is set. */
    public static final Allotment NONE = new Allotment(1, 0, OptionalInt.empty(), Rates.NONE);
}
