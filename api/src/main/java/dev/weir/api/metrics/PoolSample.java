package dev.weir.api.metrics;

import dev.weir.pool.CloseReason;
import dev.weir.pool.PoolCounters;
import dev.weir.pool.PoolTotals;
import dev.weir.pool.PoolView;
import dev.weir.pool.ServerView;
import dev.weir.pool.SupplyCounters;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is so at the moment in one pool, or in several together; what has happened is beside it. */
final class PoolSample {
    private static final String OPENING = "opening";
    private static final String TRANSACTION = "transaction";
    private static final String SESSION = "session";

    private final Map<ServerView.State, Long> servers = new EnumMap<>(ServerView.State.class);
    private long size;
    private long opening;
    private long transactionClients;
    private long sessionClients;
    private long waiting;
    private long pinned;
    private long sharingWidth;
    private long paused;
    private long longestWaitNanos;
    private long oldestServerMillis;
    private long statements;

    /** @param nowMillis since the epoch */
    void add(PoolView pool, long nowMillis) {
        PoolCounters counters = pool.counters();
        long session = counters.sessionLogins() - counters.sessionDepartures();
        size += pool.settings().size();
        opening += pool.opening();
        sessionClients += session;
        transactionClients += counters.logins() - counters.departures() - session;
        waiting += pool.waiting();
        pinned += pool.pinned();
        sharingWidth += pool.sharingWidth();
        paused = Math.max(paused, pool.paused() ? 1 : 0);
        longestWaitNanos = Math.max(longestWaitNanos, pool.longestWaitNanos());
        for (ServerView server : pool.servers()) {
            servers.merge(server.state(), 1L, Long::sum);
            oldestServerMillis = Math.max(oldestServerMillis, nowMillis - server.connectedMillis());
            statements += server.statements();
        }
    }

    void writeTo(Families to, List<String> labels) {
        to.add(Metric.POOL_SIZE, size, labels);
        for (ServerView.State state : ServerView.State.values()) {
            to.add(
                    Metric.POOL_SERVERS,
                    servers.getOrDefault(state, 0L),
                    labels,
                    state.name().toLowerCase(Locale.ROOT));
        }
        to.add(Metric.POOL_SERVERS, opening, labels, OPENING);
        to.add(Metric.POOL_CLIENTS, transactionClients, labels, TRANSACTION);
        to.add(Metric.POOL_CLIENTS, sessionClients, labels, SESSION);
        to.add(Metric.POOL_CLIENTS_WAITING, waiting, labels);
        to.add(Metric.POOL_CLIENTS_PINNED, pinned, labels);
        to.add(Metric.POOL_SHARING_WIDTH, sharingWidth, labels);
        to.add(Metric.POOL_PAUSED, paused, labels);
        to.add(Metric.POOL_OLDEST_WAIT, longestWaitNanos / 1e9, labels);
        to.add(Metric.POOL_OLDEST_SERVER, oldestServerMillis / 1e3, labels);
        to.add(Metric.POOL_STATEMENTS, statements, labels);
    }

    /** What has happened in one pool, or in several together. */
    static void write(PoolTotals totals, Families to, List<String> labels) {
        write(totals.counters(), to, labels);
        write(totals.supply(), to, labels);
    }

    private static void write(PoolCounters counters, Families to, List<String> labels) {
        to.add(Metric.CLIENT_WAIT, counters.waitTimes(), labels);
        to.add(Metric.TRANSACTION_TIME, counters.transactionTimes(), labels);
        to.add(Metric.QUERY_TIME, counters.queryTimes(), labels);
        to.add(Metric.LOGIN_TIME, counters.loginTimes(), labels);
        to.add(Metric.CONNECT_TIME, counters.connectTimes(), labels);
        to.add(Metric.ASSIGNMENTS, counters.assignmentsAtOnce(), labels, "no");
        to.add(Metric.ASSIGNMENTS, counters.assignments() - counters.assignmentsAtOnce(), labels, "yes");
        long logins = counters.logins() - counters.sessionLogins();
        long departures = counters.departures() - counters.sessionDepartures();
        to.add(Metric.CLIENT_LOGINS, logins, labels, TRANSACTION);
        to.add(Metric.CLIENT_LOGINS, counters.sessionLogins(), labels, SESSION);
        to.add(Metric.CLIENT_DEPARTURES, departures, labels, TRANSACTION);
        to.add(Metric.CLIENT_DEPARTURES, counters.sessionDepartures(), labels, SESSION);
        to.add(Metric.CLIENT_RECEIVED, counters.bytesFromClients(), labels);
        to.add(Metric.CLIENT_SENT, counters.bytesToClients(), labels);
        to.add(Metric.SERVER_RECEIVED, counters.bytesFromServers(), labels);
        to.add(Metric.SERVER_SENT, counters.bytesToServers(), labels);
        to.add(Metric.CLIENT_PARSES, counters.clientParses(), labels);
        to.add(Metric.SERVER_PARSES, counters.serverParses(), labels);
        to.add(Metric.BINDS, counters.binds(), labels);
        to.add(Metric.STATEMENT_HITS, counters.statementHits(), labels);
        to.add(Metric.STATEMENT_MISSES, counters.statementMisses(), labels);
        to.add(Metric.STATEMENT_EVICTIONS, counters.statementEvictions(), labels);
        to.add(Metric.STATEMENTS_SHARED, counters.rides(), labels);
        to.add(Metric.STATEMENTS_REPEATED, counters.repeats(), labels);
        to.add(Metric.REQUESTS_REFUSED, counters.refusals(), labels);
        to.add(Metric.SERVER_ERRORS, counters.errors(), labels);
        to.add(Metric.PINS, counters.pins(), labels);
        to.add(Metric.CANCEL_REQUESTS, counters.cancels(), labels);
        to.add(Metric.CANCELS_SENT, counters.cancelsSent(), labels);
    }

    private static void write(SupplyCounters supply, Families to, List<String> labels) {
        to.add(Metric.SERVERS_OPENED, supply.opened(), labels);
        to.add(Metric.SERVER_REUSES, supply.reused(), labels);
        to.add(Metric.SERVER_CHECKS, supply.checks(), labels);
        for (CloseReason why : CloseReason.values()) {
            long closed = supply.closed(why);
            if (closed > 0) {
                to.add(Metric.SERVERS_CLOSED, closed, labels, why.name().toLowerCase(Locale.ROOT));
            }
        }
    }
}
