package dev.weir.app;

import static dev.weir.app.PreparedStatementStories.use;
import static dev.weir.testkit.Messages.closeStatement;
import static dev.weir.testkit.Messages.describeStatement;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.sync;

import dev.weir.app.Stage.Story;
import java.util.List;

/** Stories about PREPARE, EXECUTE and DEALLOCATE, whose names are the same as those of messages. */
final class SqlPrepareStories {
    private SqlPrepareStories() {}

    static List<Story> all() {
        return List.of(
                new Story(
                        "PREPARE once, EXECUTE in later transactions",
                        stage -> stage.query("a", "prepare s (int) as select $1 + 1 as sum")
                                .query("a", "execute s(1)")
                                .query("b", "select 'between'")
                                .query("a", "execute s(2)")
                                .query("a", "begin; execute s(3); commit")
                                .query("a", "deallocate s")
                                .query("a", "execute s(4)")),
                new Story(
                        "PREPARE of one name by two clients",
                        stage -> stage.query("a", "prepare s as select 'a'")
                                .query("b", "prepare s as select 'b', 2")
                                .query("a", "execute s")
                                .query("b", "execute s")
                                .query("a", "deallocate s")
                                .query("b", "execute s")
                                .query("a", "execute s")
                                .query("b", "deallocate all")
                                .query("b", "execute s")),
                new Story(
                        "PREPARE of a name that is taken",
                        stage -> stage.query("a", "prepare s as select 'first'")
                                .query("a", "prepare s as select 'second'")
                                .query("a", "execute s")),
                new Story(
                        "EXECUTE of what is unknown",
                        stage -> stage.query("a", "execute never")
                                .query("a", "prepare s as select 'of a'")
                                .query("b", "execute s")
                                .query("b", "select 'goes on'")),
                new Story(
                        "EXECUTE with wrong arguments",
                        stage -> stage.query("a", "prepare s (int) as select $1")
                                .query("a", "execute s")
                                .query("a", "execute s(1, 2)")
                                .query("a", "execute s('word')")
                                .query("a", "execute s('7')")),
                new Story(
                        "PREPARE that fails",
                        stage -> stage.query("a", "prepare s as select missing")
                                .query("a", "execute s")
                                .query("a", "prepare s as select 'now'")
                                .query("a", "execute s")),
                new Story(
                        "PREPARE in a transaction that is undone",
                        stage -> stage.query("a", "begin; prepare s as select 'stays'; rollback")
                                .query("a", "execute s")
                                .query("a", "begin; deallocate s; rollback")
                                .query("a", "execute s")),
                new Story(
                        "names fold and quote",
                        stage -> stage.query("a", "PREPARE Mixed AS SELECT 1")
                                .query("a", "EXECUTE mixed")
                                .query("a", "EXECUTE MIXED")
                                .query("a", "EXECUTE \"Mixed\"")
                                .query("a", "PREPARE \"Mixed\" AS SELECT 2")
                                .query("a", "EXECUTE \"Mixed\"")
                                .query("a", "PREPARE \"it\"\"s\" AS SELECT 3")
                                .query("a", "EXECUTE \"it\"\"s\"")
                                .query("a", "/* c */ execute -- d\n mixed ;")
                                .query("a", "deallocate prepare all")
                                .query("a", "execute mixed")),
                new Story(
                        "PREPARE of each kind",
                        List.of("drop table if exists t, made", "create table t (a int)"),
                        stage -> stage.query("a", "prepare i (int) as insert into t values ($1) returning a")
                                .query("a", "prepare u as update t set a = a + 1")
                                .query("a", "prepare d as delete from t")
                                .query("a", "prepare v as values (1), (2)")
                                .query("a", "prepare w as with x as (select 1 as n) select * from x")
                                .query("a", "execute i(1)")
                                .query("a", "execute i(2)")
                                .query("a", "execute u")
                                .query("a", "execute v")
                                .query("a", "execute w")
                                .query("a", "explain (costs off) execute i(3)")
                                .query("a", "create table made as execute w")
                                .query("a", "select * from made")
                                .query("a", "execute d")),
                new Story(
                        "several statements in one string",
                        stage -> stage.query("a", "prepare s as select 1; execute s; prepare t as select 2")
                                .query("a", "execute t; execute s")
                                .query("a", "execute s; deallocate s; execute s")
                                .query("a", "execute t")
                                .query("a", "deallocate t; prepare t as select 'other'; select 1 / 0")
                                .query("a", "execute t")),
                new Story(
                        "PREPARE, used by messages",
                        stage -> stage.query("a", "prepare s (int) as select $1 * 2")
                                .send("a", describeStatement("s"), sync())
                                .send("a", use("s", "4"), sync())
                                .query("b", "select 'between'")
                                .send("a", use("s", "5"), sync())
                                .send("a", closeStatement("s"), sync())
                                .query("a", "execute s(6)")),
                new Story(
                        "Parse, used by EXECUTE",
                        stage -> stage.send("a", parse("s", "select $1::int * 3"), sync())
                                .query("a", "execute s(4)")
                                .query("b", "select 'between'")
                                .query("a", "execute s(5)")
                                .query("a", "prepare s as select 'taken'")
                                .query("a", "deallocate s")
                                .send("a", use("s", "6"), sync())),
                new Story(
                        "EXECUTE by messages",
                        stage -> stage.query("a", "prepare s as select 'inner'")
                                .send("a", parse("e", "execute s"), describeStatement("e"), sync())
                                .send("a", use("e"), sync())
                                .query("b", "select 'between'")
                                .send("a", use("e"), sync())
                                .send("a", parse("p", "prepare made as select 'made'"), use("p"), sync())
                                .query("a", "execute made")
                                .send("a", parse("", "deallocate made"), use(""), sync())
                                .query("a", "execute made")),
                new Story(
                        "what looks like EXECUTE but is not",
                        List.of("drop function if exists execute"),
                        stage -> stage.query("a", "select 'prepare s as select 1'")
                                .query("a", "execute s")
                                .query("a", "do $$ begin execute 'select 1'; end $$")
                                .query("a", "create function execute() returns int language sql as 'select 5'")
                                .query("a", "select execute()")
                                .query("a", "select $x$; prepare s as select 1; $x$")
                                .query("a", "execute s")),
                new Story(
                        "DISCARD ALL ends PREPAREs of its client",
                        stage -> stage.query("a", "prepare s as select 'a'")
                                .query("b", "prepare s as select 'b'")
                                .query("a", "discard all")
                                .query("a", "execute s")
                                .query("b", "execute s")),
                new Story(
                        "PREPARE and search paths",
                        List.of(
                                "drop schema if exists one cascade; drop schema if exists two cascade",
                                "create schema one; create schema two",
                                "create table one.t (word text); create table two.t (n int, word text)"),
                        stage -> stage.query("a", "set search_path = one")
                                .query("b", "set search_path = two")
                                .query("a", "prepare s as select * from t")
                                .query("b", "prepare s as select * from t")
                                .query("a", "execute s")
                                .query("b", "execute s")
                                .query("a", "execute s")));
    }
}
