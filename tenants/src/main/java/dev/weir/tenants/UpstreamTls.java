package dev.weir.tenants;

/** How a server connection is encrypted and what is verified; libpq's {@code sslmode} words without the fallbacks. */
public enum UpstreamTls {
    /** Never asks for TLS. */
    DISABLE,
    /** TLS or no connection; the certificate is not verified. */
    REQUIRE,
    /** TLS, and the certificate is signed by the given authority. */
    VERIFY_CA,
    /** As {@link #VERIFY_CA}, and the certificate names the host that was connected to. */
    VERIFY_FULL
}
