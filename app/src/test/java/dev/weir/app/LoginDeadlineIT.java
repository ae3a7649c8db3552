package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.Certificates;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that never finish their login, and strangers who want something else, are gone when the deadline has passed. */
class LoginDeadlineIT {
    private static final Map<String, String> POSTGRES = Map.of("user", "postgres", "database", "postgres");

    private static Certificates authority;
    private static WeirFixture weir;

    @RegisterExtension
    final ErrorLog log = ErrorLog.duringEachTest();

    @BeforeAll
    static void start() {
        authority = Certificates.temporary();
        Certificates.Issued certificate = authority.server("localhost");
        String toml =
                WeirFixture.toml(TestPostgres.shared()).replace("[listen]", "[listen]\nlogin_timeout = \"500ms\"");
        weir = WeirFixture.start(toml + """
                [tls]
                certificate = "%s"
                key = "%s"
                """.formatted(certificate.certificateFile(), certificate.keyFile()));
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static PgClient connect() {
        return PgClient.connect("127.0.0.1", weir.weir().transactionPort());
    }

    private static void expectTimeout(PgClient client) {
        Frame error = client.readUntilClosed().getLast();
        assertThat(error.sqlstate()).isEqualTo("57014");
        assertThat(error.message()).isEqualTo("canceling authentication due to timeout");
        assertThat(error.fields().get('D')).contains("500 ms");
    }

    @Test
    void cutsAClientThatSaysNothing() {
        try (PgClient client = connect()) {
            expectTimeout(client);
        }
    }

    @Test
    void cutsAClientInTheMidstOfItsStartupMessage() {
        byte[] startup = Messages.startup(Messages.PROTOCOL_3_0, POSTGRES);
        for (int length : new int[] {1, 3, 7, startup.length - 1}) {
            try (PgClient client = connect()) {
                client.send(java.util.Arrays.copyOf(startup, length));
                expectTimeout(client);
            }
        }
    }

    @Test
    void cutsAClientThatStallsInTheTlsHandshake() {
        try (PgClient afterRequest = connect();
                PgClient direct = connect()) {
            assertThat(afterRequest.send(Messages.sslRequest()).readByte()).isEqualTo('S');
            direct.send(new byte[] {0x16, 3, 1, 2, 0, 1});
            assertThat(afterRequest.isClosedByPeer()).isTrue();
            assertThat(direct.isClosedByPeer()).isTrue();
        }
    }

    @Test
    void cutsAClientThatStallsBehindTheTlsHandshake() {
        try (PgClient client = PgClient.connectTls("localhost", weir.weir().transactionPort(), authority.trust())) {
            expectTimeout(client);
        }
    }

    @Test
    void cutsAClientThatStallsInScram() {
        try (PgClient beforeItsFirst = connect();
                PgClient beforeItsProof = connect();
                PgClient withinAMessage = connect()) {
            byte[] startup = Messages.startup(Messages.PROTOCOL_3_0, POSTGRES);
            byte[] first = Raw.saslInitialResponse("SCRAM-SHA-256", "n,,n=,r=0123456789abcdef01234567");
            beforeItsFirst.send(startup).readFrame();
            beforeItsProof.send(startup).readFrame();
            beforeItsProof.send(first).readFrame();
            withinAMessage.send(startup).readFrame();
            withinAMessage.send(java.util.Arrays.copyOf(first, 20));
            expectTimeout(beforeItsFirst);
            expectTimeout(beforeItsProof);
            expectTimeout(withinAMessage);
        }
    }

    @Test
    void doesNotCutAClientThatHasLoggedIn() {
        try (PgClient client = connect().login("postgres", "postgres", "postgres");
                PgClient clock = connect()) {
            expectTimeout(clock); // which was later
            assertThat(client.rows("SELECT 1")).hasSize(1);
        }
    }

    /** All at once and without reading, as scanners are; neighbours are served meanwhile. */
    @Test
    void outlivesPortScanners() {
        long seed = 20_260_101L;
        System.out.println("port scanners: seed " + seed);
        Random random = new Random(seed);
        try (PgClient neighbour = connect().login("postgres", "postgres", "postgres")) {
            for (int round = 0; round < 10; round++) {
                List<PgClient> scanners = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    PgClient scanner = connect();
                    scanners.add(scanner);
                    sendWhatever(random, scanner);
                }
                assertThat(neighbour.rows("SELECT 1")).hasSize(1);
                for (PgClient scanner : scanners) {
                    drain(scanner);
                    scanner.close();
                }
            }
            assertThat(neighbour.rows("SELECT 1")).hasSize(1);
        }
    }

    private static void sendWhatever(Random random, PgClient scanner) {
        byte[] bytes = new byte[random.nextInt(1, 300)];
        random.nextBytes(bytes);
        switch (random.nextInt(6)) {
            case 0 -> bytes[0] = 0x16; // looks like TLS
            case 1 -> bytes = Arrays.copyOf(new byte[] {0x16, 3, 1, 0, 100, 1, 0, 0, 96, 3, 3}, 200);
            case 2 -> bytes = Messages.together(Raw.packet(3 << 16, bytes), bytes);
            case 3 -> bytes = Messages.together(Messages.startup(Messages.PROTOCOL_3_0, POSTGRES), bytes);
            case 4 -> bytes = Messages.together(Raw.packet(80877102, bytes));
            default -> {
                // plain noise
            }
        }
        try {
            scanner.send(bytes);
        } catch (AssertionError closed) {
            assertThat(closed).hasMessageContaining("failed");
        }
    }

    /** Reads, whatever it is, up to the end; that it comes is what is tested. */
    private static void drain(PgClient scanner) {
        scanner.readTimeout(Duration.ofSeconds(5));
        while (!scanner.isClosedByPeer()) {
            try {
                scanner.readByte();
            } catch (AssertionError end) {
                assertThat(end).hasMessageNotContaining("timed out");
            }
        }
    }
}
