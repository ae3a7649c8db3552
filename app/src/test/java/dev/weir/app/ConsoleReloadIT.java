package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration is read again from the console. What is wrong with it is logged as an error, and told. */
class ConsoleReloadIT {

    @Test
    void reloadReadsTheFileAndDisconnectsWhoMayNoLonger(@TempDir Path folder) throws IOException {
        String text = ConsoleFixture.toml(TestPostgres.shared());
        Path file = Files.writeString(folder.resolve("weir.toml"), text);
        try (Weir running = Weir.start(WeirFixture.config(text), Optional.of(file), () -> 0);
                PgClient ops = login(running, "ops");
                PgClient watching = login(running, "watch.dog");
                PgClient owner = login(running, "owner.red")) {
            Files.writeString(file, text.replace("admin_users", "stats_users_"));
            Frame fault = ops.query("RELOAD").getFirst();
            assertThat(fault.sqlstate()).isEqualTo("F0000");
            assertThat(fault.message()).contains("stats_users_");
            Files.writeString(file, text.replace("watch.dog", "watch.cat").replace("admin_users", "server_names"));
            assertThat(ops.query("RELOAD").getFirst().message())
                    .as("two of one name")
                    .contains("server_names");
            Files.writeString(file, text.replace("watch.dog", "watch.cat"));
            assertThat(ops.query("RELOAD").getFirst().tag()).isEqualTo("RELOAD");
            assertThat(watching.readUntilClosed().getFirst().sqlstate()).isEqualTo("57P01");
            assertThat(owner.rows("SHOW STATE")).hasSize(4);
            login(running, "watch.cat").terminate();
            ops.terminate();
            owner.terminate();
        }
    }

    private static PgClient login(Weir running, String user) {
        return PgClient.connect("127.0.0.1", running.transactionPort())
                .login(user, ConsoleFixture.PASSWORD, "pgbouncer");
    }
}
