package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** How many may be at the console. Nobody here needs a Postgres. */
class ConsoleLimitsIT {
    private static final String PASSWORD = "secret";

    private static String tenant(String id) {
        return """
                [[tenant]]
                id = "%s"
                host = "127.0.0.1"
                port = 1
                admin_users = ["owner"]
                  [[tenant.user]]
                  name = "owner"
                  password = "secret"
                """.formatted(id);
    }

    private static String toml(int all, int perTenant) {
        return WeirFixture.LISTEN
                + "[console]\nmax_clients = " + all + "\nmax_clients_per_tenant = " + perTenant + "\n"
                + "[[console.user]]\nname = \"ops\"\npassword = \"secret\"\nrole = \"admin\"\n"
                + tenant("red") + tenant("blue");
    }

    private static PgClient console(WeirFixture weir, String user) {
        return weir.transaction(user, PASSWORD, "pgbouncer").login();
    }

    private static Frame attempt(WeirFixture weir, String user) {
        try (PgClient client = PgClient.connect("127.0.0.1", weir.weir().transactionPort())) {
            return client.attemptLogin(Messages.PROTOCOL_3_0, user, PASSWORD, "pgbouncer", Map.of());
        }
    }

    @Test
    void aTenantsUsersAreLimitedAndAllTogetherButNotTheOperators() {
        try (WeirFixture weir = WeirFixture.start(toml(3, 2));
                PgClient red = console(weir, "owner.red");
                PgClient red2 = console(weir, "owner.red")) {
            assertThat(attempt(weir, "owner.red").fields())
                    .containsEntry('S', "FATAL")
                    .containsEntry('C', "53300")
                    .containsEntry(
                            'D',
                            "Users of the tenant have 2 connections to the console, the limit"
                                    + " (console.max_clients_per_tenant).")
                    .containsKey('H');
            try (PgClient blue = console(weir, "owner.blue")) {
                assertThat(attempt(weir, "owner.blue").fields())
                        .containsEntry('C', "53300")
                        .containsEntry(
                                'D',
                                "Users of all tenants have 3 connections to the console, the limit"
                                        + " (console.max_clients).")
                        .containsKey('H');
                for (int i = 0; i < 2; i++) {
                    try (PgClient ops = console(weir, "ops")) {
                        assertThat(ops.rows("SHOW TENANTS")).hasSize(2);
                        ops.terminate();
                    }
                }
                blue.terminate();
            }
            red.terminate();
            Awaitility.await().until(() -> attempt(weir, "owner.red").type() == 'Z');
            red2.terminate();
        }
    }
}
