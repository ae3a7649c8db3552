package dev.weir.app.config;

import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form of a SCRAM-SHA-256 verifier as {@code pg_authid.rolpassword} holds it. Source: PostgreSQL manual, catalog
 * {@code pg_authid}; RFC 5803 has the fields.
 */
final class ScramVerifierSyntax {
    static final String PREFIX = "SCRAM-SHA-256$";

    private static final int KEY_BYTES = 32;
    private static final String FORM = "must be SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>";
    private static final Pattern FIELDS =
            Pattern.compile(Pattern.quote(PREFIX) + "([0-9]{1,10}):([^:$]+)\\$([^:$]+):([^:$]+)");

    private ScramVerifierSyntax() {}

    /** What is wrong with a verifier, in words that show nothing of it; empty if nothing is. */
    static Optional<String> fault(String verifier) {
        Matcher fields = FIELDS.matcher(verifier);
        if (!fields.matches()) {
            return Optional.of(FORM);
        }
        long iterations = Long.parseLong(fields.group(1));
        if (iterations < 1 || iterations > Integer.MAX_VALUE) {
            return Optional.of(FORM + ", with at least 1 and at most " + Integer.MAX_VALUE + " iterations");
        }
        if (base64Length(fields.group(2)) < 1) {
            return Optional.of(FORM + ", with a salt in Base64");
        }
        if (base64Length(fields.group(3)) != KEY_BYTES) {
            return Optional.of(FORM + ", with a StoredKey of 32 bytes in Base64");
        }
        if (base64Length(fields.group(4)) != KEY_BYTES) {
            return Optional.of(FORM + ", with a ServerKey of 32 bytes in Base64");
        }
        return Optional.empty();
    }

    /** Bytes of a Base64 text; -1 if it is none. */
    private static int base64Length(String text) {
        try {
            return Base64.getDecoder().decode(text).length;
        } catch (IllegalArgumentException notBase64) {
            return -1;
        }
    }
}
