package dev.weir.testkit;

import static dev.weir.testkit.Conversation.Reach.TRANSACTION;
import static dev.weir.testkit.Conversation.Step.ask;
import static dev.weir.testkit.Conversation.Step.exchange;
import static dev.weir.testkit.Conversation.Step.ready;
import static dev.weir.testkit.Conversation.Step.send;
import static dev.weir.testkit.Conversation.Step.until;
import static dev.weir.testkit.Messages.bind;
import static dev.weir.testkit.Messages.bindBinary;
import static dev.weir.testkit.Messages.closePortal;
import static dev.weir.testkit.Messages.closeStatement;
import static dev.weir.testkit.Messages.describePortal;
import static dev.weir.testkit.Messages.describeStatement;
import static dev.weir.testkit.Messages.execute;
import static dev.weir.testkit.Messages.flush;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.query;
import static dev.weir.testkit.Messages.sync;
import static dev.weir.testkit.Messages.together;

import dev.weir.testkit.Conversation.Step;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Conversations in the extended protocol whose statements and portals end with their transaction. */
final class ExtendedConversations {
    private static final int INT4 = 23;
    private static final String BY_NUMBER = "SELECT n, name, half FROM weir_numbers WHERE n = $1";
    private static final String NUMBERS = "SELECT n FROM weir_numbers ORDER BY n";

    private ExtendedConversations() {}

