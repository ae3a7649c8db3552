package dev.weir.tenants;

/** What proves a user's identity. {@code toString} never shows it. */
public sealed interface Secret {

    /**
     * A password in clear: clients are checked against a verifier derived from it, and it opens every login that a
     * server may ask for.
     */
    record Password(String value) implements Secret {
        @Override
        public String toString() {
            return "Password[hidden]";
        }
    }

    /**
     * A SCRAM-SHA-256 verifier as {@code pg_authid.rolpassword} holds it
     * ({@code SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>}). A client's proof against it yields the key
     * that logs in to a server whose role has the same verifier.
     */
    record ScramVerifierText(String value) implements Secret {
        @Override
        public String toString() {
            return "ScramVerifierText[hidden]";
        }
    }
}
