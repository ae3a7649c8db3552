package dev.weir.pool;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that one client has given to its prepared statements, or those that all clients of a pool share. Looking one up
 * allocates nothing. Confined to a lane.
 */
public final class StatementNames {
    /** Postgres keeps so many bytes of a name, and takes names that differ behind them for the same. */
    private static final int NAME_LIMIT = 63;

    /** A name; one instance is moved over bytes to look something up, those that are kept are copies. */
    public static final class Name {
        private final byte[] bytes;
        private int length;
        private int hash;

        Name(int capacity) {
            this.bytes = new byte[capacity];
        }

        void hashed(int newLength) {
            length = newLength;
            int h = 1;
            for (int i = 0; i < newLength; i++) {
                h = 31 * h + bytes[i];
            }
            hash = h;
        }

        Name copy() {
            Name copy = new Name(length);
            System.arraycopy(bytes, 0, copy.bytes, 0, length);
            copy.length = length;
            copy.hash = hash;
            return copy;
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Name that
                    && hash == that.hash
                    && Arrays.equals(bytes, 0, length, that.bytes, 0, that.length);
        }

        @Override
        public String toString() {
            return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        }
    }

    private static final Name NO_NAME = new Name(0);

    private final PreparedStatements pool;
    private final @Nullable StatementNames shared;

    /** Most clients have none, so there is room for them only from the first on. */
    private Map<Name, PreparedStatement> statements = Map.of();

    private Name probe = NO_NAME;

    /** @param shared names that are looked up behind these, or null */
    public StatementNames(PreparedStatements pool, @Nullable StatementNames shared) {
        this.pool = pool;
        this.shared = shared;
    }

    public int size() {
        return statements.size();
    }

    @Nullable
    public PreparedStatement find(ByteBuf buffer, int index, int length) {
        PreparedStatement own = statements.isEmpty() ? null : statements.get(at(buffer, index, length));
        return own == null && shared != null ? shared.find(buffer, index, length) : own;
    }

    @Nullable
    public PreparedStatement find(String name) {
        PreparedStatement own = statements.isEmpty() ? null : statements.get(at(name));
        return own == null && shared != null ? shared.find(name) : own;
    }

    /** The client's name for the statement of this name on servers; that name itself if it has none. */
    public String nameOf(String serverName) {
        for (Map.Entry<Name, PreparedStatement> entry : statements.entrySet()) {
            if (entry.getValue().toString().equals(serverName)) {
                return entry.getKey().toString();
            }
        }
        return shared != null ? shared.nameOf(serverName) : serverName;
    }

    /** Takes all names away, for one who may put them back. */
    public Map<Name, PreparedStatement> takeAll() {
        Map<Name, PreparedStatement> all = statements;
        if (!all.isEmpty()) {
            statements = new HashMap<>();
        }
        return all;
    }

    /** Puts those back that are not taken again. */
    public void putBack(Map<Name, PreparedStatement> taken) {
        taken.forEach((name, statement) -> {
            if (statements.putIfAbsent(name, statement) != null) {
                pool.letGo(statement);
            }
        });
    }

    /** Lets go of what was taken. */
    public void letGo(Map<Name, PreparedStatement> taken) {
        taken.values().forEach(pool::letGo);
    }

    /** Names a statement, which the client must hold and not have named so. */
    public void put(String name, PreparedStatement statement) {
        if (probe == NO_NAME) {
            probe = new Name(NAME_LIMIT);
            statements = new HashMap<>();
        }
        statements.put(at(name).copy(), statement);
    }

    /** Takes a name away; the statement is still held. */
    public void remove(String name, PreparedStatement statement) {
        boolean own = !statements.isEmpty() && statements.remove(at(name), statement);
        if (!own && shared != null) {
            shared.remove(name, statement);
        }
    }

    /** Takes all names away and lets go of what they named. */
    public void clear() {
        for (PreparedStatement statement : statements.values()) {
            pool.letGo(statement);
        }
        if (!statements.isEmpty()) {
            statements.clear();
        }
    }

    private Name at(ByteBuf buffer, int index, int length) {
        int kept = Math.min(length, NAME_LIMIT);
        buffer.getBytes(index, probe.bytes, 0, kept);
        probe.hashed(kept);
        return probe;
    }

    private Name at(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        int kept = Math.min(bytes.length, NAME_LIMIT);
        System.arraycopy(bytes, 0, probe.bytes, 0, kept);
        probe.hashed(kept);
        return probe;
    }
}
