package dev.weir.pool;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;
import org.jspecify.annotations.Nullable;

/** Whose implementation of TLS serves clients and server connections. */
public enum TlsProvider {
    /** {@link #OPENSSL} where it works, else {@link #JDK}. */
    AUTO,
    /** BoringSSL, OpenSSL's relative that comes with Weir as a native library. */
    OPENSSL,
    JDK;

    /**
     * The one that is used, never {@link #AUTO}. The first call may load the native library, which takes some 50 ms.
     *
     * @throws IllegalArgumentException if it does not work on this machine; the message says why
     */
    public TlsProvider choose() {
        return switch (this) {
            case AUTO -> OpenSsl.isAvailable() ? OPENSSL : JDK;
            case OPENSSL -> {
                if (!OpenSsl.isAvailable()) {
                    throw new IllegalArgumentException("tls_provider \"openssl\" is not available here: " + whyNot());
                }
                yield OPENSSL;
            }
            case JDK -> JDK;
        };
    }

    /** Why OpenSSL's can't be used on this machine; null if it can. May load the native library, as {@link #choose}. */
    public static @Nullable String whyNotOpenSsl() {
        return OpenSsl.isAvailable() ? null : whyNot();
    }

    private static String whyNot() {
        Throwable cause = OpenSsl.unavailabilityCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /**
     * For Netty. What is made by OpenSSL's has to be released: contexts by whoever made them, engines by the handlers that
     * they are given to.
     *
     * @throws IllegalArgumentException as {@link #choose}
     */
    public SslProvider netty() {
        return switch (choose()) {
            case OPENSSL -> SslProvider.OPENSSL_REFCNT;
            case JDK -> SslProvider.JDK;
            case AUTO -> throw new IllegalStateException("not chosen");
        };
    }
}
