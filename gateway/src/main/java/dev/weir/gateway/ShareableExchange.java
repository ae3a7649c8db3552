package dev.weir.gateway;

import dev.weir.pool.Pool;
import dev.weir.pool.PreparedStatement;
import dev.weir.pool.SqlReader;
import dev.weir.pool.WaitingQueue;
import dev.weir.sql.Fingerprint;
import dev.weir.sql.Judgement;
import dev.weir.wire.FrameScanner;
import dev.weir.wire.Frontend;
import io.netty.buffer.ByteBuf;

/**
 * Looks whether what a client has sent is a whole exchange of one short reading statement, which may be sent behind other
 * clients' on a server connection: a Query, or Parse, Bind, Describe, Execute and Sync with no other frame among them.
 * Confined to a lane.
 */
final class ShareableExchange {
    /** One that is longer is not looked at. */
    static final int LIMIT = 8 * 1024;

    /** Parse, Bind, Describe of the statement and of the portal, Execute, Sync. */
    private static final int MOST_FRAMES = 6;

    private final Pool pool;
    private final SqlReader sql;
    private final ClientStatements statements;
    private final UnnamedStatement unnamed;

    private int frames;
    private int length;
    private long fingerprint;

    ShareableExchange(Pool pool, SqlReader sql, ClientStatements statements, UnnamedStatement unnamed) {
        this.pool = pool;
        this.sql = sql;
        this.statements = statements;
        this.unnamed = unnamed;
    }

    /** Frames of the exchange that was found. */
    int frames() {
        return frames;
    }

    /** Its bytes. */
    int length() {
        return length;
    }

    /** Of the statement that was found last; 0 if what was looked at last was none that may be shared. */
    long fingerprint() {
        return fingerprint;
    }

    /** What is to be sent has not been looked at, or is not to share a server connection. */
    void forget() {
        fingerprint = 0;
    }

    /**
     * Looks at what stands in a buffer.
     *
     * @param type of the first frame, whose body begins at {@code index}
     * @return how long the statement is expected to take, in microseconds, if it is a whole exchange of one that may
     *     share a server connection; else {@link WaitingQueue.Place#ALONE}
     */
    int look(byte type, ByteBuf buffer, int index, int bodyLength) {
        fingerprint = 0;
        int start = index - FrameScanner.HEADER_LENGTH;
        int end = Math.min(buffer.writerIndex(), start + LIMIT);
        if (index + bodyLength > end) {
            return WaitingQueue.Place.ALONE;
        }
        if (type == Frontend.QUERY) {
            frames = 1;
            length = FrameScanner.HEADER_LENGTH + bodyLength;
            fingerprint = ofText(buffer, index, bodyLength);
        } else {
            fingerprint = ofExtended(buffer, start, end);
        }
        return fingerprint == 0
                ? WaitingQueue.Place.ALONE
                : Math.max(pool.shared().expectedMicros(fingerprint), WaitingQueue.Place.ALONE);
    }

    /** The text that ends at the first zero; 0 if it may not be shared. */
    private long ofText(ByteBuf buffer, int index, int limit) {
        int textLength = buffer.bytesBefore(index, limit, (byte) 0);
        if (textLength < 0) {
            return 0;
        }
        sql.load(buffer, index, textLength);
        // Read as the server connections read it on which it would be sent: others are not shared.
        return sql.judge(textLength, true).isShareable() ? Fingerprint.of(sql.bytes(), 0, textLength) : 0;
    }

    private long ofExtended(ByteBuf buffer, int start, int end) {
        long found = 0;
        boolean parsed = false;
        boolean bound = false;
        boolean executed = false;
        int at = start;
        for (frames = 1; frames <= MOST_FRAMES && end - at >= FrameScanner.HEADER_LENGTH; frames++) {
            byte type = buffer.getByte(at);
            int index = at + FrameScanner.HEADER_LENGTH;
            int bodyLength = buffer.getInt(at + 1) - 4;
            if (bodyLength < 0 || bodyLength > end - index) {
                return 0;
            }
            at = index + bodyLength;
            switch (type) {
                case Frontend.PARSE -> {
                    if (parsed || bound || bodyLength == 0 || buffer.getByte(index) != 0) {
                        return 0; // a name that is given can't be given again
                    }
                    parsed = true;
                    found = ofText(buffer, index + 1, bodyLength - 1);
                    if (found == 0) {
                        return 0;
                    }
                }
                case Frontend.BIND -> {
                    if (bound) {
                        return 0;
                    }
                    bound = true;
                    found = ofBind(buffer, index, bodyLength, parsed, found);
                    if (found == 0) {
                        return 0;
                    }
                }
                case Frontend.DESCRIBE -> {
                    if (executed || bodyLength == 0 || (buffer.getByte(index) == Frontend.STATEMENT && !parsed)) {
                        return 0;
                    }
                }
                case Frontend.EXECUTE -> {
                    if (executed || !bound || bodyLength != 5 || buffer.getByte(index) != 0) {
                        return 0;
                    }
                    executed = true;
                }
                case Frontend.SYNC -> {
                    length = at - start;
                    return executed && bodyLength == 0 ? found : 0;
                }
                default -> {
                    return 0;
                }
            }
        }
        return 0;
    }

    private long ofBind(ByteBuf buffer, int index, int bodyLength, boolean parsed, long ofParse) {
        int nameLength = bodyLength < 2 || buffer.getByte(index) != 0
                ? -1
                : buffer.bytesBefore(index + 1, bodyLength - 1, (byte) 0);
        if (nameLength < 0) {
            return 0;
        }
        if (nameLength == 0) {
            return parsed ? ofParse : unnamed.shareableFingerprint();
        }
        PreparedStatement statement = statements.find(buffer, index + 1, nameLength);
        return statement != null && !parsed && isShareable(statement) ? statement.fingerprint() : 0;
    }

    private static boolean isShareable(PreparedStatement statement) {
        Judgement judgement = statement.judgement();
        return judgement.isShareable() && statement.targets().isEmpty();
    }
}
