package dev.weir.app.config;

import dev.weir.tenants.Ceilings;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.Upstream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads the {@code [[host]]} tables, and judges whether tenants fit under them. */
final class HostReader {
    private final Map<Endpoint, Integer> limits = new LinkedHashMap<>();
    private final Map<Endpoint, ConfigTable> tables = new HashMap<>();

    private HostReader() {}

    static HostReader read(List<ConfigTable> tables) {
        HostReader reader = new HostReader();
        tables.forEach(reader::read);
        return reader;
    }

    private void read(ConfigTable table) {
        table.refuseUnknown(Set.of(ConfigSection.HOST), Set.of());
        Optional<String> host = table.required(ConfigKeys.HOST_HOST);
        int port = table.value(ConfigKeys.HOST_PORT);
        Optional<Integer> most = table.required(ConfigKeys.MAX_CONNECTIONS);
        if (host.isEmpty() || most.isEmpty()) {
            return;
        }
        Endpoint endpoint = Ceilings.key(TenantReader.endpoint(host.get(), port));
        ConfigTable first = tables.putIfAbsent(endpoint, table);
        if (first != null) {
            table.fault(
                    ConfigKeys.HOST_HOST,
                    "must be unique with its port, but " + first.path() + " is for " + endpoint + " too");
            return;
        }
        limits.put(endpoint, most.get());
    }

    Map<Endpoint, Integer> limits() {
        return Map.copyOf(limits);
    }

    private OptionalInt limit(Upstream upstream) {
        Integer most = limits.get(Ceilings.host(upstream));
        return most == null ? OptionalInt.empty() : OptionalInt.of(most);
    }

    /** Reports what of a tenant can never be had on its host. */
    void refuseTooLargePools(ConfigTable tenant, Upstream upstream, Limits ofTenant) {
        OptionalInt most = limit(upstream);
        if (most.isEmpty()) {
            return;
        }
        refuse(tenant, ConfigKeys.POOL_SIZE, ofTenant.pool().size(), upstream, most.getAsInt());
        refuse(tenant, ConfigKeys.GUARANTEED_CONNECTIONS, ofTenant.allotment().guaranteed(), upstream, most.getAsInt());
    }

    /** Reports a user's own pool size that can never be reached. */
    void refuseTooLargePool(ConfigTable user, Upstream upstream, Limits ofTenant, Optional<Integer> poolSize) {
        if (poolSize.isEmpty()) {
            return;
        }
        OptionalInt most = limit(upstream);
        if (most.isPresent()) {
            refuse(user, ConfigKeys.USER_POOL_SIZE, poolSize.get(), upstream, most.getAsInt());
        }
        OptionalInt ofAllPools = ofTenant.allotment().maxServers();
        if (ofAllPools.isPresent() && poolSize.get() > ofAllPools.getAsInt()) {
            user.fault(
                    ConfigKeys.USER_POOL_SIZE,
                    "must not be above the tenant's max_server_connections, which is " + ofAllPools.getAsInt() + ", is "
                            + poolSize.get());
        }
    }

    private static void refuse(ConfigTable table, ConfigKey<Integer> key, int value, Upstream upstream, int most) {
        if (value > most) {
            table.fault(
                    key,
                    "must not be above max_connections of [[host]] " + Ceilings.host(upstream) + ", which is " + most
                            + ", is " + value);
        }
    }

    /** Reports hosts that can't keep what is guaranteed there. */
    void refuseTooManyGuarantees(List<Tenant> tenants) {
        limits.forEach((endpoint, most) -> {
            List<Tenant> guaranteed = Ceilings.tenantsOf(endpoint, tenants).stream()
                    .filter(tenant -> tenant.allotment().guaranteed() > 0)
                    .toList();
            int sum = guaranteed.stream()
                    .mapToInt(tenant -> tenant.allotment().guaranteed())
                    .sum();
            ConfigTable table = tables.get(endpoint);
            if (sum > most && table != null) {
                table.fault(
                        ConfigKeys.MAX_CONNECTIONS,
                        "must not be below the sum of guaranteed_connections, which is " + sum + " ("
                                + guaranteed.stream()
                                        .map(tenant -> tenant.id() + " "
                                                + tenant.allotment().guaranteed())
                                        .collect(Collectors.joining(", "))
                                + "), is " + most);
            }
        });
    }
}
