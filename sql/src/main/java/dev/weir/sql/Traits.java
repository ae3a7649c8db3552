package dev.weir.sql;

/** What the {@link Vocabulary} knows of a word, as bits. */
final class Traits {
    static final int KEYWORD = 1;
    /** As a statement's first word: a query. */
    static final int QUERY = 1 << 1;
    /** As a statement's first word: SHOW. */
    static final int SHOW = 1 << 2;
    /** As a statement's first word: to be looked at more closely. */
    static final int SESSION = 1 << 3;
    /** Anywhere in a statement: it may modify something. */
    static final int WRITES = 1 << 4;
    /** A parenthesis behind it does not make it a function call. */
    static final int NO_CALL = 1 << 5;
    /** A function of Postgres that only computes or reads, and never waits. */
    static final int STABLE = 1 << 6;
    /** A function of Postgres that writes nothing, though two calls may differ, and it may wait. */
    static final int VOLATILE = 1 << 7;
    /** A name to be looked at more closely wherever it stands: it may concern session state. */
    static final int CONSPICUOUS = 1 << 8;

    private Traits() {}
}
