package dev.weir.tenants;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may use the console at one moment, and how many at once: a snapshot, replaced as a whole when the configuration is read again.
 *
 * @param global who see all tenants; no two of one name
 * @param ofTenants users of tenants, by name, who see their own tenant
 */
public record ConsoleUsers(
        List<ConsoleUser> global, Map<TenantId, Map<String, ConsoleRole>> ofTenants, ConsoleLimits limits) {
    public static final ConsoleUsers NONE = new ConsoleUsers(List.of(), Map.of(), ConsoleLimits.DEFAULTS);

    public ConsoleUsers {
        global = List.copyOf(global);
        ofTenants = Map.copyOf(ofTenants);
    }

    /** The global user of that name; a short list, and asked once a login. */
    public Optional<ConsoleUser> find(String name) {
        for (ConsoleUser user : global) {
            if (user.name().equals(name)) {
                return Optional.of(user);
            }
        }
        return Optional.empty();
    }

    /** What a tenant's user may do; empty if nothing. */
    public Optional<ConsoleRole> roleOf(TenantId tenant, String user) {
        return Optional.ofNullable(ofTenants.getOrDefault(tenant, Map.of()).get(user));
    }
}
