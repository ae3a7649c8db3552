package dev.weir.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority for tests, and the certificates it signs, as PEM files in a directory. Two of them are foreign
 * to each other. Keys are P-256; certificates hold for a day, from an hour ago. Safe for any thread.
 */
public final class Certificates {
    private static final char[] NO_PASSWORD = {};

    private final Path directory;
    private final X500Principal name;
    private final KeyPair keys;
    private final X509Certificate certificate;
    private final Path file;

    private Certificates(Path directory, String name) {
        this.directory = directory;
        this.name = new X500Principal("CN=" + name);
        keys = newKeys();
        certificate = sign(this.name, keys, true, Instant.now().plus(Duration.ofDays(1)), List.of());
        file = write("ca", ".crt", pem("CERTIFICATE", encoded(certificate)));
    }

    /** A new authority that writes its files to a directory, which exists. */
    public static Certificates in(Path directory) {
        return new Certificates(directory, "Weir test authority");
    }

    /** A new authority that writes its files to a new temporary directory. */
    public static Certificates temporary() {
        try {
            Path directory = Files.createTempDirectory("weir-certificates");
            directory.toFile().deleteOnExit();
            return in(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The authority's own certificate, a PEM file. */
    public Path authority() {
        return file;
    }

    /** A server's certificate for these host names and IP addresses; at least one. */
    public Issued server(String... hosts) {
        return issue(hosts[0], Instant.now().plus(Duration.ofDays(1)), hosts);
    }

    /** A server's certificate with another end, which is within the next day. */
    public Issued serverUntil(Instant end, String... hosts) {
        return issue(hosts[0], end, hosts);
    }

    /** A server's certificate for a key of this kind, Ed25519 for instance. */
    public Issued serverWith(String algorithm, String... hosts) {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
            return issue(pair, hosts[0], Instant.now().plus(Duration.ofDays(1)), hosts);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("the JDK makes no keys of the kind " + algorithm, e);
        }
    }

    /** A server's certificate that ended a minute ago. */
    public Issued expired(String... hosts) {
        return issue(hosts[0], Instant.now().minus(Duration.ofMinutes(1)), hosts);
    }

    /** A client's certificate, with the user's name as common name. */
    public Issued client(String user) {
        return issue(user, Instant.now().plus(Duration.ofDays(1)));
    }

    /** A context for clients that trusts this authority; it does not check the host's name. */
    public SSLContext trust() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setCertificateEntry("authority", certificate);
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError("the JDK cannot build a TLS context", e);
        }
    }

    private Issued issue(String commonName, Instant end, String... hosts) {
        return issue(newKeys(), commonName, end, hosts);
    }

    private Issued issue(KeyPair pair, String commonName, Instant end, String... hosts) {
        List<GeneralName> names =
                Arrays.stream(hosts).map(Certificates::alternativeName).toList();
        X509Certificate issued = sign(new X500Principal("CN=" + commonName), pair, false, end, names);
        String stem = commonName.replaceAll("[^A-Za-z0-9.-]", "_");
        return new Issued(
                write(stem, ".crt", pem("CERTIFICATE", encoded(issued))),
                write(stem, ".key", pem("PRIVATE KEY", pair.getPrivate().getEncoded())),
                issued,
                pair);
    }

    private X509Certificate sign(
            X500Principal subject, KeyPair pair, boolean authority, Instant end, List<GeneralName> names) {
        try {
            Instant start = end.minus(Duration.ofDays(1)).minus(Duration.ofHours(1));
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(120, new SecureRandom()),
                    Date.from(start),
                    Date.from(end),
                    subject,
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            int usage = authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature;
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
            if (!names.isEmpty()) {
                GeneralNames all = new GeneralNames(names.toArray(new GeneralName[0]));
                builder.addExtension(Extension.subjectAlternativeName, false, all);
            }
            JcaContentSignerBuilder signer = new JcaContentSignerBuilder("SHA256withECDSA");
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer.build(keys.getPrivate())));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new AssertionError("cannot sign a certificate", e);
        }
    }

    private static GeneralName alternativeName(String host) {
        boolean address = host.indexOf(':') >= 0 || host.matches("[0-9.]+");
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, host);
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has P-256", e);
        }
    }

    /** Readable by its owner alone: Postgres refuses a key that others may read. */
    private Path write(String stem, String suffix, String pem) {
        try {
            Path path = Files.createTempFile(directory, stem + "-", suffix);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            Files.writeString(path, pem, StandardCharsets.US_ASCII);
            path.toFile().deleteOnExit();
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(String kind, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + kind + "-----\n" + base64 + "\n-----END " + kind + "-----\n";
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("cannot encode our own certificate", e);
        }
    }

    /** A signed certificate and its key: the PEM files, and the objects. */
    public record Issued(Path certificateFile, Path keyFile, X509Certificate certificate, KeyPair keys) {
        /** A context for servers that shows this certificate. */
        public SSLContext context() {
            try {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, NO_PASSWORD);
                store.setKeyEntry("server", keys.getPrivate(), NO_PASSWORD, new X509Certificate[] {certificate});
                KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
                factory.init(store, NO_PASSWORD);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(factory.getKeyManagers(), null, null);
                return context;
            } catch (GeneralSecurityException | IOException e) {
                throw new AssertionError("the JDK cannot build a TLS context", e);
            }
        }
    }
}
