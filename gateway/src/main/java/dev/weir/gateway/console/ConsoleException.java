package dev.weir.gateway.console;

import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import dev.weir.wire.Sqlstate;

/** A command can't be carried out; the client is told, and goes on. */
public final class ConsoleException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient PgError error;

    ConsoleException(PgError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    ConsoleException(Failure failure) {
        this(failure.toPgError());
    }

    /** Whether it is a cancel request that ended the command. */
    boolean isCancel() {
        return error.code().equals(Sqlstate.QUERY_CANCELED.code());
    }

    PgError error() {
        return error;
    }
}
