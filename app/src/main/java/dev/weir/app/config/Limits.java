package dev.weir.app.config;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.ClientLimits;
import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Rates;
import dev.weir.tenants.ServerLife;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.SharedPipelining;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** The limits that {@code [defaults]} and a tenant share, at one of the three levels: built in, defaults, tenant. */
record Limits(PoolSettings pool, int maxClients, Allotment allotment, Duration connectTimeout, ClientLimits clients) {

    /** Those of a tenant for which nothing is written. */
    static Limits builtIn() {
        return new Limits(
                new PoolSettings(
                        builtIn(ConfigKeys.POOL_SIZE),
                        builtIn(ConfigKeys.MIN_POOL_SIZE),
                        builtIn(ConfigKeys.RESERVE_POOL_SIZE),
                        builtIn(ConfigKeys.RESERVE_POOL_TIMEOUT),
                        builtIn(ConfigKeys.QUEUE_TIMEOUT),
                        builtIn(ConfigKeys.CLEANUP_TIMEOUT),
                        builtIn(ConfigKeys.CANCEL_TIMEOUT),
                        new ServerLife(
                                builtIn(ConfigKeys.SERVER_IDLE_TIMEOUT),
                                builtIn(ConfigKeys.SERVER_LIFETIME),
                                builtIn(ConfigKeys.SERVER_CHECK_DELAY),
                                builtIn(ConfigKeys.SERVER_CHECK_QUERY)),
                        new SessionSettings(
                                builtIn(ConfigKeys.REUSE),
                                builtIn(ConfigKeys.SERVER_RESET_QUERY),
                                builtIn(ConfigKeys.MAX_PREPARED_STATEMENTS),
                                builtIn(ConfigKeys.PREPARED_STATEMENTS_PER_CLIENT),
                                builtIn(ConfigKeys.PREPARED_STATEMENT_BYTES),
                                builtIn(ConfigKeys.SHARED_PREPARED_STATEMENTS),
                                builtIn(ConfigKeys.PINNING) == Pinning.ALLOW,
                                SessionSettings.ALL_BUT_ONE),
                        new SharedPipelining(
                                builtIn(ConfigKeys.SHARED_PIPELINING) == Sharing.AUTO,
                                builtIn(ConfigKeys.SHARED_PIPELINING_DEPTH))),
                builtIn(ConfigKeys.MAX_CLIENTS),
                Allotment.NONE,
                builtIn(ConfigKeys.CONNECT_TIMEOUT),
                new ClientLimits(
                        builtIn(ConfigKeys.QUERY_TIMEOUT),
                        builtIn(ConfigKeys.IDLE_TRANSACTION_TIMEOUT),
                        builtIn(ConfigKeys.TRANSACTION_TIMEOUT),
                        builtIn(ConfigKeys.CLIENT_IDLE_TIMEOUT)));
    }

    private static <T> T builtIn(ConfigKey<T> key) {
        return key.fallback().orElseThrow();
    }

    /** These limits, except for what the table says: its own keys first, then those of its compute size. */
    Limits overriddenBy(ConfigTable table) {
        Optional<ComputeSize> compute = table.written(ConfigKeys.COMPUTE);
        int size = table.written(ConfigKeys.POOL_SIZE)
                .or(() -> compute.map(ComputeSize::poolSize))
                .orElse(pool.size());
        return new Limits(
                poolOverriddenBy(table, size),
                table.written(ConfigKeys.MAX_CLIENTS)
                        .or(() -> compute.map(ComputeSize::maxClients))
                        .orElse(maxClients),
                allotmentOverriddenBy(table, compute, size),
                table.written(ConfigKeys.CONNECT_TIMEOUT).orElse(connectTimeout),
                new ClientLimits(
                        table.written(ConfigKeys.QUERY_TIMEOUT).orElse(clients.query()),
                        table.written(ConfigKeys.IDLE_TRANSACTION_TIMEOUT).orElse(clients.idleTransaction()),
                        table.written(ConfigKeys.TRANSACTION_TIMEOUT).orElse(clients.transaction()),
                        table.written(ConfigKeys.CLIENT_IDLE_TIMEOUT).orElse(clients.idle())));
    }

    private Allotment allotmentOverriddenBy(ConfigTable table, Optional<ComputeSize> compute, int poolSize) {
        Rates rates = allotment.rates();
        return new Allotment(
                table.written(ConfigKeys.SHARE_WEIGHT).orElse(allotment.weight()),
                table.written(ConfigKeys.GUARANTEED_CONNECTIONS).orElse(allotment.guaranteed()),
                maxServers(table, compute, poolSize),
                new Rates(
                        table.written(ConfigKeys.MAX_NEW_CONNECTIONS).orElse(rates.newConnections()),
                        table.written(ConfigKeys.MAX_TRANSACTIONS).orElse(rates.transactions()),
                        table.written(ConfigKeys.MAX_BYTES).orElse(rates.bytes())));
    }

