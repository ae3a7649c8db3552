package dev.weir.pool;

import dev.weir.tenants.TenantId;

/** What tells one pool from another. */
public record PoolKey(TenantId tenant, String database, String user) {
    @Override
    public String toString() {
        return user + "." + tenant + "/" + database;
    }
}
