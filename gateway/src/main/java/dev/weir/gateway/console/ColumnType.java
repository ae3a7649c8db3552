package dev.weir.gateway.console;

/** The types that the console's columns have, with what a RowDescription says of them. Source: pg_type. */
enum ColumnType {
    BOOL(16, 1),
    INT8(20, 8),
    INT4(23, 4),
    TEXT(25, -1),
    NUMERIC(1700, -1),
    VOID(2278, 4);

    private final int oid;
    private final int size;

    ColumnType(int oid, int size) {
        this.oid = oid;
        this.size = size;
    }

    int oid() {
        return oid;
    }

    /** In bytes; -1 if it varies. */
    int size() {
        return size;
    }
}
