package dev.weir.wire.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Md5PasswordTest {

    private static final byte[] SALT = {(byte) 0x93, (byte) 0xaf, 0x2e, 0x01};

    /** The first is what PostgreSQL 18.6 stored, the second its SELECT of the formula in the manual. */
    @Test
    void agreesWithPostgres() {
        String stored = Md5Password.stored("user", "pencil");
        assertThat(stored).isEqualTo("md520c46e3762c864548e296b33c3406aa9");
        assertThat(Md5Password.answer("user", "pencil", SALT)).isEqualTo("md5f731f3789c77d1a6c19c696d640d60f1");
        assertThat(Md5Password.answerFromStored(stored, SALT)).isEqualTo("md5f731f3789c77d1a6c19c696d640d60f1");
    }

    @Test
    void acceptsTheRightAnswerOnly() {
        String stored = Md5Password.stored("j\u00f6rg", "Stra\u00dfe");
        byte[] answer = Md5Password.answer("j\u00f6rg", "Stra\u00dfe", SALT).getBytes(StandardCharsets.UTF_8);
        assertThat(Md5Password.accepts(stored, SALT, answer)).isTrue();
        assertThat(Md5Password.accepts(stored, new byte[4], answer)).isFalse();
        assertThat(Md5Password.accepts(stored, SALT, new byte[0])).isFalse();
        for (int i = 0; i < answer.length; i++) {
            byte[] bent = answer.clone();
            bent[i] ^= 1;
            assertThat(Md5Password.accepts(stored, SALT, bent)).isFalse();
        }
    }

    @Test
    void knowsTheStoredForm() {
        assertThat(Md5Password.isStored("md5a3556571e93b0d20722ba62be61e8c2d")).isTrue();
        assertThat(Md5Password.isStored("md5A3556571e93b0d20722ba62be61e8c2d")).isFalse();
        assertThat(Md5Password.isStored("md5a3556571e93b0d20722ba62be61e8c2")).isFalse();
        assertThat(Md5Password.isStored("xyza3556571e93b0d20722ba62be61e8c2d")).isFalse();
        assertThat(Md5Password.isStored("")).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> Md5Password.answerFromStored("pencil", SALT));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Md5Password.answerFromStored(Md5Password.stored("a", "b"), new byte[3]));
    }
}
