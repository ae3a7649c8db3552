package dev.weir.bench;

import java.util.Locale;

/** How pgbench sends its statements: the values of its option {@code -M}. */
enum Protocol {
    SIMPLE,
    EXTENDED,
    PREPARED;

    String option() {
        return name().toLowerCase(Locale.ROOT);
    }
}
