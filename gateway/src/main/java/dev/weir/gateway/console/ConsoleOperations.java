package dev.weir.gateway.console;

import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import java.util.List;
import java.util.Optional;

/** What the console asks of the process that it runs in. Called off the lanes; may block. */
public interface ConsoleOperations {

    /**
     * A limit in force.
     *
     * @param value as SET takes it
     * @param fallback what it is by itself
     * @param changeable whether SET takes it
     */
    record Setting(String key, String value, String fallback, boolean changeable) {}

    /** What came of SET. */
    sealed interface Change {
        record Made() implements Change {}

        /** It was made, but lanes did not take it in time. */
        record Late(Failure.LaneLate lanes) implements Change {}

        /** There is no such key. */
        record Unknown(String hint) implements Change {}

        /** There is, but only the file and a restart change it. */
        record Fixed() implements Change {}

        /** It can't have that value. */
        record Invalid(String reason) implements Change {}
    }

    /** Weir's own. */
    String version();

    /** @param tenant whose limits; empty for the defaults and what is not a tenant's */
    List<Setting> settings(Optional<TenantId> tenant);

    /**
     * Changes a limit until the configuration is read again, or the process ends. Lanes that are stuck are waited for no
     * longer than a limit.
     *
     * @param tenant whose; empty for all tenants
     */
    Change set(Optional<TenantId> tenant, String key, String value);

    /**
     * Reads the configuration again. Lanes that are stuck are waited for no longer than a limit.
     *
     * @return its first fault, or the lanes that have not taken it; empty if it is in force
     */
    Optional<Failure> reload();

    /** Begins to end the process, and returns. */
    void shutDown(boolean graceful);

    /** How the process ends; empty while nobody has asked for that. Does not block. */
    Optional<ShutdownKind> shutdown();
}
