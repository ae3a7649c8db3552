package dev.weir.app;

import dev.weir.app.config.ConfigReader;
import dev.weir.app.config.ConfigResult;
import dev.weir.app.config.WeirConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code weir demo}: a Postgres of its own, Weir in front of it, and connection strings to try. */
@Command(
        name = "demo",
        description = "Starts a Postgres and Weir in front of it, to try it out.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    /** Where Postgres is unpacked, once, and keeps its data while the demo runs. */
    private static final String FOLDER_PROPERTY = "weir.demo.folder";

    private static final Duration POSTGRES_START = Duration.ofSeconds(60);

    @Mixin
    PortOptions ports = new PortOptions();

    @Override
    public Integer call() throws InterruptedException {
        WeirConfig base = demoConfig(5432); // only for its log settings and ports
        LogWriter logWriter = Logging.configure(base.log().format(), WeirConfig.LogLevel.WARN);
        System.out.println("Starting an embedded PostgreSQL (the first time it is unpacked, a few seconds) ...");
        EmbeddedPostgres postgres;
        try {
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder().setPGStartupWait(POSTGRES_START);
            String folder = System.getProperty(FOLDER_PROPERTY);
            if (folder != null) {
                builder.setOverrideWorkingDirectory(new File(folder));
            }
            postgres = builder.start();
        } catch (IOException | IllegalStateException e) {
            System.err.println("The embedded PostgreSQL did not start: " + e.getMessage());
            return 1;
        }
        Weir weir;
        try {
            WeirConfig config = demoConfig(postgres.getPort());
            weir = Weir.start(config.withListen(ports.over(config.listen())), Optional.empty(), logWriter::leftOut);
        } catch (IOException e) {
            System.err.println(e.getMessage());
            stop(postgres);
            return 1;
        }
        announce(weir, postgres.getPort());
        Signals.awaitEnd(weir.shutdown(), () -> {
            System.out.println("Stopping ...");
            weir.close();
            stop(postgres);
        });
        return 0;
    }

    private static void announce(Weir weir, int postgresPort) {
        System.out.printf("""

                Weir is ready.

                  transaction mode  psql "postgresql://postgres.demo:postgres@localhost:%d/postgres"
                  session mode      psql "postgresql://postgres.demo:postgres@localhost:%d/postgres"
                  console           psql "postgresql://admin:admin@localhost:%d/pgbouncer"
                  Postgres itself   psql "postgresql://postgres:postgres@localhost:%d/postgres"

                Ctrl-C ends it and leaves nothing behind.
                """, weir.transactionPort(), weir.sessionPort(), weir.transactionPort(), postgresPort);
    }

    private static WeirConfig demoConfig(int postgresPort) {
        String text = """
                default_tenant = "demo"
                [listen]
                shutdown_grace = "1s"
                [[console.user]]
                name = "admin"
                password = "admin"
                role = "admin"
                [[tenant]]
                id = "demo"
                host = "localhost"
                port = %d
                [[tenant.user]]
                name = "postgres"
                password = "postgres"
                """.formatted(postgresPort);
        return switch (ConfigReader.read(text, Path.of(""), Map.of())) {
            case ConfigResult.Read read -> read.config();
            case ConfigResult.Faulty faulty ->
                throw new IllegalStateException("the demo's configuration has faults: " + faulty.faults());
        };
    }

    private static void stop(EmbeddedPostgres postgres) {
        try {
            postgres.close();
        } catch (IOException e) {
            System.err.println("The embedded PostgreSQL did not stop orderly: " + e.getMessage());
        }
    }
}
