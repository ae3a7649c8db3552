package dev.weir.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.text.Normalizer;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of SCRAM-SHA-256, with channel binding tls-server-end-point if it gets a certificate. Passwords are
 * normalised by NFKC only, not by the whole of SASLprep. Source: RFC 5802, RFC 7677, RFC 5929.
 */
final class Scram {
    private static final String NO_USER = "n="; // Postgres takes the user of the startup message

    private final String password;
    private final String gs2;
    private final byte[] binding;
    private final String nonce = nonce();
    private byte[] expectedSignature = {};
    private boolean serverProved;

    /** @param aware whether to say that we could bind but the server did not offer it, which is so over TLS */
    Scram(String password, @Nullable X509Certificate certificate, boolean aware) {
        this.password = Normalizer.normalize(password, Normalizer.Form.NFKC);
        if (certificate != null) {
            gs2 = "p=tls-server-end-point,,";
            binding = endPoint(certificate);
        } else {
            gs2 = aware ? "y,," : "n,,";
            binding = new byte[0];
        }
    }

    String clientFirst() {
        return gs2 + clientFirstBare();
    }

    String clientFinal(String serverFirst) {
        Map<Character, String> attributes = attributes(serverFirst);
        String bothNonces = attributes.getOrDefault('r', "");
        if (!bothNonces.startsWith(nonce) || bothNonces.length() == nonce.length()) {
            throw new AssertionError("the server's nonce does not continue ours: " + serverFirst);
        }
        byte[] salt = Base64.getDecoder().decode(attributes.getOrDefault('s', ""));
        int iterations = Integer.parseInt(attributes.getOrDefault('i', "0"));
        ByteArrayOutputStream channel = new ByteArrayOutputStream();
        channel.writeBytes(gs2.getBytes(StandardCharsets.US_ASCII));
        channel.writeBytes(binding);
        String withoutProof = "c=" + base64(channel.toByteArray()) + ",r=" + bothNonces;
        String signed = clientFirstBare() + "," + serverFirst + "," + withoutProof;
        try {
            PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, 256);
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            byte[] clientKey = hmac(salted, "Client Key");
            byte[] signature = hmac(Escapes.sha256().digest(clientKey), signed);
            byte[] proof = new byte[clientKey.length];
            for (int i = 0; i < proof.length; i++) {
                proof[i] = (byte) (clientKey[i] ^ signature[i]);
            }
            expectedSignature = hmac(hmac(salted, "Server Key"), signed);
            return withoutProof + ",p=" + base64(proof);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("SCRAM arithmetic failed", e);
        }
    }

    void verify(String serverFinal) {
        byte[] signature = Base64.getDecoder().decode(attributes(serverFinal).getOrDefault('v', ""));
        if (expectedSignature.length == 0 || !MessageDigest.isEqual(signature, expectedSignature)) {
            throw new AssertionError("the server's signature is wrong: " + serverFinal);
        }
        serverProved = true;
    }

    boolean serverProved() {
        return serverProved;
    }

    private String clientFirstBare() {
        return NO_USER + ",r=" + nonce;
    }

    private static Map<Character, String> attributes(String message) {
        Map<Character, String> attributes = new HashMap<>();
        for (String attribute : message.split(",", -1)) {
            if (attribute.length() >= 2) {
                attributes.put(attribute.charAt(0), attribute.substring(2));
            }
        }
        return attributes;
    }

    private static byte[] endPoint(X509Certificate certificate) {
        String algorithm = certificate.getSigAlgName();
        String hash =
                algorithm.startsWith("SHA384") ? "SHA-384" : algorithm.startsWith("SHA512") ? "SHA-512" : "SHA-256";
        try {
            return MessageDigest.getInstance(hash).digest(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new AssertionError("cannot digest the server's certificate", e);
        }
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String nonce() {
        byte[] random = new byte[18];
        new SecureRandom().nextBytes(random);
        return base64(random);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
