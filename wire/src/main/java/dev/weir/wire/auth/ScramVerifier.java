package dev.weir.wire.auth;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a server keeps to recognise a password without knowing it, as {@code pg_authid.rolpassword} holds it. It does not
 * suffice to log in elsewhere, but it suffices to guess passwords and to pose as the server, so it is a secret:
 * {@link #toString} shows none of it. Arrays are copied on the way in and out. Source: RFC 5802, section 3; PostgreSQL
 * manual, pg_authid.
 *
 * @param iterations rounds of PBKDF2, from 1
 * @param salt at least one byte
 * @param storedKey the hash of the client's key, 32 bytes
 * @param serverKey the key by which the server proves itself, 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content, copied and hidden: see below
public record ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {

    /** Bytes of a key: those of SHA-256. */
    static final int KEY_BYTES = 32;

    /** Bytes of the salt that Postgres makes, and that a mock verifier must have to look like one. */
    private static final int SALT_BYTES = 16;

    private static final String PREFIX = SaslMechanisms.SCRAM_SHA_256 + "$";

    /** Well above what any verifier takes, so that a text from a configuration or a query is refused before its parts. */
    private static final int MAX_TEXT_CHARACTERS = 2048;

    /** @throws IllegalArgumentException if a component is out of its range */
    public ScramVerifier {
        if (iterations < 1 || salt.length == 0 || storedKey.length != KEY_BYTES || serverKey.length != KEY_BYTES) {
            throw new IllegalArgumentException("Not a SCRAM verifier: " + iterations + " iterations, a salt of "
                    + salt.length + " bytes, keys of " + storedKey.length + " and " + serverKey.length + " bytes");
        }
        salt = salt.clone();
        storedKey = storedKey.clone();
        serverKey = serverKey.clone();
    }

    /**
     * Reads {@code SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>}, the last three in base64.
     *
     * @return empty if the text is anything else, such as an md5 hash or a password
     */
    public static Optional<ScramVerifier> parse(String text) {
        if (!text.startsWith(PREFIX) || text.length() > MAX_TEXT_CHARACTERS) {
            return Optional.empty();
        }
        int saltStart = text.indexOf(':', PREFIX.length()) + 1;
        int storedKeyStart = text.indexOf('$', saltStart) + 1;
        int serverKeyStart = text.indexOf(':', storedKeyStart) + 1;
        if (saltStart == 0 || storedKeyStart == 0 || serverKeyStart == 0) {
            return Optional.empty();
        }
        int iterations = ScramAttributes.positiveNumber(text.substring(PREFIX.length(), saltStart - 1));
        byte[] salt = ScramAttributes.canonicalBase64(text.substring(saltStart, storedKeyStart - 1));
        byte[] storedKey = ScramAttributes.canonicalBase64(text.substring(storedKeyStart, serverKeyStart - 1));
        byte[] serverKey = ScramAttributes.canonicalBase64(text.substring(serverKeyStart));
        if (iterations == 0 || salt.length == 0 || storedKey.length != KEY_BYTES || serverKey.length != KEY_BYTES) {
            return Optional.empty();
        }
        return Optional.of(new ScramVerifier(iterations, salt, storedKey, serverKey));
    }

    /**
     * The verifier of a password. Takes about 0.3 ms of CPU per 1000 iterations: not for a lane.
     *
     * @throws IllegalArgumentException as {@link ScramKeys#derive(String, byte[], int)}
     */
    public static ScramVerifier derive(String password, byte[] salt, int iterations) {
        return ScramKeys.derive(password, salt, iterations).verifier();
    }

    /**
     * What an unknown user is asked against, so that it cannot be told from a known one: the same user always sees the
     * same salt, of the same length as Postgres makes them. Its keys follow from the secret but from no password. It costs
     * three HMACs, so it may run on a lane.
     *
     * @param secretNonce kept for as long as clients shall see the same salts, and by all nodes; at least one byte
     * @param iterations those that known users have, or the count alone tells that the user is unknown
     */
    public static ScramVerifier mock(byte[] secretNonce, String user, int iterations) {
        return new ScramVerifier(
                iterations,
                Arrays.copyOf(mockBytes(secretNonce, "salt", user), SALT_BYTES),
                mockBytes(secretNonce, "stored key", user),
                mockBytes(secretNonce, "server key", user));
    }

    private static byte[] mockBytes(byte[] secretNonce, String purpose, String user) {
        byte[] message = (purpose + ':' + user).getBytes(StandardCharsets.UTF_8);
        return ScramFunctions.hmac(ScramMechanism.SCRAM_SHA_256, secretNonce, message);
    }

    /** True if those keys come from the password of this verifier, with its salt and iterations. */
    public boolean accepts(ScramKeys keys) {
        return equals(keys.verifier());
    }

    /** The form that {@link #parse} reads and that Postgres accepts as a password. A secret. */
    public String text() {
        return PREFIX
                + iterations
                + ':'
                + ScramAttributes.base64(salt)
                + '$'
                + ScramAttributes.base64(storedKey)
                + ':'
                + ScramAttributes.base64(serverKey);
    }

    @Override
    public byte[] salt() {
        return salt.clone();
    }

    @Override
    public byte[] storedKey() {
        return storedKey.clone();
    }

    @Override
    public byte[] serverKey() {
        return serverKey.clone();
    }

    /** Compares the keys in a time that does not tell how much of them is equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ScramVerifier that
                && iterations == that.iterations
                && Arrays.equals(salt, that.salt)
                && MessageDigest.isEqual(storedKey, that.storedKey)
                && MessageDigest.isEqual(serverKey, that.serverKey);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(salt) + iterations;
    }

    @Override
    public String toString() {
        return "ScramVerifier[" + iterations + " iterations]";
    }
}
