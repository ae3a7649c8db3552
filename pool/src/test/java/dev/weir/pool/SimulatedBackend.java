package dev.weir.pool;

import dev.weir.wire.Backend;
import dev.weir.wire.Frontend;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * What {@code PostgresMain()} and its COPY do with messages, without any SQL: each message says itself what comes of it.
 * Source: postgres.c and copyfromparse.c of PostgreSQL 15 to 18.
 */
final class SimulatedBackend {
    /** Stands for an ErrorResponse that ends the connection. */
    static final byte FATAL = '!';

    /** What a statement of a Query, or an Execute, does. */
    enum Work {
        SELECT,
        COMMAND,
        EMPTY,
        SUSPEND,
        COPY_OUT,
        COPY_IN,
        /** Fails when it has asked for data and before it has read any, as by a trigger. */
        COPY_IN_FAILS_AT_ONCE,
        FAIL
    }

    /** @param works of a Query any number, of an Execute one; others fail if it is {@link Work#FAIL} */
    record Message(byte type, List<Work> works) {
        static Message of(char type, Work... works) {
            return new Message((byte) type, List.of(works));
        }

        boolean fails() {
            return works.contains(Work.FAIL);
        }

        @Override
        public String toString() {
            return (char) type + works.toString();
        }
    }

    /** What comes of a message; {@code of} is the one that it answers. */
    record Reply(byte type, Message of) {}

    private final Deque<Reply> replies = new ArrayDeque<>();

    /** What was read: whether it was done; else it failed. What is not in here was not read, or skipped. */
    private final IdentityHashMap<Message, Boolean> done = new IdentityHashMap<>();

    /** What is answered now. */
    private Message current = Message.of('H');

    private final Deque<Work> left = new ArrayDeque<>();
    private boolean extended;
    private boolean skipping;
    private boolean copying;
    private boolean open;
    private boolean dead;
    private boolean syncsIgnored;

    /** A COPY has failed, for which Syncs had been sent that it ignores. */
    boolean isDead() {
        return dead;
    }

    /** Nothing is being done, and nothing is unsynchronized. */
    boolean isAtRest() {
        return !skipping && !copying && !open && left.isEmpty();
    }

    boolean hasIgnoredSyncs() {
        return syncsIgnored;
    }

    Deque<Reply> replies() {
        return replies;
    }

    /** Whether it did what it was asked for; false also if it was skipped. */
    boolean hasDone(Message message) {
        return done.getOrDefault(message, false);
    }

    /** Whether it failed; false if it was done or skipped. */
    boolean hasFailed(Message message) {
        return !done.getOrDefault(message, true);
    }

    void receive(Message message) {
        if (dead) {
            return;
        }
        if (copying) {
            receiveAmidCopy(message);
        } else {
            receiveCommand(message);
        }
    }

    private void receiveAmidCopy(Message message) {
        switch (message.type()) {
            case Frontend.COPY_DATA -> {
                if (message.fails()) {
                    copying = false;
                    fail();
                }
            }
            case Frontend.COPY_FAIL -> {
                copying = false;
                fail();
            }
            case Frontend.COPY_DONE -> {
                copying = false;
                reply(Backend.COMMAND_COMPLETE);
                work();
            }
            case Frontend.SYNC -> syncsIgnored = true;
            case Frontend.FLUSH -> {
                // ignored
            }
            default -> {
                reply(FATAL);
                dead = true;
            }
        }
    }

    private void receiveCommand(Message message) {
        byte type = message.type();
        if (type == Frontend.SYNC) {
            skipping = false;
        }
        if (skipping) {
            return;
        }
        if ("dcfH".indexOf(message.type()) < 0) {
            current = message;
        }
        extended = "PBDECH".indexOf(type) >= 0;
        open |= extended && type != Frontend.FLUSH;
        switch (type) {
            case Frontend.QUERY, Frontend.EXECUTE -> {
                left.addAll(message.works());
                work();
            }
            case Frontend.COPY_DATA, Frontend.COPY_DONE, Frontend.COPY_FAIL, Frontend.FLUSH -> {
                // accepted and ignored
            }
            default -> {
                if (message.fails()) {
                    fail();
                } else {
                    answer(message);
                }
            }
        }
    }

    private void answer(Message message) {
        switch (message.type()) {
            case Frontend.PARSE -> reply(Backend.PARSE_COMPLETE);
            case Frontend.BIND -> reply(Backend.BIND_COMPLETE);
            case Frontend.CLOSE -> reply(Backend.CLOSE_COMPLETE);
            case Frontend.DESCRIBE -> describe(message.works());
            case Frontend.SYNC -> ready();
            case Frontend.FUNCTION_CALL -> {
                reply(Backend.FUNCTION_CALL_RESPONSE);
                ready();
            }
            default -> throw new IllegalArgumentException(message.toString());
        }
    }

    /** A portal with or without rows, or, with {@link Work#SUSPEND} in it, a statement. */
    private void describe(List<Work> works) {
        if (works.contains(Work.SUSPEND)) {
            reply(Backend.PARAMETER_DESCRIPTION);
        }
        reply(works.contains(Work.SELECT) ? Backend.ROW_DESCRIPTION : Backend.NO_DATA);
    }

    private void work() {
        while (!left.isEmpty()) {
            switch (left.poll()) {
                case SELECT -> {
                    if (!extended) {
                        reply(Backend.ROW_DESCRIPTION);
                    }
                    reply(Backend.DATA_ROW);
                    reply(Backend.DATA_ROW);
                    reply(Backend.COMMAND_COMPLETE);
                }
                case COMMAND -> reply(Backend.COMMAND_COMPLETE);
                case EMPTY -> reply(Backend.EMPTY_QUERY_RESPONSE);
                case SUSPEND -> {
                    reply(Backend.DATA_ROW);
                    reply(extended ? Backend.PORTAL_SUSPENDED : Backend.COMMAND_COMPLETE);
                }
                case COPY_OUT -> {
                    reply(Backend.COPY_OUT_RESPONSE);
                    reply(Backend.COPY_DATA);
                    reply(Backend.COPY_DONE);
                    reply(Backend.COMMAND_COMPLETE);
                }
                case COPY_IN -> {
                    reply(Backend.COPY_IN_RESPONSE);
                    copying = true;
                    return;
                }
                case COPY_IN_FAILS_AT_ONCE -> {
                    reply(Backend.COPY_IN_RESPONSE);
                    fail();
                    return;
                }
                case FAIL -> {
                    fail();
                    return;
                }
            }
        }
        if (!extended) {
            ready();
        }
    }

    private void fail() {
        left.clear();
        done.put(current, false);
        reply(Backend.ERROR_RESPONSE);
        if (extended) {
            skipping = true;
        } else {
            ready();
        }
    }

    private void ready() {
        open = false;
        reply(Backend.READY_FOR_QUERY);
    }

    private void reply(byte type) {
        if (type != Backend.ERROR_RESPONSE) {
            done.putIfAbsent(current, true);
        }
        replies.add(new Reply(type, current));
    }
}
