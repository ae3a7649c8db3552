package dev.weir.pool;

import java.util.Set;

/** Which SQLSTATEs are counted by themselves. A server may send any, and each would be a series more, so the rest is one. */
final class SqlstateKinds {
    static final String OTHER = "other";

    private static final Set<String> KNOWN = Set.of(
            "08006", // connection failure
            "08P01", // protocol violation
            "0A000", // feature not supported
            "22001", // string data right truncation
            "22003", // numeric value out of range
            "22012", // division by zero
            "22P02", // invalid text representation
            "23502", // not null violation
            "23503", // foreign key violation
            "23505", // unique violation
            "23514", // check violation
            "25006", // read only transaction
            "25P02", // in failed transaction
            "25P03", // idle in transaction timeout
            "26000", // unknown prepared statement
            "28000", // invalid authorization
            "28P01", // invalid password
            "3D000", // unknown database
            "40001", // serialization failure
            "40P01", // deadlock
            "42501", // insufficient privilege
            "42601", // syntax error
            "42703", // unknown column
            "42883", // unknown function
            "42P01", // unknown table
            "42P05", // duplicate prepared statement
            "42P07", // duplicate table
            "53100", // disk full
            "53200", // out of memory
            "53300", // too many connections
            "55P03", // lock not available
            "57014", // query canceled
            "57P01", // admin shutdown
            "57P02", // crash shutdown
            "57P03", // cannot connect now
            "57P05", // idle session timeout
            "P0001", // raised by a function
            "XX000"); // internal error

    private SqlstateKinds() {}

    /** The code itself, or {@link #OTHER}. */
    static String of(String sqlstate) {
        return KNOWN.contains(sqlstate) ? sqlstate : OTHER;
    }
}
