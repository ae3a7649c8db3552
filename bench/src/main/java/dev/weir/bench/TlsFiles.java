package dev.weir.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;

/**
 * A server's certificate with a key on P-256, signed by itself, and its private key, as PEM files: the same for all poolers.
 *
 * @param certificate the file of the certificate
 * @param key that of its private key
 */
record TlsFiles(Path certificate, Path key) {
    private static final String STORE_PASSWORD = "bench-password";

    /** Makes them in that folder, by the JDK's keytool. */
    static TlsFiles create(Path folder, Children children) throws BenchFailure, IOException, InterruptedException {
        Path store = folder.resolve("server.p12");
        children.run(
                "keytool",
                60,
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        "2",
                        "-dname",
                        "CN=" + Candidate.HOST,
                        "-ext",
                        "SAN=ip:" + Candidate.HOST,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        STORE_PASSWORD));
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, STORE_PASSWORD.toCharArray());
            return new TlsFiles(
                    write(
                            folder.resolve("server.crt"),
                            "CERTIFICATE",
                            keys.getCertificate("server").getEncoded()),
                    write(
                            folder.resolve("server.key"),
                            "PRIVATE KEY",
                            keys.getKey("server", STORE_PASSWORD.toCharArray()).getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new BenchFailure("The certificate that keytool made cannot be read: " + e.getMessage(), e);
        }
    }

    /** What a server that has them shows. */
    X509Certificate readCertificate() throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(certificate)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static Path write(Path file, String title, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(file, "-----BEGIN " + title + "-----\n" + text + "\n-----END " + title + "-----\n");
    }
}
