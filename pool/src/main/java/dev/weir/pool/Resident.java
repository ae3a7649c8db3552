package dev.weir.pool;

import dev.weir.tenants.ClientLimits;
import dev.weir.wire.PgError;

/** A logged-in client, as its tenant's home knows it. All methods are called on the lane. */
public interface Resident {

    String user();

    ClientView view();

    /**
     * Whether it has taken longer than it may.
     *
     * @param now by the lane's clock
     */
    boolean isLate(ClientLimits limits, long now);

    /** What is due when {@link #isLate}: its statement is cancelled, or it ends. */
    void onLate(ClientLimits limits, long now);

    /** Ends it when it has no transaction open, with this error. */
    void endSoon(PgError error);

    /** Ends it now, with this error. */
    void endNow(PgError error);
}
