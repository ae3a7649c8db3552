package dev.weir.app;

import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A Weir whose console has users: of all tenants, and of the two tenants {@code red} and {@code blue}. */
final class ConsoleFixture implements AutoCloseable {
    static final String PASSWORD = "secret";

    private final WeirFixture weir;

    private ConsoleFixture(WeirFixture weir) {
        this.weir = weir;
    }

    /** @param redLines more of the table of tenant red */
    static ConsoleFixture before(TestPostgres postgres, String... redLines) {
        return new ConsoleFixture(WeirFixture.start(toml(postgres, redLines)));
    }

    static String toml(TestPostgres postgres, String... redLines) {
        return """
                default_tenant = "red"
                %s%s
                [[console.user]]
                name = "ops"
                password = "secret"
                role = "admin"
                [[console.user]]
                name = "watch.dog"
                password = "secret"
                role = "stats"
                %s%s
                """.formatted(
                PooledRole.lanes(""), WeirFixture.LISTEN, tenant(postgres, "red", redLines), tenant(postgres, "blue"));
    }

    private static String tenant(TestPostgres postgres, String id, String... lines) {
        String extra = String.join("\n", lines);
        return """
                [[tenant]]
                id = "%s"
                host = "%s"
                port = %d
                admin_users = ["owner"]
                stats_users = ["guest"]
                %s
                  [[tenant.user]]
                  name = "postgres"
                  password = "postgres"
                  [[tenant.user]]
                  name = "owner"
                  password = "secret"
                  [[tenant.user]]
                  name = "guest"
                  password = "secret"
                """.formatted(id, postgres.host(), postgres.port(), PooledRole.lanes(extra) + extra);
    }

    WeirFixture weir() {
        return weir;
    }

    int port() {
        return weir.weir().transactionPort();
    }

    /** At the console, on the port of transaction mode. */
    PgClient console(String user) {
        return weir.transaction(user, PASSWORD, "pgbouncer").login();
    }

    /** A client of a tenant. */
    PgClient client(String tenant) {
        return weir.transaction("postgres." + tenant, "postgres", "postgres").login();
    }

    /** The values of one column of what a command shows. */
    static List<@Nullable String> column(PgClient console, String command, String column) {
        var frames = console.query(command);
        int at = frames.stream()
                .filter(frame -> frame.type() == 'T')
                .findFirst()
                .map(frame -> ConsoleFixture.names(frame.body()).indexOf(column))
                .orElse(-1);
        if (at < 0) {
            throw new AssertionError("no column " + column + " in " + frames);
        }
        return frames.stream()
                .filter(frame -> frame.type() == 'D')
                .map(frame -> frame.columns().get(at))
                .collect(Collectors.toList());
    }

    /** The names in a RowDescription. */
    static List<String> names(byte[] rowDescription) {
        return List.copyOf(types(rowDescription).keySet());
    }

    /** The names in a RowDescription, with the OIDs of their types. */
    static Map<String, Integer> types(byte[] rowDescription) {
        ByteBuffer in = ByteBuffer.wrap(rowDescription);
        int count = in.getShort();
        Map<String, Integer> types = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            StringBuilder name = new StringBuilder();
            for (byte b = in.get(); b != 0; b = in.get()) {
                name.append((char) b);
            }
            in.position(in.position() + 6); // table and column there
            types.put(name.toString(), in.getInt());
            in.position(in.position() + 8); // size, modifier, format
        }
        return types;
    }

    @Override
    public void close() {
        weir.close();
    }
}
