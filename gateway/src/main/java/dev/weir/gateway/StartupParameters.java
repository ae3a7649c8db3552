package dev.weir.gateway;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The run-time parameters that a startup message sets: all its fields but those with a meaning of their own, and behind
 * them, since they weigh less, those in {@code options}. Source: PostgreSQL manual, "Message Formats", StartupMessage.
 */
final class StartupParameters {
    private static final Set<String> OTHERS =
            Set.of("user", "database", "replication", "options", "weir.tenant", "reference");

    private StartupParameters() {}

    /** By lower-case name. */
    static Map<String, String> of(Map<String, String> fields) {
        Map<String, String> parameters = new LinkedHashMap<>();
        StartupOptions.parse(fields.getOrDefault("options", "")).forEach((name, value) -> put(parameters, name, value));
        fields.forEach((name, value) -> put(parameters, name, value));
        return Map.copyOf(parameters);
    }

    private static void put(Map<String, String> parameters, String name, String value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!OTHERS.contains(lower) && !lower.startsWith("_pq_.")) {
            parameters.put(lower, value);
        }
    }
}
