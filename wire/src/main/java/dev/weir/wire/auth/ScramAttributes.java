package dev.weir.wire.auth;

import dev.weir.wire.Sqlstate;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Reads a SCRAM message from left to right: attributes of one letter, an equals sign and a value, parted by commas.
 * Source: RFC 5802, section 7. The text is the message read as ISO 8859-1, so that no byte of it is lost and the
 * signatures can be computed over it. Stricter than Postgres in two points that no client in use relies on: a comma
 * must be followed by an attribute, and base64 must be in its one canonical form.
 */
final class ScramAttributes {

    private final String message;
    private int position;
    private boolean more = true;

    private ScramAttributes(String message, int from) {
        this.message = message;
        this.position = from;
    }

    /** The text of a message, which must not be empty, longer than the limit, or contain a zero byte. */
    static String text(byte[] message, int maxBytes) throws MalformedScram {
        if (message.length == 0) {
            throw new MalformedScram("SCRAM message is empty");
        }
        if (message.length > maxBytes) {
            throw new MalformedScram(
                    "SCRAM message of " + message.length + " bytes is longer than the " + maxBytes + " allowed");
        }
        for (byte each : message) {
            if (each == 0) {
                throw new MalformedScram("SCRAM message contains a zero byte");
            }
        }
        return new String(message, StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String message) {
        return message.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The attributes from that index on; the gs2 header, which has another form, lies before it. */
    static ScramAttributes of(String message, int from) {
        return new ScramAttributes(message, from);
    }

    /** Where the next attribute starts. */
    int position() {
        return position;
    }

    /** The value of the next attribute, which must have that name. */
    String take(char name) throws MalformedScram {
        refuseMandatoryExtension();
        if (!more || position >= message.length() || message.charAt(position) != name) {
            throw new MalformedScram("SCRAM message lacks attribute " + name + " where it belongs");
        }
        return takeAny();
    }

    /** Passes over optional extensions up to an attribute of that name or the end; true when one of that name is next. */
    boolean skipTo(char name) throws MalformedScram {
        while (more) {
            refuseMandatoryExtension();
            if (position < message.length() && message.charAt(position) == name) {
                return true;
            }
            takeAny();
        }
        return false;
    }

    /** Passes over optional extensions, of which none is known here, to the end. */
    void skipRest() throws MalformedScram {
        while (more) {
            refuseMandatoryExtension();
            takeAny();
        }
    }

    void expectEnd() throws MalformedScram {
        if (more) {
            throw new MalformedScram("SCRAM message goes on after its last attribute");
        }
    }

    private void refuseMandatoryExtension() throws MalformedScram {
        if (more && position < message.length() && message.charAt(position) == 'm') {
            throw new MalformedScram(
                    Sqlstate.FEATURE_NOT_SUPPORTED, "SCRAM message demands an extension, and none is supported");
        }
    }

    private String takeAny() throws MalformedScram {
        if (position + 1 >= message.length()
                || !isLetter(message.charAt(position))
                || message.charAt(position + 1) != '=') {
            throw new MalformedScram("SCRAM message has no attribute at offset " + position);
        }
        int start = position + 2;
        int comma = message.indexOf(',', start);
        more = comma >= 0;
        int end = more ? comma : message.length();
        position = more ? comma + 1 : end;
        return message.substring(start, end);
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /** Our part of a nonce: 18 random bytes in base64, the alphabet that every peer can read. */
    static String nonce(SecureRandom random) {
        byte[] bytes = new byte[18];
        random.nextBytes(bytes);
        return base64(bytes);
    }

    /** A nonce is one or more printable ASCII characters; the comma cannot occur in a value anyway. */
    static void requireNonce(String nonce) throws MalformedScram {
        if (nonce.isEmpty()) {
            throw new MalformedScram("SCRAM nonce is empty");
        }
        for (int i = 0; i < nonce.length(); i++) {
            if (nonce.charAt(i) < 0x21 || nonce.charAt(i) > 0x7e) {
                throw new MalformedScram("SCRAM nonce has a character that is not printable");
            }
        }
    }

    static byte[] base64(String name, String value) throws MalformedScram {
        byte[] bytes = canonicalBase64(value);
        if (bytes.length == 0) {
            throw new MalformedScram("SCRAM message has a " + name + " that is not base64");
        }
        return bytes;
    }

    /** The bytes of that base64, or none if it is empty or not the form that an encoder makes of its bytes. */
    static byte[] canonicalBase64(String value) {
        try {
            byte[] bytes = Base64.getDecoder().decode(value);
            return base64(bytes).equals(value) ? bytes : new byte[0];
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** A number from 1 to {@link Integer#MAX_VALUE} without sign and leading zeros, or 0 if it is something else. */
    static int positiveNumber(String digits) {
        if (digits.isEmpty() || digits.length() > 10 || digits.charAt(0) == '0') {
            return 0;
        }
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            char digit = digits.charAt(i);
            if (digit < '0' || digit > '9') {
                return 0;
            }
            number = number * 10 + (digit - '0');
        }
        return number <= Integer.MAX_VALUE ? (int) number : 0;
    }
}
