package dev.weir.bench;

/** pgbench's own scripts that are used. */
enum Script {
    /** One SELECT by primary key. */
    SELECT("select-only"),
    /** Five statements in a transaction, seven round trips. */
    TPCB("TPC-B");

    private final String title;

    Script(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
