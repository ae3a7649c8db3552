package dev.weir.wire.auth;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What logs in to a server in place of the password, as long as that server's verifier has this salt and this count of
 * iterations: derived from a password for them, or recovered from the proof of a client that has just logged in here
 * with the same verifier. As secret as the password; {@link #toString} shows none of it. Arrays are copied on the way in
 * and out. Source: RFC 5802, section 3.
 *
 * @param clientKey what proves the password, 32 bytes
 * @param storedKey its SHA-256 hash
 * @param serverKey what tells the true server, 32 bytes
 * @param salt at least one byte
 * @param iterations rounds of PBKDF2, from 1
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content, copied and hidden: see below
public record ScramKeys(byte[] clientKey, byte[] storedKey, byte[] serverKey, byte[] salt, int iterations) {

    /** @throws IllegalArgumentException if a component is out of its range or the stored key not that of the client key */
    public ScramKeys {
        if (iterations < 1
                || salt.length == 0
                || clientKey.length != ScramVerifier.KEY_BYTES
                || serverKey.length != ScramVerifier.KEY_BYTES) {
            throw new IllegalArgumentException("Not SCRAM keys: " + iterations + " iterations, a salt of " + salt.length
                    + " bytes, keys of " + clientKey.length + " and " + serverKey.length + " bytes");
        }
        if (!MessageDigest.isEqual(storedKey, ScramFunctions.storedKey(ScramMechanism.SCRAM_SHA_256, clientKey))) {
            throw new IllegalArgumentException("Not SCRAM keys: the stored key is not that of the client key");
        }
        clientKey = clientKey.clone();
        storedKey = storedKey.clone();
        serverKey = serverKey.clone();
        salt = salt.clone();
    }

    /**
     * The keys of a password, prepared as Postgres does: SASLprep, or the password as it is where SASLprep refuses it.
     * Takes about 0.3 ms of CPU per 1000 iterations: not for a lane.
     *
     * @param salt as the server announces it, at least one byte
     * @param iterations as the server announces them, from 1
     * @throws IllegalArgumentException if salt or iterations are out of range, or the password is not valid Unicode
     */
    public static ScramKeys derive(String password, byte[] salt, int iterations) {
        return derive(SaltedPassword.utf8(password), salt, iterations);
    }

    /**
     * The same for a password that a client has sent in the clear.
     *
     * @param password without the zero byte that ends it; UTF-8 or, as for Postgres, any other bytes
     */
    public static ScramKeys derive(byte[] password, byte[] salt, int iterations) {
        byte[] salted = SaltedPassword.of(password, salt, iterations);
        byte[] clientKey = ScramFunctions.clientKey(ScramMechanism.SCRAM_SHA_256, salted);
        byte[] storedKey = ScramFunctions.storedKey(ScramMechanism.SCRAM_SHA_256, clientKey);
        byte[] serverKey = ScramFunctions.serverKey(ScramMechanism.SCRAM_SHA_256, salted);
        return new ScramKeys(clientKey, storedKey, serverKey, salt, iterations);
    }

    /** What a server would keep of them. */
    public ScramVerifier verifier() {
        return new ScramVerifier(iterations, salt, storedKey, serverKey);
    }

    /** True if a server that announces this salt and count can be answered with these keys. */
    public boolean fits(byte[] announcedSalt, int announcedIterations) {
        return iterations == announcedIterations && Arrays.equals(salt, announcedSalt);
    }

    @Override
    public byte[] clientKey() {
        return clientKey.clone();
    }

    @Override
    public byte[] storedKey() {
        return storedKey.clone();
    }

    @Override
    public byte[] serverKey() {
        return serverKey.clone();
    }

    @Override
    public byte[] salt() {
        return salt.clone();
    }

    /** Compares the keys in a time that does not tell how much of them is equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ScramKeys that
                && fits(that.salt, that.iterations)
                && MessageDigest.isEqual(clientKey, that.clientKey)
                && MessageDigest.isEqual(serverKey, that.serverKey);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(salt) + iterations;
    }

    @Override
    public String toString() {
        return "ScramKeys[" + iterations + " iterations]";
    }
}
