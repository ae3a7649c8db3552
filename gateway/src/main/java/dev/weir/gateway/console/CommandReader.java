package dev.weir.gateway.console;

import dev.weir.wire.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads one command out of its tokens. Words are compared without regard to case. */
final class CommandReader {
    private final List<Token> tokens;
    private int position;

    private CommandReader(List<Token> tokens) {
        this.tokens = tokens;
    }

    /**
     * The commands of a text, at least one: {@link Command.Empty} if there is none.
     *
     * @throws ConsoleException if one of them is none
     */
    static List<Command> read(String text) throws ConsoleException {
        List<Command> commands = new ArrayList<>();
        for (List<Token> statement : Tokens.statements(text)) {
            if (!statement.isEmpty()) {
                commands.add(new CommandReader(statement).command());
            }
        }
        return commands.isEmpty() ? List.of(new Command.Empty()) : List.copyOf(commands);
    }

    private Command command() throws ConsoleException {
        Token first = tokens.getFirst();
        String word = first.kind() == Token.Kind.WORD ? first.text().toUpperCase(Locale.ROOT) : "";
        position = 1;
        Command command = switch (word) {
            case "SHOW" -> show();
            case "SELECT" -> select();
            case "SET" -> set();
            case "PAUSE" -> steer(Verb.PAUSE);
            case "RESUME" -> steer(Verb.RESUME);
            case "RECONNECT" -> steer(Verb.RECONNECT);
            case "KILL" -> steer(Verb.KILL);
            case "WAIT_CLOSE" -> steer(Verb.WAIT_CLOSE);
            case "DISABLE" -> steer(Verb.DISABLE);
            case "ENABLE" -> steer(Verb.ENABLE);
            case "KILL_CLIENT" ->
                new Command.KillClient(argument()
                        .orElseThrow(() -> syntax("KILL_CLIENT needs the id of a client, as SHOW CLIENTS tells it")));
            case "RELOAD" -> new Command.Reload();
            case "SUSPEND" -> new Command.Suspend();
            case "SHUTDOWN" -> shutDown();
            default -> DriverHabits.command(tokens).orElseThrow(() -> unknown());
        };
        boolean habit = command instanceof Command.Ignore
                || command instanceof Command.SetApplicationName
                || command instanceof Command.Deallocate
                || command instanceof Command.Tell;
        if (!habit && position < tokens.size()) {
            throw syntax("\"" + tokens.get(position).text() + "\" is too much in this " + word + " command");
        }
        return command;
    }

    private Command show() throws ConsoleException {
        if (position == tokens.size()) {
            throw syntax("SHOW of what?");
        }
        Token what = tokens.get(position);
        if (what.kind() == Token.Kind.PARAMETER) {
            throw new ConsoleException(
                    new Failure.ConsoleUnsupported("a parameter behind SHOW", "What is shown decides the columns."));
        }
        Optional<Topic> topic = Topic.named(what.text());
        if (topic.isPresent()) {
            position++;
            return new Command.Show(topic.get());
        }
        return DriverHabits.show(tokens)
                .orElseThrow(() -> new ConsoleException(new Failure.ConsoleUnknownObject(
                        "there is nothing to show by the name of \"" + what.text() + "\"",
                        "SHOW HELP tells what there is.")));
    }

    /** As PgBouncer, {@code SELECT x} is {@code SHOW x}; some of what drivers ask is answered. */
    private Command select() throws ConsoleException {
        Optional<Topic> topic = tokens.size() == 2 ? Topic.named(tokens.get(1).text()) : Optional.empty();
        if (topic.isPresent()) {
            position = 2;
            return new Command.Show(topic.get());
        }
        return DriverHabits.select(tokens)
                .orElseThrow(() -> new ConsoleException(new Failure.ConsoleUnsupported(
                        "SQL",
                        "This is Weir's console, not a database. SHOW HELP lists its commands; SELECT x is"
                                + " SHOW x.")));
    }

    private Command set() throws ConsoleException {
        Optional<Command> habit = DriverHabits.set(tokens);
        if (habit.isPresent()) {
            return habit.get();
        }
        if (position == tokens.size()) {
            throw syntax("SET of what?");
        }
        String name = tokens.get(position++).text();
        boolean equals = position < tokens.size()
                && (tokens.get(position).isSign('=') || tokens.get(position).isWord("TO"));
        if (!equals) {
            throw syntax("SET is written SET key = value, or SET tenant.key = value");
        }
        position++;
        Argument value = argument().orElseThrow(() -> syntax("SET " + name + " needs a value"));
        int dot = name.lastIndexOf('.');
        return new Command.SetValue(
                dot < 0 ? Optional.empty() : Optional.of(name.substring(0, dot)),
                name.substring(dot + 1).toLowerCase(Locale.ROOT),
                value);
    }

    private Command steer(Verb verb) throws ConsoleException {
        Optional<Argument> database = argument();
        if (database.isEmpty() && verb.needsDatabase()) {
            throw syntax("a database is required: " + verb + " database");
        }
        return new Command.Steer(verb, database);
    }

    private Command shutDown() throws ConsoleException {
        if (position == tokens.size()) {
            return new Command.ShutDown(ShutdownKind.IMMEDIATE);
        }
        Token how = tokens.get(position++);
        if (how.isWord("WAIT_FOR_CLIENTS")) {
            return new Command.ShutDown(ShutdownKind.WAIT_FOR_CLIENTS);
        }
        if (how.isWord("WAIT_FOR_SERVERS")) {
            return new Command.ShutDown(ShutdownKind.WAIT_FOR_SERVERS);
        }
        throw syntax("SHUTDOWN can't be \"" + how.text() + "\", but WAIT_FOR_CLIENTS or WAIT_FOR_SERVERS");
    }

    /** The next token as a value; empty if there is none. Drivers that put values in write {@code ('7'::int8)}. */
    private Optional<Argument> argument() throws ConsoleException {
        if (position == tokens.size()) {
            return Optional.empty();
        }
        Token token = tokens.get(position++);
        Optional<Argument> value = switch (token.kind()) {
            case WORD, NAME, STRING -> Optional.of(new Argument.Literal(token.text()));
            case PARAMETER -> Optional.of(new Argument.Parameter(number(token)));
            case SIGN -> token.isSign('(') ? valueInParentheses() : Optional.empty();
        };
        if (value.isEmpty()) {
            throw syntax("\"" + token.text() + "\" is no value");
        }
        if (position < tokens.size() && tokens.get(position).text().startsWith("::")) {
            position++;
        }
        if (token.isSign('(')) {
            if (position == tokens.size() || !tokens.get(position).isSign(')')) {
                throw syntax("\"(\" has no end");
            }
            position++;
        }
        return value;
    }

    private Optional<Argument> valueInParentheses() throws ConsoleException {
        if (position < tokens.size() && tokens.get(position).isSign('(')) {
            throw syntax("one \"(\" is enough");
        }
        return argument();
    }

    /** A command has one value at most, so more parameters than a few are none that anybody means. */
    private static int number(Token parameter) throws ConsoleException {
        if (parameter.text().length() > 1 || Integer.parseInt(parameter.text()) == 0) {
            throw syntax("there is no parameter $" + parameter.text());
        }
        return Integer.parseInt(parameter.text());
    }

    private ConsoleException unknown() {
        return syntax("unknown command \"" + tokens.getFirst().text() + "\"");
    }

    private static ConsoleException syntax(String message) {
        return new ConsoleException(new Failure.ConsoleSyntax(message));
    }
}
