package dev.weir.app.config;

import dev.weir.tenants.TenantId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlVersion;

/**
 * Limits that were set while Weir runs. They win over what the file says of tenants, but not over what it says of users.
 *
 * @param ofAll by key, as TOML
 * @param ofTenants the same for some of them, which wins over {@code ofAll}
 */
public record LimitChanges(Map<String, String> ofAll, Map<TenantId, Map<String, String>> ofTenants) {
    public static final LimitChanges NONE = new LimitChanges(Map.of(), Map.of());

    /** How faults name what somebody has set. */
    private static final String WRITER = "SET";

    public LimitChanges {
        ofAll = Map.copyOf(ofAll);
        ofTenants = Map.copyOf(ofTenants);
    }

    /** The keys that can be set. */
    public static List<String> keys() {
        return ConfigKeys.ALL.stream()
                .filter(key -> key.section() == ConfigSection.LIMITS && !key.equals(ConfigKeys.COMPUTE))
                .map(ConfigKey::name)
                .toList();
    }

    /** Whether the file has a key of that name somewhere. */
    public static boolean isKey(String name) {
        return ConfigKeys.ALL.stream().anyMatch(key -> key.name().equals(name));
    }

    /** The key that somebody meant who wrote this one. */
    public static Optional<String> nearest(String key) {
        return NearestWord.to(key, keys());
    }

    /**
     * These and one more.
     *
     * @param tenant whose; empty for all, those with a value of their own among them
     * @param key one of {@link #keys}
     * @param value as in the file, with or without quotes; a duration without a unit is in seconds
     */
    public LimitChanges with(Optional<TenantId> tenant, String key, String value) {
        String literal = literal(type(key), value);
        Map<String, String> all = new LinkedHashMap<>(ofAll);
        Map<TenantId, Map<String, String>> some = new HashMap<>(ofTenants);
        if (tenant.isEmpty()) {
            all.put(key, literal);
            some.replaceAll((id, changes) -> without(changes, key));
        } else {
            Map<String, String> own = new LinkedHashMap<>(some.getOrDefault(tenant.get(), Map.of()));
            own.put(key, literal);
            some.put(tenant.get(), Map.copyOf(own));
        }
        return new LimitChanges(all, some);
    }

    private static Map<String, String> without(Map<String, String> changes, String key) {
        Map<String, String> rest = new LinkedHashMap<>(changes);
        rest.remove(key);
        return Map.copyOf(rest);
    }

    private static ValueType<?> type(String name) {
        for (ConfigKey<?> key : ConfigKeys.ALL) {
            if (key.section() == ConfigSection.LIMITS && key.name().equals(name)) {
                return key.type();
            }
        }
        throw new IllegalArgumentException("no limit: " + name);
    }

    private static String literal(ValueType<?> type, String value) {
        boolean digits = value.matches("-?[0-9]{1,18}");
        if (digits && type instanceof ValueTypes.Period) {
            return "\"" + value + "s\"";
        }
        boolean bare = (digits && type instanceof ValueTypes.WholeNumber)
                || (value.matches("true|false") && type instanceof ValueTypes.Truth);
        return bare ? value : quoted(value);
    }

    private static String quoted(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || c == '"' || c == '\\' || c == 0x7f) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.append('"').toString();
    }

    /** These limits with what was set for all; faults go to {@code faults}. */
    Limits over(Limits limits, ConfigSource faults) {
        return over(limits, ofAll, faults);
    }

    /** A tenant's limits with what was set for all and for itself. */
    Limits over(Limits limits, TenantId tenant, ConfigSource faults) {
        return over(over(limits, faults), ofTenants.getOrDefault(tenant, Map.of()), faults);
    }

    private static Limits over(Limits limits, Map<String, String> changes, ConfigSource faults) {
        if (changes.isEmpty()) {
            return limits;
        }
        String text = changes.entrySet().stream()
                .map(change -> change.getKey() + " = " + change.getValue())
                .collect(Collectors.joining("\n"));
        TomlParseResult table = Toml.parse(text, TomlVersion.V1_1_0);
        if (table.hasErrors()) {
            faults.fault(0, WRITER, "not a value");
            return limits;
        }
        // No variables: what the console sets, it also shows.
        ConfigSource writer = new ConfigSource(WRITER, faults.folder(), Map.of());
        Limits changed = limits.overriddenBy(ConfigTable.top(writer, table));
        writer.faults().forEach(fault -> faults.fault(0, fault.key(), fault.reason()));
        return changed;
    }
}
