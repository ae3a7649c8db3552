package dev.weir.gateway.console;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What drivers say to every Postgres, whether it matters here or not: parameters that they set or look at, transactions,
 * questions by which they see that the connection lives. It is answered so that they go on.
 */
final class DriverHabits {
    /** Not newer than any psql, which would warn; new enough for every driver. */
    static final String SERVER_VERSION = "10.0/weir";

    /** Parameters that SHOW tells and SET ignores. The values are those that the session really has. */
    private static final Map<String, String> PARAMETERS = Map.ofEntries(
            Map.entry("application_name", ""),
            Map.entry("bytea_output", "hex"),
            Map.entry("client_encoding", "UTF8"),
            Map.entry("client_min_messages", "notice"),
            Map.entry("datestyle", "ISO"),
            Map.entry("default_transaction_isolation", "read committed"),
            Map.entry("default_transaction_read_only", "off"),
            Map.entry("extra_float_digits", "1"),
            Map.entry("idle_in_transaction_session_timeout", "0"),
            Map.entry("in_hot_standby", "off"),
            Map.entry("integer_datetimes", "on"),
            Map.entry("intervalstyle", "postgres"),
            Map.entry("jit", "off"),
            Map.entry("lock_timeout", "0"),
            Map.entry("max_identifier_length", "63"),
            Map.entry("search_path", ""),
            Map.entry("server_encoding", "UTF8"),
            Map.entry("server_version", SERVER_VERSION),
            Map.entry("server_version_num", "100000"),
            Map.entry("standard_conforming_strings", "on"),
            Map.entry("statement_timeout", "0"),
            Map.entry("timezone", "GMT"),
            Map.entry("transaction_isolation", "read committed"),
            Map.entry("transaction_read_only", "off"));

    /** Behind SET, and nothing of Weir's. */
    private static final Set<String> SET_FORMS = Set.of("TRANSACTION", "CHARACTERISTICS", "NAMES", "TIME");

    private static final String SET_IGNORED = "SET ignored";
    private static final String NO_TRANSACTIONS =
            "the console has no transactions: each command is carried out at once";

    /** Statements that have nothing to do here, by their first word, with their tags. */
    private static final Map<String, Command.Ignore> STATEMENTS = Map.of(
            "BEGIN", new Command.Ignore("BEGIN", NO_TRANSACTIONS),
            "START", new Command.Ignore("START TRANSACTION", NO_TRANSACTIONS),
            "COMMIT", new Command.Ignore("COMMIT", NO_TRANSACTIONS),
            "END", new Command.Ignore("COMMIT", NO_TRANSACTIONS),
            "ROLLBACK", new Command.Ignore("ROLLBACK", NO_TRANSACTIONS),
            "ABORT", new Command.Ignore("ROLLBACK", NO_TRANSACTIONS),
            "RESET", new Command.Ignore("RESET", "RESET ignored"),
            "UNLISTEN", new Command.Ignore("UNLISTEN", "UNLISTEN ignored"),
            "CLOSE", new Command.Ignore("CLOSE CURSOR", "CLOSE ignored"));

    /** What is asked of every Postgres, without {@code pg_catalog}. */
    private static final Map<String, Command.Tell> QUESTIONS = Map.ofEntries(
            question("version ( )", "version", ColumnType.TEXT, "PostgreSQL " + SERVER_VERSION),
            question("current_schema ( )", "current_schema", ColumnType.TEXT, ""),
            question("current_schema", "current_schema", ColumnType.TEXT, ""),
            question("pg_is_in_recovery ( )", "pg_is_in_recovery", ColumnType.BOOL, "f"),
            question("pg_advisory_unlock_all ( )", "pg_advisory_unlock_all", ColumnType.VOID, ""));

    private DriverHabits() {}

    private static Map.Entry<String, Command.Tell> question(
            String words, String column, ColumnType type, String value) {
        return Map.entry(words, new Command.Tell("SELECT 1", List.of(new Column(column, type)), List.of(value)));
    }

    /** A statement that begins with none of the console's words. */
    static Optional<Command> command(List<Token> tokens) {
        String word = tokens.getFirst().text().toUpperCase(Locale.ROOT);
        if (tokens.getFirst().kind() != Token.Kind.WORD) {
            return Optional.empty();
        }
        boolean all = tokens.getLast().isWord("ALL");
        if (word.equals("DEALLOCATE") && tokens.size() > 1) {
            String name = tokens.getLast().text();
            return Optional.of(
                    all
                            ? new Command.Deallocate("DEALLOCATE ALL", Optional.empty())
                            : new Command.Deallocate("DEALLOCATE", Optional.of(name)));
        }
        if (word.equals("DISCARD") && all) {
            return Optional.of(new Command.Deallocate("DISCARD ALL", Optional.empty()));
        }
        return Optional.ofNullable(STATEMENTS.get(word));
    }

    /** {@code SHOW} of a parameter. */
    static Optional<Command> show(List<Token> tokens) {
        String name = words(tokens, 1).replace(' ', '_');
        name = switch (name) {
            case "transaction_isolation_level" -> "transaction_isolation";
            case "time_zone" -> "timezone";
            default -> name;
        };
        String value = PARAMETERS.get(name);
        return value == null
                ? Optional.empty()
                : Optional.of(new Command.Tell("SHOW", List.of(new Column(name, ColumnType.TEXT)), List.of(value)));
    }

    /** {@code SET} of a parameter, which is ignored. */
    static Optional<Command> set(List<Token> tokens) {
        int at = tokens.size() > 1
                        && (tokens.get(1).isWord("SESSION") || tokens.get(1).isWord("LOCAL"))
                ? 2
                : 1;
        if (at >= tokens.size()) {
            return Optional.empty();
        }
        String name = tokens.get(at).text();
        if (name.equalsIgnoreCase("application_name") && tokens.size() == at + 3) {
            return Optional.of(new Command.SetApplicationName(tokens.getLast().text()));
        }
        boolean known = PARAMETERS.containsKey(name.toLowerCase(Locale.ROOT))
                || SET_FORMS.contains(name.toUpperCase(Locale.ROOT));
        return known ? Optional.of(new Command.Ignore("SET", SET_IGNORED)) : Optional.empty();
    }

    /** {@code SELECT} of something that every Postgres could tell. */
    static Optional<Command> select(List<Token> tokens) {
        if (tokens.size() == 2 && tokens.get(1).text().matches("[0-9]{1,9}")) {
            return Optional.of(new Command.Tell(
                    "SELECT 1",
                    List.of(new Column("?column?", ColumnType.INT4)),
                    List.of(tokens.get(1).text())));
        }
        String asked = words(tokens, 1);
        return Optional.ofNullable(QUESTIONS.get(asked.startsWith("pg_catalog.") ? asked.substring(11) : asked));
    }

    private static String words(List<Token> tokens, int from) {
        return tokens.stream()
                .skip(from)
                .map(token -> token.text().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" "));
    }
}
