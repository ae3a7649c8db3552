package dev.weir.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.sql.SessionStatement.Deallocate;
import dev.weir.sql.SessionStatement.Discard;
import dev.weir.sql.SessionStatement.Execute;
import dev.weir.sql.SessionStatement.Listen;
import dev.weir.sql.SessionStatement.Notify;
import dev.weir.sql.SessionStatement.Prepare;
import dev.weir.sql.SessionStatement.ResetParameter;
import dev.weir.sql.SessionStatement.SetParameter;
import dev.weir.sql.SessionStatement.Target;
import dev.weir.sql.SessionStatement.Transaction;
import dev.weir.sql.SessionStatement.Unlisten;
import dev.weir.sql.SessionStatement.Verb;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlJudgeTest {
    private static Judgement judge(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return SqlJudge.judge(bytes, 0, bytes.length, true);
    }

    private static List<Effect> effects(Judgement judgement) {
        return Arrays.stream(Effect.values()).filter(judgement::has).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT abalance FROM pgbench_accounts WHERE aid = $1",
                "select a, count(*) from t group by a having count(*) > 1 order by 2 desc limit 10;",
                "SELECT pg_catalog.lower(a), \"upper\"(b), now() FROM t",
                "WITH a(b) AS (SELECT 1), c(d) AS MATERIALIZED (SELECT 2) SELECT * FROM a JOIN (SELECT 3) AS e(f) ON true",
                "SELECT a::numeric(10, 2), CAST(b AS varchar(3)), sum(c) OVER (PARTITION BY d) FROM t",
                "SELECT 1 AS update, t.into, t.delete FROM t",
                "(VALUES (1), (2))",
                "TABLE t",
                "/* id */ SELECT 'DELETE; SELECT nextval()' -- FOR UPDATE"
            })
    void sharesQueriesThatOnlyRead(String text) {
        Judgement judgement = judge(text);
        assertThat(judgement.isShareable()).isTrue();
        assertThat(judgement.isReadOnly()).isTrue();
        assertThat(judgement.isPlain()).isTrue();
        assertThat(judgement.count()).isOne();
        assertThat(judgement.details()).isEmpty();
    }

    /** Whatever these names hide, the text does not show it; docs/differences.md says so. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM a_view",
                "SELECT a === b FROM t",
                "SELECT 'x'::mine, mine 'x', CAST(a AS mine(1)) FROM t",
                "SELECT lower(a) FROM t",
                "SELECT (t).f FROM t"
            })
    void takesForReadingWhatDoesNotShowThatItWrites(String text) {
        assertThat(judge(text).isShareable()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT pg_sleep(1)",
                "SELECT random()",
                "SHOW work_mem",
                "EXPLAIN SELECT 1",
                "EXPLAIN (ANALYZE, VERBOSE) SELECT 1",
                "EXPLAIN (SELECT 1)",
                "SELECT 1; SELECT 2",
                "COPY t (a, b) TO STDOUT WITH (FORMAT csv)",
                "COPY (SELECT 1) TO STDOUT",
                "SELECT * FROM pg_temp.t"
            })
    void readsButSharesNot(String text) {
        assertThat(judge(text).isReadOnly()).isTrue();
        assertThat(judge(text).isShareable()).isFalse();
        assertThat(judge(text).isPlain()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM t FOR UPDATE",
                "SELECT * FROM t FOR NO KEY UPDATE",
                "SELECT * FROM (SELECT * FROM t FOR SHARE) AS s",
                "SELECT * FROM t FOR KEY SHARE",
                "SELECT a INTO b FROM t",
                "SELECT nextval('s')",
                "SELECT setval('s', 1)",
                "SELECT lo_unlink(1)",
                "SELECT txid_current()",
                "SELECT mine(1)",
                "SELECT public.now()",
                "SELECT \"NOW\"()",
                "SELECT a.pg_catalog.now()",
                "SELECT DISTINCT ON (a) over(1) FROM t",
                "SELECT * FROM unnest(a) WITH ORDINALITY, mine(1)",
                "WITH a AS (SELECT 1) (SELECT 2) ORDER BY abs(1), mine(2)",
                "WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a",
                "WITH a AS (WITH b AS (SELECT 1) UPDATE t SET c = 1 RETURNING *) SELECT * FROM a",
                "INSERT INTO t VALUES (1)",
                "UPDATE t SET a = 1",
                "DELETE FROM t",
                "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE",
                "EXPLAIN ANALYZE DELETE FROM t",
                "EXPLAIN DELETE FROM t",
                "COPY t FROM STDIN",
                "COPY t TO '/tmp/x'",
                "COPY (SELECT 1) TO PROGRAM 'x'",
                "TRUNCATE t",
                "CREATE TABLE t (a int)",
                "ALTER TABLE t ADD COLUMN a int, DROP COLUMN b",
                "ALTER ROLE r SET a = 'b'",
                "ALTER DATABASE d SET a TO 'b'",
                "ALTER SYSTEM SET a = 1",
                "ALTER FUNCTION f() SET a = 1",
                "SET TRANSACTION READ ONLY",
                "SET CONSTRAINTS ALL DEFERRED",
                "CALL p(1)",
                "DO $$ BEGIN UPDATE t SET a = 1; END $$",
                "FETCH c",
                "DECLARE c CURSOR FOR SELECT 1",
                "SELECT pg_advisory_xact_lock(1)",
                "no statement at all"
            })
    void isNotProvedToReadButPlain(String text) {
        assertThat(judge(text).isReadOnly()).isFalse();
        assertThat(judge(text).isShareable()).isFalse();
        assertThat(judge(text).isPlain()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|0",
                "' -- a'|0",
                "';; ;'|0",
                "'SELECT 1;'|1",
                "'SELECT 1;;/* ; */SELECT \";\";'|2",
                "'CREATE RULE r AS ON INSERT TO t DO (DELETE FROM u; NOTIFY x); SELECT 1'|2",
                "'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE 1 WHEN 1 THEN 2 END; END; SELECT 1'|2",
                "'CREATE PROCEDURE p() BEGIN ATOMIC END; SELECT 1'|2",
                "'CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql; SELECT 1'|2",
                "'CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1'|1",
                "'BEGIN; SELECT 1; COMMIT'|3"
            })
    void countsStatements(String text, int count) {
        assertThat(judge(text).count()).isEqualTo(count);
    }

    static Stream<Arguments> details() {
        return Stream.of(
                Arguments.of("START TRANSACTION READ ONLY", new Transaction(Verb.BEGIN, false)),
                Arguments.of("END AND CHAIN", new Transaction(Verb.COMMIT, true)),
                Arguments.of("COMMIT WORK AND NO CHAIN", new Transaction(Verb.COMMIT, false)),
                Arguments.of("ABORT", new Transaction(Verb.ROLLBACK, false)),
                Arguments.of("ROLLBACK AND CHAIN", new Transaction(Verb.ROLLBACK, true)),
                Arguments.of("SAVEPOINT a", new Transaction(Verb.SAVEPOINT, false)),
                Arguments.of("RELEASE a", new Transaction(Verb.RELEASE, false)),
                Arguments.of("ROLLBACK WORK TO SAVEPOINT a", new Transaction(Verb.ROLLBACK_TO, false)),
                Arguments.of("PREPARE TRANSACTION 'a'", new Transaction(Verb.PREPARE_TRANSACTION, false)),
                Arguments.of("COMMIT PREPARED 'a'", new Transaction(Verb.COMMIT_PREPARED, false)),
                Arguments.of("ROLLBACK PREPARED 'a'", new Transaction(Verb.ROLLBACK_PREPARED, false)),
                Arguments.of("SET Work_Mem = '1MB'", new SetParameter("work_mem", false, false)),
                Arguments.of("SET SESSION a TO DEFAULT", new SetParameter("a", false, true)),
                Arguments.of("SET LOCAL App.\"User\" = 1", new SetParameter("app.user", true, false)),
                Arguments.of("SET TIME ZONE 'UTC'", new SetParameter("timezone", false, false)),
                Arguments.of("SET TIME ZONE LOCAL", new SetParameter("timezone", false, true)),
                Arguments.of("SET NAMES 'LATIN1'", new SetParameter("client_encoding", false, false)),
                Arguments.of("SET SESSION ROLE a", new SetParameter("role", false, false)),
                Arguments.of(
                        "SET LOCAL SESSION AUTHORIZATION a", new SetParameter("session_authorization", true, false)),
                Arguments.of("SET SCHEMA 'a'", new SetParameter("search_path", false, false)),
                Arguments.of("SET XML OPTION DOCUMENT", new SetParameter("xmloption", false, false)),
                Arguments.of("SET session = 1", new SetParameter("session", false, false)),
                Arguments.of("SET local.a = 1", new SetParameter("local.a", false, false)),
                Arguments.of(
                        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED",
                        new SetParameter("default_transaction_isolation", false, false)),
                Arguments.of(
                        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
                        new SetParameter("default_transaction_read_only", false, false)),
                Arguments.of(
                        "SET SESSION CHARACTERISTICS AS TRANSACTION NOT DEFERRABLE",
                        new SetParameter("default_transaction_deferrable", false, false)),
                Arguments.of("SELECT set_config('A.b', $1, false)", new SetParameter("a.b", false, false)),
                Arguments.of("SELECT set_config('role', $1, true)", new SetParameter("role", true, false)),
                Arguments.of("SELECT set_config('role', $1, $2)", new SetParameter("role", false, false)),
                Arguments.of("INSERT INTO t SELECT set_config('a', 'b', false)", new SetParameter("a", false, false)),
                Arguments.of("SELECT setseed(0.5)", new SetParameter("seed", false, false)),
                Arguments.of("RESET A.b", new ResetParameter("a.b")),
                Arguments.of("RESET ALL", new ResetParameter(null)),
                Arguments.of("RESET \"all\"", new ResetParameter("all")),
                Arguments.of("RESET TIME ZONE", new ResetParameter("timezone")),
                Arguments.of("RESET SESSION AUTHORIZATION", new ResetParameter("session_authorization")),
                Arguments.of("PREPARE Foo (int) AS SELECT $1", new Prepare("foo", 8, 11)),
                Arguments.of("PREPARE \"Fo\"\"o\" AS SELECT 1", new Prepare("Fo\"o", 8, 15)),
                Arguments.of("PREPARE U&\"f!006F\" UESCAPE '!' AS SELECT 1", new Prepare("fo", 8, 30)),
                Arguments.of("PREPARE transaction AS SELECT 1", new Prepare("transaction", 8, 19)),
                Arguments.of("EXECUTE foo (1)", new Execute("foo", 8, 11)),
                Arguments.of("EXPLAIN (ANALYZE) EXECUTE foo", new Execute("foo", 26, 29)),
                Arguments.of("CREATE UNLOGGED TABLE IF NOT EXISTS t (a) AS EXECUTE foo", new Execute("foo", 53, 56)),
                Arguments.of("DEALLOCATE PREPARE foo", new Deallocate("foo", 19, 22)),
                Arguments.of("DEALLOCATE ALL", new Deallocate(null, 11, 14)),
                Arguments.of("LISTEN Ab", new Listen("ab")),
                Arguments.of("LISTEN \"Ab\"", new Listen("Ab")),
                Arguments.of("UNLISTEN *", new Unlisten(null)),
                Arguments.of("UNLISTEN a", new Unlisten("a")),
                Arguments.of("NOTIFY a, 'x'", new Notify("a")),
                Arguments.of("SELECT pg_notify('A', 'x')", new Notify("A")),
                Arguments.of("SELECT pg_notify($1, 'x')", new Notify(null)),
                Arguments.of("DISCARD ALL", new Discard(Target.ALL)),
                Arguments.of("DISCARD TEMPORARY", new Discard(Target.TEMP)));
    }

    @ParameterizedTest
    @MethodSource("details")
    void tellsWhatConcernsTheSession(String text, SessionStatement detail) {
        Judgement judgement = judge(text);
        assertThat(judgement.details()).containsExactly(detail);
        assertThat(judgement.isPlain()).isFalse();
        assertThat(judgement.isReadOnly() && !text.startsWith("EXPLAIN")).isFalse();
        assertThat(judgement.count()).isOne();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT set_config($1, 'x', false)|SET_UNKNOWN",
                "UPDATE pg_settings SET setting = 1|SET_UNKNOWN",
                "CREATE TEMP TABLE t (a int)|TEMPORARY",
                "CREATE LOCAL TEMPORARY TABLE t (a int)|TEMPORARY",
                "CREATE OR REPLACE TEMP VIEW v AS SELECT 1|TEMPORARY",
                "CREATE TEMP RECURSIVE VIEW v (a) AS SELECT 1|TEMPORARY",
                "CREATE TEMP SEQUENCE s|TEMPORARY",
                "CREATE TABLE \"pg_temp\".t (a int)|TEMPORARY",
                "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'|TEMPORARY",
                "ALTER TABLE t SET SCHEMA pg_temp|TEMPORARY",
                "SELECT a INTO TEMP t FROM u|TEMPORARY",
                "SELECT a AS AS INTO TEMP t FROM u|TEMPORARY",
                "SELECT a.as INTO TEMP t FROM u AS a|TEMPORARY",
                "SELECT a AS insert INTO TEMP t FROM u|TEMPORARY",
                "SELECT a.insert INTO TEMP t FROM u AS a|TEMPORARY",
                "SELECT a INTO pg_temp.t FROM u|TEMPORARY",
                "DECLARE c CURSOR WITH HOLD FOR SELECT 1|HOLD_CURSOR",
                "CLOSE ALL|CLOSE_CURSOR",
                "SELECT pg_advisory_lock(1)|ADVISORY_LOCK",
                "SELECT \"pg_catalog\".\"pg_try_advisory_lock_shared\" (1)|ADVISORY_LOCK",
                "SELECT U&\"pg_advisory\\005Flock\"(1)|ADVISORY_LOCK",
                "INSERT INTO t VALUES (pg_advisory_lock(1))|ADVISORY_LOCK",
                "SELECT pg_advisory_unlock_all()|ADVISORY_UNLOCK",
                "DROP TABLE t|DROP",
                "LOAD 'x'|LOAD",
                "DO $$ BEGIN PERFORM set_config('a', 'b', false); END $$|SET_UNKNOWN",
                "DO $$ BEGIN SET a = 1; END $$|SET_UNKNOWN",
                "DO $$ BEGIN EXECUTE 'SET a = 1'; END $$|SET_UNKNOWN",
                "DO $$ BEGIN FOR a IN SELECT * FROM t FOR UPDATE LOOP SET b = 1; END LOOP; END $$|SET_UNKNOWN",
                "'DO $$ BEGIN -- update it\nSET b = 1; END $$'|SET_UNKNOWN",
                "CREATE TABLE pg_temp_3.t (a int)|TEMPORARY",
                "SELECT a INTO TABLE pg_temp.t FROM u|TEMPORARY",
                "DO 'BEGIN LISTEN a; END'|LISTEN",
                "DO $$ BEGIN CREATE TEMP TABLE t (a int); END $$|TEMPORARY",
                "DO $x$ BEGIN PERFORM pg_advisory_lock(1); END $x$|ADVISORY_LOCK",
                "DO E'BEGIN PERFORM \\x73et_config(1); END'|UNJUDGED",
                "CALL p(pg_advisory_lock(1))|ADVISORY_LOCK",
                "SELECT query_to_xml('SELECT pg_advisory_lock(1)', true, true, '')|ADVISORY_LOCK",
                "SELECT 'a|UNJUDGED",
                "SELECT (1|UNJUDGED",
                "SELECT 1)|UNJUDGED",
                "SELECT /* 1|UNJUDGED",
                "SELECT \\|UNJUDGED"
            })
    void tellsEffects(String text, Effect effect) {
        assertThat(effects(judge(text))).containsExactly(effect);
        assertThat(judge(text).details()).isEmpty();
        assertThat(judge(text).isReadOnly()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET a = 1 AS $$ SELECT set_config('a', 'b', false) $$",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT pg_advisory_lock(1); END",
                "INSERT INTO temp VALUES ('SET a = 1; LISTEN x')",
                "DO $$ BEGIN UPDATE t SET a = 1; SET LOCAL b = 2; END $$",
                "CREATE TABLE t AS SELECT 1 AS execute",
                "CREATE RULE r AS ON INSERT TO t DO NOTIFY x",
                "SELECT set_config($1, 'x', true)",
                "EXPLAIN DECLARE c CURSOR WITH HOLD FOR SELECT 1",
                "DO $$ BEGIN IF true THEN UPDATE ONLY \"T\".u AS v SET a = 1; END IF; END $$"
            })
    void leavesAloneWhatTheSessionDoesNotFeel(String text) {
        assertThat(judge(text).isPlain()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET search_path = pg_temp, public",
                "SET LOCAL search_path TO public, 'pg_temp'",
                "SET SCHEMA 'pg_temp'",
                "SELECT set_config('search_path', 'a, pg_temp', false)"
            })
    void findsWhatMakesLaterTablesTemporary(String text) {
        assertThat(effects(judge(text))).containsExactly(Effect.SET, Effect.TEMPORARY);
    }

    @Test
    void keepsTheOrderOfTheText() {
        assertThat(judge("BEGIN; SELECT set_config('a', set_config('b', '', true), false); LISTEN c; COMMIT")
                        .details())
                .containsExactly(
                        new Transaction(Verb.BEGIN, false),
                        new SetParameter("b", true, false),
                        new SetParameter("a", false, false),
                        new Listen("c"),
                        new Transaction(Verb.COMMIT, false));
    }

    @Test
    void cutsNamesAsPostgresDoes() {
        assertThat(judge("LISTEN " + "é".repeat(40)).details()).containsExactly(new Listen("é".repeat(31)));
        assertThat(judge("LISTEN \"" + "a".repeat(80) + "\"").details()).containsExactly(new Listen("a".repeat(63)));
    }

    @Test
    void judgesPartOfAnArray() {
        byte[] bytes = "xxPREPARE a AS SELECT 1'".getBytes(StandardCharsets.UTF_8);
        assertThat(SqlJudge.judge(bytes, 2, bytes.length - 3, true).details()).containsExactly(new Prepare("a", 8, 9));
    }

    @Test
    void followsTheServersStrings() {
        byte[] bytes = "SELECT 'a\\'; LISTEN b --'".getBytes(StandardCharsets.UTF_8);
        assertThat(SqlJudge.judge(bytes, 0, bytes.length, true).has(Effect.LISTEN))
                .isTrue();
        assertThat(SqlJudge.judge(bytes, 0, bytes.length, false).isShareable()).isTrue();
    }

    @Test
    void sharesItsJudgementsOfPlainStatements() {
        assertThat(judge("SELECT 1")).isSameAs(judge("SELECT 2"));
        assertThat(judge("UPDATE t SET a = 1")).isSameAs(judge("DELETE FROM t"));
    }
}
