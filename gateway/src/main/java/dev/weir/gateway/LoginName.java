package dev.weir.gateway;

import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who a client says that it is, before it has proved anything.
 *
 * @param user the name within the tenant
 * @param tenant empty if there is no such tenant, which is not told before the login fails
 * @param named the tenant's id as it was written, also if there is no such tenant
 * @param database empty takes the tenant's
 */
record LoginName(String user, Optional<TenantId> tenant, String named, Optional<String> database) {
    private static final String[] TENANT_OPTIONS = {"weir.tenant", "reference"};

    /**
     * In this order: the tenant that {@code options} names, the one of the TLS host name, what stands behind the last dot
     * of the user name, the default tenant.
     *
     * @param parameters of the StartupMessage, with a {@code user}
     * @param serverName the host name of the TLS handshake, in lower case, or null
     * @return empty if nothing names a tenant
     */
    static Optional<LoginName> of(Map<String, String> parameters, @Nullable String serverName, Tenants tenants) {
        String user = parameters.getOrDefault("user", "");
        Optional<String> database =
                Optional.ofNullable(parameters.get("database")).filter(name -> !name.isEmpty());
        Map<String, String> options = StartupOptions.parse(parameters.getOrDefault("options", ""));
        for (String option : TENANT_OPTIONS) {
            String named = parameters.getOrDefault(option, options.get(option));
            if (named != null) {
                return Optional.of(new LoginName(user, find(named, tenants), named, database));
            }
        }
        if (serverName != null) {
            Optional<Tenant> byName = tenants.findByServerName(serverName);
            if (byName.isPresent()) {
                return byName.map(tenant -> found(user, tenant, database));
            }
        }
        Optional<Tenant> fallback = tenants.defaultTenant();
        int dot = user.lastIndexOf('.');
        if (dot > 0) {
            String named = user.substring(dot + 1);
            Optional<TenantId> tenant = find(named, tenants);
            boolean meansDefault = tenant.isEmpty()
                    && fallback.isPresent()
                    && fallback.get().user(user).isPresent();
            if (!meansDefault) {
                return Optional.of(new LoginName(user.substring(0, dot), tenant, named, database));
            }
        }
        return fallback.map(tenant -> found(user, tenant, database));
    }

    /** Of a user of the console who names no tenant, and need not. */
    static LoginName ofNoTenant(String user) {
        return new LoginName(user, Optional.empty(), "", Optional.empty());
    }

    private static LoginName found(String user, Tenant tenant, Optional<String> database) {
        return new LoginName(user, Optional.of(tenant.id()), tenant.id().value(), database);
    }

    private static Optional<TenantId> find(String named, Tenants tenants) {
        return TenantId.isValid(named) ? tenants.find(new TenantId(named)).map(Tenant::id) : Optional.empty();
    }
}
