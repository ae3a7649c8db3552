package dev.weir.gateway.console;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command bound to its values; carried out when it is first executed, its rows taken as they are asked for. */
final class Portal {
    private final Command command;
    private final Formats formats;
    private @Nullable Iterator<Row> rows;

    Portal(Command command, Formats formats) {
        this.command = command;
        this.formats = formats;
    }

    Command command() {
        return command;
    }

    List<Column> columns() {
        return command.columns();
    }

    Formats formats() {
        return formats;
    }

    /** Whether the command has been carried out. */
    boolean isOpen() {
        return rows != null;
    }

    void open(List<Row> found) {
        rows = found.iterator();
    }

    boolean hasNext() {
        return rows != null && rows.hasNext();
    }

    Row next() {
        if (rows == null) {
            throw new IllegalStateException("not carried out");
        }
        return rows.next();
    }
}
