package dev.weir.gateway;

import dev.weir.pool.Pool;
import dev.weir.sql.Effect;
import dev.weir.sql.Judgement;
import dev.weir.tenants.SessionSettings;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import org.jspecify.annotations.Nullable;

/** Whether one client may keep a server connection, of which a pool allows only so many. Confined to a lane. */
final class Pinning {
    private final Pool pool;

    /** Keeps its server connection, as far as is known. */
    private boolean kept;

    /** Counts among those who keep a server connection, or may from this transaction on. */
    private boolean counted;

    Pinning(Pool pool) {
        this.pool = pool;
    }

    /** What speaks against a statement that would make the client keep its server connection; null if nothing does. */
    @Nullable
    PgError objection(Judgement judgement) {
        int reasons = PinReason.causedBy(judgement) & ~PinReason.LISTEN.bit(); // for which it is not kept
        if (judgement.has(Effect.PREPARE) && judgement.count() > 1) {
            reasons |= PinReason.PREPARED_STATEMENT.bit();
        }
        if (reasons == 0 || counted) {
            return null;
        }
        SessionSettings settings = pool.sessionSettings();
        if (!settings.pinning()) {
            return new Failure.PinningRefused(PinReason.first(reasons).text()).toPgError();
        }
        if (!pool.pinOne()) {
            return new Failure.TooManyPinned(settings.pinned()).toPgError();
        }
        counted = true;
        return null;
    }

    /**
     * @param pinned whether it keeps its server connection
     * @return whether that is new
     */
    boolean count(boolean pinned) {
        reserve(pinned);
        boolean news = kept != pinned;
        kept = pinned;
        return news;
    }

    private void reserve(boolean pinned) {
        if (counted != pinned) {
            counted = pinned;
            pool.countPinned(pinned ? 1 : -1);
        }
    }
}
