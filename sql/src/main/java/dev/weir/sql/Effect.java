package dev.weir.sql;

/** What a text may do that concerns whoever shares server connections between clients. */
public enum Effect {
    /** Begins, ends or subdivides a transaction. */
    TRANSACTION(0),
    /** Sets a parameter whose name is known: for the session, or for the transaction. */
    SET(1),
    /** Gives one parameter, or all, their defaults. */
    RESET(2),
    /** May set a parameter of the session, but which one is not in the text. */
    SET_UNKNOWN(3),
    /** {@code PREPARE name}: a statement kept by the session. */
    PREPARE(4),
    /** {@code EXECUTE name}, also behind EXPLAIN or CREATE TABLE AS. */
    EXECUTE(5),
    /** {@code DEALLOCATE name}, or all. */
    DEALLOCATE(6),
    /** The session gets notifications of a channel. */
    LISTEN(7),
    /** The session no longer gets notifications of a channel, or of any. */
    UNLISTEN(8),
    /** Notifies others. */
    NOTIFY(9),
    /** {@code DISCARD}. */
    DISCARD(10),
    /** May make a temporary table, view, sequence or function, which lasts as long as the session. */
    TEMPORARY(11),
    /** Declares a cursor that outlives its transaction. */
    HOLD_CURSOR(12),
    /** Closes a cursor, or all. */
    CLOSE_CURSOR(13),
    /** Takes advisory locks that outlive the transaction. */
    ADVISORY_LOCK(14),
    /** Gives back such locks. */
    ADVISORY_UNLOCK(15),
    /** Drops something, which may have been temporary. */
    DROP(16),
    /** Loads a library into the server process. */
    LOAD(17),
    /** Copies data from or to the client, or a file. The session is left as it was. */
    COPY(18),
    /** Not to be understood, so the server is to judge it: expect anything. */
    UNJUDGED(19);

    private final int bit;

    Effect(int position) {
        this.bit = 1 << position;
    }

    /** Its bit in a set of effects. */
    int bit() {
        return bit;
    }
}
