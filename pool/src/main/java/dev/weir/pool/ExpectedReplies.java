package dev.weir.pool;

import dev.weir.wire.Backend;
import dev.weir.wire.Frontend;

/**
 * The exchanges of one server connection: for each message that was sent, the reply that is still expected, in order. It
 * knows the rules by which a server answers, so it knows exactly when nothing more will come: after an error in the
 * extended protocol everything up to the next Sync is skipped; while it takes COPY data, Sync and Flush are ignored.
 * Confined to a lane; no allocation but when it grows.
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

    /** Ring of the types of messages sent, oldest at {@link #head}; its length is a power of two. */
    private byte[] ring = new byte[FIRST_CAPACITY];

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

    /** A frame of this type goes to the server. */
    void onRequest(byte type) {
        switch (type) {
            case Frontend.QUERY, Frontend.FUNCTION_CALL -> {
                if (!skipping) {
                    mixed |= open;
                    open = false;
                    push(type);
                }
            }
            case Frontend.SYNC -> {
                if (isReadByCopy()) {
                    syncAmidCopy = true;
                } else {
                    open = false;
                    skipping = false;
                    push(type);
                }
            }
            case Frontend.PARSE, Frontend.BIND, Frontend.DESCRIBE, Frontend.EXECUTE, Frontend.CLOSE -> {
                open = true;
                if (!skipping) {
                    push(type);
                }
            }
            case Frontend.COPY_DONE, Frontend.COPY_FAIL -> {
                boolean endsCopy = isReadByCopy();
                copyIn = false;
                if (!endsCopy && size > 0) {
                    push(END_OF_COPY); // no COPY asks for it yet, or the one that did must have failed
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
        byte expected = ring[head];
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

    /** An ErrorResponse came. */
    void onError() {
        copyIn = false;
        ambiguous |= syncAmidCopy;
        syncAmidCopy = false;
        if (size == 0 || endsExchange(ring[head])) {
            return; // ReadyForQuery follows, or the connection ends
        }
        while (size > 0 && ring[head] != Frontend.SYNC) {
            pop(); // the failed message, and what the server skips behind it
        }
        if (size == 0) {
            skipping = true;
            open = true;
        }
    }

    /**
     * A ReadyForQuery came.
     *
     * @return false if the server may not send it now
     */
    boolean onReadyForQuery() {
        copyIn = false;
        if (size > 0 && endsExchange(ring[head])) {
            pop();
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
        return copyIn && size == 1;
    }

    private static boolean endsExchange(byte type) {
        return type == Frontend.QUERY || type == Frontend.SYNC || type == Frontend.FUNCTION_CALL;
    }

    /** Each Sync that the server reads while it waits for COPY data is ignored by it; that it waits till then is likely. */
    private boolean beginCopyIn() {
        byte command = ring[head];
        open = command == Frontend.EXECUTE;
        copyIn = true;
        boolean read = true; // what comes next is read by the COPY, if it does not fail
        int count = size;
        size = 1;
        for (int i = 1; i < count; i++) {
            byte type = ring[(head + i) & (ring.length - 1)];
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
            push(type);
        }
        return true;
    }

    private boolean popIf(byte type) {
        if (ring[head] != type) {
            return false;
        }
        pop();
        return true;
    }

    private void pop() {
        do {
            head = (head + 1) & (ring.length - 1);
            size--;
        } while (size > 0 && ring[head] == END_OF_COPY); // of a COPY that never began
    }

    private void push(byte type) {
        if (size == ring.length) {
            byte[] larger = new byte[ring.length * 2];
            for (int i = 0; i < size; i++) {
                larger[i] = ring[(head + i) & (ring.length - 1)];
            }
            ring = larger;
            head = 0;
        }
        ring[(head + size) & (ring.length - 1)] = type;
        size++;
    }
}
