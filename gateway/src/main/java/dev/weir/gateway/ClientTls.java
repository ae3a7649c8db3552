package dev.weir.gateway;

import dev.weir.pool.TlsProvider;
import dev.weir.wire.auth.ChannelBinding;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate that clients are shown, TLS 1.2 and 1.3. Its files are looked at from time to time; when they have
 * changed and fit together, handshakes from then on use the new ones. Clients may resume their sessions, by tickets that
 * only this process can read, and only as long as the certificate is the one that they have seen. Safe for all threads.
 */
public final class ClientTls implements AutoCloseable {
    /** The name of the Postgres protocol in ALPN, required for TLS without an SSLRequest. */
    static final String ALPN = "postgresql";

    private static final Logger log = LoggerFactory.getLogger(ClientTls.class);

    /** Sessions of clients that take no tickets, where they are kept at all. */
    private static final int SESSIONS = 1024;

    /** What one pair of files gives. */
    record Material(
            SslContext context, ChannelBinding binding, Instant end, FileTime certificateTime, FileTime keyTime) {}

    /** A client's handler, and what it was made of. */
    record Encryption(SslHandler handler, Material material) {}

    private final TlsProvider provider;
    private final Path certificate;
    private final Path key;

    /** What new clients get; null when this is closed. Whoever takes it out releases it. */
    private final AtomicReference<@Nullable Material> material;

    private ClientTls(TlsProvider provider, Path certificate, Path key, Material material) {
        this.provider = provider;
        this.certificate = certificate;
        this.key = key;
        this.material = new AtomicReference<>(material);
    }

    /**
     * Reads PEM files; blocks.
     *
     * @throws IOException if they can't be read or do not fit together; the message says which
     */
    public static ClientTls read(TlsProvider provider, Path certificate, Path key) throws IOException {
        return new ClientTls(provider, certificate, key, load(provider, certificate, key));
    }

    /** For one more client; empty if this is closed. */
    Optional<Encryption> encrypt(ByteBufAllocator allocator) {
        while (true) {
            Material now = material.get();
            if (now == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(new Encryption(now.context().newHandler(allocator), now));
            } catch (IllegalReferenceCountException replaced) {
                if (now == material.get()) {
                    throw replaced;
                }
            }
        }
    }

    /** The end of the certificate that new clients are shown; empty if this is closed. */
    public Optional<Instant> certificateEnd() {
        return Optional.ofNullable(material.get()).map(Material::end);
    }

    /** Reads the files again if they have changed; what can't be used leaves the old pair in force. Blocks. */
    public void refresh() {
        Material old = material.get();
        if (old == null) {
            return;
        }
        try {
            if (!old.certificateTime().equals(Files.getLastModifiedTime(certificate))
                    || !old.keyTime().equals(Files.getLastModifiedTime(key))) {
                replace(old, load(provider, certificate, key));
                log.atInfo()
                        .setMessage("TLS certificate was read again")
                        .addKeyValue("certificate", certificate)
                        .log();
            }
        } catch (IOException e) {
            log.atWarn()
                    .setMessage("the changed TLS certificate can't be used, the old one stays")
                    .addKeyValue("certificate", certificate)
                    .addKeyValue("reason", e.getMessage())
                    .log();
        }
    }

    /** Contexts are released here; their connections have references of their own. */
    private void replace(Material old, Material next) {
        boolean replaced = material.compareAndSet(old, next); // else it was closed meanwhile
        ReferenceCountUtil.release(replaced ? old.context() : next.context());
    }

    /** Nobody new is served; connections that are open stay so. */
    @Override
    public void close() {
        Material last = material.getAndSet(null);
        if (last != null) {
            ReferenceCountUtil.release(last.context());
        }
    }

    /**
     * Shakes hands with a client of our own, in memory: the one sure way to see that the key belongs to the certificate. A
     * pair whose second file has not been replaced yet reads well, and fails every client.
     */
    private static void shakeHands(SslContext context) throws SSLException {
        SslContext anyone = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm("")
                .build();
        SslHandler client = anyone.newHandler(UnpooledByteBufAllocator.DEFAULT);
        EmbeddedChannel server = new EmbeddedChannel(context.newHandler(UnpooledByteBufAllocator.DEFAULT));
        EmbeddedChannel other = new EmbeddedChannel(client);
        try {
            boolean more = true;
            while (more) { // until neither has anything more to say
                boolean asked = pass(other, server);
                more = pass(server, other) || asked;
            }
            if (!client.handshakeFuture().isSuccess()) {
                throw new SSLException(
                        "the key does not belong to the certificate",
                        client.handshakeFuture().cause());
            }
        } catch (DecoderException e) {
            throw new SSLException("the key does not belong to the certificate", e);
        } finally {
            server.releaseOutbound();
            other.releaseOutbound();
            server.close();
            other.close();
            server.releaseOutbound();
            other.releaseOutbound();
        }
    }

    private static boolean pass(EmbeddedChannel from, EmbeddedChannel to) {
        ByteBuf message = from.readOutbound();
        if (message == null) {
            return false;
        }
        to.writeInbound(message);
        return true;
    }

    /** By the provider; by the JDK's if {@link TlsProvider#AUTO} would else come to nothing. */
    private static Material load(TlsProvider provider, Path certificate, Path key) throws IOException {
        TlsProvider chosen = provider.choose();
        try {
            return loadBy(chosen, certificate, key);
        } catch (IOException unusable) {
            if (provider == chosen || chosen == TlsProvider.JDK) {
                throw unusable;
            }
            Material byJdk = loadBy(TlsProvider.JDK, certificate, key); // or what is wrong with the files
            log.atInfo()
                    .setMessage("the native TLS library can't use this certificate's key, clients have the JDK's TLS")
                    .addKeyValue("certificate", certificate)
                    .addKeyValue("reason", unusable.getMessage())
                    .log();
            return byJdk;
        }
    }

    private static Material loadBy(TlsProvider provider, Path certificate, Path key) throws IOException {
        FileTime certificateTime = Files.getLastModifiedTime(certificate);
        FileTime keyTime = Files.getLastModifiedTime(key);
        try (InputStream in = Files.newInputStream(certificate)) {
            X509Certificate leaf =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            SslContext context = context(provider, certificate, key);
            try {
                shakeHands(context);
            } catch (SSLException e) {
                ReferenceCountUtil.release(context);
                throw e;
            }
            return new Material(
                    context, ChannelBinding.of(leaf), leaf.getNotAfter().toInstant(), certificateTime, keyTime);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(certificate + " and " + key + " can't be used: " + e.getMessage(), e);
        }
    }

    private static SslContext context(TlsProvider provider, Path certificate, Path key) throws SSLException {
        SslContext context = SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                .sslProvider(provider.netty())
                .protocols("TLSv1.3", "TLSv1.2")
                .sessionCacheSize(SESSIONS)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        ALPN))
                .build();
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setTicketKeys(); // its own, of this context only, and renewed by itself
            sessions.setSessionCacheEnabled(false); // what clients could leave behind in our memory
        }
        return context;
    }
}
