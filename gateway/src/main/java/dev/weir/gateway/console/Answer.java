package dev.weir.gateway.console;

import java.util.List;

/**
 * What a command that was carried out has given.
 *
 * @param rows none, if the command has no columns
 */
record Answer(Command command, List<Row> rows, List<Notice> notices) {
    Answer {
        rows = List.copyOf(rows);
        notices = List.copyOf(notices);
    }

    static Answer done(Command command) {
        return new Answer(command, List.of(), List.of());
    }

    static Answer done(Command command, Notice notice) {
        return new Answer(command, List.of(), List.of(notice));
    }

    static Answer of(Command command, List<Row> rows) {
        return new Answer(command, rows, List.of());
    }
}
