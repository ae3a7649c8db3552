package dev.weir.gateway.console;

import dev.weir.pool.Lane;
import dev.weir.wire.Backend;
import dev.weir.wire.Frames;
import dev.weir.wire.PgError;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one client of the console is answered. Nothing follows an answer before the client takes more, so what waits to be
 * written stays small however much was asked for. Confined to a lane.
 */
final class Output {
    /** Rows that are written before others of the lane have their turn. */
    private static final int ROWS_PER_TURN = 256;

    private final ConsoleSession.Connection connection;
    private final Lane lane;

    /** What goes on when the client takes more. */
    private @Nullable Runnable more;

    Output(ConsoleSession.Connection connection, Lane lane) {
        this.connection = connection;
        this.lane = lane;
    }

    /** The client has gone. */
    void stop() {
        more = null;
    }

    void writeNotices(Answer answer) {
        for (Notice notice : answer.notices()) {
            ByteBuf out = connection.buffer();
            notice.writeTo(out);
            connection.write(out);
        }
    }

    /** The description of rows that follow; nothing if there are no columns. */
    void writeColumns(List<Column> columns) {
        if (!columns.isEmpty()) {
            ByteBuf out = connection.buffer();
            Replies.writeRowDescription(out, columns, Formats.TEXT);
            connection.write(out);
        }
    }

    /**
     * Writes up to so many rows, in turns with others and as the client takes them, then the end of the answer.
     *
     * @param then called when that is done and the client takes more
     */
    void writeRows(Portal portal, int limit, Runnable then) {
        int turn = Math.min(limit, ROWS_PER_TURN);
        ByteBuf out = connection.buffer();
        int written = 0;
        while (written < turn && portal.hasNext()) {
            Replies.writeDataRow(out, portal.columns(), portal.formats(), portal.next());
            written++;
        }
        int left = limit - written;
        if (portal.hasNext() && left > 0) {
            connection.write(out);
            connection.flush();
            whenWritable(() -> writeRows(portal, left, then));
            return;
        }
        if (portal.hasNext()) {
            Frames.writeEmpty(out, Backend.PORTAL_SUSPENDED);
        } else {
            Replies.writeCommandComplete(out, portal.command().tag());
        }
        connection.write(out);
        if (connection.isWritable()) {
            then.run();
        } else { // many small answers are as much as a large one
            connection.flush();
            whenWritable(then);
        }
    }

    private void whenWritable(Runnable next) {
        more = next;
        if (connection.isWritable()) {
            lane.loop().execute(this::goOn);
        }
    }

    /**
     * The client may take more: what was held back for it goes on.
     *
     * @return whether anything was
     */
    boolean goOn() {
        Runnable next = more;
        if (next == null || !connection.isWritable()) {
            return next != null;
        }
        more = null;
        next.run();
        return true;
    }

    void writeError(PgError error) {
        ByteBuf out = connection.buffer();
        error.writeTo(out);
        connection.write(out);
    }

    /** A message without a body. */
    void writeEmpty(byte type) {
        ByteBuf out = connection.buffer();
        Frames.writeEmpty(out, type);
        connection.write(out);
    }

    void writeReady() {
        ByteBuf out = connection.buffer();
        Backend.writeReadyForQuery(out, Backend.IDLE);
        connection.write(out);
    }
}
