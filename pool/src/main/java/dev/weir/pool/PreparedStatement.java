package dev.weir.pool;

import dev.weir.sql.Fingerprint;
import dev.weir.sql.Judgement;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A statement that clients have prepared, under the one name that it has on all server connections of the pool. Equal
 * texts with equal types of parameters are one statement, whatever names clients give it. Immutable but for its count of
 * holders; confined to its lane.
 */
public final class PreparedStatement {
    /** How a statement comes to be on a server connection. */
    public enum Kind {
        /** By Parse; the content is that message's body behind the name. */
        PROTOCOL,
        /** By SQL's PREPARE; the content is that statement's text behind the name. */
        SQL
    }

    private final StatementContent content;
    private final byte[] serverName;
    private final Judgement judgement;

    /** Statements that this one executes or deallocates by name; all but always empty. */
    private final List<PreparedStatement> targets;

    private final long fingerprint;

    /** Clients that have it under some name. */
    private int holders;

    PreparedStatement(
            StatementContent content, String serverName, Judgement judgement, List<PreparedStatement> targets) {
        this.content = content;
        this.serverName = serverName.getBytes(StandardCharsets.US_ASCII);
        this.judgement = judgement;
        this.targets = List.copyOf(targets);
        this.fingerprint = Fingerprint.of(content.bytes(), 0, content.bytes().length);
    }

    public Kind kind() {
        return content.kind();
    }

    StatementContent content() {
        return content;
    }

    /** What creates it, behind the name; borrowed. */
    public byte[] bytes() {
        return content.bytes();
    }

    /** Its name on server connections, ASCII, without a zero byte; borrowed. */
    public byte[] serverName() {
        return serverName;
    }

    public Judgement judgement() {
        return judgement;
    }

    public List<PreparedStatement> targets() {
        return targets;
    }

    /** Bytes that it is counted with. */
    public int size() {
        return content.bytes().length;
    }

    /** By which it is known how long it takes. */
    public long fingerprint() {
        return fingerprint;
    }

    boolean isHeld() {
        return holders > 0;
    }

    void hold() {
        holders++;
    }

    /** @return whether nobody holds it any more */
    boolean letGo() {
        holders--;
        return holders == 0;
    }

    @Override
    public String toString() {
        return new String(serverName, StandardCharsets.US_ASCII);
    }
}
