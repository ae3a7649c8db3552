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

        /** The client itself has sent what prepares it, and expects what comes of it if that fails. */
        private boolean clients;

        private long sentIn;
        private boolean confirmed;

        Entry(PreparedStatement statement, boolean clients, long sentIn) {
            this.statement = statement;
            this.clients = clients;
            this.sentIn = sentIn;
        }

        void doubt() {
            confirmed = false;
            clients = false;
            sentIn = -1;
        }

        @Override
        public void onAnswered() {
            confirmed = true;
        }

        @Override
        public void onUndone() {
            if (!confirmed) {
                entries.remove(statement, this);
            }
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
        return entry.confirmed || entry.clients || entry.sentIn == group ? Presence.PRESENT : Presence.DOUBTFUL;
    }

    /**
     * Its preparation is being sent.
     *
     * @param clients by the client itself
     */
    Fate add(PreparedStatement statement, boolean clients) {
        Entry entry = new Entry(statement, clients, group);
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
        entries.computeIfAbsent(statement, s -> new Entry(s, false, -1)).doubt();
    }

    void clear() {
        entries.clear();
    }

    /** Each may be there or not. */
    void doubtAll() {
        entries.values().forEach(Entry::doubt);
    }

    int size() {
        return entries.size();
    }

    /** Whether one is surely there. */
    boolean hasEvictable() {
        for (Entry entry : entries.values()) {
            if (entry.confirmed) {
                return true;
            }
        }
        return false;
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
