package dev.weir.app;

import static dev.weir.app.PreparedStatementStories.use;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.query;
import static dev.weir.testkit.Messages.sync;

import dev.weir.app.Stage.Story;
import java.util.ArrayList;
import java.util.List;

/** Stories about parameters of a client, each of which must stay its own. */
final class SettingStories {
    /** What is asked of both clients after each step: two ordinary parameters, one that is reported, and one's own. */
    private static final String LOOK = "select current_setting('work_mem'), current_setting('search_path'),"
            + " current_setting('IntervalStyle'), nullif(current_setting('my.own', true), '')";

    private SettingStories() {}

    static List<Story> all() {
        List<Story> stories = new ArrayList<>(sets());
        stories.addAll(undone());
        stories.addAll(messages());
        stories.addAll(roles());
        return List.copyOf(stories);
    }

    /** What is set can't be seen in the text, so the client keeps its server connection. */
    static List<Story> unseen() {
        return List.of(
                steps(
                        "set_config of a name that is computed",
                        "select set_config(name, setting, false) from pg_settings where name = 'work_mem'"),
                steps("UPDATE of pg_settings", "update pg_settings set setting = '1234' where name = 'work_mem'"),
                steps(
                        "set by what a server runs",
                        "do $$ begin perform set_config('my.own', 'by do', false); end $$",
                        "do $$ begin set work_mem = '3MB'; end $$"),
                new Story(
                        "set_config of a name that is a parameter",
                        stage -> stage.send(
                                        "a",
                                        parse("", "select set_config($1, $2, $3::bool)"),
                                        use("", "my.own", "third", "f"),
                                        sync())
                                .query("b", LOOK)
                                .query("a", LOOK)));
    }

    /** One client does this step by step; it and another one look at their parameters after each. */
    private static Story steps(String name, String... statements) {
        return new Story(name, stage -> {
            stage.query("b", "set work_mem = '5MB'; set my.own = 'of b'").query("b", LOOK);
            for (String statement : statements) {
                stage.query("a", statement);
                stage.query("b", LOOK);
                stage.query("a", LOOK);
            }
            stage.query("b", "reset all").query("b", LOOK).query("a", LOOK);
        });
    }

    private static List<Story> sets() {
        return List.of(
                steps("SET", "set work_mem = '1MB'", "set work_mem = '2MB'", "set work_mem to default"),
                steps("SET of what is reported", "set intervalstyle = iso_8601", "set intervalstyle to default"),
                steps("SET of one's own", "set my.own = 'of a'", "set my.own = 'it''s'", "reset my.own"),
                steps(
                        "SET of a list",
                        "set search_path = one, \"Two\", '$user'",
                        "set search_path to ''",
                        "reset search_path"),
                steps(
                        "SET in all its forms",
                        "SET SESSION work_mem TO 4096",
                        "set\n/* c */ work_mem -- d\n = '3MB' ;",
                        "set work_mem = DEFAULT",
                        "set \"work_mem\" = '4MB'",
                        "SET WORK_MEM = 7168",
                        "set my.own to on",
                        "set my.own to 1.5"),
                steps(
                        "SET by other words",
                        "set time zone 'Asia/Tokyo'",
                        "show timezone",
                        "set time zone -3",
                        "show timezone",
                        "set time zone local",
                        "show timezone",
                        "set names 'latin1'",
                        "show client_encoding",
                        "set names default",
                        "set schema 'one'",
                        "set session characteristics as transaction isolation level serializable, read only",
                        "show default_transaction_isolation",
                        "show transaction_isolation",
                        "show default_transaction_read_only",
                        "set session characteristics as transaction read write",
                        "show default_transaction_read_only",
                        "reset time zone",
                        "reset all",
                        "show default_transaction_isolation"),
                steps(
                        "SET that fails",
                        "set work_mem = 'much'",
                        "set work_mem = '1MB'; set nothing = 1",
                        "set no_such = 1",
                        "set work_mem =",
                        "set my.own"),
                steps(
                        "RESET",
                        "set work_mem = '1MB'; set my.own = 'of a'",
                        "reset work_mem",
                        "reset nothing",
                        "reset all"),
                steps(
                        "set_config",
                        "select set_config('work_mem', '1MB', false)",
                        "select set_config('my.own', 'of a', false)",
                        "select set_config('my.own', 'local', true)",
                        "select set_config('my.own', null, false)",
                        "select set_config('work_mem', '1' || 'MB', false), 2",
                        "select pg_catalog.set_config('my.own', 'x', 'f')",
                        "with c as (select set_config('my.own', 'in c', false)) select * from c"),
                steps(
                        "DISCARD",
                        "set work_mem = '1MB'; set my.own = 'of a'",
                        "discard plans",
                        "discard sequences",
                        "discard temp",
                        "discard all"),
                steps(
                        "several in one string",
                        "set work_mem = '1MB'; set my.own = 'of a'; select 1",
                        "set work_mem = '2MB'; select 1 / 0",
                        "select 1; reset work_mem; set my.own = 'again'",
                        "set my.own = 'x'; reset all; set work_mem = '3MB'"),
                steps(
                        "what looks like SET but is not",
                        "select 'set work_mem = ''1MB'''",
                        "select $$; set work_mem = '1MB'; $$",
                        "-- set work_mem = '1MB'",
                        "/* set my.own = 'x'; */ select 1",
                        "explain select set_config('my.own', 'x', false)",
                        "prepare q as select set_config('my.own', 'x', false)"),
                steps(
                        "EXECUTE of set_config",
                        "prepare p as select set_config('my.own', 'executed', false)",
                        "execute p"),
                new Story(
                        "parameters end with their client",
                        stage -> stage.query("a", "set work_mem = '1MB'")
                                .leave("a")
                                .query("a", LOOK)
                                .query("b", LOOK)),
                new Story(
                        "what a parameter means",
                        stage -> stage.query("a", "set datestyle = 'SQL, DMY'; set timezone = 'Asia/Tokyo'")
                                .query("b", "set datestyle = german; set bytea_output = escape")
                                .query("a", "select '2001-02-03 04:05:06+00'::timestamptz, '\\x4142'::bytea")
                                .query("b", "select '2001-02-03 04:05:06+00'::timestamptz, '\\x4142'::bytea")
                                .query("a", "set client_encoding = latin1")
                                .query(
                                        "a",
                                        "select length(convert_to(chr(233), 'UTF8')), current_setting('client_encoding')")
                                .query("b", "select chr(233), current_setting('client_encoding')")
                                .query("a", "select chr(8364)")
                                .query("a", "set standard_conforming_strings = off")
                                .query("a", "select 'a\\tb'; set my.own = 'it\\'s'")
                                .query("b", "select 'a\\tb'; set my.own = 'b\\'")
                                .query("a", LOOK)
                                .query("b", LOOK)),
                new Story(
                        "a timeout is one's own",
                        stage -> stage.query("a", "set statement_timeout = '50ms'")
                                .query("b", "select pg_sleep(0.1)")
                                .query("a", "select pg_sleep(5)")
                                .query("b", "select pg_sleep(0.1)")));
    }

