package dev.weir.app.importing;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A database of PgBouncer's file.
 *
 * @param name what its clients ask for; {@code *} stands for all that have no line of their own
 * @param target the database in Postgres; empty for {@code *} without {@code dbname}
 * @param hosts at least one: names, addresses, or folders of Unix sockets
 * @param values all that its line says, by key
 */
record Database(
        Place place, String name, Optional<String> target, List<String> hosts, int port, Map<String, Value> values) {
    static final String ANY = "*";

    /** Databases with the same are of one tenant. */
    record Server(List<String> hosts, int port) {}

    Server server() {
        return new Server(hosts, port);
    }

    boolean isForAny() {
        return name.equals(ANY);
    }

    Optional<Value> value(String key) {
        return Optional.ofNullable(values.get(key));
    }
}
