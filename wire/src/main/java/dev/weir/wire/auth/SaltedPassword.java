package dev.weir.wire.auth;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * From a password to the SaltedPassword of RFC 5802: SASLprep as Postgres applies it, then PBKDF2 with HMAC-SHA-256.
 * The JDK's own PBKDF2 takes characters only, while a password may be any bytes: one that is not UTF-8 is used as it is.
 */
final class SaltedPassword {

    private static final String HMAC = "HmacSHA256";

    private SaltedPassword() {}

    static byte[] of(byte[] password, byte[] salt, int iterations) {
        if (salt.length == 0 || iterations < 1) {
            throw new IllegalArgumentException(
                    "A salt and at least one iteration are needed, not " + salt.length + " bytes and " + iterations);
        }
        try {
            return pbkdf2(prepare(password), salt, iterations);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This JDK has no " + HMAC, e);
        }
    }

    /** @throws IllegalArgumentException if the password has half a surrogate pair, which UTF-8 cannot express */
    static byte[] utf8(String password) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(password));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("The password is not valid Unicode", e);
        }
    }

    /** The bytes to hash: Postgres falls back to the password as it came wherever SASLprep refuses it. */
    static byte[] prepare(byte[] password) {
        if (isAscii(password)) {
            return password;
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(password))
                    .toString();
            return SaslPrep.prepare(text).map(SaltedPassword::utf8).orElse(password);
        } catch (CharacterCodingException notUtf8) {
            return password;
        }
    }

    private static boolean isAscii(byte[] password) {
        for (byte each : password) {
            if (each < 0) {
                return false;
            }
        }
        return true;
    }

    /** One block of PBKDF2 (RFC 8018, section 5.2), which is as long as a SHA-256 key. */
    private static byte[] pbkdf2(byte[] password, byte[] salt, int iterations) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(HMAC);
        // HMAC fills a short key up with zeros, so one zero is the empty key that SecretKeySpec refuses.
        mac.init(new SecretKeySpec(password.length == 0 ? new byte[1] : password, HMAC));
        mac.update(salt);
        byte[] round = mac.doFinal(new byte[] {0, 0, 0, 1});
        byte[] sum = round.clone();
        for (int i = 1; i < iterations; i++) {
            mac.update(round);
            mac.doFinal(round, 0);
            for (int j = 0; j < sum.length; j++) {
                sum[j] ^= round[j];
            }
        }
        return sum;
    }
}
