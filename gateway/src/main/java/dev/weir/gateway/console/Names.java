package dev.weir.gateway.console;

import dev.weir.wire.Failure;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A client's prepared commands and portals, by their names; the empty name is that of the unnamed one. */
final class Names {
    private static final int MAX_STATEMENTS = 1_000;

    /** Drivers leave portals to the end of a transaction, which the console does not have: the oldest goes. */
    private static final int MAX_PORTALS = 64;

    private final Map<String, Prepared> statements = new HashMap<>();
    private final Map<String, Portal> portals = new LinkedHashMap<>();

    void prepare(String name, Prepared prepared) throws ConsoleException {
        if (!name.isEmpty() && statements.containsKey(name)) {
            throw new ConsoleException(new Failure.DuplicateStatement(name));
        }
        if (statements.size() >= MAX_STATEMENTS && !name.isEmpty()) {
            throw new ConsoleException(new Failure.TooManyStatements(statements.size(), MAX_STATEMENTS));
        }
        statements.put(name, prepared);
    }

    Prepared statement(String name) throws ConsoleException {
        return Optional.ofNullable(statements.get(name))
                .orElseThrow(() -> new ConsoleException(new Failure.UnknownStatement(name)));
    }

    void bind(String name, Portal portal) {
        portals.remove(name);
        portals.put(name, portal);
        if (portals.size() > MAX_PORTALS) {
            Iterator<String> oldest = portals.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    Portal portal(String name) throws ConsoleException {
        return Optional.ofNullable(portals.get(name))
                .orElseThrow(() -> new ConsoleException(new Failure.UnknownPortal(name)));
    }

    void closeStatement(String name) {
        statements.remove(name);
    }

    void closePortal(String name) {
        portals.remove(name);
    }

    void closeStatements() {
        statements.clear();
    }

    void closePortals() {
        portals.clear();
    }
}
