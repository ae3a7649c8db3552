package dev.weir.app.importing;

/**
 * A key of PgBouncer and what becomes of it; the tables of {@code docs/import.md} come from these.
 *
 * @param becomes in Markdown for a table's cell, and without its backquotes for the report
 */
record Parameter(String name, Outcome outcome, String becomes) {

    /** Tells that it was left out. */
    void reportLost(Value value, Report report) {
        if (outcome == Outcome.LOST) {
            report.add(Report.Kind.NONE, value.place(), value.name() + ": " + inReport());
        }
    }

    String inReport() {
        return becomes.replace("`", "");
    }
}
