package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.TestPostgres;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** pgjdbc with the settings it comes with: what applications see through Weir is what they see of Postgres itself. */
class JdbcIdiomsIT {
    private static final List<String> MODES = List.of("direct", "session", "transaction");

    private static final Map<String, Object> DIRECT = new ConcurrentHashMap<>();

    private static WeirFixture weir;

    @BeforeAll
    static void start() {
        TestPostgres postgres = TestPostgres.shared();
        MODES.forEach(mode -> postgres.createDatabase(database(mode)));
        weir = WeirFixture.before(postgres, "pool_size = 6");
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static String database(String mode) {
        return "jdbc_idioms_" + mode;
    }

    static Set<String> idioms() {
        return JdbcIdioms.all().keySet();
    }

    @ParameterizedTest
    @MethodSource("idioms")
    void inSessionMode(String idiom) throws Exception {
        Object direct = direct(idiom);
        assertThat(see(idiom, "session", weir.weir().sessionPort(), "postgres.acme"))
                .isEqualTo(direct);
    }

    @ParameterizedTest
    @MethodSource("idioms")
    void inTransactionMode(String idiom) throws Exception {
        Object direct = direct(idiom);
        try (Crowd _ = Crowd.of(4, weir.transaction("postgres.acme", "postgres", database("transaction")))) {
            assertThat(see(idiom, "transaction", weir.weir().transactionPort(), "postgres.acme"))
                    .isEqualTo(direct);
        }
    }

    /** Once for both modes, since idioms create tables. */
    private static Object direct(String idiom) throws Exception {
        Object seen = DIRECT.get(idiom);
        if (seen == null) {
            seen = see(idiom, "direct", TestPostgres.shared().port(), "postgres");
            DIRECT.put(idiom, seen);
        }
        return seen;
    }

    private static Object see(String idiom, String mode, int port, String user) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + database(mode) + "?user=" + user
                + "&password=postgres&socketTimeout=20&";
        return Objects.requireNonNull(JdbcIdioms.all().get(idiom))
                .see(parameters -> DriverManager.getConnection(url + parameters));
    }
}
