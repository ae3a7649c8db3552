package dev.weir.app;

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

import dev.weir.app.Stage.Story;
import dev.weir.testkit.Messages;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stories about statements prepared by messages of the extended protocol. */
final class PreparedStatementStories {
    private static final int INT4 = 23;
    private static final int TEXT = 25;

    private PreparedStatementStories() {}

    /** Bind, Describe, Execute and Sync. */
    static byte[] use(String statement, @Nullable String... parameters) {
        return Messages.together(bind("", statement, parameters), describePortal(""), execute("", 0));
    }

    static List<Story> all() {
        List<Story> stories = new ArrayList<>(names());
        stories.addAll(failures());
        stories.addAll(unnamed());
        stories.addAll(transactions());
        stories.addAll(pipelines());
        stories.addAll(dropping());
        stories.addAll(searchPaths());
        return List.copyOf(stories);
    }

    private static List<Story> names() {
        return List.of(
                new Story(
                        "parsed once, used in later transactions",
                        stage -> stage.send("a", parse("s", "select $1::int + 1"), sync())
                                .send("a", use("s", "1"), sync())
                                .send("a", use("s", "2"), sync())
                                .query("b", "select 'between'")
                                .send("a", use("s", "3"), sync())
                                .send("a", describeStatement("s"), sync())),
                new Story(
                        "one name, two clients, two texts",
                        stage -> stage.send("a", parse("s", "select 'a', $1::int"), sync())
                                .send("b", parse("s", "select 'b', $1::text, 2"), sync())
                                .send("a", describeStatement("s"), sync())
                                .send("b", describeStatement("s"), sync())
                                .send("a", use("s", "1"), sync())
                                .send("b", use("s", "word"), sync())
                                .send("a", closeStatement("s"), sync())
                                .send("b", use("s", "word"), sync())
                                .send("a", use("s", "1"), sync())),
                new Story(
                        "one text, two names, two clients",
                        stage -> stage.send(
                                        "a",
                                        parse("one", "select $1::int"),
                                        sync(),
                                        parse("two", "select $1::int"),
                                        sync())
                                .send("b", parse("three", "select $1::int"), sync())
                                .send("a", use("one", "1"), use("two", "2"), sync())
                                .send("a", closeStatement("one"), sync())
                                .send("a", use("two", "2"), sync())
                                .send("b", use("three", "3"), sync())
                                .send("a", use("one", "1"), sync())),
                new Story(
                        "one text, other types of parameters",
                        stage -> stage.send("a", parse("s", "select $1", INT4), sync())
                                .send("b", parse("s", "select $1", TEXT), sync())
                                .send("c", parse("s", "select $1"), sync())
                                .send("a", describeStatement("s"), sync())
                                .send("b", describeStatement("s"), sync())
                                .send("c", describeStatement("s"), sync())
                                .send("a", use("s", "word"), sync())
                                .send("b", use("s", "word"), sync())),
                new Story("strange names", stage -> {
                    for (String name : List.of("a b", "\"", "été", "S".repeat(200), "weir_1", "PGCursor_1", "*")) {
                        stage.send("a", parse(name, "select 'of a'"), sync())
                                .send("b", parse(name, "select 'of b'"), sync())
                                .send("a", use(name), sync())
                                .send("b", use(name), sync());
                    }
                }),
                new Story(
                        "a long text",
                        stage -> stage.send("a", parse("s", "select 1 -- " + "x".repeat(100_000)), sync())
                                .send("b", parse("s", "select 2 -- " + "x".repeat(100_000)), sync())
                                .send("a", use("s"), sync())
                                .send("b", use("s"), sync())),
                new Story(
                        "an empty text",
                        stage -> stage.send("a", parse("s", ""), sync())
                                .send("a", use("s"), sync())
                                .send("a", describeStatement("s"), sync())),
                new Story(
                        "binary values",
                        stage -> stage.send("a", parse("s", "select $1::int8 * 2"), sync())
                                .send("a", bindBinary("", "s", List.of(int8(21))), execute("", 0), sync())
                                .send("a", use("s", "21"), sync())),
                new Story(
                        "a name used by one client is unknown to another",
                        stage -> stage.send("a", parse("s", "select 1"), sync())
                                .send("b", use("s"), sync())
                                .send("b", describeStatement("s"), sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "names end with their client",
                        stage -> stage.send("a", parse("s", "select 1"), sync())
                                .leave("a")
                                .send("a", use("s"), sync())
                                .send("a", parse("s", "select 2"), sync())
                                .send("a", use("s"), sync())));
    }

    private static byte[] int8(long value) {
        return ByteBuffer.allocate(8).putLong(value).array();
    }

    private static List<Story> failures() {
        return List.of(
                new Story(
                        "a name that is taken",
                        stage -> stage.send("a", parse("s", "select 'first'"), sync())
                                .send("a", parse("s", "select 'second'"), sync())
                                .send("a", parse("s", "select 'first'"), sync())
                                .send("a", use("s"), sync())
                                .send("b", parse("s", "select 'of b'"), sync())),
                new Story(
                        "a name that is taken, in a pipeline",
                        stage -> stage.send(
                                        "a", parse("s", "select 1"), use("s"), parse("s", "select 2"), use("s"), sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "a name that is unknown",
                        stage -> stage.send("a", use("never"), sync())
                                .send("a", describeStatement("never"), sync())
                                .query("a", "select 'goes on'")
                                .send("a", parse("never", "select 'now'"), sync())
                                .send("a", use("never"), sync())),
                new Story(
                        "an unknown name amid a pipeline",
                        stage -> stage.send(
                                        "a",
                                        parse("s", "select 1"),
                                        use("s"),
                                        use("never"),
                                        parse("t", "select 2"),
                                        use("t"),
                                        sync())
                                .send("a", use("s"), sync())
                                .send("a", use("t"), sync())),
                new Story(
                        "a Parse that fails",
                        stage -> stage.send("a", parse("s", "selec"), sync())
                                .send("a", use("s"), sync())
                                .send("a", parse("s", "select 'now'"), sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "a Parse that fails amid a pipeline",
                        stage -> stage.send(
                                        "a",
                                        parse("before", "select 1"),
                                        use("before"),
                                        parse("bad", "select nothing"),
                                        use("bad"),
                                        parse("after", "select 2"),
                                        use("after"),
                                        sync())
                                .send("a", use("before"), sync())
                                .send("a", use("bad"), sync())
                                .send("a", use("after"), sync())
                                .send(
                                        "a",
                                        parse("bad", "select 3"),
                                        parse("after", "select 4"),
                                        use("bad"),
                                        use("after"),
                                        sync())),
                new Story(
                        "a Parse that fails, its name used before the answer",
                        stage -> stage.send(
                                        "a",
                                        parse("s", "selec"),
                                        sync(),
                                        use("s"),
                                        sync(),
                                        parse("s", "select 1"),
                                        sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "a Parse of several statements",
                        stage -> stage.send("a", parse("s", "select 1; select 2"), sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "a Parse that one client may and another has failed",
                        stage -> stage.send("a", parse("s", "select missing"), sync())
                                .send("b", parse("s", "select missing"), sync())
                                .send("b", parse("s", "select 'there'"), sync())
                                .send("b", use("s"), sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "too few and too many parameters",
                        stage -> stage.send("a", parse("s", "select $1::int"), sync())
                                .send("a", use("s"), sync())
                                .send("a", use("s", "1", "2"), sync())
                                .send("a", use("s", "one"), sync())
                                .send("a", use("s", "1"), sync())),
                new Story(
                        "an error while it runs",
                        stage -> stage.send("a", parse("s", "select 1 / $1::int"), sync())
                                .send("a", use("s", "0"), sync())
                                .send("a", use("s", "1"), use("s", "0"), use("s", "2"), sync())
                                .send("a", use("s", "1"), sync())));
    }

    private static List<Story> unnamed() {
        return List.of(
                new Story(
                        "the unnamed statement outlives its transaction",
                        stage -> stage.send("a", parse("", "select 'of a'"), sync())
                                .send("b", parse("", "select 'of b'"), sync())
                                .send("a", use(""), sync())
                                .send("b", use(""), sync())
                                .send("a", describeStatement(""), sync())),
                new Story(
                        "the unnamed statement ends with a simple query",
                        stage -> stage.send("a", parse("", "select 1"), sync())
                                .query("b", "select 'of b'")
                                .send("a", use(""), sync())
                                .query("a", "select 'simple'")
                                .send("a", use(""), sync())),
                new Story(
                        "the unnamed statement ends with an empty query",
                        stage -> stage.send("a", parse("", "select 1"), sync())
                                .query("a", "")
                                .send("a", use(""), sync())),
                new Story(
                        "the unnamed statement ends with a Parse that fails",
                        stage -> stage.send("a", parse("", "select 1"), sync())
                                .send("a", parse("", "select missing"), sync())
                                .send("a", use(""), sync())),
                new Story(
                        "the unnamed statement ends with a Parse of bad syntax",
                        stage -> stage.send("a", parse("", "select 1"), sync())
                                .send("a", parse("", "selec"), sync())
                                .send("a", use(""), sync())),
                new Story(
                        "the unnamed statement is closed",
                        stage -> stage.send("a", parse("", "select 1"), sync())
                                .send("a", closeStatement(""), sync())
                                .send("a", use(""), sync())),
                new Story(
                        "the unnamed statement stays beside DEALLOCATE ALL or goes",
                        stage -> stage.send("a", parse("", "deallocate all"), use(""), sync())
                                .send("a", use(""), sync())),
                new Story("the unnamed statement with parameters, again and again", stage -> {
                    stage.send("a", parse("", "select $1::int"), sync());
                    for (int i = 0; i < 6; i++) {
                        stage.send("a", use("", Integer.toString(i)), sync());
                    }
                }));
    }

    private static List<Story> transactions() {
        return List.of(
                new Story(
                        "prepared in a transaction that is undone",
                        stage -> stage.query("a", "begin")
                                .send("a", parse("s", "select 'stays'"), sync())
                                .query("a", "rollback")
                                .query("b", "select 'between'")
                                .send("a", use("s"), sync())),
                new Story(
                        "closed in a transaction that is undone",
                        stage -> stage.send("a", parse("s", "select 1"), sync())
                                .query("a", "begin")
                                .send("a", closeStatement("s"), sync())
                                .query("a", "rollback")
                                .send("a", use("s"), sync())),
                new Story(
                        "prepared before a savepoint is undone",
                        stage -> stage.query("a", "begin; savepoint p")
                                .send("a", parse("s", "select 'stays'"), sync())
                                .query("a", "rollback to p")
                                .send("a", use("s"), sync())
                                .query("a", "commit")
                                .send("a", use("s"), sync())),
                new Story(
                        "transactions by prepared statements",
                        List.of("create table if not exists t (a int)"),
                        stage -> stage.send(
                                        "a", parse("b", "begin"), parse("c", "commit"), parse("r", "rollback"), sync())
                                .send("a", parse("i", "insert into t values ($1)"), sync())
                                .send("a", use("b"), sync())
                                .send("a", use("i", "1"), sync())
                                .send("a", use("r"), sync())
                                .send("a", use("b"), use("i", "2"), use("c"), sync())
                                .query("b", "select * from t; delete from t")),
                new Story(
                        "a transaction that has failed",
                        stage -> stage.send("a", parse("s", "select 1"), parse("r", "rollback"), sync())
                                .query("a", "begin")
                                .query("a", "select 1 / 0")
                                .send("a", use("s"), sync())
                                .send("a", describeStatement("s"), sync())
                                .send("a", parse("new", "select 1"), sync())
                                .send("a", use("r"), sync())
                                .send("a", use("s"), sync())
                                .send("a", use("new"), sync())),
                new Story(
                        "rollback by a statement that this server has not seen",
                        stage -> stage.send("a", parse("r", "rollback"), sync())
                                .query("a", "begin")
                                .query("a", "select 1 / 0")
                                .send("a", use("r"), sync())),
                new Story(
                        "portals with names",
                        stage -> stage.send("a", parse("s", "select generate_series(1, $1::int)"), sync())
                                .query("a", "begin")
                                .send(
                                        "a",
                                        bind("p", "s", "5"),
                                        bind("q", "s", "4"),
                                        execute("p", 2),
                                        execute("q", 1),
                                        sync())
                                .send("a", bind("p", "s", "5"), sync())
                                .query("a", "rollback; begin")
                                .send(
                                        "a",
                                        bind("p", "s", "5"),
                                        bind("q", "s", "4"),
                                        execute("p", 2),
                                        execute("q", 1),
                                        sync())
                                .send("a", execute("p", 2), describePortal("p"), closeStatement("s"), sync())
                                .send("a", execute("p", 0), closePortal("p"), execute("q", 0), sync())
                                .send("a", execute("p", 0), sync())
                                .query("a", "commit")
                                .send("a", execute("q", 0), sync())),
                new Story(
                        "a portal ends with its transaction",
                        stage -> stage.send(
                                        "a",
                                        parse("s", "select generate_series(1, 5)"),
                                        bind("p", "s"),
                                        execute("p", 2),
                                        sync())
                                .send("a", execute("p", 2), sync())
                                .send("a", describePortal("p"), sync())));
    }

    private static List<Story> pipelines() {
        return List.of(
                new Story(
                        "a pipeline over several transactions",
                        stage -> stage.send(
                                        "a",
                                        parse("s1", "select 1"),
                                        sync(),
                                        use("s1"),
                                        sync(),
                                        parse("s2", "select 2"),
                                        describeStatement("s2"),
                                        sync(),
                                        use("s2"),
                                        use("s1"),
                                        sync(),
                                        query("select 'simple'"),
                                        use("s1"),
                                        sync())
                                .send("a", use("s1"), use("s2"), sync())),
                new Story(
                        "a name closed and taken again within a pipeline",
                        stage -> stage.send(
                                        "a",
                                        parse("s", "select 'first'"),
                                        use("s"),
                                        closeStatement("s"),
                                        parse("s", "select 'second'"),
                                        use("s"),
                                        closeStatement("s"),
                                        sync())
                                .send("a", use("s"), sync())
                                .send("a", parse("s", "select 'third'"), use("s"), sync())
                                .send("a", closeStatement("s"), parse("s", "select 'fourth'"), sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "a Close that an error skips",
                        stage -> stage.send("a", parse("s", "select 1"), sync())
                                .send("a", use("never"), closeStatement("s"), sync())
                                .send("a", use("s"), sync())),
                new Story("a batch", stage -> {
                    stage.send("a", parse("s", "select $1::int"), sync());
                    byte[][] messages = new byte[201][];
                    for (int i = 0; i < 200; i++) {
                        messages[i] = use("s", Integer.toString(i));
                    }
                    messages[200] = sync();
                    stage.send("a", messages)
                            .send("b", parse("s", "select 'b'"), sync())
                            .send("a", messages);
                }),
                new Story(
                        "flushed in steps",
                        stage -> stage.sendUntil(
                                        "a", 'n', parse("s", "listen flushed"), describeStatement("s"), flush())
                                .sendUntil("a", '2', bind("", "s"), flush())
                                .send("a", sync())
                                .sendUntil("a", 'T', parse("t", "select 1"), describeStatement("t"), flush())
                                .send("a", use("t"), sync())
                                .send("a", use("t"), sync())),
                new Story(
                        "a statement closed while its portal is open",
                        stage -> stage.send(
                                        "a",
                                        parse("s", "select generate_series(1, 3)"),
                                        bind("p", "s"),
                                        closeStatement("s"),
                                        execute("p", 0),
                                        sync())
                                .send("a", use("s"), sync())));
    }

    private static List<Story> dropping() {
        return List.of(
                new Story(
                        "Close of what is not there",
                        stage -> stage.send("a", closeStatement("never"), sync())
                                .send("a", closeStatement("never"), closePortal("never"), closeStatement(""), sync())
                                .query("a", "select 'goes on'")),
                new Story(
                        "DEALLOCATE of one",
                        stage -> stage.send("a", parse("s", "select 'a'"), parse("t", "select 't'"), sync())
                                .send("b", parse("s", "select 'b'"), sync())
                                .query("a", "deallocate s")
                                .send("a", use("s"), sync())
                                .send("a", use("t"), sync())
                                .send("b", use("s"), sync())
                                .query("a", "deallocate s")
                                .query("a", "deallocate prepare t")
                                .send("a", use("t"), sync())
                                .send("a", parse("s", "select 'again'"), use("s"), sync())),
                new Story(
                        "DEALLOCATE and quotes",
                        stage -> stage.send("a", parse("My Name", "select 1"), parse("lower", "select 2"), sync())
                                .query("a", "deallocate \"my name\"")
                                .query("a", "deallocate \"My Name\"")
                                .query("a", "DEALLOCATE LOWER")
                                .send("a", use("My Name"), sync())
                                .send("a", use("lower"), sync())),
                new Story(
                        "DEALLOCATE ALL",
                        stage -> stage.send("a", parse("s", "select 'a'"), parse("t", "select 't'"), sync())
                                .send("b", parse("s", "select 'b'"), sync())
                                .query("a", "deallocate all")
                                .send("a", use("s"), sync())
                                .send("a", use("t"), sync())
                                .send("b", use("s"), sync())
                                .send("a", parse("s", "select 'again'"), sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "DEALLOCATE ALL by messages",
                        stage -> stage.send("a", parse("s", "select 'a'"), parse("d", "deallocate all"), sync())
                                .send("b", parse("s", "select 'b'"), sync())
                                .send("a", use("d"), sync())
                                .send("a", use("s"), sync())
                                .send("b", use("s"), sync())),
                new Story(
                        "DEALLOCATE ALL amid a pipeline",
                        stage -> stage.send(
                                        "a",
                                        parse("s", "select 1"),
                                        use("s"),
                                        parse("", "deallocate all"),
                                        use(""),
                                        parse("s", "select 2"),
                                        use("s"),
                                        sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "DEALLOCATE ALL that fails or is undone",
                        stage -> stage.send("a", parse("s", "select 'a'"), parse("t", "select 't'"), sync())
                                .query("a", "begin; select 1 / 0; deallocate all; commit")
                                .query("a", "rollback")
                                .send("a", use("s"), sync())
                                .query("a", "begin; deallocate s; rollback")
                                .send("a", use("s"), sync())
                                .send("a", use("t"), sync())),
                new Story(
                        "DISCARD ALL",
                        stage -> stage.send("a", parse("s", "select 'a'"), sync())
                                .send("b", parse("s", "select 'b'"), sync())
                                .query("a", "discard all")
                                .send("a", use("s"), sync())
                                .send("b", use("s"), sync())
                                .send("a", parse("s", "select 'again'"), sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "DISCARD PLANS keeps names",
                        stage -> stage.send("a", parse("s", "select 'a'"), sync())
                                .query("a", "discard plans")
                                .send("a", use("s"), sync())),
                new Story(
                        "one client discards, the other redefines",
                        stage -> stage.send("a", parse("s", "select 1"), sync())
                                .send("b", parse("s", "select 1"), sync())
                                .send("a", closeStatement("s"), sync())
                                .send("b", parse("s", "select 1"), sync())
                                .send("b", use("s"), sync())
                                .send("a", parse("s", "select 2"), sync())
                                .send("a", use("s"), sync())
                                .send("b", use("s"), sync())));
    }

    /** The same text means something else to each client. */
    private static List<Story> searchPaths() {
        List<String> tables = List.of(
                "drop schema if exists one cascade; drop schema if exists two cascade",
                "create schema one; create schema two",
                "create table one.t (word text); create table two.t (n int, word text)",
                "insert into one.t values ('of one'); insert into two.t values (2, 'of two')");
        return List.of(
                new Story(
                        "one text, two search paths",
                        tables,
                        stage -> stage.query("a", "set search_path = one")
                                .query("b", "set search_path = two")
                                .send("a", parse("s", "select word from t"), sync())
                                .send("b", parse("s", "select word from t"), sync())
                                .send("a", use("s"), sync())
                                .send("b", use("s"), sync())
                                .send("a", use("s"), sync())),
                new Story(
                        "one text, two search paths, two shapes",
                        tables,
                        stage -> stage.query("a", "set search_path = one")
                                .query("b", "set search_path = two")
                                .send("a", parse("s", "select * from t"), sync())
                                .send("b", parse("s", "select * from t"), sync())
                                .send("a", use("s"), sync())
                                .send("b", use("s"), sync())
                                .send("a", describeStatement("s"), sync())
                                .send("b", describeStatement("s"), sync())
                                .send("a", use("s"), sync())
                                .query("a", "begin")
                                .send("a", use("s"), sync())
                                .query("a", "commit")
                                .query("b", "begin")
                                .send("b", use("s"), sync())
                                .query("b", "commit")));
    }
}
