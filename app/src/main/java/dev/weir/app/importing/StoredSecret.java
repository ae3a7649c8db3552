package dev.weir.app.importing;

import java.util.regex.Pattern;

/** What {@code userlist.txt} holds for a user. {@code toString} never shows it. */
sealed interface StoredSecret {
    Pattern MD5 = Pattern.compile("md5[0-9a-f]{32}");
    Pattern VERIFIER = Pattern.compile(
            "SCRAM-SHA-256\\$[1-9][0-9]{0,8}:[A-Za-z0-9+/]+={0,2}\\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=");

    /** A password in clear. */
    record Plain(String password) implements StoredSecret {
        @Override
        public String toString() {
            return "Plain[hidden]";
        }
    }

    /** A SCRAM verifier, which Weir takes as it is. */
    record Verifier(String text) implements StoredSecret {
        @Override
        public String toString() {
            return "Verifier[hidden]";
        }
    }

    /** The MD5 of password and name, of which no SCRAM verifier can be made. */
    record Md5() implements StoredSecret {}

    /** Nothing. */
    record None() implements StoredSecret {}

    static StoredSecret of(String text) {
        if (text.isEmpty()) {
            return new None();
        }
        if (MD5.matcher(text).matches()) {
            return new Md5();
        }
        return VERIFIER.matcher(text).matches() ? new Verifier(text) : new Plain(text);
    }
}