    static List<Conversation> all() {
        return List.of(
                talk("parse, bind, execute", exchange(parse("", BY_NUMBER), bind("", "", "3"), execute("", 0), sync())),
                talk("all describe forms", DESCRIBES),
                talk("describe of what returns nothing", DESCRIBES_NOTHING),
                talk("parse alone", exchange(parse("", BY_NUMBER), sync())),
                talk(
                        "parse with types given",
                        exchange(
                                parse("", "SELECT $1, $2", INT4, 0),
                                describeStatement(""),
                                bind("", "", "7", "x"),
                                RUN)),
                talk(
                        "types left open",
                        exchange(parse("", "SELECT $1"), describeStatement(""), bind("", "", "x"), RUN)),
                talk(
                        "null parameters",
                        exchange(parse("", "SELECT $1::text, $2::int, $3::text"), bind("", "", null, null, ""), RUN)),
                talk(
                        "binary formats",
                        exchange(
                                parse(
                                        "",
                                        "SELECT $1 + 1, $2 || 'x', NULL::int8, n, half, bytes FROM weir_numbers",
                                        INT4,
                                        25),
                                bindBinary("", "", Arrays.asList(new byte[] {0, 0, 1, 2}, new byte[] {'a'})),
                                describePortal(""),
                                RUN)),
                talk(
                        "empty statement",
                        exchange(parse("", ""), describeStatement(""), bind("", ""), describePortal(""), RUN)),
                talk("parse fails", exchange(parse("", "SELEC"), bind("", ""), RUN), SIMPLE),
                talk("two statements in one parse", exchange(parse("", "SELECT 1; SELECT 2"), bind("", ""), RUN)),
                talk("too few parameters", exchange(parse("", BY_NUMBER), bind("", ""), RUN), SIMPLE),
                talk("parameter that is no number", exchange(parse("", BY_NUMBER), bind("", "", "x"), RUN), SIMPLE),
                talk("execute fails", exchange(parse("", "SELECT 1 / $1::int"), bind("", "", "0"), RUN), SIMPLE),
                talk(
                        "execute fails after rows",
                        exchange(parse("", "SELECT 1 / (5 - n) FROM weir_numbers ORDER BY n"), bind("", ""), RUN)),
                talk(
                        "unknown statement",
                        exchange(bind("", "nowhere"), RUN),
                        exchange(describeStatement("nil"), sync())),
                talk(
                        "unknown portal",
                        exchange(execute("nowhere", 0), sync()),
                        exchange(describePortal("nil"), sync())),
                talk("close of what is not there", exchange(closeStatement("nil"), closePortal("nil"), sync())),
                talk("named portal with row limit in a transaction", NAMED_PORTAL),
                talk(
                        "unnamed portal with row limit before sync",
                        exchange(
                                parse("", NUMBERS),
                                bind("", ""),
                                execute("", 3),
                                execute("", 3),
                                execute("", 0),
                                sync())),
                talk(
                        "row limit that is met exactly",
                        exchange(parse("", NUMBERS), bind("", ""), execute("", 10), execute("", 10), sync())),
                talk("two portals in turns", TWO_PORTALS),
                talk(
                        "portal gone after commit",
                        ask("BEGIN"),
                        PORTAL,
                        ask("COMMIT"),
                        exchange(execute("p", 1), sync())),
                talk("portal taken twice", exchange(parse("", NUMBERS), bind("p", ""), bind("p", ""), sync())),
                talk(
                        "portal closed and bound anew",
                        exchange(
                                parse("", NUMBERS),
                                bind("p", ""),
                                closePortal("p"),
                                bind("p", ""),
                                execute("p", 1),
                                sync())),
                talk("fifty syncs in one piece", pipeline(50), ready(50)),
                talk("five hundred executes before one sync", executes(500), ready(1)),
                talk("nothing but syncs", send(sync(), sync(), sync(), sync(), sync()), ready(5)),
                talk(
                        "error in the middle of a pipeline",
                        exchange(
                                one("SELECT 1"),
                                one("SELECT 1 / 0"),
                                one("SELECT 2"),
                                closeStatement("nil"),
                                flush(),
                                sync())),
                talk("errors in several parts of a pipeline", ERRORS_IN_PARTS, ready(4)),
                talk("pipeline undone by its error", UNDONE, ready(2)),
                talk(
                        "simple query skipped after an error",
                        exchange(parse("", "SELEC"), query("SELECT 'never'"), sync()),
                        SIMPLE),
                talk(
                        "simple query instead of sync",
                        exchange(one("SELECT 'extended'"), query("SELECT 'simple'")),
                        exchange(sync())),
                talk(
                        "simple and extended in one piece",
                        send(query("SELECT 1"), one("SELECT 2"), sync(), query("SELECT 3"), sync()),
                        ready(4)),
                talk("flush at each step", FLUSHES),
                talk("flush with nothing", send(flush(), flush()), exchange(sync())),
                talk("transaction in the extended protocol", TRANSACTION_IN_PARTS, ready(4)),
                talk(
                        "transaction in one pipeline",
                        exchange(one("BEGIN"), one("SELECT 1"), one("COMMIT"), one("SELECT 2"), sync())),
                talk("failed transaction in the extended protocol", FAILED_IN_PARTS, ready(5)),
                talk("unnamed statement used again in a transaction", UNNAMED_AGAIN),
                talk("named statement within a transaction", NAMED_WITHIN),
                talk(
                        "write in the extended protocol",
                        exchange(
                                one("BEGIN"),
                                parse("", "INSERT INTO weir_scratch VALUES ($1, $2) RETURNING note"),
                                bind("", "", "1", "x"),
                                execute("", 0),
                                bind("", "", "2", null),
                                execute("", 0),
                                one("ROLLBACK"),
                                sync())),
                talk("notice in the extended protocol", exchange(one("DO $$ BEGIN RAISE NOTICE 'hi'; END $$"), sync())),
                talk(
                        "parameter of twenty megabytes",
                        exchange(
                                parse("", "SELECT length($1), left($1, 3)"),
                                bind("", "", "p".repeat(20_000_000)),
                                RUN)),
                talk("ten thousand rows in portions", ask("BEGIN"), PORTIONS, ask("COMMIT")));
    }

    private static final byte[] RUN = together(execute("", 0), sync());
    private static final Step SIMPLE = ask("SELECT 'goes on'");
    private static final Step PORTAL = exchange(parse("", NUMBERS), bind("p", ""), execute("p", 2), sync());

    private static final Step DESCRIBES = exchange(
            parse("", BY_NUMBER),
            describeStatement(""),
            bind("p", "", "3"),
            describePortal("p"),
            execute("p", 0),
            sync());

    private static final Step DESCRIBES_NOTHING = exchange(
            parse("", "UPDATE weir_scratch SET note = $1 WHERE false"),
            describeStatement(""),
            bind("", "", "x"),
            describePortal(""),
            RUN);

