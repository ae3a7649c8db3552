package dev.weir.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.weir.wire.Sqlstate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramServerExchangeTest {

    private static final ChannelBinding NONE = new ChannelBinding.None();
    private static final ChannelBinding BOUND = new ChannelBinding.ServerEndPoint(new byte[] {1, 2, 3, 4});
    private static final ScramVerifier VERIFIER = ScramVerifier.derive("pencil", new byte[] {1, 2, 3}, 7);
    private static final String PLAIN = SaslMechanisms.SCRAM_SHA_256;
    private static final String PLUS = SaslMechanisms.SCRAM_SHA_256_PLUS;

    private static ScramServerExchange server(ChannelBinding binding) {
        return new ScramServerExchange(VERIFIER, true, binding, Seeded.nonces(1));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String serverFirst(ScramServerExchange server, String clientFirst) {
        if (!(server.clientFirst(PLAIN, bytes(clientFirst)) instanceof ScramServerExchange.Continue challenge)) {
            throw new AssertionError("No challenge");
        }
        return new String(challenge.serverFirst(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void offersBindingWhereThereIsOne() {
        assertThat(server(BOUND).mechanisms()).containsExactly(PLUS, PLAIN);
        assertThat(server(NONE).mechanisms()).containsExactly(PLAIN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n,,n=,r=abc",
                "y,,n=,r=abc",
                "n,,n=ignored,r=abc",
                "n,,n=J\u00f6rg=2C,r=abc",
                "n,,n=*,r=abc,x=optional,y="
            })
    void challengesWithItsNonceSaltAndCount(String clientFirst) {
        assertThat(serverFirst(server(NONE), clientFirst)).matches("r=abc[A-Za-z0-9+/]{24},s=AQID,i=7");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "n,,|PROTOCOL_VIOLATION",
                "x|PROTOCOL_VIOLATION",
                ",,n=,r=abc|PROTOCOL_VIOLATION",
                "z,,n=,r=abc|PROTOCOL_VIOLATION",
                "nn,,n=,r=abc|PROTOCOL_VIOLATION",
                "n,n=,r=abc|PROTOCOL_VIOLATION",
                "n,x,n=,r=abc|PROTOCOL_VIOLATION",
                "n,,r=abc|PROTOCOL_VIOLATION",
                "n,,n=|PROTOCOL_VIOLATION",
                "n,,n=,|PROTOCOL_VIOLATION",
                "n,,n=,r=|PROTOCOL_VIOLATION",
                "n,,n=,r=a c|PROTOCOL_VIOLATION",
                "n,,n=,r=\u00e4|PROTOCOL_VIOLATION",
                "n,,n=,r=abc,|PROTOCOL_VIOLATION",
                "n,,n=,r=abc,1=x|PROTOCOL_VIOLATION",
                "n,,n=,r=abc,xx|PROTOCOL_VIOLATION",
                "n,a=root,n=,r=abc|FEATURE_NOT_SUPPORTED",
                "n,,m=x,n=,r=abc|FEATURE_NOT_SUPPORTED",
                "n,,n=,m=x,r=abc|FEATURE_NOT_SUPPORTED",
                "n,,n=,r=abc,m=x|FEATURE_NOT_SUPPORTED",
                "p=tls-server-end-point,,n=,r=abc|PROTOCOL_VIOLATION",
            })
    void refusesFirstMessages(String clientFirst, Sqlstate sqlstate) {
        for (ChannelBinding binding : List.of(NONE, BOUND)) {
            assertThat(server(binding).clientFirst(PLAIN, bytes(clientFirst)))
                    .isInstanceOfSatisfying(ScramServerExchange.Violation.class, violation -> {
                        assertThat(violation.sqlstate()).isEqualTo(sqlstate);
                        assertThat(violation.message()).isNotEmpty();
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"n,,n=,r=abc", "y,,n=,r=abc", "p=tls-unique,,n=,r=abc", "p=,,n=,r=abc", "p,,n=,r=abc"})
    void refusesPlusWithoutItsBinding(String clientFirst) {
        assertThat(server(BOUND).clientFirst(PLUS, bytes(clientFirst)))
                .isInstanceOf(ScramServerExchange.Violation.class);
    }

    @Test
    void refusesMechanismsThatItDidNotOffer() {
        byte[] first = bytes("p=tls-server-end-point,,n=,r=abc");
        assertThat(server(NONE).clientFirst(PLUS, first)).isInstanceOf(ScramServerExchange.Violation.class);
        assertThat(server(BOUND).clientFirst("SCRAM-SHA-1", first)).isInstanceOf(ScramServerExchange.Violation.class);
        assertThat(server(BOUND).clientFirst("", first)).isInstanceOf(ScramServerExchange.Violation.class);
    }

    @Test
    void boundsTheSizeOfMessages() {
        String first = "n,,n=,r=";
        assertThat(server(NONE).clientFirst(PLAIN, bytes(first + "a".repeat(1024 - first.length()))))
                .isInstanceOf(ScramServerExchange.Continue.class);
        assertThat(server(NONE).clientFirst(PLAIN, bytes(first + "a".repeat(1025 - first.length()))))
                .isInstanceOf(ScramServerExchange.Violation.class);
        assertThat(server(NONE).clientFirst(PLAIN, new byte[0])).isInstanceOf(ScramServerExchange.Violation.class);
        assertThat(server(NONE).clientFirst(PLAIN, bytes("n,,n=,r=a\0b")))
                .isInstanceOf(ScramServerExchange.Violation.class);
    }

    @Test
    void refusesMalformedFinalMessages() {
        String proof = ",p=" + "A".repeat(43) + "=";
        String[] finals = {
            "",
            "c=biws",
            "c=biws,r=NONCE",
            "c=biws,r=NONCE,",
            "c=eSws,r=NONCE" + proof,
            "r=NONCE,c=biws" + proof,
            "c=biws,r=NONCEx" + proof,
            "c=biws,r=abc" + proof,
            "c=biws,r=" + proof,
            "m=x,c=biws,r=NONCE" + proof,
            "c=biws,r=NONCE,m=x" + proof,
            "c=biws,r=NONCE" + proof + ",x=y",
            "c=biws,r=NONCE" + proof + ",",
            "c=biws,r=NONCE,p=",
            "c=biws,r=NONCE,p=AAAA",
            "c=biws,r=NONCE,p=****",
            "c=biws,r=NONCE,p=" + "A".repeat(43) + "B",
            "c=biws,r=NONCE,p=" + "A".repeat(42) + "B=",
            "c=biws,r=NONCE,x" + proof,
            "c=biws,r=NONCE,x=" + "y".repeat(2000) + proof,
        };
        for (String each : finals) {
            ScramServerExchange server = server(NONE);
            String nonce = serverFirst(server, "n,,n=,r=abc").replaceAll("r=([^,]*),.*", "$1");
            assertThat(server.clientFinal(bytes(each.replace("NONCE", nonce))))
                    .as(each)
                    .isInstanceOf(ScramServerExchange.Violation.class);
        }
        for (String extension : new String[] {"", ",x=optional", ",x=,y=z"}) {
            ScramServerExchange server = server(NONE);
            String nonce = serverFirst(server, "n,,n=,r=abc").replaceAll("r=([^,]*),.*", "$1");
            assertThat(server.clientFinal(bytes("c=biws,r=" + nonce + extension + proof)))
                    .isEqualTo(new ScramServerExchange.Rejected());
        }
    }

    @Test
    void neverThrowsAtGarbage() {
        Random random = Seeded.random("neverThrowsAtGarbage");
        String[] pieces = {
            "n",
            "y",
            "p=",
            "tls-server-end-point",
            ",",
            ",,",
            "n=",
            "r=",
            "c=",
            "biws",
            "a=",
            "m=",
            "=",
            "abc",
            "\0",
            "\u00ff"
        };
        for (int i = 0; i < 20_000; i++) {
            StringBuilder garbage = new StringBuilder();
            int count = random.nextInt(12);
            for (int j = 0; j < count; j++) {
                garbage.append(pieces[random.nextInt(pieces.length)]);
            }
            ScramServerExchange server = server(random.nextBoolean() ? BOUND : NONE);
            byte[] data = random.nextInt(4) == 0 ? Seeded.bytes(random, count) : bytes(garbage.toString());
            if (server.clientFirst(random.nextBoolean() ? PLUS : PLAIN, data) instanceof ScramServerExchange.Continue) {
                assertThat(server.clientFinal(data)).isInstanceOf(ScramServerExchange.Violation.class);
            }
        }
    }

    @Test
    void isCalledInOrder() {
        ScramServerExchange server = server(NONE);
        assertThatIllegalStateException().isThrownBy(() -> server.clientFinal(bytes("c=biws")));
        serverFirst(server, "n,,n=,r=abc");
        assertThatIllegalStateException().isThrownBy(() -> server.clientFirst(PLAIN, bytes("n,,n=,r=abc")));
        server.clientFinal(bytes("c=biws"));
        assertThatIllegalStateException().isThrownBy(() -> server.clientFinal(bytes("c=biws")));
    }
}
