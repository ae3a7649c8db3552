package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Destination;
import dev.weir.testkit.TestPostgres;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Drivers of other languages with the settings they come with, in idioms of their own: what each sees through Weir is what
 * it sees of Postgres itself. {@code -Dweir.test.idiom=regex} runs only some, and prints what they see.
 */
class DriverIdiomsIT {
    private static final Map<String, Map<String, String>> DIRECT = new ConcurrentHashMap<>();

    private static final String CHOSEN = System.getProperty("weir.test.idiom", "");
    private static final Pattern SEEN = Pattern.compile("(\\w+) = (.*)");

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private static TestPostgres postgres;
    /** A driver's own pool opens ten sessions and more. */
    private static WeirFixture sessions;

    /** As many server connections as clients in the crowd, and one more. */
    private static WeirFixture transactions;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.shared();
        sessions = WeirFixture.before(postgres, "pool_size = 25");
        transactions = WeirFixture.before(postgres, "pool_size = 5");
    }

    @AfterAll
    static void stop() {
        sessions.close();
        transactions.close();
    }

    @ParameterizedTest
    @CsvSource({
        "idioms/pg.js, session",
        "idioms/pg.js, transaction",
        "idioms/postgres.js, session",
        "idioms/postgres.js, transaction",
        "idioms/prisma.js, session",
        "idioms/prisma.js, transaction",
        "idioms/psycopg3.py, session",
        "idioms/psycopg3.py, transaction",
        "idioms/asyncpg_idioms.py, session",
        "idioms/asyncpg_idioms.py, transaction",
        "idioms/sqlalchemy_idioms.py, session",
        "idioms/sqlalchemy_idioms.py, transaction"
    })
    void seesWhatItSeesOfPostgres(String script, String mode) throws IOException {
        Map<String, String> direct = DIRECT.get(script);
        if (direct == null) {
            direct = run(script, postgres.destination("postgres", database(script, "direct")));
            if (direct.isEmpty()) {
                Programs.skip("no idiom of " + script + " is called so");
            }
            direct.forEach(
                    (idiom, seen) -> assertThat(seen).as(idiom + ", directly").doesNotStartWith("FAILED"));
            DIRECT.put(script, direct);
        }
        String database = database(script, mode);
        if (mode.equals("session")) {
            compare(run(script, sessions.session("postgres.acme", "postgres", database)), direct);
            return;
        }
        Destination transaction = transactions.transaction("postgres.acme", "postgres", database);
        try (Crowd _ = Crowd.of(4, transaction)) {
            compare(run(script, transaction), direct);
        }
    }

    private static void compare(Map<String, String> pooled, Map<String, String> direct) {
        StringBuilder differences = new StringBuilder();
        Set<String> idioms = new LinkedHashSet<>(direct.keySet());
        idioms.addAll(pooled.keySet());
        for (String idiom : idioms) {
            if (!Objects.equals(pooled.get(idiom), direct.get(idiom))) {
                differences
                        .append("\n")
                        .append(idiom)
                        .append("\n  directly:     ")
                        .append(direct.get(idiom))
                        .append("\n  through Weir: ")
                        .append(pooled.get(idiom));
            }
        }
        assertThat(differences.toString()).as("differences").isEmpty();
    }

    /** A new one, since idioms create types and tables. */
    private static String database(String script, String mode) {
        String name = script.replaceAll("^idioms/|[^a-z3]", "") + "_" + mode + DATABASES.incrementAndGet();
        postgres.createDatabase(name);
        return name;
    }

    /** What each idiom saw, by its name. */
    private static Map<String, String> run(String script, Destination destination) throws IOException {
        Map<String, String> environment = Map.of(
                "URL",
                "postgresql://" + destination.user() + ":" + destination.password() + "@" + destination.host() + ":"
                        + destination.port() + "/" + destination.database(),
                "IDIOM",
                CHOSEN);
        Programs.Result result = script.endsWith(".js")
                ? DriverPrograms.node(script, environment)
                : DriverPrograms.python(script, environment);
        Map<String, String> seen = new LinkedHashMap<>();
        for (String line : result.expectSuccess().output().lines().toList()) {
            Matcher idiom = SEEN.matcher(line);
            // What else a driver prints is a warning.
            if (idiom.matches()) {
                seen.put(idiom.group(1), idiom.group(2));
            }
        }
        if (!CHOSEN.isEmpty()) {
            seen.forEach((idiom, what) -> System.out.println(destination + " " + idiom + " = " + what));
        }
        return seen;
    }
}
