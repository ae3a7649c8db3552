package dev.weir.pool;

import dev.weir.wire.Backend;
import dev.weir.wire.Frontend;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges of one server connection: for each message that was sent, the reply that is still expected, in order. It
 * knows the rules by which a server answers, so it knows exactly when nothing more will come: after an error in the
 * extended protocol everything up to the next Sync is skipped; while it takes COPY data, Sync and Flush are ignored.
 * Confined to a lane; no allocation but when it grows.
 *
 * <p>Some of the messages are Weir's own, put amid the client's: their replies are for nobody. And some of the client's are
 * answered by Weir without being sent: such a reply is <em>put in</em> where its turn comes. Either can have a {@link
 * Fate}, which is told what became of it.
 *
 * <p>Source: PostgreSQL manual, "Message Flow"; the corner cases are those of {@code PostgresMain()} in postgres.c.
 */
final class ExpectedReplies {
    /**
     * Replies that may be outstanding. A server flushes at least every 8 KiB, that is 1,639 of the shortest replies, so
     * a client that waits for room at this limit always gets it.
     */
    static final int LIMIT = 16_384;

    private static final int FIRST_CAPACITY = 16;

    /** Stands in the ring for a CopyDone or CopyFail that was sent before the server asked for data. */
    private static final byte END_OF_COPY = Frontend.COPY_DONE;

    /** Set in the ring beside the type of a message that is not the client's. */
    private static final byte OURS = (byte) 0x80;

    /**
     * Ring of the types of messages sent, oldest at {@link #head}; its length is a power of two. A reply to be put in
     * stands there by its own type, which is no type of a request.
     */
    private byte[] ring = new byte[FIRST_CAPACITY];

    /** Beside the ring, from the first message that has one. */
    private @Nullable Fate @Nullable [] fates;

    /** Replies to be put in that stand in the ring. */
    private int putIns;

    private int head;
    private int size;

    /** Extended-protocol messages were sent and no Sync behind them. */
    private boolean open;

    /** The server has reported an error and skips what it gets up to a Sync, which was not sent yet. */
    private boolean skipping;

    /** The server takes COPY data, and neither CopyDone nor CopyFail was sent yet. */
    private boolean copyIn;

    /** A Sync was sent that a COPY ignores, unless it fails before the server comes to read it. */
    private boolean syncAmidCopy;

    /** The Query, or Sync, whose ReadyForQuery comes next has failed. */
    private boolean failed;

    /** Such a COPY has failed: whether one more ReadyForQuery comes cannot be known, nor what belongs to what since. */
    private boolean ambiguous;

    /**
     * A simple query was sent behind extended messages without a Sync. PostgreSQL 18.6 answers that, but the next
     * statement on such a connection, whoever sends it, fails with "unexpected state STARTED" (XX000).
     */
    private boolean mixed;

    /** Whether every exchange is complete: nothing is expected, nothing is open. */
    boolean isAtRest() {
        return size == 0 && !open && !skipping && !copyIn;
    }

    /** Whether a statement may be running on the server. */
    boolean isBusy() {
        return size > 0;
    }

    boolean isCopyIn() {
        return copyIn;
    }

    boolean isOpen() {
        return open;
    }

    boolean hasRoom() {
        return size < LIMIT;
    }

    /** Whether reading of the client may go on after {@link #hasRoom} was false. */
    boolean hasAmpleRoom() {
        return size < LIMIT / 2;
    }

    /** Whether it can't be known how many more ReadyForQuery will come. */
    boolean isAmbiguous() {
        return ambiguous;
    }

    /** Whether the connection must not be lent again, since it may not be as clean as it says. */
    boolean isDoubtful() {
        return ambiguous || mixed;
    }

    /** Whether the reply that comes next is to nothing that the client sent. */
    boolean isOurs() {
        return size > 0 && ring[head] < 0;
    }

    /** Who is told what becomes of the message that is answered next. */
    @Nullable
    Fate fate() {
        return size > 0 && fates != null ? fates[head] : null;
    }

    boolean isSingle() {
        return size == 1;
    }

