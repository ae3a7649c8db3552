package dev.weir.api.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.pool.IoKind;
import dev.weir.pool.Lane;
import dev.weir.pool.LaneCheck;
import dev.weir.pool.Lanes;
import dev.weir.pool.TenantHome;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.Ceilings;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Secret;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.TenantUser;
import dev.weir.tenants.Tenants;
import dev.weir.tenants.Upstream;
import dev.weir.tenants.UpstreamTls;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final TenantId ACME = new TenantId("acme");

    private final Lanes lanes =
            new Lanes(IoKind.NIO, TlsProvider.JDK, 1, Tenants.of(List.of(tenant()), Optional.empty()));

    private static Tenant tenant() {
        return new Tenant(
                ACME,
                new Upstream(
                        List.of(new Endpoint.Tcp("127.0.0.1", 1)),
                        UpstreamTls.DISABLE,
                        Optional.empty(),
                        Duration.ofSeconds(1)),
                "db",
                PoolSettings.of(5, Duration.ofSeconds(1), Duration.ofSeconds(1), SessionSettings.DEFAULTS),
                10,
                List.of(TenantUser.of("app", new Secret.Password("x"))),
                Set.of());
    }

    @AfterEach
    void stop() {
        lanes.close();
    }

    private void makePools(int count) {
        Lane lane = lanes.all().getFirst();
        lane.loop()
                .submit(() -> {
                    TenantHome home = Objects.requireNonNull(lanes.home(lane, ACME));
                    for (int i = 0; i < count; i++) {
                        home.pool("database" + i, home.tenant().user("app").orElseThrow());
                    }
                })
                .syncUninterruptibly();
    }

    private Metrics metrics(int maxPools) {
        return new Metrics(lanes, FixedFacts.of("1", () -> true), maxPools, Duration.ofSeconds(30));
    }

    private static long series(MetricSnapshots snapshots, Metric metric) {
        return snapshots.stream()
                .filter(snapshot -> snapshot.getMetadata().getName().equals(metric.baseName()))
                .map(MetricSnapshot::getDataPoints)
                .mapToLong(List::size)
                .sum();
    }

    @Test
    void whatIsToldOfPoolsIsBounded() throws Exception {
        makePools(3_000);
        MetricSnapshots snapshots = metrics(1_000).scrape();
        assertThat(series(snapshots, Metric.POOL_SIZE))
                .as("and one for all others")
                .isEqualTo(1_001);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ExpositionFormats.init().getPrometheusTextFormatWriter().write(text, snapshots);
        long ofPools = text.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("user=\"app\""))
                .count();
        assertThat(ofPools / 1_000.0)
                .as("series of a pool in which nothing has gone wrong, as docs/metrics.md says")
                .isBetween(130.0, 150.0);
        assertThat(text.size()).as("as docs/decisions/0008-metrics.md says").isLessThan(14_000_000);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            text.writeTo(out);
        }
        assertThat(compressed.size()).isLessThan(600_000);
    }

    @Test
    void hostsHaveTheirBudgetsWhileThereAreAny() throws Exception {
        assertThat(series(metrics(1).scrape(), Metric.HOST_SERVERS)).isZero();
        Map<Endpoint, Integer> hosts =
                Map.of(new Endpoint.Tcp("db", 5432), 7, new Endpoint.UnixSocket("/run/.s.PGSQL.5432"), 3);
        lanes.replace(
                        Tenants.of(List.of(tenant()), Optional.empty(), new Ceilings(hosts, OptionalInt.empty())),
                        LaneCheck.LIMIT)
                .join();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ExpositionFormats.init()
                .getPrometheusTextFormatWriter()
                .write(text, metrics(1).scrape());
        assertThat(text.toString(StandardCharsets.UTF_8).lines().filter(line -> line.startsWith("weir_host")))
                .containsExactlyInAnyOrder(
                        "weir_host_servers{host=\"db:5432\"} 0.0",
                        "weir_host_max_servers{host=\"db:5432\"} 7.0",
                        "weir_host_servers{host=\"/run/.s.PGSQL.5432\"} 0.0",
                        "weir_host_max_servers{host=\"/run/.s.PGSQL.5432\"} 3.0");
        lanes.replace(Tenants.of(List.of(tenant()), Optional.empty()), LaneCheck.LIMIT)
                .join();
        assertThat(series(metrics(1).scrape(), Metric.HOST_MAX_SERVERS)).isZero();
    }

    @Test
    void aCertificateHasItsEndWhileThereIsOne() throws Exception {
        assertThat(series(metrics(1).scrape(), Metric.CERTIFICATE_END)).isZero();
        FixedFacts facts =
                new FixedFacts("1", () -> true, Reloads.none(0), Optional.of(Instant.parse("2030-01-02T03:04:05Z")));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        ExpositionFormats.init()
                .getPrometheusTextFormatWriter()
                .write(text, new Metrics(lanes, facts, 1, Duration.ofSeconds(30)).scrape());
        assertThat(text.toString(StandardCharsets.UTF_8))
                .contains("\nweir_tls_certificate_not_after_seconds 1.893553445E9\n");
    }

    @Test
    void scrapesThatComeTogetherAreAllAnswered() throws Exception {
        makePools(100);
        Metrics metrics = metrics(10);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> scrapes = new ArrayList<>();
            Callable<Long> scrape = () -> series(metrics.scrape(), Metric.POOL_SIZE);
            for (int i = 0; i < 50; i++) {
                scrapes.add(threads.submit(scrape));
            }
            for (Future<Long> done : scrapes) {
                assertThat(done.get()).isEqualTo(11);
            }
        }
    }
}