    private static List<Story> undone() {
        return List.of(
                steps(
                        "SET LOCAL",
                        "set local work_mem = '1MB'",
                        "begin; set local work_mem = '1MB'; commit",
                        "begin; set local my.own = 'x'; rollback",
                        "set my.own = 'kept'",
                        "begin; set local my.own = 'x'; commit"),
                transaction(
                        "SET in a transaction that is undone",
                        "set work_mem = '1MB'",
                        "set my.own = 'undone'",
                        "rollback"),
                transaction(
                        "SET in a transaction that is committed",
                        "set work_mem = '1MB'",
                        "set my.own = 'kept'",
                        "commit"),
                transaction("SET in a transaction that fails", "set work_mem = '1MB'", "select 1 / 0", "commit"),
                transaction(
                        "SET and SET LOCAL, committed", "set work_mem = '1MB'", "set local work_mem = '2MB'", "commit"),
                transaction(
                        "SET LOCAL and SET, committed", "set local work_mem = '2MB'", "set work_mem = '1MB'", "commit"),
                transaction(
                        "SET within a savepoint that is undone",
                        "set work_mem = '1MB'",
                        "savepoint s",
                        "set work_mem = '2MB'",
                        "set my.own = 'undone'",
                        "rollback to s",
                        "commit"),
                transaction(
                        "SET within a savepoint that is released",
                        "savepoint s",
                        "set work_mem = '2MB'",
                        "release s",
                        "commit"),
                transaction(
                        "SET within nested savepoints",
                        "savepoint s",
                        "set work_mem = '1MB'",
                        "savepoint t",
                        "set work_mem = '2MB'",
                        "savepoint s",
                        "set my.own = 'x'",
                        "rollback to t",
                        "set my.own = 'y'",
                        "release s",
                        "rollback and chain",
                        "set my.own = 'z'",
                        "commit and chain",
                        "set work_mem = '3MB'",
                        "rollback"),
                transaction("RESET in a transaction that is undone", "reset work_mem", "reset all", "rollback"),
                transaction("RESET ALL in a transaction that is committed", "set my.own = 'x'", "reset all", "commit"),
                transaction("DISCARD ALL in a transaction", "discard all", "rollback"),
                transaction(
                        "set_config in a transaction that is undone",
                        "select set_config('my.own', 'x', false)",
                        "rollback"),
                transaction("set_config of the transaction only", "select set_config('my.own', 'x', true)", "commit"),
                transaction(
                        "a client that comes back after an error and a savepoint",
                        "savepoint s",
                        "set work_mem = '2MB'",
                        "select nothing",
                        "rollback to s",
                        "set my.own = 'y'",
                        "end"),
                transaction(
                        "SET TRANSACTION",
                        "set transaction isolation level repeatable read",
                        "show transaction_isolation",
                        "commit",
                        "show transaction_isolation"));
    }

