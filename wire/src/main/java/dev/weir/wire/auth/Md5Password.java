package dev.weir.wire.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The md5 login that older servers and clients still use: a stored hash of password and user, and an answer that hashes
 * it again with four bytes of salt. The stored hash suffices to log in, so it is as secret as the password. Texts are
 * UTF-8. Source: PostgreSQL manual, Protocol Flow, AuthenticationMD5Password.
 */
public final class Md5Password {

    /** Bytes of the salt in AuthenticationMD5Password. */
    public static final int SALT_BYTES = 4;

    private static final String PREFIX = "md5";
    private static final int STORED_CHARACTERS = 35;

    private Md5Password() {}

    /** What {@code pg_authid.rolpassword} holds: {@code md5} and the hash of password and user in hex. */
    public static String stored(String user, String password) {
        return PREFIX + hex(bytes(password), bytes(user));
    }

    /** True if the text has the form of {@link #stored}: {@code md5} and 32 digits of lower case hex. */
    public static boolean isStored(String text) {
        if (text.length() != STORED_CHARACTERS || !text.startsWith(PREFIX)) {
            return false;
        }
        for (int i = PREFIX.length(); i < text.length(); i++) {
            char digit = text.charAt(i);
            if (!(digit >= '0' && digit <= '9') && !(digit >= 'a' && digit <= 'f')) {
                return false;
            }
        }
        return true;
    }

    /** The text of a PasswordMessage that answers the salt, from the clear password. */
    public static String answer(String user, String password, byte[] salt) {
        return answerFromStored(stored(user, password), salt);
    }

    /**
     * The text of a PasswordMessage that answers the salt, from what is stored.
     *
     * @throws IllegalArgumentException if the text is not stored md5, or the salt not of {@link #SALT_BYTES}
     */
    public static String answerFromStored(String stored, byte[] salt) {
        if (!isStored(stored)) {
            throw new IllegalArgumentException("Not a stored md5 password");
        }
        if (salt.length != SALT_BYTES) {
            throw new IllegalArgumentException("An md5 salt has " + SALT_BYTES + " bytes, not " + salt.length);
        }
        return PREFIX + hex(bytes(stored.substring(PREFIX.length())), salt);
    }

    /** True if a client's answer to that salt is right, compared in constant time. Throws as {@link #answerFromStored}. */
    public static boolean accepts(String stored, byte[] salt, byte[] answer) {
        return MessageDigest.isEqual(bytes(answerFromStored(stored, salt)), answer);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(both.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JDK has no MD5", e);
        }
    }
}
