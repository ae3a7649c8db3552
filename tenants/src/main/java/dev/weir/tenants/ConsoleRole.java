package dev.weir.tenants;

/** What somebody may do in the console. */
public enum ConsoleRole {
    /** See and steer. */
    ADMIN,
    /** See only. */
    STATS
}
