package dev.weir.gateway;

import dev.weir.pool.SessionParameters;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;

/**
 * What the server is asked behind a transaction: rows of a kind ({@code p} parameter, {@code l} channel listened to,
 * {@code s} state that pins), a name and a value.
 *
 * @param names of parameters, in lower case
 * @param reasons bits of {@link PinReason} whose state may be there
 * @param all every parameter that the session has set, whether named or not
 */
record StateQuestion(Set<String> names, int reasons, boolean all) {
    private static final String TIMEOUT = "statement_timeout";

    /** Parameters that are no entries of pg_settings. */
    private static final Set<String> UNLISTED = Set.of("role", "session_authorization");

    /** Parameters with a dot may be placeholders, which pg_settings does not show. */
    static boolean isListed(String name) {
        return name.indexOf('.') < 0 && !UNLISTED.contains(name);
    }

    String text() {
        return text(names, "");
    }

    /**
     * The same for a session whose own statement_timeout is too short for it. That of the session is read before it is
     * lifted, which lasts until the end of this Query.
     */
    String insistingText() {
        String before = all || names.contains(TIMEOUT)
                ? "SELECT 'p', '" + TIMEOUT + "', pg_catalog.current_setting('" + TIMEOUT + "'); "
                : "";
        Set<String> others = new TreeSet<>(names);
        others.remove(TIMEOUT);
        return before + "SET LOCAL " + TIMEOUT + " = 0; " + text(others, " AND name <> '" + TIMEOUT + "'");
    }

    /** @param but further condition on what pg_settings lists */
    private String text(Set<String> wanted, String but) {
        StringJoiner union = new StringJoiner(" UNION ALL ");
        StringJoiner listed = new StringJoiner(",");
        for (String name : wanted) {
            if (isListed(name)) {
                listed.add(SessionParameters.literal(name));
            } else {
                String literal = SessionParameters.literal(name);
                union.add("SELECT 'p', " + literal + ", pg_catalog.current_setting(" + literal + ", true)");
            }
        }
        if (listed.length() > 0 || all) {
            union.add("SELECT 'p', pg_catalog.lower(name), setting FROM pg_catalog.pg_settings WHERE source = 'session'"
                    + (all ? but : " AND pg_catalog.lower(name) IN (" + listed + ")"));
        }
        for (PinReason reason : PinReason.values()) {
            if ((reasons & reason.bit()) == 0) {
                continue;
            }
            if (reason == PinReason.LISTEN) {
                union.add("SELECT 'l', channel, NULL FROM pg_catalog.pg_listening_channels() channel");
            } else if (reason.question() != null) {
                union.add("SELECT 's', '" + reason.name() + "', NULL WHERE " + reason.question());
            }
        }
        return union.length() == 0 ? "SELECT" : union.toString();
    }
}
