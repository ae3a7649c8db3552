package dev.weir.app.config;

import dev.weir.tenants.ConsoleLimits;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.ConsoleUser;
import dev.weir.tenants.ConsoleUsers;
import dev.weir.tenants.Secret;
import dev.weir.tenants.TenantId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code [console]} and its {@code [[console.user]]} tables. */
final class ConsoleReader {
    private static final String USERS = "user";
    private static final SecretReader SECRETS =
            new SecretReader(ConfigKeys.CONSOLE_PASSWORD, ConfigKeys.CONSOLE_PASSWORD_FILE);

    private ConsoleReader() {}

    /** @param ofTenants users of tenants who may use it too */
    static WeirConfig.Console read(ConfigTable table, Map<TenantId, Map<String, ConsoleRole>> ofTenants) {
        table.refuseUnknown(Set.of(ConfigSection.CONSOLE), Set.of(USERS));
        ConsoleLimits limits = new ConsoleLimits(
                table.value(ConfigKeys.CONSOLE_MAX_CLIENTS), table.value(ConfigKeys.CONSOLE_MAX_CLIENTS_PER_TENANT));
        return new WeirConfig.Console(
                table.value(ConfigKeys.STATS_PERIOD), new ConsoleUsers(users(table), ofTenants, limits));
    }

    private static List<ConsoleUser> users(ConfigTable console) {
        List<ConsoleUser> users = new ArrayList<>();
        Map<String, String> pathsByName = new HashMap<>();
        for (ConfigTable table : console.tables(USERS)) {
            table.refuseUnknown(Set.of(ConfigSection.CONSOLE_USER), Set.of());
            Optional<String> name = table.required(ConfigKeys.CONSOLE_NAME);
            name.ifPresent(known -> {
                String first = pathsByName.putIfAbsent(known, table.path());
                if (first != null) {
                    table.fault(ConfigKeys.CONSOLE_NAME, "must be unique, but " + first + " has it too");
                }
            });
            Optional<Secret> secret = SECRETS.read(table);
            Optional<ConsoleRole> role = table.required(ConfigKeys.CONSOLE_ROLE);
            name.flatMap(known -> secret.flatMap(proof -> role.map(may -> new ConsoleUser(known, proof, may))))
                    .ifPresent(users::add);
        }
        return users;
    }
}
