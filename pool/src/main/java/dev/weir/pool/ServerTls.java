package dev.weir.pool;

import dev.weir.tenants.Upstream;
import dev.weir.tenants.UpstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.CertificateException;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards the servers of one upstream, for one pool: whom to trust, and the sessions that may be resumed. Since each
 * pool has its own, no session is resumed by another tenant, nor under another trust than the one that it was made with.
 * Making one reads files, so it is made off the lane; it is then used on the lane only. It lives as long as somebody has a
 * reference to it or a connection that it was used for is open.
 */
final class ServerTls {
    /** Sessions kept to be resumed; a server grants two or so with each connection. */
    private static final int SESSIONS = 16;

    /** How long a session may be resumed, and so how long a certificate that has expired since may still be taken. */
    private static final int SESSION_SECONDS = 3600;

    private final TlsProvider provider;
    private final SslContext context;
    private final Optional<Path> authorities;

    /** When the file of authorities was changed last; null without one. */
    private final @Nullable FileTime readVersion;

    private boolean beyondIt;

    private ServerTls(
            TlsProvider provider, SslContext context, Optional<Path> authorities, @Nullable FileTime readVersion) {
        this.provider = provider;
        this.context = context;
        this.authorities = authorities;
        this.readVersion = readVersion;
    }

    /**
     * Blocks. The caller has a reference.
     *
     * @param upstream with a mode other than {@link UpstreamTls#DISABLE}
     * @param provider not {@link TlsProvider#AUTO}
     * @throws SSLException if the authorities' file can't be read or used
     */
    static ServerTls of(Upstream upstream, TlsProvider provider) throws SSLException {
        try {
            FileTime version = version(upstream.authorities()); // before the file is read
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .sslProvider(provider.netty())
                    .protocols("TLSv1.3", "TLSv1.2")
                    .sessionCacheSize(SESSIONS)
                    .sessionTimeout(SESSION_SECONDS);
            switch (upstream.tls()) {
                case DISABLE -> throw new IllegalArgumentException("TLS is disabled");
                case REQUIRE -> {
                    // The user has chosen encryption without knowing whom to trust, as with libpq's sslmode=require.
                    builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
                    builder.endpointIdentificationAlgorithm("");
                }
                case VERIFY_CA -> {
                    upstream.authorities().ifPresent(file -> builder.trustManager(file.toFile()));
                    builder.endpointIdentificationAlgorithm("");
                }
                case VERIFY_FULL -> {
                    upstream.authorities().ifPresent(file -> builder.trustManager(file.toFile()));
                    builder.endpointIdentificationAlgorithm("HTTPS");
                }
            }
            return new ServerTls(provider, builder.build(), upstream.authorities(), version);
        } catch (SSLException unusable) {
            throw unusable;
        } catch (IOException | IllegalArgumentException unusable) {
            throw new SSLException(unusable.getMessage(), unusable);
        }
    }

    /**
     * Why a handshake failed: the message, and of its causes' what it does not contain itself. OpenSSL's says nothing but
     * that there was something; the JDK's repeats its cause.
     */
    static String reason(Throwable failure) {
        StringBuilder text = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            boolean hollow = cause instanceof SSLException
                    && cause.getCause() instanceof CertificateException why
                    && !String.valueOf(message).contains(String.valueOf(why.getMessage()));
            if (message != null && !hollow && text.indexOf(message) < 0) {
                text.append(text.isEmpty() ? "" : ": ").append(message);
            }
        }
        return text.isEmpty() ? failure.getClass().getSimpleName() : text.toString();
    }

    /** A handshake has failed that was not cut off. */
    void onFailed(Throwable failure) {
        boolean untrusted = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            untrusted |= cause instanceof CertificateException;
        }
        beyondIt |= provider == TlsProvider.OPENSSL && !untrusted;
    }

    /** Whether another provider might come to terms with the server where this one has not. */
    boolean isBeyondIt() {
        return beyondIt;
    }

    private static @Nullable FileTime version(Optional<Path> file) throws IOException {
        return file.isPresent() ? Files.getLastModifiedTime(file.get()) : null;
    }

    /** Whether the file of authorities is no longer the one that was read; not as long as there is none. Blocks. */
    boolean isOutdated() {
        try {
            return !Objects.equals(version(authorities), readVersion);
        } catch (IOException e) {
            return false; // it is being replaced
        }
    }

    /**
     * The handler has a reference of its own.
     *
     * @param host the name that is sent as SNI and, if it is verified, that the certificate must bear
     */
    SslHandler newHandler(ByteBufAllocator allocator, String host, int port) {
        return context.newHandler(allocator, host, port);
    }

    /** Takes a reference; false if nobody had one any more, so that it can't be used. */
    boolean retain() {
        if (context instanceof ReferenceCounted counted) { // the JDK's is not
            if (counted.refCnt() == 0) {
                return false;
            }
            counted.retain();
        }
        return true;
    }

    void release() {
        ReferenceCountUtil.release(context);
    }
}
