package dev.weir.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ScramTest {
    private static final String NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    @Test
    void provesThePasswordAndVerifiesTheServer() throws BenchFailure {
        // The salt, nonces and password of RFC 7677, section 3; without its user name, which Postgres takes from the
        // startup message. Computed apart with Python's hashlib and hmac.
        Scram.Exchange exchange = new Scram("pencil").begin(NONCE);
        assertThat(exchange.first()).isEqualTo("n,,n=,r=" + NONCE);
        assertThat(exchange.last(SERVER_FIRST))
                .isEqualTo(
                        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k=");
        assertThatCode(() -> exchange.verify("v=3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg="))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> exchange.verify("v=AAAA")).isInstanceOf(BenchFailure.class);
    }

    @Test
    void refusesANonceThatIsNotItsOwn() {
        Scram.Exchange exchange = new Scram("pencil").begin("another");
        assertThatThrownBy(() -> exchange.last(SERVER_FIRST)).isInstanceOf(BenchFailure.class);
    }

    @Test
    void doesNotTrustASignatureBeforeItsProof() {
        assertThatThrownBy(() -> new Scram("pencil").begin(NONCE).verify("v=")).isInstanceOf(BenchFailure.class);
    }

    @Test
    void loginEndsAtReadyForQuery() throws BenchFailure {
        LoginDialogue login = new LoginDialogue(new Scram("pencil"));
        assertThat(login.onMessage('R', ByteBuffer.allocate(4))).isEmpty();
        assertThat(login.onMessage('S', text("server_version\00018\000"))).isEmpty();
        assertThat(login.isReady()).isFalse();
        assertThat(login.onMessage('Z', text("I"))).isEmpty();
        assertThat(login.isReady()).isTrue();
    }

    @Test
    void loginNamesTheServersReason() {
        LoginDialogue login = new LoginDialogue(new Scram("pencil"));
        assertThatThrownBy(() -> login.onMessage('E', text("SFATAL\000C28P01\000Mno such user\000\000")))
                .hasMessageContaining("FATAL 28P01: no such user");
    }

    private static ByteBuffer text(String body) {
        return ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
    }
}
