package dev.weir.bench;

import java.time.Duration;

/** The texts of {@code weir.toml} that the benchmark needs. */
final class WeirConfiguration {
    /** As Weir has it by default. */
    private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

    private WeirConfiguration() {}

    /** One tenant, which is that of clients who name none. */
    static String ofOneTenant(CandidateKind kind, Account account, Setup setup, WeirPorts ports) {
        return listening(kind.topSetting(), "bench", ports)
                + setup.tls().map(WeirConfiguration::tls).orElse("")
                + tenant("bench", kind.tenantSetting(), setup, account, account.password(), IDLE_TIMEOUT);
    }

    /**
     * Many tenants on one lane, all in front of the same database; the first is that of clients who name none.
     *
     * @param secret the password of each tenant's user, or its verifier
     * @param idleTimeout when a server connection that nobody uses is closed
     */
    static String ofTenants(
            int count, Account account, String secret, Setup setup, Duration idleTimeout, WeirPorts ports) {
        StringBuilder text = new StringBuilder(listening("lanes = 1", tenantName(0), ports));
        for (int i = 0; i < count; i++) {
            text.append(tenant(tenantName(i), "", setup, account, secret, idleTimeout));
        }
        return text.toString();
    }

    /** Of a tenant of {@link #ofTenants}, by its number from 0. */
    static String tenantName(int number) {
        return "tenant-" + number;
    }

    private static String listening(String topSetting, String defaultTenant, WeirPorts ports) {
        return """
                default_tenant = "%s"
                %s
                [listen]
                host = "127.0.0.1"
                transaction_port = %d
                session_port = %d
                http_port = %d
                """.formatted(defaultTenant, topSetting, ports.transaction(), ports.session(), ports.http());
    }

    private static String tls(TlsFiles files) {
        return """
                [tls]
                certificate = "%s"
                key = "%s"
                """.formatted(files.certificate(), files.key());
    }

    private static String tenant(
            String id, String setting, Setup setup, Account account, String secret, Duration idleTimeout) {
        return """
                [[tenant]]
                id = "%s"
                host = "127.0.0.1"
                port = %d
                database = "%s"
                upstream_tls = "disable"
                pool_size = %d
                max_clients = 20000
                server_idle_timeout = "%ds"
                %s
                  [[tenant.user]]
                  name = "%s"
                  password = "%s"
                """.formatted(
                        id,
                        setup.postgresPort(),
                        account.database(),
                        setup.poolSize(),
                        idleTimeout.toSeconds(),
                        setting,
                        account.user(),
                        secret);
    }
}
