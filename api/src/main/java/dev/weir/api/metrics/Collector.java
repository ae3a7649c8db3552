package dev.weir.api.metrics;

import dev.weir.pool.HomeView;
import dev.weir.pool.HostView;
import dev.weir.pool.Lane;
import dev.weir.pool.LaneCheck;
import dev.weir.pool.LaneView;
import dev.weir.pool.PoolKey;
import dev.weir.pool.PoolTotals;
import dev.weir.pool.PoolView;
import dev.weir.pool.Tally;
import dev.weir.tenants.TenantId;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns views of the lanes into metrics. Used by one scrape at a time. */
final class Collector {
    /** Stands for all pools, or tenants, beyond the limit; no tenant can be called so. */
    static final String OTHER = "(other)";

    /** Stands for the tenant of clients that named none that is known. */
    static final String UNKNOWN = "(unknown)";

    private final ProcessFacts facts;
    private final String io;
    private final SeriesLimit<PoolKey, PoolTotals> pools;
    private final SeriesLimit<TenantId, PoolTotals> tenants;

    /**
     * @param io the kind of I/O in use
     * @param maxPools how many pools, and how many tenants, have series of their own
     */
    Collector(ProcessFacts facts, String io, int maxPools) {
        this.facts = facts;
        this.io = io;
        this.pools = new SeriesLimit<>(maxPools, PoolTotals::new, PoolTotals::add, Collector::isBegunAnew);
        this.tenants = new SeriesLimit<>(maxPools, PoolTotals::new, PoolTotals::add, Collector::isBegunAnew);
    }

    /** Whether what was counted is less than before: it is another pool of the same name. */
    private static boolean isBegunAnew(PoolTotals before, PoolTotals now) {
        return now.counters().logins() < before.counters().logins()
                || now.counters().queries() < before.counters().queries()
                || now.supply().opened() < before.supply().opened();
    }

    /**
     * @param check has been answered by all lanes
     * @param views of all lanes
     * @param hosts that tenants share
     * @param nowMillis since the epoch
     */
    MetricSnapshots collect(
            List<Lane> lanes, LaneCheck check, List<LaneView> views, List<HostView> hosts, long nowMillis) {
        Families families = new Families();
        writeFacts(families);
        ProcessMetrics.writeTo(families);
        List<HomeView> homes = LaneView.homes(views);
        writePools(families, homes, nowMillis);
        writeTenants(families, views, homes);
        for (HostView host : hosts) {
            families.add(Metric.HOST_SERVERS, host.servers(), host.host().toString());
            families.add(Metric.HOST_MAX_SERVERS, host.maxServers(), host.host().toString());
        }
        for (LaneView view : views) {
            writeLane(families, lanes.get(view.index()), check, view);
        }
        return families.snapshots();
    }

    private void writeFacts(Families to) {
        to.add(Metric.READY, facts.isReady() ? 1 : 0);
        to.add(Metric.BUILD, 1, facts.version(), Runtime.version().toString(), io);
        Reloads reloads = facts.reloads();
        to.add(Metric.CONFIG_RELOADS, reloads.ok(), "ok");
        to.add(Metric.CONFIG_RELOADS, reloads.failed(), "failed");
        to.add(Metric.CONFIG_LAST_RELOAD, reloads.lastMillis() / 1e3);
        to.add(Metric.LOG_LINES_LEFT_OUT, facts.logLinesLeftOut());
        facts.certificateEnd().ifPresent(end -> to.add(Metric.CERTIFICATE_END, end.toEpochMilli() / 1e3));
    }

