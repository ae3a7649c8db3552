package dev.weir.app.config;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** One table of the file: gives the values of its keys and reports what is wrong with them, each key asked once. */
final class ConfigTable {
    private final ConfigSource source;
    private final TomlTable table;
    private final String path;
    private final int line;

    private ConfigTable(ConfigSource source, TomlTable table, String path, int line) {
        this.source = source;
        this.table = table;
        this.path = path;
        this.line = line;
    }

    /** The whole file. */
    static ConfigTable top(ConfigSource source, TomlTable table) {
        return new ConfigTable(source, table, "", 1);
    }

    /** The table's own path, as in {@code tenant[1]}. */
    String path() {
        return path;
    }

    boolean has(String name) {
        return table.contains(List.of(name));
    }

    boolean has(ConfigKey<?> key) {
        return has(key.name());
    }

    /** What is written for the key; empty if nothing is, or after a fault. */
    <T> Optional<T> written(ConfigKey<T> key) {
        return raw(key.name())
                .flatMap(raw -> ConfigValue.of(source, line(key.name()), path(key.name()), key.secret(), raw))
                .flatMap(key.type()::read);
    }

    /** What is written for the key, or its default. */
    <T> T value(ConfigKey<T> key) {
        return written(key)
                .or(key::fallback)
                .orElseThrow(() -> new IllegalStateException(key.name() + " has no default"));
    }

    /** What is written for the key; empty after a fault, as it is one if nothing is. */
    <T> Optional<T> required(ConfigKey<T> key) {
        if (!has(key)) {
            fault(key.name(), "is missing");
        }
        return written(key);
    }

    /** The table {@code [name]}; empty if there is none, or after a fault. */
    Optional<ConfigTable> table(String name) {
        return raw(name).flatMap(found -> {
            if (found instanceof TomlTable child) {
                return Optional.of(new ConfigTable(source, child, path(name), line(name)));
            }
            fault(name, "must be a table, written [" + withoutNumbers(path(name)) + "]");
            return Optional.empty();
        });
    }

    /** The table {@code [name]}; one without keys if there is none, or after a fault. */
    ConfigTable tableOrEmpty(String name) {
        return table(name).orElseGet(() -> new ConfigTable(source, Toml.parse(""), path(name), line));
    }

    /** The tables {@code [[name]]}, in their order. */
    List<ConfigTable> tables(String name) {
        String at = path(name);
        String form = "must be a table, written [[" + withoutNumbers(at) + "]]";
        List<ConfigTable> tables = new ArrayList<>();
        switch (raw(name).orElse(null)) {
            case null -> {}
            case TomlArray array -> {
                for (int i = 0; i < array.size(); i++) {
                    int lineOfElement = array.inputPositionOf(i).line();
                    String pathOfElement = at + "[" + i + "]";
                    if (array.get(i) instanceof TomlTable found) {
                        tables.add(new ConfigTable(source, found, pathOfElement, lineOfElement));
                    } else {
                        source.fault(lineOfElement, pathOfElement, form);
                    }
                }
            }
            default -> fault(name, form);
        }
        return tables;
    }

    /** Reports each key that is neither of one of these sections nor one of these tables. */
    void refuseUnknown(Set<ConfigSection> sections, Set<String> tables) {
        List<String> known = new ArrayList<>(tables);
        for (ConfigKey<?> key : ConfigKeys.ALL) {
            if (sections.contains(key.section())) {
                known.add(key.name());
            }
        }
        for (String name : table.keySet()) {
            if (!known.contains(name)) {
                fault(name, "unknown key" + advice(name, known));
            }
        }
    }

    private static String advice(String name, List<String> known) {
        Set<ConfigSection> elsewhere = EnumSet.noneOf(ConfigSection.class);
        for (ConfigKey<?> key : ConfigKeys.ALL) {
            if (key.name().equals(name)) {
                elsewhere.add(key.section());
            }
        }
        if (!elsewhere.isEmpty()) {
            return " here; it belongs to "
                    + elsewhere.stream().map(ConfigSection::place).collect(Collectors.joining(" or "));
        }
        return NearestWord.to(name, known)
                .map(nearest -> ", did you mean " + nearest + "?")
                .orElse("");
    }

    /** Reports a fault of a key, at the key's line or, if it is not written, at the table's. */
    void fault(ConfigKey<?> key, String reason) {
        fault(key.name(), reason);
    }

    /** As {@link #fault(ConfigKey, String)}, of a table in this one. */
    void fault(String name, String reason) {
        source.fault(line(name), path(name), reason);
    }

    private Optional<Object> raw(String name) {
        return Optional.ofNullable(table.get(List.of(name)));
    }

    private int line(String name) {
        @Nullable TomlPosition position = has(name) ? table.inputPositionOf(List.of(name)) : null;
        return position == null ? line : position.line();
    }

    private String path(String name) {
        String key = Toml.joinKeyPath(List.of(name));
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String withoutNumbers(String path) {
        return path.replaceAll("\\[[0-9]+]", "");
    }
}
