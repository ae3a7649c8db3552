package dev.weir.bench;

/** What one client moves as fast as it goes. */
enum Transfer {
    /** Rows of 1000 bytes, by a simple query. */
    ROWS_1KB("rows of 1 kB", "select repeat('x', 999) from generate_series(1, %d)", 1_000),
    /** Rows of 10^6 bytes. */
    ROWS_1MB("rows of 1 MB", "select repeat('x', 999989) from generate_series(1, %d)", 1_000_000),
    COPY_OUT("COPY out", "copy (select repeat('x', 999) from generate_series(1, %d)) to stdout", 1_000),
    /** The server parses the rows and throws them away, so that its tables play no part. */
    COPY_IN("COPY in", "copy weir_bench_copy from stdin where false", 1_000);

    /** What COPY in writes to, and does not fill. */
    static final String TABLE = "create table if not exists weir_bench_copy (line text)";

    private final String title;
    private final String statement;
    private final int rowBytes;

    Transfer(String title, String statement, int rowBytes) {
        this.title = title;
        this.statement = statement;
        this.rowBytes = rowBytes;
    }

    String title() {
        return title;
    }

    /** The statement that moves that many units of 10^6 bytes, or awaits them. */
    String statement(int megabytes) {
        return statement.formatted(megabytes * 1_000_000L / rowBytes);
    }
}
