package dev.weir.tenants;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What all tenants together may have.
 *
 * @param hosts server connections by where the first host of a tenant listens
 * @param maxClients logged-in clients of this process, at most
 */
public record Ceilings(Map<Endpoint, Integer> hosts, OptionalInt maxClients) {
    public static final Ceilings NONE = new Ceilings(Map.of(), OptionalInt.empty());

    public Ceilings {
        hosts = Map.copyOf(hosts);
    }

    /** The most that the host of this upstream may get; empty if nothing is set for it. */
    public OptionalInt ofHost(Upstream upstream) {
        Integer most = hosts.get(host(upstream));
        return most == null ? OptionalInt.empty() : OptionalInt.of(most);
    }

    /** The endpoint towards which the connections of an upstream count: its first. */
    public static Endpoint host(Upstream upstream) {
        return key(upstream.endpoints().getFirst());
    }

    /** Names of hosts are the same in any case. */
    public static Endpoint key(Endpoint endpoint) {
        return switch (endpoint) {
            case Endpoint.Tcp(String host, int port) -> new Endpoint.Tcp(host.toLowerCase(Locale.ROOT), port);
            case Endpoint.UnixSocket socket -> socket;
        };
    }

    /** The tenants whose server connections count towards a host. */
    public static List<Tenant> tenantsOf(Endpoint host, Iterable<Tenant> tenants) {
        List<Tenant> there = new ArrayList<>();
        for (Tenant tenant : tenants) {
            if (host(tenant.upstream()).equals(host)) {
                there.add(tenant);
            }
        }
        return there;
    }
}
