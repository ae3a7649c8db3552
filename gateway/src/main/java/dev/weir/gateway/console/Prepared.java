package dev.weir.gateway.console;

import java.util.List;

/**
 * A command that Parse has named.
 *
 * @param parameterTypes their OIDs
 */
record Prepared(Command command, List<Integer> parameterTypes) {
    Prepared {
        parameterTypes = List.copyOf(parameterTypes);
    }
}
