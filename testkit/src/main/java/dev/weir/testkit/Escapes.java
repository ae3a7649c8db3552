package dev.weir.testkit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Bytes as text that a person can read in a failed test: printable ASCII as it is, the rest as {@code \xHH}. */
final class Escapes {
    private Escapes() {}

    /** All bytes up to {@code limit}; beyond it, the first of them, the length and a digest of all. */
    static String of(byte[] bytes, int limit) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(bytes.length, limit); i++) {
            int b = bytes[i] & 0xff;
            if (b == '\\') {
                text.append("\\\\");
            } else if (b >= ' ' && b < 0x7f) {
                text.append((char) b);
            } else {
                text.append("\\x").append(HexFormat.of().toHexDigits((byte) b));
            }
        }
        if (bytes.length > limit) {
            MessageDigest digest = sha256();
            text.append("… (").append(bytes.length).append(" bytes, ");
            text.append(shortHex(digest.digest(bytes))).append(')');
        }
        return text.toString();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    static String shortHex(byte[] digest) {
        return HexFormat.of().formatHex(digest, 0, 8);
    }
}
