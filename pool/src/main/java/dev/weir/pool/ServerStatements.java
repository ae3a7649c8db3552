package dev.weir.pool;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which statements one server connection has prepared, the one used least recently first. Confined to its lane.
 *
 * <p>One that was sent counts as there for the messages up to the next Sync: if it fails, they are skipped with it.
 * Behind that Sync, and until its reply has come, nobody knows.
 */
final class ServerStatements {
    /** Whether it is there. */
    enum Presence {
        ABSENT,
        PRESENT,
        /** To be closed, which is no error if it isn't there, before it is prepared again. */
        DOUBTFUL
    }

    /** One statement; also who is told what becomes of its preparation. */
    private final class Entry implements Fate {
        private final PreparedStatement statement;
        private long sentIn;
        private boolean confirmed;

        Entry(PreparedStatement statement, long sentIn) {
            this.statement = statement;
            this.sentIn = sentIn;
        }

        @Override
        public void onAnswered() {
            confirmed = true;
        }

        @Override
        public void onUndone() {
            entries.remove(statement, this);
        }
    }

    /** Who is told what becomes of a statement's removal. */
    private record Removal(ServerStatements from, PreparedStatement statement) implements Fate {
        @Override
        public void onAnswered() {
            // as it was counted on
        }

        @Override
        public void onUndone() {
            from.doubt(statement);
        }
    }

    private final LinkedHashMap<PreparedStatement, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /** Counts the Syncs that were sent. */
    private long group;

    void onSync() {
        group++;
    }

    Presence presence(PreparedStatement statement) {
        Entry entry = entries.get(statement);
        if (entry == null) {
            return Presence.ABSENT;
        }
        return entry.confirmed || entry.sentIn == group ? Presence.PRESENT : Presence.DOUBTFUL;
    }

    /** Its preparation is being sent. */
    Fate add(PreparedStatement statement) {
        Entry entry = new Entry(statement, group);
        entries.put(statement, entry);
        return entry;
    }

    /** Its removal is being sent. */
    Fate remove(PreparedStatement statement) {
        entries.remove(statement);
        return new Removal(this, statement);
    }

    /** It may be there or not. */
    void doubt(PreparedStatement statement) {
        Entry entry = entries.computeIfAbsent(statement, s -> new Entry(s, -1));
        entry.confirmed = false;
        entry.sentIn = -1;
    }

    void clear() {
        entries.clear();
    }

    /** Each may be there or not. */
    void doubtAll() {
        for (Entry entry : entries.values()) {
            entry.confirmed = false;
            entry.sentIn = -1;
        }
    }

    int size() {
        return entries.size();
    }

    /** The one used least recently of those that are surely there, which is from now on counted as gone; or null. */
    @Nullable
    PreparedStatement evict() {
        for (Map.Entry<PreparedStatement, Entry> oldest : entries.entrySet()) {
            if (oldest.getValue().confirmed) {
                entries.remove(oldest.getKey());
                return oldest.getKey();
            }
        }
        return null;
    }
}
