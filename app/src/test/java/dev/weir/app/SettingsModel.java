package dev.weir.app;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** What the parameters of a session must be, by the rules of SET, SET LOCAL, RESET, transactions and savepoints. */
final class SettingsModel {
    /** What a new session has. */
    static final Map<String, String> DEFAULTS = Map.of(
            "work_mem", "4MB",
            "search_path", "\"$user\", public",
            "timezone", "UTC",
            "intervalstyle", "postgres",
            "application_name", "",
            "my.own", "",
            "my.other", "");

    /** Values that show as they are written. */
    static final Map<String, String[]> VALUES = Map.of(
            "work_mem", new String[] {"1MB", "2MB", "3MB"},
            "search_path", new String[] {"one", "two", "pg_catalog"},
            "timezone", new String[] {"Asia/Tokyo", "Europe/Berlin"},
            "intervalstyle", new String[] {"iso_8601", "sql_standard"},
            "application_name", new String[] {"soak", "another name"},
            "my.own", new String[] {"a", "b", "it''s"},
            "my.other", new String[] {"x", "y"});

    /** The state at one point: what lasts beyond the transaction, and what is in force until its end. */
    private record Point(String savepoint, Map<String, String> lasting, Map<String, String> inForce) {}

    private final Deque<Point> points = new ArrayDeque<>();
    private Map<String, String> lasting = new HashMap<>(DEFAULTS);
    private Map<String, String> inForce = new HashMap<>(DEFAULTS);

    boolean inTransaction() {
        return !points.isEmpty();
    }

    Map<String, String> inForce() {
        return inForce;
    }

    void set(String name, String value) {
        lasting.put(name, value);
        inForce.put(name, value);
    }

    /** Without a transaction, it ends with its own statement. */
    void setLocal(String name, String value) {
        if (inTransaction()) {
            inForce.put(name, value);
        }
    }

    void resetAll() {
        lasting = new HashMap<>(DEFAULTS);
        inForce = new HashMap<>(DEFAULTS);
    }

    void begin() {
        savepoint("");
    }

    void savepoint(String name) {
        points.push(new Point(name, new HashMap<>(lasting), new HashMap<>(inForce)));
    }

    void commit() {
        points.clear();
        inForce = new HashMap<>(lasting);
    }

    void rollback() {
        rollbackTo("");
        points.clear();
    }

    /** @return whether there is a savepoint of this name */
    boolean hasSavepoint(String name) {
        return points.stream().anyMatch(point -> point.savepoint().equals(name));
    }

    void rollbackTo(String name) {
        while (!points.getFirst().savepoint().equals(name)) {
            points.pop();
        }
        lasting = new HashMap<>(points.getFirst().lasting());
        inForce = new HashMap<>(points.getFirst().inForce());
    }

    void release(String name) {
        while (!points.getFirst().savepoint().equals(name)) {
            points.pop();
        }
        points.pop();
    }
}
