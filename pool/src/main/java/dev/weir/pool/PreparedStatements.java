package dev.weir.pool;

import dev.weir.sql.Judgement;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The statements that the clients of one pool have prepared, each once. One that no client holds any more is kept for the
 * next, as long as there is room; so a client that connects, prepares and leaves finds its statements made. Confined to
 * its lane.
 */
public final class PreparedStatements {
    /** Begins every name that Weir gives on a server connection. */
    public static final String PREFIX = "weir_";

    private final Map<StatementContent, PreparedStatement> byContent = new HashMap<>();

    /** Those that nobody holds, in the order in which they were let go. */
    private final LinkedHashSet<PreparedStatement> unheld = new LinkedHashSet<>();

    private final StatementContent probe = new StatementContent();
    private long byteLimit;
    private long bytes;
    private long lastNumber;

    /** @param byteLimit what the texts of all may come to, in bytes */
    PreparedStatements(long byteLimit) {
        this.byteLimit = byteLimit;
    }

    /** Takes effect at once; texts that clients hold stay, also if they are more. */
    void setByteLimit(long limit) {
        byteLimit = limit;
        makeRoom(0);
    }

    public int size() {
        return byContent.size();
    }

    /**
     * The statement of this content, held by one more client.
     *
     * @param content borrowed
     * @return null if there is no room for another
     */
    public @Nullable PreparedStatement hold(
            PreparedStatement.Kind kind,
            byte[] content,
            int offset,
            int length,
            String scope,
            Judgement judgement,
            List<PreparedStatement> targets) {
        PreparedStatement known = byContent.get(probe.at(kind, content, offset, length, scope));
        if (known == null) {
            if (!makeRoom(length)) {
                return null;
            }
            lastNumber++;
            known = new PreparedStatement(
                    probe.copy(), PREFIX + Long.toString(lastNumber, Character.MAX_RADIX), judgement, targets);
            byContent.put(known.content(), known);
            bytes += length;
        } else if (!known.isHeld()) {
            unheld.remove(known);
        }
        known.hold();
        return known;
    }

    /** A client has it no more. */
    public void letGo(PreparedStatement statement) {
        if (statement.letGo()) {
            unheld.add(statement);
        }
    }

    private boolean makeRoom(int length) {
        while (bytes + length > byteLimit && !unheld.isEmpty()) {
            PreparedStatement oldest = unheld.removeFirst();
            byContent.remove(oldest.content());
            bytes -= oldest.size();
        }
        return bytes + length <= byteLimit;
    }
}
