package dev.weir.gateway.console;

import java.util.List;
import java.util.Optional;

/** A command of the console, read but not carried out. */
sealed interface Command {

    /** What CommandComplete says. */
    String tag();

    /** As an administrator would write it, for the log. */
    default String text() {
        return tag();
    }

    /** Of the rows that it gives; empty if it gives none. */
    default List<Column> columns() {
        return List.of();
    }

    /** {@code SHOW topic}, or {@code SELECT topic}. */
    record Show(Topic topic) implements Command {
        @Override
        public String tag() {
            return "SHOW";
        }

        @Override
        public List<Column> columns() {
            return topic.columns();
        }
    }

    /** What a driver wants to know: one row. */
    record Tell(String tag, List<Column> columns, List<String> values) implements Command {}

    /** What a driver sends by habit, and what has nothing to do here. */
    record Ignore(String tag, String notice) implements Command {}

    /** {@code SET application_name}, which SHOW CLIENTS shows. */
    record SetApplicationName(String name) implements Command {
        @Override
        public String tag() {
            return "SET";
        }
    }

    /** {@code DEALLOCATE} of one prepared statement, or of all; {@code DISCARD ALL} too. */
    record Deallocate(String tag, Optional<String> name) implements Command {}

    /** {@code PAUSE [db]} and the like. */
    record Steer(Verb verb, Optional<Argument> database) implements Command {
        @Override
        public String tag() {
            return verb.name();
        }

        @Override
        public String text() {
            return database.map(name -> tag() + " " + name.written()).orElse(tag());
        }
    }

    /** {@code KILL_CLIENT id}. */
    record KillClient(Argument client) implements Command {
        @Override
        public String tag() {
            return "KILL_CLIENT";
        }

        @Override
        public String text() {
            return tag() + " " + client.written();
        }
    }

    /** {@code SET key = value} or {@code SET tenant.key = value}. */
    record SetValue(Optional<String> tenant, String key, Argument value) implements Command {
        @Override
        public String tag() {
            return "SET";
        }

        @Override
        public String text() {
            return tag() + " " + tenant.map(id -> id + ".").orElse("") + key + " = " + value.written();
        }
    }

    /** {@code RELOAD}. */
    record Reload() implements Command {
        @Override
        public String tag() {
            return "RELOAD";
        }
    }

    /** {@code SUSPEND}, which is refused. */
    record Suspend() implements Command {
        @Override
        public String tag() {
            return "SUSPEND";
        }
    }

    /** {@code SHUTDOWN [WAIT_FOR_CLIENTS | WAIT_FOR_SERVERS]}. */
    record ShutDown(ShutdownKind kind) implements Command {
        @Override
        public String tag() {
            return "SHUTDOWN";
        }

        @Override
        public String text() {
            return kind == ShutdownKind.IMMEDIATE ? tag() : tag() + " " + kind;
        }
    }

    /** Nothing but blanks and comments. */
    record Empty() implements Command {
        @Override
        public String tag() {
            return "";
        }
    }
}
