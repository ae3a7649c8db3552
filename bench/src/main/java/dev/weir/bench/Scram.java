package dev.weir.bench;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding, for one password. The costly derivation of
 * its keys is done once for each salt and iteration count, so that ten thousand logins cost ten thousand HMACs and no more.
 * For one thread.
 */
final class Scram {
    /** No channel binding, no authorization identity. */
    private static final String HEADER = "n,,";

    private final String password;
    private final Map<String, Keys> keys = new HashMap<>();
    private final SecureRandom random = new SecureRandom();

    Scram(String password) {
        this.password = password;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    private record Keys(byte[] client, byte[] stored, byte[] server) {}

    /** Begins one login. */
    Exchange begin() {
        byte[] nonce = new byte[18];
        random.nextBytes(nonce);
        return begin(Base64.getEncoder().encodeToString(nonce));
    }

    Exchange begin(String nonce) {
        return new Exchange(nonce);
    }

    /** One login: first message, server's first message, final message, server's final message. */
    final class Exchange {
        private final String nonce;
        private String expectedServerSignature = "";

        private Exchange(String nonce) {
            this.nonce = nonce;
        }

        /** The client's first message. Postgres ignores the user name in it and takes that of the startup message. */
        String first() {
            return HEADER + firstBare();
        }

        /** The client's final message. */
        String last(String serverFirst) throws BenchFailure {
            Map<Character, String> attributes = attributes(serverFirst);
            String salt = attributes.getOrDefault('s', "");
            String iterations = attributes.getOrDefault('i', "");
            String serverNonce = attributes.getOrDefault('r', "");
            if (!serverNonce.startsWith(nonce) || salt.isEmpty() || !iterations.matches("[0-9]{1,7}")) {
                throw new BenchFailure("The server's SCRAM message has not the form: " + serverFirst);
            }
            try {
                Keys derived = keys(salt, Integer.parseInt(iterations));
                String withoutProof =
                        "c=" + Base64.getEncoder().encodeToString(HEADER.getBytes(StandardCharsets.US_ASCII)) + ",r="
                                + serverNonce;
                byte[] signed = (firstBare() + "," + serverFirst + "," + withoutProof).getBytes(StandardCharsets.UTF_8);
                byte[] proof = hmac(derived.stored(), signed);
                for (int i = 0; i < proof.length; i++) {
                    proof[i] ^= derived.client()[i];
                }
                expectedServerSignature = Base64.getEncoder().encodeToString(hmac(derived.server(), signed));
                return withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof);
            } catch (GeneralSecurityException e) {
                throw new BenchFailure("SCRAM cannot be computed: " + e.getMessage(), e);
            }
        }

        /** Checks that the server knows the password's verifier too. */
        void verify(String serverFinal) throws BenchFailure {
            String signature = attributes(serverFinal).getOrDefault('v', "");
            if (expectedServerSignature.isEmpty() || !signature.equals(expectedServerSignature)) {
                throw new BenchFailure("The server's SCRAM signature is wrong: " + serverFinal);
            }
        }

        private String firstBare() {
            return "n=,r=" + nonce;
        }
    }

    private Keys keys(String salt, int iterations) throws GeneralSecurityException {
        String name = iterations + ":" + salt;
        Keys known = keys.get(name);
        if (known != null) {
            return known;
        }
        PBEKeySpec specification =
                new PBEKeySpec(password.toCharArray(), Base64.getDecoder().decode(salt), iterations, 256);
        byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(specification)
                .getEncoded();
        byte[] client = hmac(salted, "Client Key".getBytes(StandardCharsets.US_ASCII));
        byte[] stored = MessageDigest.getInstance("SHA-256").digest(client);
        byte[] server = hmac(salted, "Server Key".getBytes(StandardCharsets.US_ASCII));
        Arrays.fill(salted, (byte) 0);
        Keys derived = new Keys(client, stored, server);
        keys.put(name, derived);
        return derived;
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }

    private static Map<Character, String> attributes(String message) {
        Map<Character, String> attributes = new HashMap<>();
        for (String attribute : message.split(",", -1)) {
            if (attribute.length() > 1 && attribute.charAt(1) == '=') {
                attributes.put(attribute.charAt(0), attribute.substring(2));
            }
        }
        return attributes;
    }
}
