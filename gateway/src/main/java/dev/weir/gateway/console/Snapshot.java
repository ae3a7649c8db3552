package dev.weir.gateway.console;

import dev.weir.pool.HomeView;
import dev.weir.pool.LaneCheck;
import dev.weir.pool.LaneView;
import dev.weir.pool.PoolView;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * All that a table of the console is made of, as it was at one moment, for one who asks: other tenants than one's own are
 * not in it.
 *
 * @param lanes of all tenants; for tables that are not of one tenant
 * @param homesByTenant see {@link #homes(ConsoleAccess, List)}
 * @param check tells how long each lane took to answer
 * @param sessions of the console; none for a tenant's users
 * @param shutdown that is under way
 * @param nowMillis since the epoch
 */
record Snapshot(
        ConsoleAccess access,
        Tenants configured,
        List<LaneView> lanes,
        Map<TenantId, HomeView> homesByTenant,
        LaneCheck check,
        Statistics.Period statistics,
        List<ConsoleClient> sessions,
        ConsoleOperations operations,
        Optional<ShutdownKind> shutdown,
        long nowMillis) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** The tenants that are seen, in the order of their names. */
    List<Tenant> tenants() {
        return StreamSupport.stream(configured.all().spliterator(), false)
                .filter(tenant -> access.sees(tenant.id()))
                .sorted(Comparator.comparing(tenant -> tenant.id().value()))
                .toList();
    }

    /** What there is of the tenants that are seen and have been asked for, in the order of their names. */
    static Map<TenantId, HomeView> homes(ConsoleAccess access, List<LaneView> lanes) {
        Map<TenantId, HomeView> homes = new LinkedHashMap<>();
        LaneView.homes(lanes).stream()
                .filter(home -> access.sees(home.tenant().id()))
                .sorted(Comparator.comparing(home -> home.tenant().id().value()))
                .forEach(home -> homes.put(home.tenant().id(), home));
        return homes;
    }

    Collection<HomeView> homes() {
        return homesByTenant.values();
    }

    Optional<HomeView> home(TenantId tenant) {
        return Optional.ofNullable(homesByTenant.get(tenant));
    }

    Stream<PoolView> pools() {
        return homes().stream().flatMap(home -> pools(home).stream());
    }

    static List<PoolView> pools(HomeView home) {
        List<PoolView> pools = new ArrayList<>(home.pools());
        pools.sort(Comparator.comparing((PoolView pool) -> pool.key().database())
                .thenComparing(pool -> pool.key().user()));
        return pools;
    }

    /** The databases of a tenant that there is something to say of. */
    Set<String> databases(Tenant tenant) {
        Set<String> databases = new TreeSet<>();
        databases.add(tenant.database());
        home(tenant.id()).ifPresent(home -> {
            home.pools().forEach(pool -> databases.add(pool.key().database()));
            databases.addAll(home.paused().named());
            databases.addAll(home.disabled().named());
        });
        return databases;
    }

    String database(PoolView pool) {
        return access.name(pool.key().database(), pool.key().tenant());
    }

    String user(PoolView pool) {
        return access.name(pool.key().user(), pool.key().tenant());
    }

    /** The lanes that each tenant is on, by their numbers, of those that have been asked for. */
    Map<TenantId, String> lanesByTenant() {
        Map<TenantId, String> lanesByTenant = new HashMap<>();
        for (LaneView lane : lanes) {
            for (HomeView home : lane.homes()) {
                lanesByTenant.merge(
                        home.tenant().id(), String.valueOf(lane.index()), (before, more) -> before + "," + more);
            }
        }
        return lanesByTenant;
    }

    /** A moment, as PgBouncer writes it. */
    static String time(long millis) {
        return TIME.format(Instant.ofEpochMilli(millis));
    }

    String timeBefore(long nanos) {
        return time(nowMillis - nanos / 1_000_000);
    }
}