    private void writePools(Families to, List<HomeView> homes, long nowMillis) {
        List<PoolView> all = new ArrayList<>();
        Map<PoolKey, PoolTotals> totals = new LinkedHashMap<>();
        for (HomeView home : homes) {
            for (PoolView pool : home.pools()) {
                all.add(pool);
                totals.put(pool.key(), new PoolTotals(pool.counters(), pool.supply()));
            }
        }
        pools.update(totals);
        PoolSample others = new PoolSample();
        for (PoolView pool : all) {
            if (pools.isOwn(pool.key())) {
                PoolKey key = pool.key();
                List<String> labels = List.of(key.tenant().value(), key.user(), key.database());
                PoolSample sample = new PoolSample();
                sample.add(pool, nowMillis);
                sample.writeTo(to, labels);
                PoolSample.write(new PoolTotals(pool.counters(), pool.supply()), to, labels);
            } else {
                others.add(pool, nowMillis);
            }
        }
        if (pools.hasSum()) {
            List<String> labels = List.of(OTHER, OTHER, OTHER);
            others.writeTo(to, labels);
            PoolSample.write(pools.sum(), to, labels);
        }
        to.add(Metric.POOLS, all.size());
        to.add(Metric.POOLS_IN_OTHER, pools.others());
    }

    private void writeTenants(Families to, List<LaneView> views, List<HomeView> all) {
        Tally unknown = new Tally();
        views.forEach(lane -> unknown.add(lane.others().loginFailures()));
        Map<TenantId, PoolTotals> totals = LaneView.past(views);
        for (HomeView home : all) {
            PoolTotals sum = totals.computeIfAbsent(home.tenant().id(), _ -> new PoolTotals());
            sum.add(home.past());
            home.pools().forEach(pool -> sum.add(new PoolTotals(pool.counters(), pool.supply())));
        }
        tenants.update(totals);
        long[] others = new long[3];
        for (HomeView home : all) {
            long[] numbers = {
                home.clientCount(), home.tenant().maxClients(), home.pools().size()
            };
            if (tenants.isOwn(home.tenant().id())) {
                writeTenant(to, home.tenant().id().value(), numbers);
            } else {
                for (int i = 0; i < others.length; i++) {
                    others[i] += numbers[i];
                }
            }
        }
        totals.forEach((id, sum) -> {
            if (tenants.isOwn(id)) {
                writeFailures(to, id.value(), sum);
            }
        });
        if (tenants.hasSum()) {
            writeTenant(to, OTHER, others);
            writeFailures(to, OTHER, tenants.sum());
        }
        to.add(Metric.LOGIN_FAILURES, unknown, List.of(UNKNOWN));
    }

    private static void writeFailures(Families to, String tenant, PoolTotals totals) {
        to.add(Metric.LOGIN_FAILURES, totals.loginFailures(), List.of(tenant));
        to.add(Metric.SERVER_OPEN_FAILURES, totals.counters().openFailures(), List.of(tenant));
    }

    private static void writeTenant(Families to, String tenant, long[] numbers) {
        to.add(Metric.TENANT_CLIENTS, numbers[0], tenant);
        to.add(Metric.TENANT_MAX_CLIENTS, numbers[1], tenant);
        to.add(Metric.TENANT_POOLS, numbers[2], tenant);
    }

    private static void writeLane(Families to, Lane lane, LaneCheck check, LaneView view) {
        String index = String.valueOf(lane.index());
        long cpu = lane.cpuNanos();
        if (cpu >= 0) {
            to.add(Metric.LANE_CPU, cpu / 1e9, index);
        }
        to.add(Metric.LANE_ANSWER, check.answerNanos(lane.index()) / 1e9, index);
        to.add(Metric.LANE_TASKS, lane.pendingTasks(), index);
        to.add(Metric.LANE_TENANTS, view.homes().size(), index);
        long clients = 0;
        long servers = 0;
        for (HomeView home : view.homes()) {
            clients += home.clientCount();
            for (PoolView pool : home.pools()) {
                servers += pool.servers().size();
            }
        }
        to.add(Metric.LANE_CLIENTS, clients, index);
        to.add(Metric.LANE_SERVERS, servers, index);
    }
}
