package dev.weir.bench;

/** Who is compared, in the order of the report. */
enum CandidateKind {
    DIRECT("direct"),
    PGBOUNCER("PgBouncer"),
    WEIR("Weir");

    private final String title;

    CandidateKind(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }
}
