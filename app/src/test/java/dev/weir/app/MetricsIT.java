package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.weir.api.metrics.Metric;
import dev.weir.app.config.WeirConfig;
import dev.weir.gateway.Mode;
import dev.weir.testkit.Certificates;
import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code /metrics} says of real traffic, figure by figure where they are exact. */
class MetricsIT {

    /** A pool and what is told of it. */
    private record Story(PooledRole pool, String role) implements AutoCloseable {
        static Story of(String role, String... lines) {
            return new Story(PooledRole.create(role, lines), role);
        }

        /** With a budget of its host, and TLS. */
        static Story of(String role, int hostConnections, Certificates.Issued certificate, String... lines) {
            TestPostgres postgres = TestPostgres.shared();
            PooledRole.createRole(postgres, role);
            String tenant = PooledRole.tenant("acme", postgres.host(), postgres.port(), role, lines);
            String tables = """
                    [tls]
                    certificate = "%s"
                    key = "%s"
                    [[host]]
                    host = "%s"
                    port = %d
                    max_connections = %d
                    """.formatted(
                            certificate.certificateFile(),
                            certificate.keyFile(),
                            postgres.host(),
                            postgres.port(),
                            hostConnections);
            return new Story(PooledRole.existing(postgres, role, PooledRole.toml("", tenant, tables)), role);
        }

        Scraped scrape() {
            return Scraped.of(pool.weir());
        }

        double now(Metric metric, String... more) {
            return in(scrape(), metric.exposedName(), more);
        }

        double in(Scraped scraped, String name, String... more) {
            String[] labels = new String[6 + more.length];
            System.arraycopy(new String[] {"tenant", "acme", "user", role, "database", "postgres"}, 0, labels, 0, 6);
            System.arraycopy(more, 0, labels, 6, more.length);
            return scraped.value(name, labels);
        }

