package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.weir.api.metrics.Reloads;
import dev.weir.app.config.ConfigReader;
import dev.weir.app.config.ConfigResult;
import dev.weir.app.config.WeirConfig;
import dev.weir.gateway.console.ConsoleOperations.Change;
import dev.weir.gateway.console.ConsoleOperations.Setting;
import dev.weir.gateway.console.ShutdownKind;
import dev.weir.pool.IoKind;
import dev.weir.pool.Lanes;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class OperationsTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final String TEXT = """
            [[tenant]]
            id = "acme"
            host = "db"
            pool_size = 7
            [[tenant.user]]
            name = "app"
            password = "p"
            """;

    @TempDir
    private Path folder;

    private Path file;
    private Operations operations;
    private final AtomicLong nowMillis = new AtomicLong(1_000);
    private final List<WeirConfig> taken = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        file = Files.writeString(folder.resolve("weir.toml"), TEXT);
        operations = operations(written(), Duration.ofDays(1));
        operations.attach((changed, _) -> {
            taken.add(changed);
            return CompletableFuture.completedFuture("");
        });
    }

    private Operations operations(WeirConfig config, Duration laneLimit) {
        return new Operations(
                Optional.of(file), config, new Shutdown(), () -> Instant.ofEpochMilli(nowMillis.get()), laneLimit);
    }

    /** As the file says. */
    private WeirConfig written() {
        if (!(ConfigReader.read(file) instanceof ConfigResult.Read(WeirConfig config))) {
            throw new AssertionError("faulty");
        }
        return config;
    }

    private static int poolSize(WeirConfig config) {
        return config.tenants().find(ACME).map(Tenant::pool).orElseThrow().size();
    }

    private String value(String key) {
        return operations.settings(Optional.of(ACME)).stream()
                .filter(setting -> setting.key().equals(key))
                .map(Setting::value)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatWasSetLastsUntilAReload() {
        assertThat(operations.set(Optional.of(ACME), "pool_size", "3")).isInstanceOf(Change.Made.class);
        assertThat(operations.set(Optional.empty(), "queue_timeout", "2")).isInstanceOf(Change.Made.class);
        assertThat(poolSize(taken.getLast())).isEqualTo(3);
        assertThat(value("pool_size")).isEqualTo("3");
        assertThat(value("queue_timeout")).isEqualTo("2s");
        assertThat(operations.reload()).isEmpty();
        assertThat(poolSize(taken.getLast())).isEqualTo(7);
        assertThat(value("pool_size")).isEqualTo("7");
        assertThat(value("queue_timeout")).isEqualTo("60s");
    }

    @Test
    void aFileThatHasChangedIsNotReadBeforeAReload() throws IOException {
        Files.writeString(file, TEXT.replace("pool_size = 7", "pool_size = 9"));
        operations.set(Optional.empty(), "queue_timeout", "2");
        assertThat(poolSize(taken.getLast())).isEqualTo(7);
        operations.reload();
        assertThat(poolSize(taken.getLast())).isEqualTo(9);
    }

    @Test
    void aFaultLeavesWhatIsInForce() throws IOException {
        Files.writeString(file, TEXT.replace("pool_size = 7", "pool_size = 0"));
        assertThat(operations.reload())
                .contains(
                        new Failure.ReloadFailed(file + ":4: tenant[0].pool_size: must be between 1 and 10000, is 0"));
        assertThat(operations.set(Optional.empty(), "pool_size", "0")).isInstanceOf(Change.Invalid.class);
        assertThat(taken).isEmpty();
        assertThat(value("pool_size")).isEqualTo("7");
    }

    @Test
    void countsReloadsByWhatCameOfThem() throws IOException {
        assertThat(operations.reloads()).isEqualTo(new Reloads(0, 0, 1_000));
        nowMillis.set(2_000);
        operations.reload();
        assertThat(operations.reloads()).isEqualTo(new Reloads(1, 0, 2_000));
        nowMillis.set(3_000);
        operations.set(Optional.of(ACME), "pool_size", "3");
        Files.writeString(file, "nonsense");
        operations.reload();
        assertThat(operations.reloads())
                .as("the time is that of what is in force")
                .isEqualTo(new Reloads(1, 1, 2_000));
    }

    @Test
    void aReloadThatBreaksAmidItsWorkHasFailed() {
        operations.attach((_, _) -> {
            throw new IllegalStateException("broken");
        });
        assertThatThrownBy(operations::reload).hasMessage("broken");
        assertThat(operations.reloads()).isEqualTo(new Reloads(0, 1, 1_000));
    }

    @Test
    void whatALaneHasNotTakenInTimeIsToldAndHasFailed() {
        operations = operations(written(), Duration.ofMillis(50));
        CountDownLatch free = new CountDownLatch(1);
        try (ErrorLog log = ErrorLog.open();
                Lanes lanes =
                        new Lanes(IoKind.NIO, TlsProvider.JDK, 3, written().tenants())) {
            operations.attach((changed, limit) -> lanes.replace(changed.tenants(), limit));
            lanes.all().get(1).loop().execute(() -> await(free));
            try {
                nowMillis.set(2_000);
                Failure.LaneLate late = new Failure.LaneLate("lane 1", 50);
                assertThat(CompletableFuture.supplyAsync(operations::reload, Thread::startVirtualThread))
                        .succeedsWithin(Duration.ofSeconds(30))
                        .isEqualTo(Optional.of(late));
                assertThat(operations.reloads())
                        .as("the time is that of what is in force elsewhere")
                        .isEqualTo(new Reloads(0, 1, 2_000));
                assertThat(log.takeExpected())
                        .singleElement(InstanceOfAssertFactories.STRING)
                        .contains("lanes=\"lane 1\"", "waited_ms=\"50\"");
                assertThat(operations.set(Optional.of(ACME), "pool_size", "3")).isEqualTo(new Change.Late(late));
                assertThat(log.takeExpected()).hasSize(1);
                assertThat(value("pool_size")).isEqualTo("3");
                assertThat(lanes.tenants()
                                .find(ACME)
                                .map(Tenant::pool)
                                .orElseThrow()
                                .size())
                        .as("of which new clients get theirs")
                        .isEqualTo(3);
            } finally {
                free.countDown();
            }
            assertThat(lanes.replace(written().tenants(), Duration.ofDays(1)).join())
                    .isEmpty();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nobodyWaitsBehindOneWhoWaitsForALane() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(2);
        CompletableFuture<String> late = new CompletableFuture<>();
        operations.attach((_, _) -> {
            begun.countDown();
            return late;
        });
        CompletableFuture<Void> both = CompletableFuture.allOf(
                CompletableFuture.supplyAsync(operations::reload, Thread::startVirtualThread),
                CompletableFuture.supplyAsync(operations::reload, Thread::startVirtualThread));
        try {
            assertThat(begun.await(30, TimeUnit.SECONDS))
                    .as("both reloads have begun")
                    .isTrue();
            assertThat(value("pool_size")).isEqualTo("7");
        } finally {
            late.complete("");
        }
        both.join();
        assertThat(operations.reloads().ok()).isEqualTo(2);
    }

    @Test
    void tellsHowTheProcessEnds() {
        assertThat(operations.shutdown()).isEmpty();
        operations.shutDown(true);
        assertThat(operations.shutdown()).contains(ShutdownKind.WAIT_FOR_SERVERS);
        operations.shutDown(false);
        assertThat(operations.shutdown()).contains(ShutdownKind.IMMEDIATE);
    }

    @Test
    void theLevelOfTheLogChangesByAReload() throws IOException {
        Logger weir = (Logger) LoggerFactory.getLogger("dev.weir");
        Level before = weir.getLevel();
        try {
            Files.writeString(file, "[log]\nlevel = \"warn\"\n" + TEXT);
            operations.reload();
            assertThat(weir.getLevel()).isEqualTo(Level.WARN);
            operations.set(Optional.empty(), "log_level", "debug");
            assertThat(weir.getLevel()).isEqualTo(Level.DEBUG);
            operations.reload();
            assertThat(weir.getLevel()).as("what the file says").isEqualTo(Level.WARN);
        } finally {
            weir.setLevel(before);
        }
    }

    @Test
    void whatNeedsARestartIsNamedAndNothingElseIs() throws IOException {
        try (ErrorLog log = ErrorLog.open()) {
            Files.writeString(file, "[log]\nslow_query = \"1s\"\n" + TEXT.replace("pool_size = 7", "pool_size = 9"));
            operations.reload();
            assertThat(log.messages()).noneMatch(line -> line.contains("restart"));
            Files.writeString(
                    file,
                    "lanes = 3\ntls_provider = \"jdk\"\n[listen]\nmax_clients = 9\nsession_port = 7\n[log]\nformat = \"json\"\n"
                            + TEXT);
            operations.reload();
            log.await(
                    "some of the changed configuration needs a restart",
                    "[lanes, tls_provider, listen.session_port, log.format]");
        }
    }

    @Test
    void keysThatAreNoLimitsAreTold() {
        assertThat(operations.set(Optional.empty(), "transaction_port", "1")).isInstanceOf(Change.Fixed.class);
        assertThat(operations.set(Optional.empty(), "pool_sise", "1"))
                .isEqualTo(new Change.Unknown("Did you mean pool_size?"));
        assertThat(operations.set(Optional.empty(), "log_level", "loud")).isInstanceOf(Change.Invalid.class);
    }
}
