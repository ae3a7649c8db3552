package dev.weir.app.config;

import java.util.Optional;

/**
 * All that there is to know about one key. The reader, its faults and the tables of {@code docs/configuration.md} come
 * from it.
 *
 * @param name as it is written; unique in its section
 * @param fallback the value of a key that is not written; empty if there is none, or if it depends on the machine
 * @param fallbackText the default in the words of the document
 * @param secret whether its value must not appear in a fault
 * @param description one sentence or two, in Markdown for a table's cell
 */
record ConfigKey<T>(
        ConfigSection section,
        String name,
        ValueType<T> type,
        Optional<T> fallback,
        String fallbackText,
        boolean secret,
        String description) {

    static final String REQUIRED = "required";
    static final String NONE = "none";

    /**
     * A key with a default.
     *
     * @param literal the default as the file would hold it: a {@code Long}, a {@code Boolean} or a {@code String}
     */
    static <T> ConfigKey<T> preset(
            ConfigSection section, String name, ValueType<T> type, Object literal, String description) {
        Optional<T> fallback = type.read(ConfigValue.literal(literal));
        if (fallback.isEmpty()) {
            throw new IllegalArgumentException("the default of " + name + " is not a value of it");
        }
        String text = literal instanceof String ? "`\"" + literal + "\"`" : "`" + literal + "`";
        return new ConfigKey<>(section, name, type, fallback, text, false, description);
    }

    /** A key whose table is faulty without it. */
    static <T> ConfigKey<T> required(ConfigSection section, String name, ValueType<T> type, String description) {
        return new ConfigKey<>(section, name, type, Optional.empty(), REQUIRED, false, description);
    }

    /** A key that may be left out, and then has no value of its own. */
    static <T> ConfigKey<T> optional(ConfigSection section, String name, ValueType<T> type, String description) {
        return new ConfigKey<>(section, name, type, Optional.empty(), NONE, false, description);
    }

    /** This key, with words for a default that the file's other values or the machine decide. */
    ConfigKey<T> withFallbackText(String text) {
        return new ConfigKey<>(section, name, type, fallback, text, secret, description);
    }

    /** This key, with a value that no fault shows. */
    ConfigKey<T> hidden() {
        return new ConfigKey<>(section, name, type, fallback, fallbackText, true, description);
    }
}
