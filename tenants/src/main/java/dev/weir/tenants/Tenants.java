package dev.weir.tenants;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All tenants at one moment: a snapshot, replaced as a whole when the configuration is read again. */
public final class Tenants {
    private final Map<TenantId, Tenant> byId;
    private final Map<String, Tenant> byServerName;
    private final @Nullable TenantId defaultTenant;
    private final Ceilings ceilings;

    private Tenants(
            Map<TenantId, Tenant> byId,
            Map<String, Tenant> byServerName,
            @Nullable TenantId defaultTenant,
            Ceilings ceilings) {
        this.byId = byId;
        this.byServerName = byServerName;
        this.defaultTenant = defaultTenant;
        this.ceilings = ceilings;
    }

    /** Tenants without a limit for all of them. */
    public static Tenants of(List<Tenant> tenants, Optional<TenantId> defaultTenant) {
        return of(tenants, defaultTenant, Ceilings.NONE);
    }

    /**
     * @param defaultTenant whom clients reach who name no tenant; empty if they are to be refused
     * @throws IllegalArgumentException on two tenants with one id or one server name, or a default that is none of them
     */
    public static Tenants of(List<Tenant> tenants, Optional<TenantId> defaultTenant, Ceilings ceilings) {
        Map<TenantId, Tenant> byId = new HashMap<>();
        Map<String, Tenant> byServerName = new HashMap<>();
        for (Tenant tenant : tenants) {
            if (byId.put(tenant.id(), tenant) != null) {
                throw new IllegalArgumentException("two tenants have the id " + tenant.id());
            }
            for (String name : tenant.serverNames()) {
                if (byServerName.put(name, tenant) != null) {
                    throw new IllegalArgumentException("two tenants have the server name " + name);
                }
            }
        }
        if (defaultTenant.isPresent() && !byId.containsKey(defaultTenant.get())) {
            throw new IllegalArgumentException("the default tenant " + defaultTenant.get() + " is none of the tenants");
        }
        return new Tenants(Map.copyOf(byId), Map.copyOf(byServerName), defaultTenant.orElse(null), ceilings);
    }

    public Optional<Tenant> find(TenantId id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** @param lowerCaseName the host name of the TLS handshake (SNI) */
    public Optional<Tenant> findByServerName(String lowerCaseName) {
        return Optional.ofNullable(byServerName.get(lowerCaseName));
    }

    public Optional<Tenant> defaultTenant() {
        return defaultTenant == null ? Optional.empty() : Optional.ofNullable(byId.get(defaultTenant));
    }

    /** What all of them together may have. */
    public Ceilings ceilings() {
        return ceilings;
    }

    public Iterable<Tenant> all() {
        return byId.values();
    }
}
