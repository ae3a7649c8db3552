package dev.weir.bench;

import java.util.function.IntFunction;

/** The texts of {@code weir.toml} that the benchmark needs. */
final class WeirConfiguration {
    private WeirConfiguration() {}

    /** One tenant, which is that of clients who name none. */
    static String ofOneTenant(CandidateKind kind, Account account, Setup setup, WeirPorts ports) {
        return top(kind, ports) + tenant("bench", kind, setup, account, account.password());
    }

    /**
     * Many tenants, all in front of the same database; the first is that of clients who name none.
     *
     * @param name of a tenant by its number, from 0
     * @param secret the password of each tenant's user, or its verifier
     */
    static String ofTenants(
            int count, IntFunction<String> name, Account account, String secret, Setup setup, WeirPorts ports) {
        StringBuilder text =
                new StringBuilder(top(CandidateKind.WEIR, ports).replace("\"bench\"", quoted(name.apply(0))));
        for (int i = 0; i < count; i++) {
            text.append(tenant(name.apply(i), CandidateKind.WEIR, setup, account, secret));
        }
        return text.toString();
    }

    private static String top(CandidateKind kind, WeirPorts ports) {
        return """
                default_tenant = "bench"
                %s
                [listen]
                host = "127.0.0.1"
                transaction_port = %d
                session_port = %d
                http_port = %d
                """.formatted(kind.topSetting(), ports.transaction(), ports.session(), ports.http());
    }

    private static String tenant(String id, CandidateKind kind, Setup setup, Account account, String secret) {
        return """
                [[tenant]]
                id = %s
                host = "127.0.0.1"
                port = %d
                database = %s
                upstream_tls = "disable"
                pool_size = %d
                max_clients = 20000
                server_idle_timeout = "%s"
                %s
                  [[tenant.user]]
                  name = %s
                  password = %s
                """.formatted(
                        quoted(id),
                        setup.postgresPort(),
                        quoted(account.database()),
                        setup.poolSize(),
                        "300s",
                        kind.tenantSetting(),
                        quoted(account.user()),
                        quoted(secret.replace("$", "$$")));
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
