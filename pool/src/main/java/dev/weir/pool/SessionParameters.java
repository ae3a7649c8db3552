package dev.weir.pool;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private final Map<String, String> statements;
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

    /** Whether one who takes this on gives up rights, or takes on others, so that nothing may be run before it is done. */
    public static boolean changesIdentity(SessionParameters from, SessionParameters to) {
        for (String name : IDENTITY) {
            if (!Objects.equals(from.statement(name), to.statement(name))) {
                return true;
            }
        }
        return false;
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
        return other instanceof SessionParameters that && hash == that.hash && statements.equals(that.statements);
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
