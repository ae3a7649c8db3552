package dev.weir.bench;

/** What is measured. */
enum Scenario {
    /** pgbench's select-only script. */
    SELECT("select-only"),
    /** pgbench's TPC-B script: five statements in a transaction, seven round trips. */
    TPCB("TPC-B"),
    /** Connect, log in, {@code select 1}, close. */
    CONNECT("connect"),
    /** One client reads a large result. */
    STREAM("stream"),
    /** The memory of many logged-in clients that do nothing. */
    IDLE("idle clients");

    private final String title;

    Scenario(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
