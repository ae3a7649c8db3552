package dev.weir.gateway;

import dev.weir.wire.PgError;

/** Whose login it is. */
sealed interface LoginOwner permits ClientConnection, ConsoleConnection {

    /** By which it may be canceled. */
    CancelKeys.CancelKey key();

    /** The login wants to see what the client says next. */
    void readOn();

    /** Says why, and closes. */
    void close(PgError error, String why);
}