    /** Within a transaction the other client can't be asked on the same server connection; it is asked before and after. */
    private static Story transaction(String name, String... statements) {
        return new Story(name, stage -> {
            stage.query("a", "set work_mem = '9MB'; set my.own = 'before'")
                    .query("b", LOOK)
                    .query("a", "begin");
            for (String statement : statements) {
                stage.query("a", statement).query("a", LOOK);
            }
            stage.query("a", "rollback").query("b", LOOK).query("a", LOOK);
        });
    }

    private static List<Story> messages() {
        return List.of(
                new Story(
                        "SET by messages",
                        stage -> stage.send("a", parse("", "set work_mem = '1MB'"), use(""), sync())
                                .query("b", LOOK)
                                .query("a", LOOK)
                                .send("a", parse("s", "set my.own = 'named'"), sync())
                                .query("a", LOOK)
                                .send("a", use("s"), sync())
                                .query("b", LOOK)
                                .query("a", LOOK)
                                .send("a", parse("", "reset all"), use(""), sync())
                                .query("a", LOOK)
                                .send("a", use("s"), sync())
                                .query("a", LOOK)),
                new Story(
                        "set_config by messages",
                        stage -> stage.send("a", parse("s", "select set_config('my.own', $1, false)"), sync())
                                .send("a", use("s", "first"), sync())
                                .query("b", LOOK)
                                .send("a", use("s", "second"), sync())
                                .query("b", LOOK)
                                .query("a", LOOK)),
                new Story(
                        "SET in a pipeline that fails",
                        stage -> stage.send(
                                        "a",
                                        parse("", "set work_mem = '1MB'"),
                                        use(""),
                                        parse("", "select 1 / 0"),
                                        use(""),
                                        sync())
                                .query("a", LOOK)
                                .send(
                                        "a",
                                        parse("", "set work_mem = '2MB'"),
                                        use(""),
                                        sync(),
                                        parse("", "selec"),
                                        use(""),
                                        sync())
                                .query("b", LOOK)
                                .query("a", LOOK)),
                new Story(
                        "SET and use in a pipeline",
                        stage -> stage.query("b", "set my.own = 'of b'")
                                .send(
                                        "a",
                                        parse("", "set my.own = 'piped'"),
                                        use(""),
                                        sync(),
                                        query(LOOK),
                                        query("set work_mem = '3MB'"),
                                        parse("", LOOK),
                                        use(""),
                                        sync(),
                                        query("begin; set my.own = 'undone'; rollback"),
                                        query(LOOK))
                                .query("b", LOOK)
                                .query("a", LOOK)));
    }

    private static List<Story> roles() {
        List<String> tables = List.of("drop table if exists mine", "create table mine (a int)");
        return List.of(
                new Story(
                        "SET ROLE",
                        tables,
                        stage -> stage.query("a", "set role login_by_scram")
                                .query("a", "select current_user = 'login_by_scram', session_user = current_user")
                                .query("b", "select current_user = session_user")
                                .query("b", "select * from mine")
                                .query("a", "select current_user = 'login_by_scram'")
                                .query("a", "begin; set local role none; commit")
                                .query("a", "select current_user = 'login_by_scram'")
                                .query("a", "begin; reset role; rollback")
                                .query("a", "select current_user = 'login_by_scram', current_setting('role')")
                                .query("a", "reset all")
                                .query("a", "select current_user = 'login_by_scram'")
                                .query("a", "set role none")
                                .query("b", "select current_user = session_user")
                                .query("a", "select current_user = session_user")),
                new Story(
                        "SET ROLE and DISCARD ALL",
                        stage -> stage.query("a", "set role login_by_scram")
                                .query("a", "discard all")
                                .query("a", "select current_user = session_user")),
                new Story(
                        "SET ROLE that is refused",
                        stage -> stage.query("a", "set role postgres")
                                .query("a", "set role no_such_role")
                                .query("a", "select current_user = session_user")
                                .query("a", "set session authorization postgres")
                                .query("a", "select current_user = session_user")),
                new Story(
                        "SET ROLE and SET together",
                        stage -> stage.query("a", "set work_mem = '1MB'; set role login_by_scram; set my.own = 'x'")
                                .query("b", LOOK)
                                .query("a", LOOK)
                                .query("a", "select current_user = 'login_by_scram'")
                                .query("b", "select current_user = session_user")));
    }
}
