package dev.weir.pool;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a session has set, of all that Postgres lets a session set: for each parameter the statement that sets it so.
 * Immutable, and compared by value; a session that has set nothing has {@link #NONE}.
 */
public final class SessionParameters {
    public static final SessionParameters NONE = new SessionParameters(Collections.emptySortedMap());

    /** Parameters that say who one is. They are given up first and taken on last, since they may take rights away. */
    private static final List<String> IDENTITY = List.of("session_authorization", "role");

    /** What takes any value that it ever took. */
    private static final Set<String> HARMLESS = Set.of("application_name");

    /** What has no part in what a statement means. */
    private static final Set<String> WITHOUT_MEANING = Set.of(
            "application_name",
            "client_min_messages",
            "statement_timeout",
            "lock_timeout",
            "idle_in_transaction_session_timeout",
            "idle_session_timeout",
            "transaction_timeout",
            "work_mem");

    private final Map<String, String> statements;
    private @Nullable String scope;
    private final int hash;

    private SessionParameters(Map<String, String> statements) {
        this.statements = Collections.unmodifiableMap(statements);
        this.hash = statements.hashCode();
    }

    public boolean isNone() {
        return statements.isEmpty();
    }

    /** Lower-case names, sorted. */
    public Iterable<String> names() {
        return statements.keySet();
    }

    public boolean has(String name) {
        return statements.containsKey(name);
    }

    /** The statement that sets it, or null if it is not set. */
    public @Nullable String statement(String name) {
        return statements.get(name);
    }

    /** With this parameter set by that statement, or, with null, not set. */
    public SessionParameters with(String name, @Nullable String statement) {
        if (Objects.equals(statements.get(name), statement)) {
            return this;
        }
        TreeMap<String, String> changed = new TreeMap<>(statements);
        if (statement == null) {
            changed.remove(name);
        } else {
            changed.put(name, statement);
        }
        return changed.isEmpty() ? NONE : new SessionParameters(changed);
    }

    /** The statement that sets a parameter to a value as {@code current_setting()} shows it. */
    public static String assignment(String name, String value) {
        return "SELECT pg_catalog.set_config(" + literal(name) + "," + literal(value) + ",false)";
    }

    /** Whether the change from one to the other can't fail, so that nothing needs to wait for it. */
    public static boolean changesSurely(SessionParameters from, SessionParameters to) {
        return from.statementsBut(HARMLESS).equals(to.statementsBut(HARMLESS));
    }

    private Map<String, String> statementsBut(Set<String> names) {
        if (Collections.disjoint(statements.keySet(), names)) {
            return statements;
        }
        Map<String, String> others = new TreeMap<>(statements);
        others.keySet().removeAll(names);
        return others;
    }

    /**
     * What statements are prepared by, as one text: equal texts mean the same only where all this is equal. Parameters that
     * have no part in it are left out.
     */
    public String scope() {
        String known = scope;
        if (known == null) {
            known = isNone() ? "" : statementsBut(WITHOUT_MEANING).toString();
            known = known.equals("{}") ? "" : known;
            scope = known;
        }
        return known;
    }

    /** The statements that turn a session with {@code from} into one with {@code to}, as one text. */
    public static String change(SessionParameters from, SessionParameters to) {
        List<String> texts = new ArrayList<>();
        boolean identity = from.hasIdentity() || to.hasIdentity();
        if (from.hasIdentity()) {
            texts.add("RESET SESSION AUTHORIZATION"); // the role goes with it
        }
        for (String name : from.names()) {
            if (!to.has(name) && !IDENTITY.contains(name)) {
                texts.add("RESET " + identifier(name));
            }
        }
        to.statements.forEach((name, statement) -> {
            if (!IDENTITY.contains(name) && !statement.equals(from.statement(name))) {
                texts.add(statement);
            }
        });
        if (identity) {
            for (String name : IDENTITY) {
                String statement = to.statement(name);
                if (statement != null) {
                    texts.add(statement);
                }
            }
        }
        return String.join("\n;", texts); // a statement may end with a comment
    }

    private boolean hasIdentity() {
        return has(IDENTITY.get(0)) || has(IDENTITY.get(1));
    }

    /** Quoted, each part of a name with dots. */
    private static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"").replace(".", "\".\"") + "\"";
    }

    /** An SQL literal in pure ASCII, which means the same in every client encoding. */
    public static String literal(String value) {
        StringBuilder out = new StringBuilder(value.length() + 8).append("E'");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\'' || c == '\\') {
                out.append(c).append(c);
            } else if (c < 0x20 || c >= 0x7f) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('\'').toString();
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof SessionParameters that && hash == that.hash && statements.equals(that.statements));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return statements.toString();
    }
}
