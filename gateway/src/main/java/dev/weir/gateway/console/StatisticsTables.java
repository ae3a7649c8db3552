package dev.weir.gateway.console;

import dev.weir.pool.HomeView;
import dev.weir.pool.LaneView;
import dev.weir.pool.PoolCounters;
import dev.weir.pool.PoolView;
import dev.weir.tenants.Tenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tables of what has happened. PgBouncer's names differ from table to table. */
final class StatisticsTables {
    static final String STATS = "text: database; numeric: total_server_assignment_count, total_xact_count,"
            + " total_query_count, total_received, total_sent, total_xact_time, total_query_time, total_wait_time,"
            + " total_client_parse_count, total_server_parse_count, total_bind_count, total_client_login_count,"
            + " avg_server_assignment_count, avg_xact_count, avg_query_count, avg_recv, avg_sent, avg_xact_time,"
            + " avg_query_time, avg_wait_time, avg_client_parse_count, avg_server_parse_count, avg_bind_count,"
            + " avg_client_login_count";

    static final String STATS_TOTALS = "text: database; numeric: server_assignment_count, xact_count, query_count,"
            + " bytes_received, bytes_sent, xact_time, query_time, wait_time, client_parse_count, server_parse_count,"
            + " bind_count, client_login_count";

    static final String STATS_AVERAGES = "text: database; numeric: server_assignment_count, xact_count, query_count,"
            + " bytes_received, bytes_sent, xact_time, query_time, wait_time, avg_client_parse_count,"
            + " avg_server_parse_count, avg_bind_count, avg_client_login_count";

    /** The rows of TOTALS, behind {@code total_} and {@code avg_}. */
    private static final List<String> TOTALS = List.of(
            "server_assignment_count",
            "xact_count",
            "query_count",
            "client_bytes",
            "server_bytes",
            "xact_time",
            "query_time",
            "wait_time",
            "ps_client_parse_count",
            "ps_server_parse_count",
            "ps_bind_count",
            "client_login_count");

    private static final long NANOS_PER_MICRO = 1000;
    private static final double NANOS_PER_SECOND = 1e9;

    private StatisticsTables() {}

    static List<Row> stats(Snapshot snapshot) {
        return rows(snapshot, true, true);
    }

    static List<Row> statsTotals(Snapshot snapshot) {
        return rows(snapshot, true, false);
    }

    static List<Row> statsAverages(Snapshot snapshot) {
        return rows(snapshot, false, true);
    }

    private static List<Row> rows(Snapshot snapshot, boolean totals, boolean averages) {
        List<Row> rows = new ArrayList<>();
        Map<Statistics.Key, PoolCounters> now = Statistics.counters(snapshot.lanes());
        for (Tenant tenant : snapshot.tenants()) {
            for (String database : snapshot.databases(tenant)) {
                Statistics.Key key = new Statistics.Key(tenant.id(), database);
                List<@Nullable Object> values = new ArrayList<>();
                values.add(snapshot.access().name(database, tenant.id()));
                if (totals) {
                    values.addAll(totals(now.getOrDefault(key, new PoolCounters())));
                }
                if (averages) {
                    Statistics.Period period = snapshot.statistics();
                    values.addAll(averages(
                            period.older().of(key),
                            period.newer().of(key),
                            period.newer().nanos() - period.older().nanos()));
                }
                rows.add(Row.of(values.toArray()));
            }
        }
        return rows;
    }

    static List<Row> totals(Snapshot snapshot) {
        PoolCounters now = sinceTheStart(snapshot);
        Statistics.Period period = snapshot.statistics();
        List<Long> totals = totals(now);
        List<Long> averages = averages(
                sum(snapshot, period.older()),
                sum(snapshot, period.newer()),
                period.newer().nanos() - period.older().nanos());
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < TOTALS.size(); i++) {
            rows.add(Row.of("total_" + TOTALS.get(i), totals.get(i)));
        }
        for (int i = 0; i < TOTALS.size(); i++) {
            rows.add(Row.of("avg_" + TOTALS.get(i), averages.get(i)));
        }
        return rows;
    }

    /** With what has happened in pools that are no more. */
    private static PoolCounters sinceTheStart(Snapshot snapshot) {
        PoolCounters sum = new PoolCounters();
        for (HomeView home : snapshot.homes()) {
            home.pools().stream().map(PoolView::counters).forEach(sum::add);
            sum.add(home.past().counters());
        }
        for (LaneView lane : snapshot.lanes()) {
            lane.past().forEach((tenant, past) -> {
                if (snapshot.access().sees(tenant)) {
                    sum.add(past.counters());
                }
            });
            if (snapshot.access().seesAll()) {
                sum.add(lane.others().counters());
            }
        }
        return sum;
    }

    private static PoolCounters sum(Snapshot snapshot, Statistics.Sample sample) {
        PoolCounters sum = new PoolCounters();
        sample.counters().forEach((key, counters) -> {
            if (snapshot.access().sees(key.tenant())) {
                sum.add(counters);
            }
        });
        return sum;
    }

    private static List<Long> totals(PoolCounters counters) {
        return List.of(
                counters.assignments(),
                counters.transactions(),
                counters.queries(),
                counters.bytesFromClients(),
                counters.bytesToClients(),
                counters.transactionNanos() / NANOS_PER_MICRO,
                counters.queryNanos() / NANOS_PER_MICRO,
                counters.waitNanos() / NANOS_PER_MICRO,
                counters.clientParses(),
                counters.serverParses(),
                counters.binds(),
                counters.logins());
    }

    /** Counts and bytes per second; times per transaction, query and assignment. */
    static List<Long> averages(PoolCounters older, PoolCounters newer, long nanos) {
        double seconds = nanos / NANOS_PER_SECOND;
        return List.of(
                perSecond(newer.assignments() - older.assignments(), seconds),
                perSecond(newer.transactions() - older.transactions(), seconds),
                perSecond(newer.queries() - older.queries(), seconds),
                perSecond(newer.bytesFromClients() - older.bytesFromClients(), seconds),
                perSecond(newer.bytesToClients() - older.bytesToClients(), seconds),
                microsPer(
                        newer.transactionNanos() - older.transactionNanos(),
                        newer.transactions() - older.transactions()),
                microsPer(newer.queryNanos() - older.queryNanos(), newer.queries() - older.queries()),
                microsPer(newer.waitNanos() - older.waitNanos(), newer.assignments() - older.assignments()),
                perSecond(newer.clientParses() - older.clientParses(), seconds),
                perSecond(newer.serverParses() - older.serverParses(), seconds),
                perSecond(newer.binds() - older.binds(), seconds),
                perSecond(newer.logins() - older.logins(), seconds));
    }

    private static long perSecond(long count, double seconds) {
        return seconds <= 0 || count <= 0 ? 0 : Math.round(count / seconds);
    }

    private static long microsPer(long nanos, long items) {
        return items <= 0 || nanos <= 0 ? 0 : nanos / items / NANOS_PER_MICRO;
    }
}
