package dev.weir.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramVerifierTest {

    private static final String TEXT =
            "SCRAM-SHA-256$4096:6M4zczapEtfxgw8UH6YmBQ==$X9ztJD9+utij50h5gsbadfipzGuoTYKN2w7cBpbhTkg="
                    + ":2V1PW+KrZupDLqSMt2rdbzZQ+Vk8JtvYKbTcJ3dyL0M=";
    private static final byte[] SECRET = {1, 2, 3};

    @Test
    void readsBackWhatItWrites() {
        Random random = Seeded.random("readsBackWhatItWrites");
        for (int i = 0; i < 1000; i++) {
            ScramVerifier verifier = new ScramVerifier(
                    1 + random.nextInt(Integer.MAX_VALUE),
                    Seeded.bytes(random, 1 + random.nextInt(64)),
                    Seeded.bytes(random, 32),
                    Seeded.bytes(random, 32));
            assertThat(ScramVerifier.parse(verifier.text())).contains(verifier);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SCRAM-SHA-256",
                "SCRAM-SHA-256$",
                "SCRAM-SHA-256$4096",
                "SCRAM-SHA-256$4096:",
                "SCRAM-SHA-256$4096:$:",
                "SCRAM-SHA-1$4096:6M4zczapEtfxgw8UH6YmBQ==$X9ztJD9+utij50h5gsbadfipzGuoTYKN2w7cBpbhTkg="
                        + ":2V1PW+KrZupDLqSMt2rdbzZQ+Vk8JtvYKbTcJ3dyL0M=",
                "md5a3556571e93b0d20722ba62be61e8c2d",
                "scram-sha-256",
                "password"
            })
    void refusesOtherTexts(String text) {
        assertThat(ScramVerifier.parse(text)).isEmpty();
    }

    @Test
    void refusesATruncatedTextAndABentCount() {
        for (int length = 0; length < TEXT.length(); length++) {
            assertThat(ScramVerifier.parse(TEXT.substring(0, length))).isEmpty();
        }
        for (String count :
                new String[] {"0", "-1", "+4096", "04096", " 4096", "2147483648", "99999999999", "4e3", ""}) {
            assertThat(ScramVerifier.parse(TEXT.replace("4096", count)))
                    .as(count)
                    .isEmpty();
        }
        assertThat(ScramVerifier.parse(TEXT + "=")).isEmpty();
        assertThat(ScramVerifier.parse(TEXT + "\n")).isEmpty();
        assertThat(ScramVerifier.parse("SCRAM-SHA-256$1:" + "A".repeat(4000) + TEXT.substring(40)))
                .isEmpty();
    }

    @Test
    void bendingAnyCharacterNeverThrows() {
        for (int i = 0; i < TEXT.length(); i++) {
            for (char c = 0; c < 300; c++) {
                String bent = TEXT.substring(0, i) + c + TEXT.substring(i + 1);
                ScramVerifier.parse(bent)
                        .ifPresent(verifier -> assertThat(verifier.text()).isEqualTo(bent));
            }
        }
    }

    @Test
    void showsNothingSecret() {
        ScramVerifier verifier = ScramVerifier.parse(TEXT).orElseThrow();
        assertThat(verifier.toString()).isEqualTo("ScramVerifier[4096 iterations]");
        assertThat(ScramKeys.derive("pencil", verifier.salt(), 1).toString()).isEqualTo("ScramKeys[1 iterations]");
    }

    @Test
    void keepsItsOwnCopies() {
        byte[] salt = {1};
        byte[] key = new byte[32];
        ScramVerifier verifier = new ScramVerifier(1, salt, key, key);
        String before = verifier.text();
        salt[0] = 9;
        key[0] = 9;
        verifier.salt()[0] = 8;
        verifier.storedKey()[0] = 8;
        verifier.serverKey()[0] = 8;
        assertThat(verifier.text()).isEqualTo(before);
    }

    @Test
    void mocksTheSameSaltForTheSameUserOnly() {
        ScramVerifier mock = ScramVerifier.mock(SECRET, "eve", 4096);
        assertThat(ScramVerifier.mock(SECRET, "eve", 4096)).isEqualTo(mock);
        assertThat(mock.salt())
                .hasSize(16)
                .isNotEqualTo(ScramVerifier.mock(SECRET, "eva", 4096).salt());
        assertThat(mock.salt())
                .isNotEqualTo(ScramVerifier.mock(new byte[] {4}, "eve", 4096).salt());
        assertThat(mock.storedKey()).isNotEqualTo(mock.serverKey());
    }

    @Test
    void refusesComponentsOutOfRange() {
        byte[] salt = {1};
        byte[] key = new byte[32];
        assertThatIllegalArgumentException().isThrownBy(() -> new ScramVerifier(0, salt, key, key));
        assertThatIllegalArgumentException().isThrownBy(() -> new ScramVerifier(1, new byte[0], key, key));
        assertThatIllegalArgumentException().isThrownBy(() -> new ScramVerifier(1, salt, salt, key));
        assertThatIllegalArgumentException().isThrownBy(() -> new ScramVerifier(1, salt, key, salt));
        assertThatIllegalArgumentException().isThrownBy(() -> new ScramKeys(key, key, key, salt, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> ScramKeys.derive("x", new byte[0], 1));
        assertThatIllegalArgumentException().isThrownBy(() -> ScramKeys.derive("x", salt, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> ScramKeys.derive("half a pair \ud83d", salt, 1));
    }

    @Test
    void derivesFromAnyBytesAndFromNone() {
        byte[] salt = {1};
        byte[] latin1 = {'G', 'r', (byte) 0xfc, 'n'};
        assertThat(ScramKeys.derive(latin1, salt, 3)).isNotEqualTo(ScramKeys.derive("Gr\u00fcn", salt, 3));
        assertThat(ScramKeys.derive(new byte[0], salt, 3)).isEqualTo(ScramKeys.derive("", salt, 3));
    }
}
