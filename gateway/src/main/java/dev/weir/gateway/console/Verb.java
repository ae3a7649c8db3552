package dev.weir.gateway.console;

/** What can be done to a database, or to all of them. */
enum Verb {
    PAUSE(false),
    RESUME(false),
    RECONNECT(false),
    KILL(false),
    WAIT_CLOSE(false),
    DISABLE(true),
    ENABLE(true);

    private final boolean oneDatabase;

    Verb(boolean oneDatabase) {
        this.oneDatabase = oneDatabase;
    }

    /** Whether it must name a database. */
    boolean needsDatabase() {
        return oneDatabase;
    }
}
