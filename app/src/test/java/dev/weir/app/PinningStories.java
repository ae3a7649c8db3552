package dev.weir.app;

import static dev.weir.app.PreparedStatementStories.use;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.sync;

import dev.weir.app.Stage.Story;
import java.util.List;

/** Stories about state that stays with the server connection it was made on: at most one client has any at a time. */
final class PinningStories {
    private PinningStories() {}

    static List<Story> all() {
        return List.of(
                new Story(
                        "a temporary table",
                        stage -> stage.query("a", "create temp table kept (a int)")
                                .query("b", "select * from kept")
                                .query("a", "insert into kept values (1), (2)")
                                .query("b", "select 'between'")
                                .query("a", "select * from kept")
                                .query("a", "drop table kept")
                                .query("b", "select * from kept")
                                .query("a", "select * from kept")),
                new Story(
                        "a temporary table, in all its forms",
                        stage -> stage.query("a", "CREATE TEMPORARY TABLE t1 AS SELECT 1 AS n")
                                .query("a", "select n into temp t2 from t1")
                                .query("a", "create local temporary table t3 (like t1)")
                                .query("a", "create table pg_temp.t4 (a int)")
                                .query("b", "select 'between'")
                                .query(
                                        "a",
                                        "select (select count(*) from t1), (select count(*) from t2), (select count(*) from t3),"
                                                + " (select count(*) from t4)")
                                .query("a", "discard temp")
                                .query("a", "select * from t1")),
                new Story(
                        "other temporary things",
                        stage -> stage.query("a", "create temp view v as select 'view' as w")
                                .query("a", "create temp sequence q")
                                .query(
                                        "a",
                                        "create function pg_temp.f() returns text language sql as $$ select 'function' $$")
                                .query("a", "create type pg_temp.y as enum ('type')")
                                .query("b", "select * from v")
                                .query(
                                        "b",
                                        "select count(*) from pg_proc where proname = 'f' and pronamespace = pg_my_temp_schema()")
                                .query(
                                        "a",
                                        "select w, nextval('q'), currval('q'), pg_temp.f(), 'type'::pg_temp.y::text from v")
                                .query("a", "discard all")
                                .query("a", "select to_regprocedure('pg_temp.f()')")),
                new Story(
                        "a temporary table of one transaction",
                        stage -> stage.query("a", "begin; create temp table t (a int) on commit drop; commit")
                                .query("b", "select 'between'")
                                .query("a", "select * from t")
                                .query("a", "begin; create temp table t (a int); rollback")
                                .query("a", "select * from t")),
                new Story(
                        "a temporary table and parameters",
                        stage -> stage.query("a", "set work_mem = '1MB'")
                                .query("a", "create temp table t as select 1 as n")
                                .query("b", "set work_mem = '2MB'")
                                .query("a", "show work_mem")
                                .query("a", "set work_mem = '3MB'")
                                .query("a", "drop table t")
                                .query("b", "show work_mem")
                                .query("a", "show work_mem")),
                new Story(
                        "a temporary table by messages",
                        stage -> stage.send("a", parse("c", "create temp table t (a int)"), use("c"), sync())
                                .query("b", "select 'between'")
                                .send("a", parse("i", "insert into t values ($1)"), use("i", "1"), sync())
                                .query("b", "select 'between'")
                                .send("a", use("i", "2"), sync())
                                .query("a", "select * from t")),
                new Story(
                        "a temporary table hides another",
                        List.of(
                                "drop table if exists hidden",
                                "create table hidden (a text)",
                                "insert into hidden values ('of the schema')"),
                        stage -> stage.query("a", "select * from hidden")
                                .query("a", "create temp table hidden as select 'temporary' as a")
                                .query("a", "select * from hidden")
                                .query("b", "select * from hidden")
                                .leave("a")
                                .query("a", "select * from hidden")
                                .query("b", "select * from hidden")),
                new Story(
                        "a cursor WITH HOLD",
                        stage -> stage.query(
                                        "a",
                                        "begin; declare c cursor with hold for select generate_series(1, 5); commit")
                                .query("b", "fetch 1 from c")
                                .query("a", "fetch 2 from c")
                                .query("b", "select 'between'")
                                .query("a", "fetch all from c")
                                .query("a", "close c")
                                .query("a", "fetch 1 from c")),
                new Story(
                        "two cursors WITH HOLD and CLOSE ALL",
                        stage -> stage.query("a", "declare c cursor with hold for select 1")
                                .query("a", "declare d insensitive scroll cursor with hold for select 2")
                                .query("a", "close c")
                                .query("a", "fetch 1 from d")
                                .query("a", "close all")
                                .query("a", "fetch 1 from d")),
                new Story(
                        "an advisory lock",
                        stage -> stage.query("a", "select pg_advisory_lock(815)")
                                .query("b", "select pg_try_advisory_lock(815)")
                                .query("a", "select pg_advisory_unlock(815)")
                                .query("b", "select pg_try_advisory_lock(815), pg_advisory_unlock(815)")
                                .query("a", "select pg_advisory_unlock(815)")),
                new Story(
                        "an advisory lock held twice",
                        stage -> stage.query("a", "select pg_advisory_lock_shared(816), pg_try_advisory_lock(816)")
                                .query("b", "select pg_try_advisory_lock_shared(816)")
                                .query("a", "select pg_advisory_unlock(816)")
                                .query("b", "select pg_try_advisory_lock(816)")
                                .query("a", "select pg_advisory_unlock_all()")
                                .query("b", "select pg_try_advisory_lock(816), pg_advisory_unlock(816)")),
                new Story(
                        "an advisory lock taken in a transaction that is undone",
                        stage -> stage.query("a", "begin; select pg_advisory_lock(817); rollback")
                                .query("b", "select pg_try_advisory_lock(817)")
                                .query("a", "select pg_advisory_unlock(817)")),
                new Story(
                        "an advisory lock of a transaction",
                        stage -> stage.query("a", "begin; select pg_advisory_xact_lock(818); commit")
                                .query("b", "select pg_try_advisory_lock(818), pg_advisory_unlock(818)")
                                .query("a", "select pg_advisory_unlock(818)")),
                new Story(
                        "an advisory lock ends with its client",
                        stage -> stage.query("a", "select pg_advisory_lock(819)")
                                .query("a", "create temp table t (a int)")
                                .leave("a")
                                .query(
                                        "b",
                                        "select 'until the server has noticed', pg_advisory_lock(819), pg_advisory_unlock(819)")
                                .query("a", "select * from t")),
                new Story(
                        "an advisory lock by messages",
                        stage -> stage.send("a", parse("l", "select pg_advisory_lock($1)"), use("l", "820"), sync())
                                .query("b", "select pg_try_advisory_lock(820)")
                                .send("a", parse("u", "select pg_advisory_unlock($1)"), use("u", "820"), sync())
                                .query("b", "select pg_try_advisory_lock(820), pg_advisory_unlock(820)")),
                new Story(
                        "an advisory lock that a function takes",
                        List.of("create or replace function take(int) returns text language plpgsql as"
                                + " 'begin perform pg_advisory_lock($1); return ''taken''; end'"),
                        stage -> stage.query("a", "select take(821)")
                                .query("b", "select pg_try_advisory_lock(821)")
                                .query("a", "select pg_advisory_unlock(821)")));
    }
}
