package dev.weir.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramClientExchangeTest {

    private static final ChannelBinding NONE = new ChannelBinding.None();
    private static final ChannelBinding BOUND = new ChannelBinding.ServerEndPoint(new byte[] {1, 2, 3, 4});
    private static final String PLAIN = SaslMechanisms.SCRAM_SHA_256;
    private static final String PLUS = SaslMechanisms.SCRAM_SHA_256_PLUS;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static ScramClientExchange client() {
        return new ScramClientExchange(Seeded.nonces(2));
    }

    /** Starts it and tells its nonce. */
    private static String nonce(ScramClientExchange client) {
        return begin(client, List.of(PLAIN), NONE).replaceAll(".*,r=", "");
    }

    private static String begin(ScramClientExchange client, List<String> offered, ChannelBinding binding) {
        if (!(client.start(offered, binding) instanceof ScramClientExchange.Begin begin)) {
            throw new AssertionError("Did not begin");
        }
        return begin.mechanism() + ' ' + new String(begin.clientFirst(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void selectsTheStrongestMechanism() {
        String nonce = "n=,r=[A-Za-z0-9+/]{24}";
        assertThat(begin(client(), List.of(PLUS, PLAIN), BOUND))
                .matches("SCRAM-SHA-256-PLUS p=tls-server-end-point,," + nonce);
        assertThat(begin(client(), List.of(PLAIN), BOUND)).matches("SCRAM-SHA-256 y,," + nonce);
        assertThat(begin(client(), List.of("OTHER", PLUS, PLAIN), NONE)).matches("SCRAM-SHA-256 n,," + nonce);
        assertThat(client().start(Set.of(PLUS), NONE)).isInstanceOf(ScramClientExchange.Failed.class);
        assertThat(client().start(Set.of("OAUTHBEARER"), BOUND)).isInstanceOf(ScramClientExchange.Failed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"r=NONCEx,s=AQID,i=1", "r=NONCEx,s=AQID,i=10000000", "r=NONCE!~,s=AQID,i=4096,x=optional"})
    void asksForKeys(String serverFirst) {
        ScramClientExchange client = client();
        String nonce = nonce(client);
        assertThat(client.serverFirst(bytes(serverFirst.replace("NONCE", nonce))))
                .isInstanceOfSatisfying(
                        ScramClientExchange.DeriveKeys.class,
                        ask -> assertThat(ask.salt()).containsExactly(1, 2, 3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''",
                "r=NONCE,s=AQID,i=4096",
                "r=x,s=AQID,i=4096",
                "r=xNONCE,s=AQID,i=4096",
                "r=NONCE\u00e4,s=AQID,i=4096",
                "r=NONCEx,s=,i=4096",
                "r=NONCEx,s=AQI,i=4096",
                "r=NONCEx,s=***,i=4096",
                "r=NONCEx,s=AQID,i=0",
                "r=NONCEx,s=AQID,i=-1",
                "r=NONCEx,s=AQID,i=",
                "r=NONCEx,s=AQID,i=10000001",
                "r=NONCEx,s=AQID,i=99999999999999999999",
                "r=NONCEx,s=AQID",
                "r=NONCEx,s=AQID,i=4096,",
                "m=x,r=NONCEx,s=AQID,i=4096",
                "r=NONCEx,i=4096,s=AQID",
                "e=other-error",
            })
    void refusesChallenges(String serverFirst) {
        ScramClientExchange client = client();
        String nonce = nonce(client);
        assertThat(client.serverFirst(bytes(serverFirst.replace("NONCE", nonce))))
                .isInstanceOf(ScramClientExchange.Failed.class);
    }

    @Test
    void boundsNonceAndMessage() {
        for (int padding : new int[] {489, 600, 3000}) {
            ScramClientExchange client = client();
            String nonce = nonce(client) + "x".repeat(padding);
            assertThat(client.serverFirst(bytes("r=" + nonce + ",s=AQID,i=1")))
                    .isInstanceOf(ScramClientExchange.Failed.class);
        }
        ScramClientExchange client = client();
        String nonce = nonce(client) + "x".repeat(488);
        assertThat(client.serverFirst(bytes("r=" + nonce + ",s=AQID,i=1")))
                .isInstanceOf(ScramClientExchange.DeriveKeys.class);
        assertThat(client.finish(ScramKeys.derive("x", new byte[] {1, 2, 3}, 1)))
                .isInstanceOfSatisfying(
                        ScramClientExchange.Answer.class,
                        answer -> assertThat(answer.clientFinal())
                                .hasSizeLessThanOrEqualTo(ScramServerExchange.MAX_CLIENT_MESSAGE_BYTES));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "e=invalid-proof|The server refused the SCRAM login: invalid-proof",
                "e=a\u0007\u00e4b|The server refused the SCRAM login: a??b",
                "v=AQID|The server did not prove that it knows the user's SCRAM verifier",
                "x|SCRAM message lacks attribute v where it belongs",
            })
    void refusesFinalMessages(String serverFinal, String message) {
        ScramClientExchange client = answered();
        if (!(client.serverFinal(bytes(serverFinal)) instanceof ScramClientExchange.Failed failed)) {
            throw new AssertionError("Believed it");
        }
        assertThat(failed.message()).isEqualTo(message);
    }

    private static ScramClientExchange answered() {
        ScramClientExchange client = client();
        String nonce = nonce(client);
        client.serverFirst(bytes("r=" + nonce + "x,s=AQID,i=1"));
        client.finish(ScramKeys.derive("x", new byte[] {1, 2, 3}, 1));
        return client;
    }

    @Test
    void isCalledInOrder() {
        ScramKeys keys = ScramKeys.derive("x", new byte[] {1, 2, 3}, 1);
        ScramClientExchange fresh = client();
        assertThatIllegalStateException().isThrownBy(() -> fresh.serverFirst(bytes("x")));
        assertThatIllegalStateException().isThrownBy(() -> fresh.finish(keys));
        assertThatIllegalStateException().isThrownBy(() -> fresh.serverFinal(bytes("x")));
        nonce(fresh);
        assertThatIllegalStateException().isThrownBy(() -> fresh.start(List.of(PLAIN), NONE));
        fresh.serverFirst(bytes("x"));
        assertThatIllegalStateException().isThrownBy(() -> fresh.serverFirst(bytes("x")));
        ScramClientExchange answered = answered();
        answered.serverFinal(bytes("e=x"));
        assertThatIllegalStateException().isThrownBy(() -> answered.serverFinal(bytes("x")));
        assertThat(answered.toString()).isEqualTo("ScramClientExchange[Ended]");
    }
}
