package dev.weir.app.importing;

import dev.weir.tenants.TenantId;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Makes the names that a {@code weir.toml} needs beyond those of PgBouncer: tenants' and environment variables'. */
final class Names {
    /** Postgres cuts longer names off. */
    static final int MAX_BYTES = 63;

    private final Set<String> ids = new HashSet<>();
    private final Map<String, String> usersByVariable = new HashMap<>();

    static boolean isTooLong(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES;
    }

    /** The id of a tenant whose Postgres is there; another for each call. */
    String tenant(String host, int port) {
        String id = "local";
        if (!host.startsWith("/")) {
            boolean address = host.indexOf(':') >= 0 || host.matches("[0-9.]+");
            String name = address ? "pg-" + host : host.split("\\.", 2)[0];
            id = name.replaceAll("[^A-Za-z0-9_-]", "-").replaceAll("-+$", "");
        }
        id = shortened(id.isEmpty() ? "pg" : id);
        if (!ids.add(id)) {
            id = shortened(id) + "-" + port;
            for (int number = 2; !ids.add(id); number++) {
                id = shortened(id) + "-" + number;
            }
        }
        return id;
    }

    private static String shortened(String id) {
        int most = TenantId.MAX_LENGTH - 12;
        return id.length() <= most ? id : id.substring(0, most);
    }

    /** The environment variable for a user's password; the same for the same name, and for no other. */
    String passwordVariable(String user) {
        String base = user.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9_]", "_");
        if (!base.matches("[A-Z_].*")) {
            base = "_" + base;
        }
        String name = base + "_PASSWORD";
        for (int number = 2; !usersByVariable.computeIfAbsent(name, _ -> user).equals(user); number++) {
            name = base + "_" + number + "_PASSWORD";
        }
        return name;
    }
}
