package dev.weir.pool;

import dev.weir.wire.Failure;
import dev.weir.wire.PgError;

/**
 * Why a server connection could not be opened.
 *
 * @param passing it may well work in a moment, so that clients who wait may wait on
 */
record OpenFailure(PgError error, boolean passing) {

    static OpenFailure passing(Failure failure) {
        return new OpenFailure(failure.toPgError(), true);
    }

    static OpenFailure lasting(Failure failure) {
        return new OpenFailure(failure.toPgError(), false);
    }

    /** What the server itself answered: starting, stopping and full pass by themselves. */
    static OpenFailure of(PgError said) {
        String code = said.code();
        return new OpenFailure(said, code.startsWith("57P") || code.startsWith("53") || code.startsWith("08"));
    }
}
