package dev.weir.testkit;

import static dev.weir.testkit.Conversation.Reach.TRANSACTION;
import static dev.weir.testkit.Conversation.Step.ask;
import static dev.weir.testkit.Conversation.Step.exchange;
import static dev.weir.testkit.Conversation.Step.ready;
import static dev.weir.testkit.Conversation.Step.send;
import static dev.weir.testkit.Conversation.Step.until;
import static dev.weir.testkit.ExtendedConversations.one;
import static dev.weir.testkit.Messages.copyData;
import static dev.weir.testkit.Messages.copyDone;
import static dev.weir.testkit.Messages.copyFail;
import static dev.weir.testkit.Messages.flush;
import static dev.weir.testkit.Messages.query;
import static dev.weir.testkit.Messages.sync;
import static dev.weir.testkit.Messages.together;

import dev.weir.testkit.Conversation.Step;
import java.util.List;
import java.util.stream.IntStream;

/** Conversations with COPY, in both directions and both protocols. They leave the table as they found it. */
final class CopyConversations {
    private static final String IN = "COPY weir_scratch FROM STDIN";
    private static final byte[] BINARY_ROW = {
        'P',
        'G',
        'C',
        'O',
        'P',
        'Y',
        '\n',
        (byte) 0xff,
        '\r',
        '\n',
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0, // signature, flags, 0
        0,
        2,
        0,
        0,
        0,
        4,
        0,
        0,
        0,
        9,
        0,
        0,
        0,
        1,
        'b', // two fields: 9 and 'b'
        (byte) 0xff,
        (byte) 0xff
    };

    private CopyConversations() {}

