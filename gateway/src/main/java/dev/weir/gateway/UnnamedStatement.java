package dev.weir.gateway;

import dev.weir.pool.Fate;
import dev.weir.pool.PreparedStatement;
import dev.weir.pool.ServerConnection;
import dev.weir.sql.Fingerprint;
import dev.weir.sql.Judgement;
import dev.weir.sql.SqlJudge;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import java.util.List;

/**
 * A client's unnamed statement: kept, so that it can be prepared anew on a server connection that has another's, or none.
 * Confined to a lane.
 */
final class UnnamedStatement {
    static final Judgement NOTHING = SqlJudge.judge(new byte[0], 0, 0, true);

    private static final byte[] NO_NAME = {};

    private static final int FIRST_CAPACITY = 128;

    private final FrameScanner scanner;

    /** The body of its Parse behind the name; its room is kept. */
    private byte[] content = {};

    /** Bytes of {@link #content} in use; -1 if there is no unnamed statement, or one that is not kept. */
    private int length = -1;

    private Judgement judgement = NOTHING;

    /** Statements that it executes or deallocates by name. */
    private List<PreparedStatement> targets = List.of();

    /** Counts its Parses, so that one on a server connection is not taken for another. */
    private long version;

    /** Those on the server connection that it was last sent on. */
    private Parses parses = new Parses();

    /** Parses whose fate is not known. One that fails does away with the unnamed statement, as a new one does. */
    private final class Parses implements Fate {
        private int underway;

        @Override
        public void onAnswered() {
            underway--;
        }

        @Override
        public void onUndone() {
            underway--;
            if (underway == 0 && equals(parses)) {
                drop();
            }
        }
    }

    /** @param scanner of the client's frames */
    UnnamedStatement(FrameScanner scanner) {
        this.scanner = scanner;
    }

    Judgement judgement() {
        return judgement;
    }

    /** By which it is known how long it takes; 0 if it may not share a server connection, or there is none. */
    long shareableFingerprint() {
        boolean shareable = length >= 0 && parses.underway == 0 && judgement.isShareable() && targets.isEmpty();
        return shareable ? Fingerprint.of(content, 0, length) : 0;
    }

    List<PreparedStatement> targets() {
        return targets;
    }

    /** The client sends a Parse of it. */
    void onParse(
            ServerConnection lent,
            byte[] newContent,
            int newLength,
            Judgement newJudgement,
            List<PreparedStatement> newTargets) {
        if (content.length < newLength) {
            content = new byte[Math.max(newLength, FIRST_CAPACITY)];
        }
        System.arraycopy(newContent, 0, content, 0, newLength);
        length = newLength;
        judgement = newJudgement;
        targets = newTargets;
        version++;
        lent.session().setUnnamedOf(this, version);
        parses.underway++;
        lent.onRequest(Frontend.PARSE, parses);
    }

    /** The client sends a Parse of it that is too long to be kept for another server connection. */
    void onLongParse(ServerConnection lent) {
        drop();
        version++;
        lent.session().setUnnamedOf(this, version);
    }

    /** What has been sent of it on a server connection that is shared is not the client's any more, whatever becomes of it. */
    void detach() {
        if (parses.underway > 0) {
            parses = new Parses();
        }
    }

    /** Writes the Parse of which {@link #onParse} was told. */
    void writeParse(ServerConnection lent) {
        Frontend.writeParseContent(lent.assembly(), NO_NAME, content, length);
    }

    /** Makes the server's unnamed statement the client's. */
    void bringTo(ServerConnection lent) {
        if (lent.session().hasUnnamed(this, version)) {
            return;
        }
        scanner.cut();
        if (length >= 0) {
            lent.session().prepareUnnamed(content, length, this, version);
        } else if (lent.session().hasUnnamed()) {
            lent.session().closeUnnamed();
        }
    }

    /** A Query, or Close, does away with it. */
    void forget(ServerConnection lent) {
        drop();
        lent.session().setUnnamedOf(null, 0);
    }

    private void drop() {
        length = -1;
        judgement = NOTHING;
        targets = List.of();
    }
}