    /** Whether no message of the client's is outstanding. */
    boolean isWithoutClients() {
        for (int i = 0; i < size; i++) {
            byte entry = ring[(head + i) & (ring.length - 1)];
            if (entry > 0 && !isPutIn(entry)) {
                return false;
            }
        }
        return !skipping;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Whether what is sent now, up to a Sync, is skipped by the server. */
    boolean isSkipping() {
        return skipping;
    }

    /** Whether a reply is to be put in behind the message that is answered next, once that is complete. */
    boolean isPutInNext() {
        if (putIns == 0) {
            return false;
        }
        int next = 1;
        while (next < size && ring[(head + next) & (ring.length - 1)] == END_OF_COPY) {
            next++; // goes with the one before it
        }
        return next < size && isPutIn(ring[(head + next) & (ring.length - 1)]);
    }

    /** Whether a reply is to be put in now. */
    boolean isPutInDue() {
        return putIns > 0 && size > 0 && isPutIn(ring[head]);
    }

    /** The type of the reply that is to be put in now, which it then counts as given; 0 if there is none. */
    byte takePutIn() {
        if (putIns == 0 || size == 0 || !isPutIn(ring[head])) {
            return 0;
        }
        byte type = ring[head];
        answered();
        return type;
    }

    /**
     * A frame that the client sent is answered by Weir with a reply of this type, behind all that is outstanding.
     *
     * @param type ParseComplete or CloseComplete
     */
    void onPutIn(byte type, @Nullable Fate fate) {
        if (skipping) {
            if (fate != null) {
                fate.onUndone();
            }
        } else {
            push(type, fate);
        }
    }

    /** A frame of Weir's own goes to the server. */
    void onOwnRequest(byte type, @Nullable Fate fate) {
        onRequest(type, OURS, fate);
    }

    /** A frame of this type of the client's goes to the server. */
    void onRequest(byte type) {
        onRequest(type, (byte) 0, null);
    }

    void onRequest(byte type, @Nullable Fate fate) {
        onRequest(type, (byte) 0, fate);
    }

    private void onRequest(byte type, byte whose, @Nullable Fate fate) {
        switch (type) {
            case Frontend.QUERY, Frontend.FUNCTION_CALL -> {
                if (!skipping) {
                    mixed |= open;
                    open = false;
                    push((byte) (type | whose), fate);
                } else if (fate != null) {
                    fate.onUndone();
                }
            }
            case Frontend.SYNC -> {
                if (isReadByCopy()) {
                    syncAmidCopy = true;
                } else {
                    open = false;
                    skipping = false;
                    push((byte) (type | whose), fate);
                }
            }
            case Frontend.PARSE, Frontend.BIND, Frontend.DESCRIBE, Frontend.EXECUTE, Frontend.CLOSE -> {
                open = true;
                if (!skipping) {
                    push((byte) (type | whose), fate);
                } else if (fate != null) {
                    fate.onUndone();
                }
            }
            case Frontend.COPY_DONE, Frontend.COPY_FAIL -> {
                boolean endsCopy = isReadByCopy();
                copyIn = false;
                if (!endsCopy && size > 0) {
                    push(END_OF_COPY, null); // no COPY asks for it yet, or the one that did must have failed
                }
            }
            case Frontend.FLUSH, Frontend.COPY_DATA -> {
                // answered by nothing
            }
            default -> throw new IllegalArgumentException("no request: " + (char) type);
        }
    }

    /**
     * A frame of this type, not ReadyForQuery, came from the server.
     *
     * @return false if the server may not send it now
     */
    boolean onReply(byte type) {
        return fits(type) || ambiguous;
    }

    private boolean fits(byte type) {
        if (size == 0) {
            return false;
        }
        byte expected = type(ring[head]);
        boolean simple = expected == Frontend.QUERY;
        return switch (type) {
            case Backend.DATA_ROW, Backend.COPY_DATA, Backend.COPY_DONE, Backend.COPY_OUT_RESPONSE ->
                simple || expected == Frontend.EXECUTE;
            case Backend.ROW_DESCRIPTION, Backend.NO_DATA -> simple || popIf(Frontend.DESCRIBE);
            case Backend.PARAMETER_DESCRIPTION -> expected == Frontend.DESCRIBE;
            case Backend.COMMAND_COMPLETE, Backend.EMPTY_QUERY_RESPONSE -> {
                copyIn = false;
                syncAmidCopy = false; // a COPY that succeeds has ignored every Sync amid its data
                yield simple || popIf(Frontend.EXECUTE);
            }
            case Backend.PORTAL_SUSPENDED -> popIf(Frontend.EXECUTE);
            case Backend.PARSE_COMPLETE -> popIf(Frontend.PARSE);
            case Backend.BIND_COMPLETE -> popIf(Frontend.BIND);
            case Backend.CLOSE_COMPLETE -> popIf(Frontend.CLOSE);
            case Backend.FUNCTION_CALL_RESPONSE -> expected == Frontend.FUNCTION_CALL;
            case Backend.COPY_IN_RESPONSE, Backend.COPY_BOTH_RESPONSE ->
                (simple || expected == Frontend.EXECUTE) && beginCopyIn();
            default -> false;
        };
    }

    /**
     * An ErrorResponse came.
     *
     * @return whether it is the client's to see: it is, unless all that it puts an end to is Weir's own
     */
    boolean onError() {
        copyIn = false;
        ambiguous |= syncAmidCopy;
        syncAmidCopy = false;
        if (size == 0) {
            return true; // the connection ends
        }
        boolean ours = ring[head] < 0;
        if (endsExchange(type(ring[head]))) {
            failed = true;
            return !ours; // ReadyForQuery follows, or the connection ends
        }
        int count = 1; // the failed message, and what the server skips behind it
        while (count < size && type(ring[(head + count) & (ring.length - 1)]) != Frontend.SYNC) {
            count++;
        }
        undo(count);
        if (size == 0) {
            skipping = true;
            open = true;
            return true;
        }
        return !ours || ring[head] > 0;
    }

    /** The connection has ended: nothing more will be answered. */
    void abandon() {
        undo(size);
    }

    /** The newest first, so that each finds what it left. */
    private void undo(int count) {
        for (int i = count - 1; i >= 0; i--) {
            Fate fate = takeFate((head + i) & (ring.length - 1));
            if (fate != null) {
                fate.onUndone();
            }
        }
        for (int i = 0; i < count; i++) {
            drop();
        }
    }

    /**
     * A ReadyForQuery came.
     *
     * @return false if the server may not send it now
     */
    boolean onReadyForQuery() {
        copyIn = false;
        if (size > 0 && endsExchange(type(ring[head]))) {
            Fate fate = takeFate(head);
            boolean undone = failed;
            failed = false;
            answered();
            if (fate != null && undone) {
                fate.onUndone();
            } else if (fate != null) {
                fate.onAnswered();
            }
            return true;
        }
        if (ambiguous) {
            skipping = false;
            open = false;
        }
        return ambiguous;
    }

    /**
     * Whether what is sent now can be read by a COPY: behind any other message it can't, since a COPY that comes to read
     * one ends the connection; it must have failed before.
     */
    private boolean isReadByCopy() {
        return copyIn && size - putIns == 1;
    }

    private static boolean endsExchange(byte type) {
        return type == Frontend.QUERY || type == Frontend.SYNC || type == Frontend.FUNCTION_CALL;
    }

    /** Each Sync that the server reads while it waits for COPY data is ignored by it; that it waits till then is likely. */
    private boolean beginCopyIn() {
        byte command = type(ring[head]);
        open = command == Frontend.EXECUTE;
        copyIn = true;
        boolean read = true; // what comes next is read by the COPY, if it does not fail
        int count = size;
        size = 1;
        putIns = 0; // counted anew
        for (int i = 1; i < count; i++) {
            int index = (head + i) & (ring.length - 1);
            byte entry = ring[index];
            byte type = type(entry);
            Fate fate = takeFate(index);
            if (isPutIn(type)) {
                push(entry, fate);
                continue;
            }
            if (read && type == Frontend.SYNC) {
                syncAmidCopy = true;
                continue;
            }
            if (read && type == END_OF_COPY) {
                copyIn = false;
                read = false;
                continue;
            }
            read = false;
            if (type != END_OF_COPY) {
                open = !endsExchange(type);
            }
            push(entry, fate);
        }
        return true;
    }

    private boolean popIf(byte type) {
        if (type(ring[head]) != type) {
            return false;
        }
        answered();
        return true;
    }

    /** The oldest has been answered. */
    private void answered() {
        Fate fate = takeFate(head);
        do {
            drop();
        } while (size > 0 && ring[head] == END_OF_COPY); // of a COPY that never began
        if (fate != null) {
            fate.onAnswered();
        }
    }

    private void drop() {
        if (isPutIn(ring[head])) {
            putIns--;
        }
        head = (head + 1) & (ring.length - 1);
        size--;
    }

    private @Nullable Fate takeFate(int index) {
        @Nullable Fate[] all = fates;
        if (all == null) {
            return null;
        }
        Fate fate = all[index];
        all[index] = null;
        return fate;
    }

    private void push(byte entry, @Nullable Fate fate) {
        if (size == ring.length) {
            grow();
        }
        int index = (head + size) & (ring.length - 1);
        ring[index] = entry;
        size++;
        if (isPutIn(entry)) {
            putIns++;
        }
        if (fate != null && fates == null) {
            fates = new @Nullable Fate[ring.length];
        }
        if (fates != null) {
            fates[index] = fate;
        }
    }

    private void grow() {
        byte[] larger = new byte[ring.length * 2];
        @Nullable Fate @Nullable [] all = fates;
        @Nullable Fate @Nullable [] more = all == null ? null : new @Nullable Fate[larger.length];
        for (int i = 0; i < size; i++) {
            int index = (head + i) & (ring.length - 1);
            larger[i] = ring[index];
            if (all != null && more != null) {
                more[i] = all[index];
            }
        }
        ring = larger;
        fates = more;
        head = 0;
    }

    private static byte type(byte entry) {
        return (byte) (entry & 0x7f);
    }

    private static boolean isPutIn(byte entry) {
        return entry == Backend.PARSE_COMPLETE || entry == Backend.CLOSE_COMPLETE;
    }
}
