package dev.weir.pool;

import dev.weir.tenants.Upstream;
import dev.weir.tenants.UpstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import javax.net.ssl.SSLException;

/** TLS towards servers. Making one reads files, so it is made off the lane. */
final class ServerTls {
    private final SslContext context;

    private ServerTls(SslContext context) {
        this.context = context;
    }

    /**
     * @param upstream with a mode other than {@link UpstreamTls#DISABLE}
     * @throws SSLException if the authorities' file can't be read or used
     */
    static ServerTls of(Upstream upstream) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient();
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
        try {
            return new ServerTls(builder.build());
        } catch (IllegalArgumentException unusable) {
            throw new SSLException(unusable.getMessage(), unusable);
        }
    }

    /** @param host the name that is sent as SNI and, if it is verified, that the certificate must bear */
    SslHandler newHandler(ByteBufAllocator allocator, String host, int port) {
        return context.newHandler(allocator, host, port);
    }
}