    private static final Step NAMED_PORTAL = steps(
            ask("BEGIN"),
            PORTAL,
            exchange(execute("p", 3), sync()),
            ask("SELECT 'between'"),
            exchange(execute("p", 100), execute("p", 100), closePortal("p"), execute("p", 1), sync()),
            ask("ROLLBACK"));

    private static final Step TWO_PORTALS = exchange(
            parse("", NUMBERS),
            bind("a", ""),
            bind("b", ""),
            execute("a", 2),
            execute("b", 3),
            execute("a", 2),
            closePortal("a"),
            execute("b", 0),
            sync());

    private static final Step ERRORS_IN_PARTS = send(
            one("SELECT 1"),
            sync(),
            one("SELECT 1 / 0"),
            one("SELECT 'skipped'"),
            sync(),
            one("SELECT 2"),
            sync(),
            one("nonsense"),
            sync());

    private static final Step UNDONE = send(
            one("INSERT INTO weir_scratch VALUES (6, 'gone')"),
            one("SELECT 1 / 0"),
            sync(),
            one("SELECT count(*) FROM weir_scratch WHERE id = 6"),
            sync());

    private static final Step FLUSHES = steps(
            send(parse("", BY_NUMBER), flush()),
            until('1'),
            send(describeStatement(""), flush()),
            until('T'),
            send(bind("", "", "4"), flush()),
            until('2'),
            send(execute("", 0), flush()),
            until('C'),
            exchange(sync()));

    private static final Step TRANSACTION_IN_PARTS =
            send(one("BEGIN"), sync(), one("SELECT 1"), sync(), one("COMMIT"), sync(), one("SELECT 2"), sync());

    private static final Step FAILED_IN_PARTS = send(
            one("BEGIN"),
            sync(),
            one("SELECT 1 / 0"),
            sync(),
            one("SELECT 'refused'"),
            sync(),
            one("COMMIT"),
            sync(),
            one("SELECT 'fine'"),
            sync());

    private static final Step UNNAMED_AGAIN = steps(
            ask("BEGIN"),
            exchange(parse("", BY_NUMBER), sync()),
            exchange(bind("", "", "1"), RUN),
            exchange(bind("", "", "2"), RUN),
            ask("SELECT 'a simple query drops it'"),
            exchange(bind("", "", "3"), RUN),
            ask("ROLLBACK"));

    private static final Step NAMED_WITHIN = steps(
            ask("BEGIN"),
            exchange(parse("inside", BY_NUMBER), describeStatement("inside"), sync()),
            exchange(bind("", "inside", "1"), execute("", 0), bind("", "inside", "2"), RUN),
            ask("SELECT 'between'"),
            exchange(bind("", "inside", "3"), execute("", 0), closeStatement("inside"), sync()),
            ask("COMMIT"));

    private static final Step PORTIONS = (client, heard) -> {
        exchange(parse("", "SELECT n, repeat('x', 100) FROM generate_series(1, 10000) n"), bind("p", ""), sync())
                .run(client, heard);
        for (int i = 0; i < 11; i++) {
            exchange(execute("p", 1000), sync()).run(client, heard);
        }
    };

    /** One statement, unnamed, without parameters or Sync. */
    static byte[] one(String sql) {
        return together(parse("", sql), bind("", ""), describePortal(""), execute("", 0));
    }

    static Step steps(Step... steps) {
        return (client, heard) -> {
            for (Step step : steps) {
                step.run(client, heard);
            }
        };
    }

    private static Step pipeline(int count) {
        return send(IntStream.range(0, count)
                .mapToObj(i -> together(one("SELECT " + i + " AS number"), sync()))
                .toArray(byte[][]::new));
    }

    private static Step executes(int count) {
        byte[] executes = together(IntStream.range(0, count)
                .mapToObj(i -> together(bind("", "", Integer.toString(i)), execute("", 0)))
                .toArray(byte[][]::new));
        return send(parse("", "SELECT $1::int * 2"), executes, sync());
    }

    private static Conversation talk(String name, Step... steps) {
        return Conversation.of(name, TRANSACTION, steps);
    }
}
