package dev.weir.app;

import dev.weir.app.config.ConfigReader;
import dev.weir.app.config.ConfigResult;
import dev.weir.app.config.WeirConfig;
import dev.weir.testkit.Destination;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/** A Weir on free ports, as {@code weir serve} would start it from such a file. */
final class WeirFixture implements AutoCloseable {
    private final Weir weir;

    private WeirFixture(Weir weir) {
        this.weir = weir;
    }

    /** The part of a configuration that every test needs: free ports of the loopback address. */
    static final String LISTEN = """
            [listen]
            host = "127.0.0.1"
            transaction_port = 0
            session_port = 0
            http_port = 0
            shutdown_grace = "2s"
            """;

    static WeirFixture start(String toml) {
        try {
            return new WeirFixture(Weir.start(config(toml)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One tenant {@code acme}, the default one, with the superuser and these extra lines in its table. */
    static WeirFixture before(TestPostgres postgres, String... tenantLines) {
        return start(toml(postgres, tenantLines));
    }

    static String toml(TestPostgres postgres, String... tenantLines) {
        String lines = String.join("\n", tenantLines);
        return """
                default_tenant = "acme"
                %s%s
                [[tenant]]
                id = "acme"
                host = "%s"
                port = %d
                %s%s
                  [[tenant.user]]
                  name = "postgres"
                  password = "postgres"
                """.formatted(
                        PooledRole.lanes(""), LISTEN, postgres.host(), postgres.port(), PooledRole.lanes(lines), lines);
    }

    static WeirConfig config(String toml) {
        return switch (ConfigReader.read(toml, Path.of(""), Map.of())) {
            case ConfigResult.Read read -> read.config();
            case ConfigResult.Faulty faulty ->
                throw new AssertionError(faulty.faults().toString());
        };
    }

    Weir weir() {
        return weir;
    }

    Destination transaction(String user, String password, String database) {
        return new Destination("127.0.0.1", weir.transactionPort(), user, password, database);
    }

    Destination session(String user, String password, String database) {
        return new Destination("127.0.0.1", weir.sessionPort(), user, password, database);
    }

    @Override
    public void close() {
        weir.close();
    }
}