    static List<Conversation> all() {
        return List.of(
                talk("copy out", ask("COPY weir_numbers TO STDOUT"), ask("SELECT 1")),
                talk("copy out as csv", ask("COPY weir_numbers TO STDOUT (FORMAT csv, HEADER)")),
                talk("copy out binary", ask("COPY weir_numbers TO STDOUT (FORMAT binary)")),
                talk("copy out of nothing", ask("COPY (SELECT 1 WHERE false) TO STDOUT")),
                talk("copy out extended", exchange(one("COPY weir_numbers TO STDOUT"), sync())),
                talk("copy out among statements", ask("SELECT 1; COPY weir_numbers TO STDOUT; SELECT 2")),
                talk(
                        "copy out twice in one piece",
                        send(query("COPY weir_numbers TO STDOUT"), query("COPY weir_numbers TO STDOUT")),
                        ready(2)),
                talk("copy out fails midway", ask("COPY (SELECT 1 / (5 - n) FROM weir_numbers) TO STDOUT")),
                talk(
                        "copy out of hundred thousand rows",
                        ask("COPY (SELECT n, 'row ' || n FROM generate_series(1, 100000) n) TO STDOUT")),
                talk("copy out of a row of twenty megabytes", ask("COPY (SELECT repeat('c', 20000000)) TO STDOUT")),
                talk("copy in", BEGIN, START, exchange(copyData("1\tone\n2\t\\N\n"), copyDone()), COUNT, END),
                talk("copy in of nothing", START, exchange(copyDone()), COUNT),
                talk(
                        "copy in cut within its rows",
                        BEGIN,
                        START,
                        send(copyData("1\to"), copyData("ne\n2")),
                        send(copyData("\t"), copyData(""), copyData("two\n")),
                        exchange(copyDone()),
                        COUNT,
                        END),
                talk(
                        "copy in with its end mark",
                        BEGIN,
                        START,
                        exchange(copyData("1\tone\n"), copyData("\\.\n"), copyDone()),
                        COUNT,
                        END),
                talk(
                        "copy in binary",
                        BEGIN,
                        send(query(IN + " (FORMAT binary)")),
                        until('G'),
                        exchange(copyData(BINARY_ROW), copyDone()),
                        COUNT,
                        END),
                talk("copy in without a transaction", START, exchange(copyData("1\tone\n"), copyDone()), CLEAN),
                talk(
                        "copy in sent in one piece with its query",
                        BEGIN,
                        exchange(query(IN), copyData("1\tone\n"), copyDone()),
                        COUNT,
                        END),
                talk("copy in of fifty thousand rows", BEGIN, START, rows(50_000), exchange(copyDone()), COUNT, END),
                talk(
                        "copy in of a row of twenty megabytes",
                        BEGIN,
                        START,
                        exchange(copyData("1\t" + "r".repeat(20_000_000) + "\n"), copyDone()),
                        COUNT,
                        END),
                talk("copy in given up", START, exchange(copyData("1\tone\n"), copyFail("changed my mind")), COUNT),
                talk("copy in given up in a transaction", BEGIN, START, exchange(copyFail("no")), COUNT, END),
                talk(
                        "copy in refused midway",
                        START,
                        exchange(
                                copyData("1\tone\nnonsense\ttwo\n"),
                                copyData("3\tthree\n"),
                                copyData("4\tfour\n"),
                                copyDone()),
                        COUNT),
                talk(
                        "copy in refused midway and data sent on",
                        START,
                        send(copyData("nonsense\n")),
                        ready(1),
                        send(copyData("2\ttwo\n"), copyDone()),
                        COUNT),
                talk("copy in refused at its end", START, exchange(copyData("1\tone\n1\ttwice\n"), copyDone()), COUNT),
                talk(
                        "copy in refused and given up",
                        START,
                        exchange(copyData("1\tforbidden\n"), copyFail("too late")),
                        COUNT),
                talk("copy in to no table", ask("COPY nowhere FROM STDIN"), send(copyData("1\n"), copyDone()), COUNT),
                talk(
                        "copy in twice in one query",
                        BEGIN,
                        send(query(IN + "; " + IN + "; SELECT 'both'")),
                        until('G'),
                        send(copyData("1\tone\n"), copyDone()),
                        until('G'),
                        exchange(copyData("2\ttwo\n"), copyDone()),
                        COUNT,
                        END),
                talk(
                        "copy in among statements",
                        BEGIN,
                        send(query("SELECT 1; " + IN + "; SELECT 2")),
                        until('G'),
                        exchange(copyData("1\tone\n"), copyDone()),
                        COUNT,
                        END),
                talk(
                        "copy in extended, sync before and after the data",
                        BEGIN,
                        send(one(IN), sync()),
                        until('G'),
                        exchange(copyData("1\tone\n"), copyDone(), sync()),
                        COUNT,
                        END),
                talk(
                        "copy in extended, sync after the data",
                        BEGIN,
                        send(one(IN), flush()),
                        until('G'),
                        exchange(copyData("1\tone\n"), copyDone(), sync()),
                        COUNT,
                        END),
                talk(
                        "copy in extended in one piece",
                        BEGIN,
                        exchange(one(IN), copyData("1\tone\n"), copyDone(), sync()),
                        COUNT,
                        END),
                talk(
                        "copy in extended with flush and sync among the data",
                        BEGIN,
                        send(one(IN), flush()),
                        until('G'),
                        exchange(copyData("1\to"), flush(), sync(), copyData("ne\n"), copyDone(), sync()),
                        COUNT,
                        END),
                talk(
                        "copy in extended within a pipeline",
                        BEGIN,
                        send(one("SELECT 1"), one(IN), flush()),
                        until('G'),
                        exchange(copyData("1\tone\n"), copyDone(), one("SELECT 2"), sync()),
                        COUNT,
                        END),
                talk(
                        "copy in extended given up",
                        send(one(IN), sync()),
                        until('G'),
                        exchange(copyData("1\tone\n"), copyFail("no"), sync()),
                        COUNT),
                talk(
                        "copy in extended refused midway",
                        send(one(IN), sync()),
                        until('G'),
                        exchange(copyData("nonsense\n"), copyData("2\ttwo\n"), copyDone(), sync()),
                        COUNT),
                talk(
                        "copy in extended refused, error read first",
                        send(one(IN), sync()),
                        until('G'),
                        send(copyData("nonsense\n")),
                        until('E'),
                        exchange(copyData("2\ttwo\n"), copyDone(), one("SELECT 'skipped'"), sync()),
                        COUNT));
    }

    private static final Step START = (client, heard) -> {
        send(query(IN)).run(client, heard);
        until('G').run(client, heard);
    };
    private static final Step COUNT = ask("SELECT count(*), sum(id), sum(length(note)) FROM weir_scratch");
    private static final Step BEGIN = ask("BEGIN");
    private static final Step END = ask("ROLLBACK");
    private static final Step CLEAN = ask("DELETE FROM weir_scratch");

    private static Step rows(int count) {
        return send(together(
                IntStream.range(0, count).mapToObj(i -> copyData(i + "\trow\n")).toArray(byte[][]::new)));
    }

    private static Conversation talk(String name, Step... steps) {
        return Conversation.of(name, TRANSACTION, steps);
    }
}
