package dev.weir.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.FaultProxy;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The first bytes of a client, without TLS: requests for encryption, startup packets good and bad, probes. */
class StartupIT {
    private static final Map<String, String> POSTGRES = Map.of("user", "postgres");

    private static TestPostgres postgres;
    private static WeirFixture weir;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.shared();
        weir = WeirFixture.before(postgres);
    }

    @AfterAll
    static void stop() {
        weir.close();
    }

    private static PgClient connect() {
        return PgClient.connect("127.0.0.1", weir.weir().transactionPort());
    }

    private static PgClient connectDirectly() {
        return PgClient.connect(postgres.host(), postgres.port());
    }

    private static void expectLogin(PgClient client) {
        client.login("postgres", "postgres", "postgres");
        assertThat(client.rows("SELECT 1")).isEqualTo(List.of(List.of("1")));
    }

    private static void expectAuthenticationRequest(PgClient client) {
        assertThat(client.readFrame().type()).isEqualTo('R');
    }

    // ---- requests for encryption

    @Test
    void answersNToSslRequestWithoutACertificate() {
        try (PgClient client = connect()) {
            assertThat(client.send(Messages.sslRequest()).readByte()).isEqualTo('N');
            expectLogin(client);
        }
    }

    @Test
    void answersNToGssRequest() {
        try (PgClient client = connect()) {
            assertThat(client.send(Messages.gssRequest()).readByte()).isEqualTo('N');
            expectLogin(client);
        }
    }

    @Test
    void answersGssAndSslRequestsInEitherOrder() {
        try (PgClient gssFirst = connect();
                PgClient sslFirst = connect()) {
            assertThat(gssFirst.send(Messages.gssRequest()).readByte()).isEqualTo('N');
            assertThat(gssFirst.send(Messages.sslRequest()).readByte()).isEqualTo('N');
            expectLogin(gssFirst);
            assertThat(sslFirst.send(Messages.sslRequest()).readByte()).isEqualTo('N');
            assertThat(sslFirst.send(Messages.gssRequest()).readByte()).isEqualTo('N');
            expectLogin(sslFirst);
        }
    }

    @Test
    void refusesASecondRequestOfTheSameKind() {
        try (PgClient ssl = connect();
                PgClient gss = connect()) {
            assertThat(ssl.send(Messages.sslRequest()).readByte()).isEqualTo('N');
            assertThat(Raw.expectOnlyFatal(ssl.send(Messages.sslRequest())).sqlstate())
                    .isEqualTo("08P01");
            assertThat(gss.send(Messages.gssRequest()).readByte()).isEqualTo('N');
            assertThat(Raw.expectOnlyFatal(gss.send(Messages.gssRequest())).sqlstate())
                    .isEqualTo("08P01");
        }
    }

    @Test
    void refusesBytesGluedBehindARequestForEncryption() {
        byte[] startup = Messages.startup(Messages.PROTOCOL_3_0, POSTGRES);
        for (byte[] request : List.of(Messages.sslRequest(), Messages.gssRequest())) {
            try (PgClient client = connect()) {
                client.send(Messages.together(request, startup));
                Frame error = Raw.expectOnlyFatal(client);
                assertThat(error.sqlstate()).isEqualTo("08P01");
                assertThat(error.message()).startsWith("received unencrypted data after");
            }
        }
    }

    @Test
    void closesOnATlsHandshakeWithoutACertificate() {
        try (PgClient client = connect()) {
            client.send(new byte[] {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0});
            assertThat(client.readUntilClosed()).isEmpty();
        }
    }

    // ---- the startup message

    @Test
    void acceptsAStartupMessageCutAtAnyOffset() {
        byte[] startup =
                Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres.acme", "database", "postgres"));
        for (int offset = 1; offset < startup.length; offset++) {
            try (PgClient client = connect()) {
                client.cutSendsAt(offset).send(startup);
                expectAuthenticationRequest(client);
            }
        }
    }

    @Test
    void acceptsALoginByteByByte() {
        try (FaultProxy proxy = FaultProxy.to("127.0.0.1", weir.weir().transactionPort())) {
            proxy.chunk(FaultProxy.Direction.TO_SERVER, 1)
                    .delay(FaultProxy.Direction.TO_SERVER, Duration.ofNanos(100_000));
            try (PgClient client = PgClient.connect(proxy.host(), proxy.port())) {
                assertThat(client.send(Messages.gssRequest()).readByte()).isEqualTo('N');
                expectLogin(client);
            }
        }
    }

    @Test
    void acceptsAStartupMessageOfTenThousandBytes() {
        try (PgClient client = connect()) {
            client.send(startupOfLength(10_000));
            expectAuthenticationRequest(client);
        }
    }

    private static byte[] startupOfLength(int length) {
        Map<String, String> parameters = new LinkedHashMap<>(POSTGRES);
        parameters.put("application_name", "");
        int padding = length - Messages.startup(Messages.PROTOCOL_3_0, parameters).length;
        parameters.put("application_name", "x".repeat(padding));
        byte[] startup = Messages.startup(Messages.PROTOCOL_3_0, parameters);
        assertThat(startup).hasSize(length);
        return startup;
    }

    @ParameterizedTest
    @ValueSource(ints = {10_001, 65_536, Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 0, 1, 2, 3, 4, 5, 6, 7})
    void refusesAnImpossibleLengthBeforeTheBodyComes(int length) {
        try (PgClient client = connect()) {
            client.send(Raw.int32(length));
            Frame error = Raw.expectOnlyFatal(client);
            assertThat(error.sqlstate()).isEqualTo("08P01");
            assertThat(error.message()).isEqualTo("invalid length of startup packet");
        }
    }

    /** Startup packets whose answer must be Postgres' own, up to the request for a password. */
    static Stream<Map.Entry<String, byte[]>> startupPackets() {
        Map<String, byte[]> packets = new LinkedHashMap<>();
        for (int minor : new int[] {0, 1, 2, 3, 9999}) {
            packets.put("version 3." + minor, Messages.startup(3 << 16 | minor, POSTGRES));
        }
        packets.put("version 4.0", Messages.startup(4 << 16, POSTGRES));
        packets.put("version 4.2", Messages.startup(4 << 16 | 2, POSTGRES));
        packets.put("an unknown protocol option", options(0, "_pq_.one"));
        packets.put("two unknown protocol options and a newer version", options(9, "_pq_.one", "_pq_.two"));
        packets.put("a protocol option with version 3.2", options(2, "_pq_.later"));
        packets.put("no terminator", Raw.packet(Raw.PROTOCOL_3_0, "user\0postgres\0"));
        packets.put("no terminator of a value", Raw.packet(Raw.PROTOCOL_3_0, "user\0postgres"));
        packets.put("a name without a value", Raw.packet(Raw.PROTOCOL_3_0, "user\0postgres\0database\0"));
        packets.put("a name without a value, terminated", Raw.packet(Raw.PROTOCOL_3_0, "user\0postgres\0options\0\0"));
        packets.put("bytes behind the terminator", Raw.packet(Raw.PROTOCOL_3_0, "user\0postgres\0\0more"));
        packets.put("no parameters", Raw.packet(Raw.PROTOCOL_3_0, "\0"));
        packets.put("nothing", Raw.packet(Raw.PROTOCOL_3_0, ""));
        packets.put("an empty user", Raw.packet(Raw.PROTOCOL_3_0, "user\0\0\0"));
        packets.put("no user", Raw.packet(Raw.PROTOCOL_3_0, "database\0postgres\0\0"));
        packets.put("the user twice", Raw.packet(Raw.PROTOCOL_3_0, "user\0nobody\0user\0postgres\0\0"));
        return packets.entrySet().stream();
    }

    private static byte[] options(int minor, String... names) {
        Map<String, String> parameters = new LinkedHashMap<>(POSTGRES);
        for (String name : names) {
            parameters.put(name, "on");
        }
        return Messages.startup(3 << 16 | minor, parameters);
    }

    @ParameterizedTest
    @MethodSource("startupPackets")
    void answersAStartupPacketAsPostgresDoes(Map.Entry<String, byte[]> packet) {
        assertThat(answer(connect(), packet.getValue()))
                .as(packet.getKey())
                .isEqualTo(answer(connectDirectly(), packet.getValue()));
    }

    /** The frames up to the first request for authentication, or up to the end. */
    private static List<String> answer(PgClient client, byte[] packet) {
        List<String> answer = new ArrayList<>();
        try (client) {
            client.send(packet);
            while (true) {
                Frame frame = client.readFrame();
                if (frame.type() == 'E') {
                    answer.add("E " + frame.fields().get('V') + " " + frame.sqlstate() + " " + frame.message());
                    assertThat(client.isClosedByPeer()).isTrue();
                    return answer;
                }
                answer.add(frame.toString());
                if (frame.type() == 'R') {
                    return answer;
                }
            }
        }
    }

    /** Postgres answers these in the form of errors that protocol 2 had. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 0x7fff})
    void refusesAnotherMajorVersion(int major) {
        try (PgClient client = connect()) {
            client.send(Raw.packet(major << 16, "postgres\0".repeat(20)));
            assertThat(Raw.expectOnlyFatal(client).sqlstate()).isEqualTo("0A000");
        }
    }

    @Test
    void takesTheLastOfSeveralUsers() {
        try (PgClient client = connect()) {
            client.send(Raw.packet(Raw.PROTOCOL_3_0, "user\0a.b.c.d\0user\0postgres.acme\0\0"));
            client.readFrame();
            client.send(Raw.saslInitialResponse("SCRAM-SHA-256", "n,,n=,r=0123456789abcdef01234567"));
            // Only a tenant that exists has a stored verifier; an unknown one's salt depends on the whole name.
            assertThat(Raw.scram(client.readFrame()).get("s")).isEqualTo(saltOf("postgres.acme"));
        }
    }

    private static String saltOf(String user) {
        try (PgClient client = connect()) {
            client.send(Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", user)));
            client.readFrame();
            client.send(Raw.saslInitialResponse("SCRAM-SHA-256", "n,,n=,r=0123456789abcdef01234567"));
            return String.valueOf(Raw.scram(client.readFrame()).get("s"));
        }
    }

    @Test
    void refusesReplication() {
        try (PgClient client = connect()) {
            client.send(Messages.startup(Messages.PROTOCOL_3_0, Map.of("user", "postgres", "replication", "database")));
            assertThat(Raw.expectOnlyFatal(client).sqlstate()).isEqualTo("0A000");
        }
    }

    // ---- probes

    @Test
    void answers204ToAnHttpGet() {
        byte[] request = "GET /health HTTP/1.1\r\nHost: weir\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        for (int cut : new int[] {0, 1, 2, 3, 4, 5, 20}) {
            try (PgClient client = connect()) {
                client.cutSendsAt(cut).send(request);
                StringBuilder answer = new StringBuilder();
                while (answer.indexOf("\r\n\r\n") < 0) {
                    answer.append(client.readByte());
                }
                assertThat(answer.toString()).startsWith("HTTP/1.1 204 ");
                assertThat(client.isClosedByPeer()).isTrue();
            }
        }
    }

    @Test
    void closesOnACancelRequestWithoutAWord() {
        try (PgClient unknown = connect();
                PgClient tooShort = connect()) {
            unknown.send(Messages.cancelRequest(4711, new byte[] {1, 2, 3, 4}));
            assertThat(unknown.readUntilClosed()).isEmpty();
            tooShort.send(Messages.cancelRequest(4711, new byte[] {1, 2, 3}));
            assertThat(tooShort.readUntilClosed())
                    .allMatch(frame -> frame.sqlstate().equals("08P01"));
        }
    }
}
