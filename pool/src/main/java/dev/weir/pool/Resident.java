package dev.weir.pool;

import dev.weir.wire.PgError;

/** A logged-in client, as its tenant's home knows it. All methods are called on the lane. */
public interface Resident {

    String user();

    ClientView view();

    /** Ends it when it has no transaction open, with this error. */
    void endSoon(PgError error);

    /** Ends it now, with this error. */
    void endNow(PgError error);
}
