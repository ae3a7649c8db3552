package dev.weir.testkit;

import static dev.weir.testkit.Conversation.Reach.TRANSACTION;
import static dev.weir.testkit.Conversation.Step.ask;
import static dev.weir.testkit.Conversation.Step.closed;
import static dev.weir.testkit.Conversation.Step.exchange;
import static dev.weir.testkit.Conversation.Step.ready;
import static dev.weir.testkit.Conversation.Step.send;
import static dev.weir.testkit.Messages.functionCall;
import static dev.weir.testkit.Messages.query;
import static dev.weir.testkit.Messages.sync;
import static dev.weir.testkit.Messages.terminate;

import dev.weir.testkit.Conversation.Step;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Conversations in the simple protocol: queries, their errors and notices, small and large, and function calls. */
final class SimpleConversations {
    private static final int INT4_PLUS = 177; // int4pl, int4div, textcat: pg_proc.dat
    private static final int INT4_DIVIDE = 154;
    private static final int TEXT_CONCAT = 1258;

    private SimpleConversations() {}

    static List<Conversation> all() {
        return List.of(
                talk("one row", ask("SELECT 1 AS one, 'two' AS two")),
                talk("no row", ask("SELECT n FROM weir_numbers WHERE n < 0")),
                talk("no column", ask("SELECT FROM weir_numbers WHERE n < 4")),
                talk("several statements in one query", ask("SELECT 1; SELECT 'two', 2; SELECT 3 WHERE false")),
                talk("empty query", ask(""), ask("  "), ask("SELECT 1")),
                talk("only semicolons and comments", ask(";;"), ask("-- nothing"), ask("/* /* nested */ */ ;")),
                talk("error in the middle of several statements", ask("SELECT 1; SELECT 1 / 0; SELECT 3")),
                talk("syntax error", ask("SELEC 1"), ask("SELECT 1; SELEC 2"), ask("SELECT '")),
                talk("unknown table and column", ask("SELECT * FROM nowhere"), ask("SELECT nothing FROM weir_numbers")),
                talk("error with every field", ask(EVERY_FIELD)),
                talk("error of a constraint", ask("INSERT INTO weir_scratch VALUES (1, 'forbidden')")),
                talk("notices", ask("DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two %', 2; END $$")),
                talk("notices before an error", ask("DO $$ BEGIN RAISE NOTICE 'first'; RAISE 'then'; END $$")),
                talk("hundred notices", ask("DO $$ BEGIN FOR i IN 1..100 LOOP RAISE NOTICE '%', i; END LOOP; END $$")),
                talk("nulls and empty values", ask("SELECT NULL, '', NULL::int, ''::bytea, ARRAY[NULL, '']")),
                talk("text beyond ASCII", ask("SELECT 'Größe', '水門', '🌊', E'tab\\tand\\nline'")),
                talk("many types", ask(MANY_TYPES)),
                talk("wide row", ask(columns(1600))),
                talk("too wide row", ask(columns(1700))),
                talk("long column name", ask("SELECT 1 AS " + "n".repeat(63))),
                talk("three hundred queries in turn", repeated(300, ask("SELECT 'again'"))),
                talk("twenty queries in one piece", pipelined(20), ready(20)),
                talk("queries in one piece with errors between", PIECES_WITH_ERRORS, ready(4)),
                talk("writes with returning", WRITES),
                talk("implicit transaction undone by an error", IMPLICIT),
                talk("explain", ask("EXPLAIN (COSTS OFF) VALUES (1), (2)")),
                talk("value of one megabyte", ask("SELECT repeat('m', 1000000)"), ask("SELECT 1")),
                talk("value of twenty megabytes", ask("SELECT repeat('0123456789', 2000000)"), ask("SELECT 1")),
                talk("query of one megabyte", ask("SELECT length('" + "q".repeat(1_000_000) + "')"), ask("SELECT 1")),
                talk("query of twenty megabytes", ask("SELECT length('" + "q".repeat(20_000_000) + "')")),
                talk("hundred thousand rows", ask("SELECT n, 'row ' || n FROM generate_series(1, 100000) n")),
                talk("error after thousands of rows", ask("SELECT 1 / (5000 - n) FROM generate_series(1, 9999) n")),
                talk("statement timeout", ask("BEGIN; SET LOCAL statement_timeout = 250; SELECT pg_sleep(60)"), END),
                talk("function call", exchange(functionCall(INT4_PLUS, "40", "2"))),
                talk("function call of text", exchange(functionCall(TEXT_CONCAT, "we", "ir"))),
                talk("function call with null", exchange(functionCall(INT4_PLUS, "40", null))),
                talk("function call fails", exchange(functionCall(INT4_DIVIDE, "1", "0")), ask("SELECT 1")),
                talk("function call of no function", exchange(functionCall(1, "1")), ask("SELECT 1")),
                talk("function calls and queries in one piece", CALLS_AND_QUERIES, ready(3)),
                talk("sync alone", exchange(sync()), exchange(sync())),
                talk("terminate", ask("SELECT 1"), send(terminate()), closed()));
    }

