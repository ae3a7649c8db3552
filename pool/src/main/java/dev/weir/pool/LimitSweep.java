package dev.weir.pool;

import dev.weir.tenants.ClientLimits;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantUser;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks again and again whether a tenant's clients have taken longer than they may, so that a statement costs no timer.
 * A client is found late by at most a twentieth of the shortest limit, or by {@link #FINEST}. Nothing runs while no user
 * has a limit, or no client is there. Confined to a lane.
 */
final class LimitSweep {
    /** Limits are never looked after more often. */
    static final Duration FINEST = Duration.ofMillis(10);

    /** Nor less often, however long they are. */
    static final Duration COARSEST = Duration.ofSeconds(1);

    private static final int PARTS = 20;

    private final Lane lane;
    private final Set<Resident> residents;

    /** Of users who have any, by name. */
    private final Map<String, ClientLimits> limits = new HashMap<>();

    private Duration period = COARSEST;
    private @Nullable ScheduledFuture<?> timer;

    /** @param residents the tenant's clients; its home adds and removes them */
    LimitSweep(Lane lane, Set<Resident> residents) {
        this.lane = lane;
        this.residents = residents;
    }

    /** The limits are those of this tenant's users from now on. */
    void update(Tenant tenant) {
        limits.clear();
        Duration shortest = COARSEST.multipliedBy(PARTS);
        for (TenantUser user : tenant.users()) {
            ClientLimits own = user.limits();
            if (!own.isNone()) {
                limits.put(user.name(), own);
                shortest = shorter(shortest, own.shortest());
            }
        }
        Duration part = shortest.dividedBy(PARTS);
        period = part.compareTo(FINEST) < 0 ? FINEST : part;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        begin();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Looks from now on, if there is what to look for. */
    void begin() {
        if (timer == null && !limits.isEmpty() && !residents.isEmpty()) {
            timer = lane.schedule(period, this::look);
        }
    }

    private void look() {
        timer = null;
        long now = lane.now();
        List<Resident> late = new ArrayList<>(0);
        for (Resident resident : residents) {
            ClientLimits own = limits.get(resident.user());
            if (own != null && resident.isLate(own, now)) {
                late.add(resident);
            }
        }
        for (Resident resident : late) { // what becomes of one may change who is there
            ClientLimits own = limits.get(resident.user());
            if (own != null && residents.contains(resident)) {
                resident.onLate(own, now);
            }
        }
        begin();
    }
}
