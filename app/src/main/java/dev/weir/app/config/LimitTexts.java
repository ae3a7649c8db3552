package dev.weir.app.config;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Rates;
import dev.weir.tenants.ServerLife;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.TenantId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The limits in force, as the file would have them. A tenant's are written out when somebody asks. */
public final class LimitTexts {
    private final Limits defaults;
    private final Map<TenantId, Limits> ofTenants;

    /** @param defaults of tenants that say nothing */
    LimitTexts(Limits defaults, Map<TenantId, Limits> ofTenants) {
        this.defaults = defaults;
        this.ofTenants = Map.copyOf(ofTenants);
    }

    /** What they are by themselves. */
    public Map<String, String> builtIn() {
        return of(Limits.builtIn());
    }

    /** Those of tenants that say nothing. */
    public Map<String, String> defaults() {
        return of(defaults);
    }

    /** Those of one tenant; empty when there is none of that name. */
    public Map<String, String> ofTenant(TenantId id) {
        Limits limits = ofTenants.get(id);
        return limits == null ? Map.of() : of(limits);
    }

    /** By key, in the order of the document. */
    static Map<String, String> of(Limits limits) {
        PoolSettings pool = limits.pool();
        ServerLife life = pool.life();
        SessionSettings sessions = pool.sessions();
        Map<ConfigKey<?>, String> values = new LinkedHashMap<>();
        values.put(ConfigKeys.POOL_SIZE, String.valueOf(pool.size()));
        values.put(ConfigKeys.MIN_POOL_SIZE, String.valueOf(pool.minSize()));
        values.put(ConfigKeys.RESERVE_POOL_SIZE, String.valueOf(pool.reserveSize()));
        values.put(ConfigKeys.RESERVE_POOL_TIMEOUT, text(pool.reserveTimeout()));
        values.put(ConfigKeys.MAX_CLIENTS, String.valueOf(limits.maxClients()));
        Allotment allotment = limits.allotment();
        Rates rates = allotment.rates();
        values.put(
                ConfigKeys.MAX_SERVER_CONNECTIONS,
                String.valueOf(allotment.maxServers().orElse(0)));
        values.put(ConfigKeys.SHARE_WEIGHT, String.valueOf(allotment.weight()));
        values.put(ConfigKeys.GUARANTEED_CONNECTIONS, String.valueOf(allotment.guaranteed()));
        values.put(ConfigKeys.MAX_NEW_CONNECTIONS, String.valueOf(rates.newConnections()));
        values.put(ConfigKeys.MAX_TRANSACTIONS, String.valueOf(rates.transactions()));
        values.put(ConfigKeys.MAX_BYTES, (rates.bytes() >> 10) + "KiB");
        values.put(ConfigKeys.QUEUE_TIMEOUT, text(pool.queueTimeout()));
        values.put(ConfigKeys.QUERY_TIMEOUT, text(limits.clients().query()));
        values.put(ConfigKeys.IDLE_TRANSACTION_TIMEOUT, text(limits.clients().idleTransaction()));
        values.put(ConfigKeys.TRANSACTION_TIMEOUT, text(limits.clients().transaction()));
        values.put(ConfigKeys.CLIENT_IDLE_TIMEOUT, text(limits.clients().idle()));
        values.put(ConfigKeys.SERVER_IDLE_TIMEOUT, text(life.idleTimeout()));
        values.put(ConfigKeys.SERVER_LIFETIME, text(life.lifetime()));
        values.put(ConfigKeys.SERVER_CHECK_DELAY, text(life.checkDelay()));
        values.put(ConfigKeys.SERVER_CHECK_QUERY, life.checkQuery());
        values.put(ConfigKeys.CLEANUP_TIMEOUT, text(pool.cleanupTimeout()));
        values.put(ConfigKeys.CANCEL_TIMEOUT, text(pool.cancelTimeout()));
        values.put(ConfigKeys.CONNECT_TIMEOUT, text(limits.connectTimeout()));
        values.put(ConfigKeys.SERVER_RESET_QUERY, sessions.resetQuery());
        values.put(ConfigKeys.MAX_PREPARED_STATEMENTS, String.valueOf(sessions.statementsPerServer()));
        values.put(ConfigKeys.PREPARED_STATEMENTS_PER_CLIENT, String.valueOf(sessions.statementsPerClient()));
        values.put(ConfigKeys.PREPARED_STATEMENT_BYTES, (sessions.statementBytes() >> 10) + "KiB");
        values.put(ConfigKeys.SHARED_PREPARED_STATEMENTS, String.valueOf(sessions.sharedStatements()));
        values.put(ConfigKeys.PINNING, sessions.pinning() ? "allow" : "refuse");
        int pinned =
                sessions.pinned() == SessionSettings.ALL_BUT_ONE ? Math.max(1, pool.size() - 1) : sessions.pinned();
        values.put(ConfigKeys.MAX_PINNED, String.valueOf(pinned));
        values.put(ConfigKeys.SHARED_PIPELINING, pool.sharing().enabled() ? "auto" : "off");
        values.put(
                ConfigKeys.SHARED_PIPELINING_DEPTH,
                String.valueOf(pool.sharing().depth()));
        Map<String, String> byName = new LinkedHashMap<>();
        values.forEach((key, value) -> byName.put(key.name(), value));
        return byName;
    }

    static String text(Duration duration) {
        long millis = duration.toMillis();
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
