package dev.weir.gateway.console;

import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.TenantId;
import java.util.Optional;

/**
 * Who uses the console, and what of Weir it is for them.
 *
 * @param user without the tenant
 * @param tenant the one that is seen and steered; empty for all of them
 */
public record ConsoleAccess(String user, ConsoleRole role, Optional<TenantId> tenant) {

    boolean sees(TenantId id) {
        return tenant.isEmpty() || tenant.get().equals(id);
    }

    boolean seesAll() {
        return tenant.isEmpty();
    }

    boolean steers() {
        return role == ConsoleRole.ADMIN;
    }

    /** How a name of this tenant's is written: with the tenant behind it where there are several. */
    String name(String name, TenantId id) {
        return tenant.isPresent() ? name : name + "." + id;
    }
}
