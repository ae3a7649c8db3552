package dev.weir.gateway.console;

import dev.weir.pool.HomeView;
import dev.weir.pool.ServerView;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Tenant;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Tables of the process, and of the world around it. */
final class ProcessTables {
    private static final int KIBIBYTE = 1024;

    private ProcessTables() {}

    static List<Row> version(Snapshot snapshot) {
        return List.of(Row.of("Weir " + snapshot.operations().version() + " (console of PgBouncer 1.25.2)"));
    }

    /** Ends with what tools for PgBouncer look for by its name there. */
    static List<Row> config(Snapshot snapshot) {
        List<Row> rows = new ArrayList<>();
        snapshot.operations()
                .settings(snapshot.access().tenant())
                .forEach(setting -> rows.add(Row.of(
                        setting.key(), setting.value(), setting.fallback(), setting.changeable() ? "yes" : "no")));
        long ofTenants =
                snapshot.tenants().stream().mapToLong(Tenant::maxClients).sum();
        long maxClients = Math.min(
                ofTenants, snapshot.configured().ceilings().maxClients().orElse(Integer.MAX_VALUE));
        rows.add(Row.of("max_client_conn", maxClients, "100", "no"));
        return rows;
    }

    static List<Row> memory(Snapshot snapshot) {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        MemoryUsage other = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage();
        long buffers = directBuffers();
        return List.of(
                memory("jvm_heap", heap.getUsed(), heap.getCommitted()),
                memory("jvm_non_heap", other.getUsed(), other.getCommitted()),
                memory("direct_buffers", buffers, buffers));
    }

    /** What the lanes' allocator keeps, in use or not: it does not tell them apart. */
    private static long directBuffers() {
        return ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider provider
                ? provider.metric().usedDirectMemory()
                : 0;
    }

    private static Row memory(String name, long used, long total) {
        return Row.of(
                name,
                KIBIBYTE,
                used / KIBIBYTE,
                Math.max(0, total - used) / KIBIBYTE,
                Math.min(total, Integer.MAX_VALUE));
    }

    static List<Row> hosts(Snapshot snapshot) {
        Map<String, Set<String>> addressesByHost = new TreeMap<>();
        for (Tenant tenant : snapshot.tenants()) {
            Set<String> addresses = new TreeSet<>();
            snapshot.home(tenant.id()).map(HomeView::pools).orElse(List.of()).stream()
                    .flatMap(pool -> pool.servers().stream())
                    .map(ServerView::remote)
                    .forEach(remote -> {
                        if (remote instanceof InetSocketAddress inet && inet.getAddress() != null) {
                            addresses.add(inet.getAddress().getHostAddress() + ":" + inet.getPort());
                        }
                    });
            for (Endpoint endpoint : tenant.upstream().endpoints()) {
                if (endpoint instanceof Endpoint.Tcp tcp) {
                    addressesByHost
                            .computeIfAbsent(tcp.host(), _ -> new TreeSet<>())
                            .addAll(addresses);
                }
            }
        }
        return addressesByHost.entrySet().stream()
                .map(host -> Row.of(host.getKey(), 0, String.join(",", host.getValue())))
                .toList();
    }
}
