package dev.weir.gateway;

import dev.weir.pool.Pool;
import dev.weir.pool.TenantHome;
import org.slf4j.spi.LoggingEventBuilder;

/** Where a logged-in client belongs. */
record Membership(TenantHome home, Pool pool) {

    LoggingEventBuilder event(LoggingEventBuilder builder) {
        return builder.addKeyValue("tenant", pool.key().tenant())
                .addKeyValue("user", pool.key().user())
                .addKeyValue("database", pool.key().database());
    }
}