        void await(double expected, Metric metric, String... more) {
            Awaitility.await()
                    .atMost(PooledRole.PATIENCE)
                    .untilAsserted(
                            () -> assertThat(now(metric, more)).as("%s", metric).isEqualTo(expected));
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void countsRequestsTransactionsAndBytes(Mode mode) {
        try (Story story = Story.of("metrics_" + mode.name().toLowerCase(Locale.ROOT) + "_role", "pool_size = 1")) {
            byte[] select = Messages.query("select 1");
            double received;
            try (PgClient client = story.pool.login(mode)) {
                received = bytes(answered(client, select));
                received += bytes(answered(client, Messages.query("begin")));
                received += bytes(answered(client, Messages.query("select pg_sleep(0.06)")));
                received += bytes(answered(client, Messages.query("commit")));
                received += bytes(answered(
                        client,
                        Messages.parse("", "select 1"),
                        Messages.bind("", ""),
                        Messages.execute("", 0),
                        Messages.sync()));
                Scraped scraped = story.scrape();
                assertThat(story.in(scraped, "weir_query_seconds_count")).isEqualTo(5);
                assertThat(story.in(scraped, "weir_transaction_seconds_count")).isEqualTo(3);
                assertThat(story.in(scraped, "weir_query_seconds_bucket", "le", "+Inf"))
                        .isEqualTo(5);
                assertThat(story.in(scraped, "weir_query_seconds_bucket", "le", "0.05"))
                        .as("all but the one that sleeps")
                        .isLessThanOrEqualTo(4);
                assertThat(story.in(scraped, "weir_query_seconds_sum")).isGreaterThanOrEqualTo(0.06);
                assertThat(story.in(scraped, "weir_client_wait_seconds_count")).isEqualTo(mode == Mode.SESSION ? 1 : 3);
                assertThat(story.in(scraped, "weir_client_login_seconds_count")).isEqualTo(1);
                assertThat(story.in(scraped, "weir_server_connect_seconds_count"))
                        .isEqualTo(1);
                assertThat(story.in(scraped, "weir_binds_total")).isEqualTo(1);
                assertThat(story.in(scraped, "weir_client_sent_bytes_total")).isEqualTo(received);
                assertThat(story.in(scraped, "weir_server_received_bytes_total"))
                        .isGreaterThanOrEqualTo(received);
                assertThat(story.in(scraped, "weir_client_received_bytes_total"))
                        .isGreaterThan(5 * select.length)
                        .isLessThan(1000);
                assertThat(story.in(scraped, "weir_server_errors_total", "sqlstate", "42P01"))
                        .isZero();
                String word = mode.name().toLowerCase(Locale.ROOT);
                assertThat(story.in(scraped, "weir_pool_clients", "mode", word)).isEqualTo(1);
                assertThat(story.in(scraped, "weir_client_logins_total", "mode", word))
                        .isEqualTo(1);
                assertThat(story.in(scraped, "weir_pool_size")).isEqualTo(1);
                assertThat(story.in(scraped, "weir_pool_servers", "state", mode == Mode.SESSION ? "lent" : "idle"))
                        .isEqualTo(1);
                client.terminate();
            }
            story.await(1, Metric.CLIENT_DEPARTURES, "mode", mode.name().toLowerCase(Locale.ROOT));
        }
    }

    private static List<Frame> answered(PgClient client, byte[]... messages) {
        client.send(messages);
        return client.readUntilReady();
    }

    private static double bytes(List<Frame> frames) {
        return frames.stream().mapToLong(frame -> 5 + frame.body().length).sum();
    }

    @Test
    void countsWhatGoesWrong() {
        try (Story story = Story.of("metrics_wrong_role", "pool_size = 1", "queue_timeout = \"300ms\"")) {
            try (PgClient holder = story.pool.login(Mode.TRANSACTION);
                    PgClient late = story.pool.login(Mode.TRANSACTION)) {
                holder.query("select * from nowhere");
                holder.query("select 1 / 0");
                holder.query("select 1 / 0");
                assertThat(story.now(Metric.SERVER_ERRORS, "sqlstate", "42P01")).isEqualTo(1);
                assertThat(story.now(Metric.SERVER_ERRORS, "sqlstate", "22012")).isEqualTo(2);

                holder.query("begin");
                late.send(Messages.query("select 1"));
                Awaitility.await()
                        .atMost(PooledRole.PATIENCE)
                        .pollInterval(Duration.ofMillis(10))
                        .until(() -> story.now(Metric.POOL_CLIENTS_WAITING) == 1);
                assertThat(late.readUntilReady().getFirst().sqlstate()).isEqualTo("53300");
                Scraped scraped = story.scrape();
                assertThat(story.in(scraped, "weir_requests_refused_total", "reason", "queue_timeout"))
                        .isEqualTo(1);
                assertThat(story.in(scraped, "weir_pool_clients_waiting")).isZero();

                holder.send(Messages.query("select pg_sleep(60)"));
                story.pool.awaitRunning("pg_sleep(60)");
                Frame.BackendKey key = holder.loggedIn().key();
                Destination at = story.pool.destination(Mode.TRANSACTION);
                try (PgClient canceler = PgClient.connect(at.host(), at.port())) {
                    canceler.send(Messages.cancelRequest(key.pid(), key.key()));
                    assertThat(canceler.isClosedByPeer()).isTrue();
                }
                assertThat(PooledRole.error(holder.readUntilReady()).sqlstate()).isEqualTo("57014");
                scraped = story.scrape();
                assertThat(story.in(scraped, "weir_cancel_requests_total")).isEqualTo(1);
                assertThat(story.in(scraped, "weir_cancels_sent_total")).isEqualTo(1);
                assertThat(story.in(scraped, "weir_server_errors_total", "sqlstate", "57014"))
                        .isEqualTo(1);
                holder.query("rollback");

                int backend = PooledRole.backend(holder);
                story.pool.postgres().execute("select pg_terminate_backend(" + backend + ")");
                story.await(1, Metric.SERVERS_CLOSED, "reason", "by_server");
                assertThat(PooledRole.single(holder, "select 'again'")).isEqualTo("again");
                assertThat(story.now(Metric.SERVERS_OPENED)).isEqualTo(2);
                holder.terminate();
                late.terminate();
            }
        }
    }

    @Test
    void countsPins() {
        try (Story story = Story.of("metrics_pins_role", "pool_size = 2");
                PgClient client = story.pool.login(Mode.TRANSACTION)) {
            client.query("create temp table kept (a int)");
            story.await(1, Metric.POOL_CLIENTS_PINNED);
            assertThat(story.now(Metric.PINS, "reason", "temporary_object")).isEqualTo(1);
            assertThat(story.now(Metric.POOL_SERVERS, "state", "lent")).isEqualTo(1);
            client.query("drop table kept");
            story.await(0, Metric.POOL_CLIENTS_PINNED);
            assertThat(story.now(Metric.PINS, "reason", "temporary_object")).isEqualTo(1);
            client.terminate();
        }
    }

    @Test
    void countsPreparedStatements() {
        try (Story story = Story.of("metrics_prepared_role", "pool_size = 1", "max_prepared_statements = 2");
                PgClient client = story.pool.login(Mode.TRANSACTION)) {
            for (String name : List.of("a", "b", "c")) {
                answered(client, Messages.parse(name, "select '" + name + "'"), Messages.sync());
            }
            Scraped scraped = story.scrape();
            assertThat(story.in(scraped, "weir_client_parses_total")).isEqualTo(3);
            assertThat(story.in(scraped, "weir_server_parses_total")).isEqualTo(3);
            assertThat(story.in(scraped, "weir_statement_misses_total")).isEqualTo(3);
            assertThat(story.in(scraped, "weir_statement_evictions_total")).isEqualTo(1);
            assertThat(story.in(scraped, "weir_pool_server_statements")).isEqualTo(2);
            answered(client, Messages.bind("", "c"), Messages.execute("", 0), Messages.sync());
            assertThat(story.now(Metric.STATEMENT_HITS)).isEqualTo(1);
            answered(client, Messages.bind("", "a"), Messages.execute("", 0), Messages.sync());
            scraped = story.scrape();
            assertThat(story.in(scraped, "weir_statement_misses_total")).isEqualTo(4);
            assertThat(story.in(scraped, "weir_statement_evictions_total")).isEqualTo(2);
            assertThat(story.in(scraped, "weir_binds_total")).isEqualTo(2);
            client.terminate();
        }
    }

    @Test
    void countsLoginsThatFail() {
        try (Story story = Story.of("metrics_login_role", "max_clients = 1");
                PgClient only = story.pool.login(Mode.TRANSACTION)) {
            Destination at = story.pool.destination(Mode.TRANSACTION);
            for (String[] attempt : new String[][] {
                {at.user(), "wrong"}, {at.user(), at.password()}, {"nobody.acme", "x"}, {"app.nowhere", "x"}
            }) {
                try (PgClient client = PgClient.connect(at.host(), at.port())) {
                    Frame answer =
                            client.attemptLogin(Messages.PROTOCOL_3_0, attempt[0], attempt[1], at.database(), Map.of());
                    assertThat(answer.type()).isEqualTo('E');
                }
            }
            Scraped scraped = story.scrape();
            Metric failures = Metric.LOGIN_FAILURES;
            assertThat(scraped.value(failures, "tenant", "acme", "reason", "password"))
                    .isEqualTo(2);
            assertThat(scraped.value(failures, "tenant", "acme", "reason", "too_many"))
                    .isEqualTo(1);
            assertThat(scraped.value(failures, "tenant", "(unknown)", "reason", "password"))
                    .isEqualTo(1);
            assertThat(scraped.value(Metric.TENANT_CLIENTS, "tenant", "acme")).isEqualTo(1);
            assertThat(scraped.value(Metric.TENANT_MAX_CLIENTS, "tenant", "acme"))
                    .isEqualTo(1);
            only.terminate();
        }
    }

    @Test
    void sumsUpPoolsBeyondTheLimit() {
        TestPostgres postgres = TestPostgres.shared();
        PooledRole.createRole(postgres, "metrics_limit_role");
        String toml = PooledRole.toml(
                "[metrics]\nmax_pools = 1\n",
                PooledRole.tenant("one", postgres.host(), postgres.port(), "metrics_limit_role"),
                PooledRole.tenant("two", postgres.host(), postgres.port(), "metrics_limit_role"),
                PooledRole.tenant("three", postgres.host(), postgres.port(), "metrics_limit_role"));
        try (WeirFixture weir = WeirFixture.start(toml)) {
            for (String tenant : List.of("one", "two", "three")) {
                try (PgClient client = weir.transaction("metrics_limit_role." + tenant, PooledRole.PASSWORD, "postgres")
                        .login()) {
                    client.query("select 1");
                    Scraped.of(weir.weir());
                    client.terminate();
                }
            }
            Scraped scraped = Scraped.of(weir.weir());
            assertThat(scraped.value(
                            "weir_query_seconds_count",
                            "tenant",
                            "one",
                            "user",
                            "metrics_limit_role",
                            "database",
                            "postgres"))
                    .isEqualTo(1);
            assertThat(scraped.value(
                            "weir_query_seconds_count", "tenant", "(other)", "user", "(other)", "database", "(other)"))
                    .isEqualTo(2);
            assertThat(scraped.value(Metric.POOLS)).isEqualTo(3);
            assertThat(scraped.value(Metric.POOLS_IN_OTHER)).isEqualTo(2);
            assertThat(scraped.value(Metric.TENANT_POOLS, "tenant", "(other)")).isEqualTo(2);
            assertThat(scraped.text()).doesNotContain("\"two\"", "\"three\"");
        }
    }

    /** By the way of SIGHUP, and by the console. */
    @Test
    void countsReloads(@TempDir Path folder) throws IOException {
        String text = ConsoleFixture.toml(TestPostgres.shared());
        Path file = Files.writeString(folder.resolve("weir.toml"), text);
        try (Weir running = Weir.start(WeirFixture.config(text), Optional.of(file), () -> 0);
                PgClient ops = PgClient.connect("127.0.0.1", running.transactionPort())
                        .login("ops", ConsoleFixture.PASSWORD, "pgbouncer")) {
            double started = assertReloads(running, 0, 0);
            assertThat(started).isPositive().isLessThanOrEqualTo(System.currentTimeMillis() / 1e3);
            double before = System.currentTimeMillis() / 1e3;
            running.reload();
            double read = assertReloads(running, 1, 0);
            assertThat(read).isGreaterThanOrEqualTo(before);
            Files.writeString(file, "nonsense");
            running.reload();
            assertThat(assertReloads(running, 1, 1)).isEqualTo(read);
            assertThat(ops.query("RELOAD").getFirst().sqlstate()).isEqualTo("F0000");
            assertReloads(running, 1, 2);
            Files.writeString(file, text);
            assertThat(ops.query("RELOAD").getFirst().tag()).isEqualTo("RELOAD");
            assertThat(assertReloads(running, 2, 2)).isGreaterThanOrEqualTo(read);
            ops.terminate();
        }
    }

    /** And when the last one was. */
    private static double assertReloads(Weir running, int ok, int failed) {
        Scraped scraped = Scraped.of(running);
        assertThat(scraped.value(Metric.CONFIG_RELOADS, "result", "ok")).isEqualTo(ok);
        assertThat(scraped.value(Metric.CONFIG_RELOADS, "result", "failed")).isEqualTo(failed);
        return scraped.value(Metric.CONFIG_LAST_RELOAD);
    }

    @Test
    void countsLogLinesThatNobodyReads() throws IOException {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        Logger logger = context.getLogger("test");
        PipedInputStream reader = new PipedInputStream();
        LogWriter writer = new LogWriter(
                logger, Logging.encoder(WeirConfig.LogFormat.TEXT, context), new PipedOutputStream(reader));
        writer.setContext(context);
        writer.start();
        try (reader; // whose end comes last, and is that of the waiting for it
                Weir running = Weir.start(
                        WeirFixture.config(WeirFixture.toml(TestPostgres.shared())),
                        Optional.empty(),
                        writer::leftOut)) {
            assertThat(Scraped.of(running).value(Metric.LOG_LINES_LEFT_OUT)).isZero();
            for (int i = 0; i < 10 * LogWriter.CAPACITY; i++) {
                writer.doAppend(new LoggingEvent("", logger, Level.INFO, "line", null, new Object[0]));
            }
            assertThat(Scraped.of(running).value(Metric.LOG_LINES_LEFT_OUT))
                    .isGreaterThan(LogWriter.CAPACITY)
                    .isEqualTo((double) writer.leftOut());
        } finally {
            writer.stop();
        }
    }

    /** Everything that is documented is there, in its type and with its labels, and nothing else. */
    @Test
    void saysAllThatIsDocumentedAndNothingElse(@TempDir Path folder) {
        Certificates.Issued certificate = Certificates.in(folder).server("localhost");
        try (Story story = Story.of("metrics_all_role", 7, certificate, "pool_size = 1", "queue_timeout = \"50ms\"")) {
            Destination at = story.pool.destination(Mode.TRANSACTION);
            try (PgClient client = story.pool.login(Mode.TRANSACTION);
                    PgClient late = story.pool.login(Mode.TRANSACTION);
                    PgClient wrong = PgClient.connect(at.host(), at.port());
                    PgClient elsewhere = PgClient.connect(at.host(), at.port())) {
                wrong.attemptLogin(Messages.PROTOCOL_3_0, at.user(), "wrong", at.database(), Map.of());
                elsewhere.attemptLogin(Messages.PROTOCOL_3_0, at.user(), at.password(), "no_such_db", Map.of());
                client.query("select * from nowhere");
                client.query("create temp table kept (a int)");
                assertThat(answered(late, Messages.query("select 1")).getFirst().sqlstate())
                        .isEqualTo("53300");
                String host = story.pool.postgres().host() + ":"
                        + story.pool.postgres().port();
                assertThat(story.scrape().value(Metric.HOST_MAX_SERVERS, "host", host))
                        .isEqualTo(7);
                assertThat(story.scrape().value(Metric.HOST_SERVERS, "host", host))
                        .isEqualTo(1);
                int backend = PooledRole.backend(client);
                story.pool.postgres().execute("select pg_terminate_backend(" + backend + ")");
                assertThat(client.readUntilClosed().getLast().sqlstate()).isEqualTo("57P01");
                story.await(1, Metric.SERVERS_CLOSED, "reason", "by_server");
                Scraped scraped = story.scrape();
                Set<String> expected = new HashSet<>();
                for (Metric metric : Metric.values()) {
                    String type = metric.type() == Metric.Type.INFO
                            ? "gauge"
                            : metric.type().name();
                    assertThat(scraped.types()).containsEntry(metric.exposedName(), type.toLowerCase(Locale.ROOT));
                    assertThat(scraped.labelNames(metric))
                            .as(metric.exposedName())
                            .containsExactly(Set.copyOf(metric.labels()));
                    expected.add(metric.exposedName());
                }
                assertThat(scraped.types().keySet()).isEqualTo(expected);
                assertThat(scraped.value(Metric.READY)).isEqualTo(1);
                Instant end = certificate.certificate().getNotAfter().toInstant();
                assertThat(scraped.value(Metric.CERTIFICATE_END)).isEqualTo((double) end.getEpochSecond());
                assertThat(scraped.value(Metric.LANE_CPU, "lane", "0")).isPositive();
                assertThat(scraped.value(Metric.OPEN_FILES)).isPositive();
                assertThat(scraped.value(Metric.MEMORY_USED, "area", "heap")).isPositive();
                late.terminate();
            }
        }
    }

    @Test
    void prometheusReadsThem() {
        Programs.require("promtool");
        try (Story story = Story.of("metrics_promtool_role");
                PgClient client = story.pool.login(Mode.TRANSACTION)) {
            client.query("select * from nowhere");
            String text = story.scrape().text();
            Programs.Result result =
                    Programs.run(Path.of("."), Map.of(), text, List.of("promtool", "check", "metrics"));
            assertThat(result.output()).isEmpty();
            assertThat(result.status()).isZero();
            client.terminate();
        }
    }

    /** Every expression of the dashboard is one that Prometheus understands. */
    @Test
    void prometheusReadsTheDashboard() throws IOException {
        Programs.require("promtool");
        Matcher expressions = Pattern.compile("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"")
                .matcher(Files.readString(documents().resolve("grafana/weir.json")));
        StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
        int count = 0;
        while (expressions.find()) {
            String expression = expressions
                    .group(1)
                    .replace("\\\"", "\"")
                    .replaceAll("\\$(tenant|user|database)", "a.*")
                    .replace("$__rate_interval", "1m");
            assertThat(expression).doesNotContain("$", "\\", "'");
            rules.append("  - {record: 'rule")
                    .append(count++)
                    .append("', expr: '")
                    .append(expression)
                    .append("'}\n");
        }
        assertThat(count).isGreaterThan(50);
        Path file = Files.createTempFile("weir", ".yml");
        try {
            Files.writeString(file, rules);
            Programs.run(Path.of("."), Map.of(), "", List.of("promtool", "check", "rules", file.toString()))
                    .expectSuccess();
        } finally {
            Files.delete(file);
        }
    }

    private static Path documents() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("docs/grafana"))) {
                return folder.resolve("docs");
            }
        }
        throw new IllegalStateException("no docs/grafana here or around");
    }

    @Test
    void isNotReadyWhileATransactionHoldsUpTheShutdown() throws InterruptedException {
        try (Story story = Story.of("metrics_ready_role");
                PgClient client = story.pool.login(Mode.TRANSACTION)) {
            client.query("begin");
            assertThat(story.now(Metric.POOL_CLIENTS, "mode", "transaction")).isEqualTo(1);
            Thread closing = Thread.ofVirtual().start(story.pool.weir()::close);
            Awaitility.await()
                    .atMost(PooledRole.PATIENCE)
                    .until(() -> story.scrape().value(Metric.READY) == 0);
            client.query("commit");
            closing.join();
        }
    }
}
