package dev.weir.wire.auth;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What ties a login to the TLS connection that it runs over, so that nobody can stand between. Source: RFC 5929. */
public sealed interface ChannelBinding {

    /** No TLS, or a certificate for which no binding is defined. */
    record None() implements ChannelBinding {}

    /**
     * The binding {@code tls-server-end-point}: a hash of the server's certificate. It is not secret.
     *
     * @param certificateHash as long as the hash function makes it, 1 to 64 bytes; copied on the way in and out
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by content and copied: see below
    record ServerEndPoint(byte[] certificateHash) implements ChannelBinding {

        /** The name of this binding in a gs2 header. */
        static final String NAME = "tls-server-end-point";

        /** @throws IllegalArgumentException if the hash is empty or longer than any hash function's */
        public ServerEndPoint {
            if (certificateHash.length == 0 || certificateHash.length > 64) {
                throw new IllegalArgumentException("Not a hash: " + certificateHash.length + " bytes");
            }
            certificateHash = certificateHash.clone();
        }

        /** What a gs2 header with binding data is made of: the header, then the hash. */
        byte[] after(byte[] gs2Header) {
            byte[] input = Arrays.copyOf(gs2Header, gs2Header.length + certificateHash.length);
            System.arraycopy(certificateHash, 0, input, gs2Header.length, certificateHash.length);
            return input;
        }

        @Override
        public byte[] certificateHash() {
            return certificateHash.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ServerEndPoint that && Arrays.equals(certificateHash, that.certificateHash);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(certificateHash);
        }
    }

    /**
     * The binding to a server's certificate (RFC 5929, section 4.1): hashed with the function of its signature, or with
     * SHA-256 in place of MD5 and SHA-1. Where the signature has no such function, as with Ed25519, the RFC defines no
     * binding. Parses and hashes: once per certificate, not per login.
     *
     * @return {@link None} where none is defined, or this JDK lacks the function
     */
    static ChannelBinding of(X509Certificate certificate) {
        Optional<String> hash = signatureHash(certificate);
        if (hash.isEmpty()) {
            return new None();
        }
        try {
            return new ServerEndPoint(MessageDigest.getInstance(hash.get()).digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException notComputable) {
            return new None();
        }
    }

    private static Optional<String> signatureHash(X509Certificate certificate) {
        String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (signature.equals("RSASSA-PSS")) {
            return pssHash(certificate.getSigAlgParams()).map(ChannelBinding::strongEnough);
        }
        int with = signature.indexOf("WITH");
        return with > 0 ? Optional.of(strongEnough(signature.substring(0, with))) : Optional.empty();
    }

    /** With RSASSA-PSS, the hash function stands among the parameters of the signature. */
    private static Optional<String> pssHash(byte[] encoded) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
            parameters.init(encoded);
            return Optional.of(
                    parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm());
        } catch (GeneralSecurityException | IOException unreadable) {
            return Optional.empty();
        }
    }

    /** The JDK's name of the function to use, from names as SHA1, SHA-1, SHA512, SHA512/256, SHA3-256. */
    private static String strongEnough(String name) {
        String dashed = name.startsWith("SHA") && !name.startsWith("SHA-") && !name.startsWith("SHA3-")
                ? "SHA-" + name.substring("SHA".length())
                : name;
        return dashed.equals("MD5") || dashed.equals("MD2") || dashed.equals("SHA-1") ? "SHA-256" : dashed;
    }
}
