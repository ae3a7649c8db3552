package dev.weir.pool;

import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import dev.weir.wire.PgError;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The homes of the tenants of one lane. A home is there as long as it has clients or server connections, or something in it
 * is paused or disabled; after that only what has happened in it is kept, so that totals never go down. Confined to the
 * lane.
 */
final class LaneHomes {
    /** Tenants without a home whose totals are kept apart from the others'; of some 500 bytes each. */
    private static final int REMEMBERED = 10_000;

    private final SecureRandom random;
    private final Supplier<Tenants> tenants;
    private final Placements placements;
    private final Map<TenantId, TenantHome> homes = new HashMap<>();
    private final PoolTotals others = new PoolTotals();
    private final HostDoubts doubts = new HostDoubts(this::all);

    private final Map<TenantId, PoolTotals> past = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<TenantId, PoolTotals> eldest) {
            boolean full = size() > REMEMBERED;
            if (full) {
                others.add(eldest.getValue());
            }
            return full;
        }
    };

    /** @param tenants those that are configured now */
    LaneHomes(SecureRandom random, Supplier<Tenants> tenants, Placements placements) {
        this.random = random;
        this.tenants = tenants;
        this.placements = placements;
    }

    /** The home of a tenant that is configured, or null if it no longer is. */
    @Nullable
    TenantHome find(Lane lane, TenantId id) {
        TenantHome home = homes.get(id);
        if (home == null) {
            Tenant tenant = tenants.get().find(id).orElse(null);
            if (tenant != null) {
                PoolTotals known = past.remove(id);
                home = new TenantHome(
                        lane,
                        tenant,
                        random,
                        placements.budgets(),
                        placements.hold(tenant),
                        known == null ? new PoolTotals() : known,
                        this::drop);
                homes.put(id, home);
            }
        }
        return home;
    }

    private void drop(TenantHome home) {
        if (homes.remove(home.tenant().id(), home)) {
            past.put(home.tenant().id(), home.past());
        } else {
            others.add(home.past()); // its tenant had gone before, and now its last server connection
        }
        placements.release(home.placement());
    }

    /**
     * Clients that could not log in, by reason. For a tenant that is configured they are kept as long as its totals are; all
     * others are counted together.
     *
     * @param named whom they named; null if nobody
     */
    Tally loginFailures(@Nullable TenantId named) {
        TenantHome home = named == null ? null : homes.get(named);
        if (home != null) {
            return home.past().loginFailures();
        }
        if (named == null || tenants.get().find(named).isEmpty()) {
            return others.loginFailures();
        }
        return past.computeIfAbsent(named, id -> new PoolTotals()).loginFailures();
    }

    /** See {@link HostDoubts#onDoubt}. */
    void onDoubt(Lane lane, Endpoint host, TenantHome by) {
        doubts.onDoubt(lane, host, by);
    }

    /** All that there are. */
    List<TenantHome> all() {
        return List.copyOf(homes.values());
    }

    void replace(Tenants changed, PgError gone) {
        for (TenantHome home : all()) {
            Tenant now = changed.find(home.tenant().id()).orElse(null);
            if (now == null) {
                homes.remove(home.tenant().id());
                home.endNow(gone, CloseReason.RETIRED);
            } else if (!now.equals(home.tenant())) {
                home.update(now);
            } else {
                home.takeShare(); // hosts' limits may have changed
            }
        }
        past.entrySet().removeIf(entry -> {
            boolean known = changed.find(entry.getKey()).isPresent();
            if (!known) {
                others.add(entry.getValue());
            }
            return !known;
        });
    }

    /** @return the pools that are closing */
    List<Pool> endNow(PgError error, CloseReason why) {
        List<TenantHome> ending = all();
        homes.clear();
        List<Pool> pools = new ArrayList<>();
        ending.forEach(home -> pools.addAll(home.endNow(error, why)));
        return pools;
    }

    LaneView view(Lane lane, boolean connections) {
        Map<TenantId, PoolTotals> totals = new HashMap<>();
        past.forEach((id, one) -> totals.put(id, one.copy()));
        return new LaneView(
                lane.index(),
                homes.values().stream().map(home -> home.view(connections)).toList(),
                totals,
                others.copy());
    }
}
