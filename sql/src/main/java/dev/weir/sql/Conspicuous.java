package dev.weir.sql;

import java.util.Locale;

/** Functions and other names that concern session state, and what they do to it. */
enum Conspicuous {
    SET_CONFIG(0),
    SETSEED(0),
    PG_NOTIFY(0),
    PG_ADVISORY_LOCK(Effect.ADVISORY_LOCK.bit()),
    PG_ADVISORY_LOCK_SHARED(Effect.ADVISORY_LOCK.bit()),
    PG_TRY_ADVISORY_LOCK(Effect.ADVISORY_LOCK.bit()),
    PG_TRY_ADVISORY_LOCK_SHARED(Effect.ADVISORY_LOCK.bit()),
    PG_ADVISORY_UNLOCK(Effect.ADVISORY_UNLOCK.bit()),
    PG_ADVISORY_UNLOCK_SHARED(Effect.ADVISORY_UNLOCK.bit()),
    PG_ADVISORY_UNLOCK_ALL(Effect.ADVISORY_UNLOCK.bit()),
    PG_REPLICATION_ORIGIN_SESSION_SETUP(Effect.SET_UNKNOWN.bit()),
    PG_REPLICATION_ORIGIN_SESSION_RESET(Effect.SET_UNKNOWN.bit()),
    /** Executes its argument, as do the next ones. */
    QUERY_TO_XML(0),
    QUERY_TO_XMLSCHEMA(0),
    QUERY_TO_XML_AND_XMLSCHEMA(0),
    TS_STAT(0),
    TS_REWRITE(0),
    /** An update of this view sets parameters. */
    PG_SETTINGS(0),
    /** The schema of what is temporary. */
    PG_TEMP(0),
    /** The schema of the functions that are known. */
    PG_CATALOG(0);

    final int effects;

    Conspicuous(int effects) {
        this.effects = effects;
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
