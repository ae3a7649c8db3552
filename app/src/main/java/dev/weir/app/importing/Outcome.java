package dev.weir.app.importing;

/** What becomes of a setting of PgBouncer. */
enum Outcome {
    /** Weir has the same under some name. */
    TAKEN("taken over"),
    /** Weir does something else that serves the same end; the report says what, where it makes a difference. */
    CHANGED("translated"),
    /** The report names it, if it differs from PgBouncer's default. */
    LOST("no counterpart"),
    /** Weir does well without it; the report says nothing. */
    NEEDLESS("not needed");

    private final String inDocument;

    Outcome(String inDocument) {
        this.inDocument = inDocument;
    }

    /** In the words of the document. */
    String inDocument() {
        return inDocument;
    }
}
