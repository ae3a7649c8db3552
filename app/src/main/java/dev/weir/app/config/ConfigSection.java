package dev.weir.app.config;

/** A group of keys that stand in the same tables of the file. */
enum ConfigSection {
    TOP("the top of the file"),
    LISTEN("[listen]"),
    TLS("[tls]"),
    LOG("[log]"),
    METRICS("[metrics]"),
    CONSOLE("[console]"),
    CONSOLE_USER("[[console.user]]"),
    /** Written in {@code [defaults]} for all tenants, and in a tenant for itself. */
    LIMITS("[defaults] or a [[tenant]]"),
    /** What one Postgres host may get of all tenants. */
    HOST("[[host]]"),
    TENANT("[[tenant]]"),
    USER("[[tenant.user]]");

    private final String place;

    ConfigSection(String place) {
        this.place = place;
    }

    /** Where its keys are written, in words for a fault. */
    String place() {
        return place;
    }
}