    private OptionalInt maxServers(ConfigTable table, Optional<ComputeSize> compute, int poolSize) {
        Optional<Integer> written = table.written(ConfigKeys.MAX_SERVER_CONNECTIONS);
        if (written.isPresent()) {
            if (written.get() == 0) {
                return OptionalInt.empty();
            }
            if (written.get() < poolSize) {
                table.fault(
                        ConfigKeys.MAX_SERVER_CONNECTIONS,
                        "must not be below pool_size, which is " + poolSize + ", is " + written.get());
            }
            return OptionalInt.of(written.get());
        }
        if (compute.isPresent()) { // which gives way to a larger pool_size that is written
            return OptionalInt.of(Math.max(compute.get().maxServers(), poolSize));
        }
        OptionalInt inherited = allotment.maxServers();
        return inherited.isPresent() ? OptionalInt.of(Math.max(inherited.getAsInt(), poolSize)) : inherited;
    }

    private PoolSettings poolOverriddenBy(ConfigTable table, int size) {
        Optional<Integer> minSize = table.written(ConfigKeys.MIN_POOL_SIZE);
        if (minSize.isPresent() && minSize.get() > size) {
            table.fault(
                    ConfigKeys.MIN_POOL_SIZE,
                    "must not be above pool_size, which is " + size + ", is " + minSize.get());
        }
        ServerLife life = pool.life();
        return new PoolSettings(
                size,
                minSize.orElse(Math.min(pool.minSize(), size)),
                table.written(ConfigKeys.RESERVE_POOL_SIZE).orElse(pool.reserveSize()),
                table.written(ConfigKeys.RESERVE_POOL_TIMEOUT).orElse(pool.reserveTimeout()),
                table.written(ConfigKeys.QUEUE_TIMEOUT).orElse(pool.queueTimeout()),
                table.written(ConfigKeys.CLEANUP_TIMEOUT).orElse(pool.cleanupTimeout()),
                table.written(ConfigKeys.CANCEL_TIMEOUT).orElse(pool.cancelTimeout()),
                new ServerLife(
                        table.written(ConfigKeys.SERVER_IDLE_TIMEOUT).orElse(life.idleTimeout()),
                        table.written(ConfigKeys.SERVER_LIFETIME).orElse(life.lifetime()),
                        table.written(ConfigKeys.SERVER_CHECK_DELAY).orElse(life.checkDelay()),
                        table.written(ConfigKeys.SERVER_CHECK_QUERY).orElse(life.checkQuery())),
                sessionsOverriddenBy(table, size),
                new SharedPipelining(
                        table.written(ConfigKeys.SHARED_PIPELINING)
                                .map(sharing -> sharing == Sharing.AUTO)
                                .orElse(pool.sharing().enabled()),
                        table.written(ConfigKeys.SHARED_PIPELINING_DEPTH)
                                .orElse(pool.sharing().depth())));
    }

    /** Those of a user, which its own table may say otherwise. */
    ClientLimits clientsOfUser(ConfigTable user) {
        return new ClientLimits(
                user.written(ConfigKeys.USER_QUERY_TIMEOUT).orElse(clients.query()),
                user.written(ConfigKeys.USER_IDLE_TRANSACTION_TIMEOUT).orElse(clients.idleTransaction()),
                user.written(ConfigKeys.USER_TRANSACTION_TIMEOUT).orElse(clients.transaction()),
                user.written(ConfigKeys.USER_CLIENT_IDLE_TIMEOUT).orElse(clients.idle()));
    }

    private SessionSettings sessionsOverriddenBy(ConfigTable table, int size) {
        SessionSettings sessions = pool.sessions();
        Optional<Integer> maxPinned = table.written(ConfigKeys.MAX_PINNED);
        if (maxPinned.isPresent() && maxPinned.get() > size) {
            table.fault(
                    ConfigKeys.MAX_PINNED, "must not be above pool_size, which is " + size + ", is " + maxPinned.get());
        }
        return new SessionSettings(
                sessions.reuse(),
                table.written(ConfigKeys.SERVER_RESET_QUERY).orElse(sessions.resetQuery()),
                table.written(ConfigKeys.MAX_PREPARED_STATEMENTS).orElse(sessions.statementsPerServer()),
                table.written(ConfigKeys.PREPARED_STATEMENTS_PER_CLIENT).orElse(sessions.statementsPerClient()),
                table.written(ConfigKeys.PREPARED_STATEMENT_BYTES).orElse(sessions.statementBytes()),
                table.written(ConfigKeys.SHARED_PREPARED_STATEMENTS).orElse(sessions.sharedStatements()),
                table.written(ConfigKeys.PINNING)
                        .map(pinning -> pinning == Pinning.ALLOW)
                        .orElse(sessions.pinning()),
                maxPinned.orElse(sessions.pinned()));
    }
}