    private static final Step END = ask("ROLLBACK");

    private static final String EVERY_FIELD = """
            DO $$ BEGIN RAISE EXCEPTION 'the message' USING ERRCODE = 'WE001', DETAIL = 'the detail', HINT = 'the hint',
              COLUMN = 'c', CONSTRAINT = 'k', DATATYPE = 'd', TABLE = 't', SCHEMA = 's'; END $$""";

    private static final String MANY_TYPES = """
            SELECT true, 1::int2, 2::int8, 1.5::float4, 'NaN'::float8, 1.10::numeric(5, 2), 'x'::char(3), 'v'::varchar(9),
              '\\x00ff'::bytea, '2026-01-02'::date, '2026-01-02 03:04:05.678901+00'::timestamptz, '25:00'::interval,
              '{1,2,3}'::int[], '{"a": [1, null]}'::jsonb, '6e6f-7420-616c-6c20-7a65-726f-7321-2121'::text,
              '[1,5)'::int4range, '10.0.0.0/8'::cidr, ROW(1, 'a'), 'pg_class'::regclass, '(1,2)'::point, B'101'""";

    private static final Step PIECES_WITH_ERRORS =
            send(query("SELECT 1"), query("SELECT 1 / 0"), query("nonsense"), query("SELECT 2"));

    private static final Step WRITES = ask("""
            BEGIN; INSERT INTO weir_scratch VALUES (1, 'a'), (2, 'b'), (3, NULL) RETURNING id, note;
            UPDATE weir_scratch SET note = note || '!' WHERE id < 3 RETURNING *; DELETE FROM weir_scratch WHERE id = 1;
            INSERT INTO weir_scratch SELECT 9, 'nine' WHERE false; SELECT * FROM weir_scratch ORDER BY id; ROLLBACK""");

    private static final Step IMPLICIT = (client, heard) -> {
        ask("INSERT INTO weir_scratch VALUES (5, 'gone'); SELECT 1 / 0").run(client, heard);
        ask("SELECT count(*) FROM weir_scratch WHERE id = 5").run(client, heard);
    };

    private static final Step CALLS_AND_QUERIES =
            send(functionCall(INT4_PLUS, "1", "2"), query("SELECT 3"), functionCall(INT4_PLUS, "4", "5"));

    private static String columns(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> i + " AS c" + i)
                .collect(Collectors.joining(", ", "SELECT ", ""));
    }

    private static Step pipelined(int count) {
        byte[][] queries = IntStream.range(0, count)
                .mapToObj(i -> query("SELECT " + i + " AS number"))
                .toArray(byte[][]::new);
        return send(queries);
    }

    private static Step[] repeated(int count, Step step) {
        return Collections.nCopies(count, step).toArray(new Step[0]);
    }

    private static Conversation talk(String name, Step... steps) {
        return Conversation.of(name, TRANSACTION, steps);
    }
}
