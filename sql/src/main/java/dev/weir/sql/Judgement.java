package dev.weir.sql;

import java.util.List;

/**
 * What a text is. Immutable; a single plain statement is judged by one of a few shared instances, so that it costs no
 * allocation.
 */
public final class Judgement {
    private static final Judgement NOTHING = new Judgement(0, true, false, 0, List.of());
    private static final Judgement WRITING = new Judgement(1, false, false, 0, List.of());
    private static final Judgement READING = new Judgement(1, true, false, 0, List.of());
    private static final Judgement SHAREABLE = new Judgement(1, true, true, 0, List.of());

    private final int count;
    private final boolean readOnly;
    private final boolean shareable;
    private final int effects;
    private final List<SessionStatement> details;

    private Judgement(int count, boolean readOnly, boolean shareable, int effects, List<SessionStatement> details) {
        this.count = count;
        this.readOnly = readOnly;
        this.shareable = shareable;
        this.effects = effects;
        this.details = details;
    }

    /** A text without any effect. */
    static Judgement plain(int count, boolean readOnly, boolean shareable) {
        return switch (count) {
            case 0 -> NOTHING;
            case 1 -> shareable ? SHAREABLE : readOnly ? READING : WRITING;
            default -> new Judgement(count, readOnly, false, 0, List.of());
        };
    }

    /** @param effects the bits of its effects */
    static Judgement of(int count, boolean readOnly, int effects, List<SessionStatement> details) {
        return new Judgement(count, readOnly, false, effects, List.copyOf(details));
    }

    /** Statements in the text; empty ones are not counted, so it is 0 for comments alone. */
    public int count() {
        return count;
    }

    /** Whether nothing here changes session state or controls a transaction. */
    public boolean isPlain() {
        return (effects & ~Effect.COPY.bit()) == 0;
    }

    /**
     * Whether every statement is proved to only read: no locking clause, nothing that modifies data, and only functions
     * that are known to be Postgres' own and to write nothing.
     */
    public boolean isReadOnly() {
        return readOnly;
    }

    /**
     * Whether another client's statement may wait behind this one: a single query that only reads, and only calls functions
     * of Postgres that neither wait nor depend on anything but their arguments and the data.
     */
    public boolean isShareable() {
        return shareable;
    }

    /** Whether the text may have this effect. */
    public boolean has(Effect effect) {
        return (effects & effect.bit()) != 0;
    }

    /** What concerns session state or transactions, in the order of the text; empty when plain. */
    public List<SessionStatement> details() {
        return details;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Judgement[").append(count);
        text.append(shareable ? ", shareable" : readOnly ? ", reads" : "");
        for (Effect effect : Effect.values()) {
            text.append(has(effect) ? ", " + effect : "");
        }
        return text.append(details.isEmpty() ? "" : ", " + details).append(']').toString();
    }
}
