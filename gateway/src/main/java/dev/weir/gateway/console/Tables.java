package dev.weir.gateway.console;

import java.util.List;

/** Where the rows of each topic come from. */
final class Tables {
    private Tables() {}

    static List<Row> rows(Topic topic, Snapshot snapshot) {
        return switch (topic) {
            case HELP, PEERS, PEER_POOLS, DNS_ZONES, FDS -> List.of();
            case CONFIG -> ProcessTables.config(snapshot);
            case DATABASES -> PoolTables.databases(snapshot);
            case POOLS -> PoolTables.pools(snapshot);
            case CLIENTS -> ConnectionTables.clients(snapshot);
            case SERVERS -> ConnectionTables.servers(snapshot);
            case USERS -> PoolTables.users(snapshot);
            case VERSION -> ProcessTables.version(snapshot);
            case LISTS -> PoolTables.lists(snapshot);
            case MEM -> ProcessTables.memory(snapshot);
            case STATE -> PoolTables.state(snapshot);
            case SOCKETS -> ConnectionTables.sockets(snapshot);
            case ACTIVE_SOCKETS -> ConnectionTables.activeSockets(snapshot);
            case DNS_HOSTS -> ProcessTables.hosts(snapshot);
            case STATS -> StatisticsTables.stats(snapshot);
            case STATS_TOTALS -> StatisticsTables.statsTotals(snapshot);
            case STATS_AVERAGES -> StatisticsTables.statsAverages(snapshot);
            case TOTALS -> StatisticsTables.totals(snapshot);
            case TENANTS -> WeirTables.tenants(snapshot);
            case PINNED -> WeirTables.pinned(snapshot);
            case WAITING -> WeirTables.waiting(snapshot);
            case LANES -> WeirTables.lanes(snapshot);
        };
    }
}
