package dev.weir.testkit;

import static dev.weir.testkit.Conversation.Reach.PREPARED_STATEMENTS;
import static dev.weir.testkit.Conversation.Reach.SESSION;
import static dev.weir.testkit.Conversation.Step.ask;
import static dev.weir.testkit.Conversation.Step.exchange;
import static dev.weir.testkit.Conversation.Step.ready;
import static dev.weir.testkit.Conversation.Step.send;
import static dev.weir.testkit.ExtendedConversations.one;
import static dev.weir.testkit.ExtendedConversations.steps;
import static dev.weir.testkit.Messages.bind;
import static dev.weir.testkit.Messages.closeStatement;
import static dev.weir.testkit.Messages.describeStatement;
import static dev.weir.testkit.Messages.execute;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.sync;

import dev.weir.testkit.Conversation.Step;
import java.util.List;
import java.util.stream.IntStream;

/** Conversations whose prepared statements outlive transactions. Each closes what it leaves behind, if it can. */
final class PreparedConversations {
    private static final String BY_NUMBER = "SELECT n, name FROM weir_numbers WHERE n = $1";

    private PreparedConversations() {}

    static List<Conversation> all() {
        return List.of(
                talk(
                        "named statement over transactions",
                        prepare("kept"),
                        use("kept", "1"),
                        use("kept", "2"),
                        ask("BEGIN"),
                        use("kept", "3"),
                        ask("COMMIT"),
                        use("kept", "4"),
                        drop("kept")),
                talk(
                        "named statement described later",
                        prepare("seen"),
                        exchange(describeStatement("seen"), sync()),
                        drop("seen")),
                talk("name taken twice", prepare("twice"), prepare("twice"), use("twice", "1"), drop("twice")),
                talk(
                        "name closed and taken for another",
                        prepare("name"),
                        drop("name"),
                        exchange(parse("name", "SELECT $1 || 'other'"), sync()),
                        use("name", "x"),
                        drop("name")),
                talk("named statement closed and used", prepare("gone"), drop("gone"), use("gone", "1")),
                talk(
                        "two names for the same text",
                        prepare("one"),
                        prepare("two"),
                        use("one", "1"),
                        use("two", "2"),
                        drop("one"),
                        use("two", "3"),
                        drop("two")),
                talk(
                        "parse that fails leaves its name free",
                        exchange(parse("bad", "SELEC"), sync()),
                        use("bad", "1"),
                        prepare("bad"),
                        use("bad", "1"),
                        drop("bad")),
                talk(
                        "statement prepared in a transaction that is undone",
                        ask("BEGIN"),
                        prepare("stays"),
                        ask("ROLLBACK"),
                        use("stays", "5"),
                        drop("stays")),
                talk(
                        "named statement parsed and used in one pipeline",
                        send(
                                parse("p1", BY_NUMBER),
                                bind("", "p1", "1"),
                                execute("", 0),
                                sync(),
                                bind("", "p1", "2"),
                                execute("", 0),
                                sync(),
                                closeStatement("p1"),
                                sync()),
                        ready(3)),
                talk(
                        "parse skipped after an error",
                        exchange(one("SELECT 1 / 0"), parse("skipped", BY_NUMBER), sync()),
                        use("skipped", "1")),
                talk(
                        "close skipped after an error",
                        prepare("close"),
                        exchange(one("SELECT 1 / 0"), closeStatement("close"), sync()),
                        use("close", "1"),
                        drop("close")),
                talk("hundred named statements", hundred()),
                session(
                        "unnamed statement over transactions",
                        prepare(""),
                        use("", "1"),
                        use("", "2"),
                        ask("SELECT 'drops it'"),
                        use("", "3")),
                session(
                        "statement of PREPARE over transactions",
                        ask("PREPARE plan (int) AS " + BY_NUMBER),
                        ask("EXECUTE plan (1)"),
                        use("plan", "2"),
                        ask("DEALLOCATE plan"),
                        ask("EXECUTE plan (3)")),
                session("deallocate all", prepare("x"), ask("DEALLOCATE ALL"), use("x", "1")),
                session(
                        "discard all",
                        prepare("x"),
                        ask("SET TimeZone = 'Asia/Tokyo'"),
                        ask("DISCARD ALL"),
                        use("x", "1"),
                        ask("SHOW TimeZone")));
    }

    private static Step prepare(String name) {
        return exchange(parse(name, BY_NUMBER), sync());
    }

    private static Step use(String name, String parameter) {
        return exchange(bind("", name, parameter), execute("", 0), sync());
    }

    private static Step drop(String name) {
        return exchange(closeStatement(name), sync());
    }

    private static Step hundred() {
        List<String> names =
                IntStream.range(0, 100).mapToObj(i -> "statement " + i).toList();
        return steps(names.stream()
                .flatMap(name -> List.of(
                        exchange(parse(name, "SELECT $1 || '" + name + "'"), sync()),
                        use(name, "of "),
                        use(names.getFirst(), "again "))
                        .stream())
                .toArray(Step[]::new));
    }

    private static Conversation talk(String name, Step... steps) {
        return Conversation.of(name, PREPARED_STATEMENTS, steps);
    }

    private static Conversation session(String name, Step... steps) {
        return Conversation.of(name, SESSION, steps);
    }
}
