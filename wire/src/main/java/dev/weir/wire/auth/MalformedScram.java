package dev.weir.wire.auth;

import dev.weir.wire.Sqlstate;

/**
 * A message of the peer that cannot be accepted. It is thrown and caught inside this package only, so that reading a
 * message is one straight line; what leaves the package is a value. It carries no stack trace, since peers provoke it.
 */
final class MalformedScram extends Exception {

    private final Sqlstate sqlstate;

    MalformedScram(Sqlstate sqlstate, String message) {
        super(message, null, false, false);
        this.sqlstate = sqlstate;
    }

    MalformedScram(String message) {
        this(Sqlstate.PROTOCOL_VIOLATION, message);
    }

    Sqlstate sqlstate() {
        return sqlstate;
    }

    /** The text that tells why: never null, unlike that of other exceptions. */
    String reason() {
        return String.valueOf(getMessage());
    }
}
