package dev.weir.pool;

import java.util.HashSet;
import java.util.Set;

/**
 * Some databases of a tenant, those to come among them.
 *
 * @param allBut whether all are meant but the named ones; else it is the named ones
 */
public record DatabaseSelection(boolean allBut, Set<String> named) {
    static final DatabaseSelection NONE = new DatabaseSelection(false, Set.of());
    static final DatabaseSelection ALL = new DatabaseSelection(true, Set.of());

    public DatabaseSelection {
        named = Set.copyOf(named);
    }

    public boolean contains(String database) {
        return named.contains(database) != allBut;
    }

    public boolean isEmpty() {
        return !allBut && named.isEmpty();
    }

    DatabaseSelection with(String database) {
        return named(database, !allBut);
    }

    DatabaseSelection without(String database) {
        return named(database, allBut);
    }

    private DatabaseSelection named(String database, boolean wanted) {
        Set<String> changed = new HashSet<>(named);
        if (wanted) {
            changed.add(database);
        } else {
            changed.remove(database);
        }
        return new DatabaseSelection(allBut, changed);
    }
}
