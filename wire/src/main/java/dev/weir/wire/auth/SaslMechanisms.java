package dev.weir.wire.auth;

/** The names of the SASL mechanisms that are spoken here, as AuthenticationSASL lists them. Source: RFC 7677. */
public final class SaslMechanisms {

    public static final String SCRAM_SHA_256 = "SCRAM-SHA-256";

    /** The same with the login bound to the TLS connection that it runs over. */
    public static final String SCRAM_SHA_256_PLUS = "SCRAM-SHA-256-PLUS";

    private SaslMechanisms() {}
}
