package dev.weir.testkit;

import static dev.weir.testkit.Conversation.Reach.SESSION;
import static dev.weir.testkit.Conversation.Reach.TRANSACTION;

import dev.weir.testkit.Conversation.Reach;
import dev.weir.testkit.Conversation.Step;
import java.util.Arrays;
import java.util.List;

/** Conversations about transactions, and about what a session keeps beyond them; all in simple queries. */
final class TransactionConversations {
    private TransactionConversations() {}

    static List<Conversation> all() {
        return List.of(
                talk("commit", "BEGIN", "SELECT 1", "SELECT 2", "COMMIT", "SELECT 3"),
                talk("rollback", "BEGIN", "INSERT INTO weir_scratch VALUES (1, 'a')", "ROLLBACK", COUNT),
                talk("transaction in one query", "BEGIN; SELECT 1; COMMIT", "SELECT 2"),
                talk("transaction opened at the end of a query", "SELECT 1; BEGIN", "SELECT 2", "END"),
                talk("transaction closed at the beginning of a query", "BEGIN", "COMMIT; SELECT 1", "SELECT 2"),
                talk("commit and a new transaction in one query", "BEGIN", "COMMIT; BEGIN; SELECT 1", "ROLLBACK"),
                talk("error in a transaction", "BEGIN", "SELECT 1 / 0", "SELECT 'refused'", "ROLLBACK", "SELECT 1"),
                talk("commit of a failed transaction", "BEGIN", "nonsense", "COMMIT", "SELECT 1"),
                talk("error in a transaction of one query", "BEGIN; SELECT 1 / 0; COMMIT", "SELECT 1", "ROLLBACK"),
                talk(
                        "commit and chain",
                        "BEGIN ISOLATION LEVEL SERIALIZABLE",
                        "COMMIT AND CHAIN",
                        "SHOW transaction_isolation",
                        "ROLLBACK AND CHAIN",
                        "COMMIT"),
                talk("begin in a transaction", "BEGIN", "BEGIN", "COMMIT"),
                talk("commit without a transaction", "COMMIT", "ROLLBACK", "SELECT 1"),
                talk(
                        "savepoints",
                        "BEGIN",
                        "SAVEPOINT a",
                        "INSERT INTO weir_scratch VALUES (1, 'a')",
                        "SAVEPOINT b",
                        "INSERT INTO weir_scratch VALUES (2, 'b')",
                        "ROLLBACK TO b",
                        COUNT,
                        "RELEASE a",
                        COUNT,
                        "ROLLBACK"),
                talk(
                        "savepoint after an error",
                        "BEGIN",
                        "SAVEPOINT a",
                        "SELECT 1 / 0",
                        "SELECT 2",
                        "ROLLBACK TO a",
                        "SELECT 3",
                        "COMMIT"),
                talk("savepoint that is not there", "BEGIN", "ROLLBACK TO nowhere", "ROLLBACK", "SAVEPOINT outside"),
                talk("read only transaction", "BEGIN READ ONLY", "DELETE FROM weir_scratch", "ROLLBACK"),
                talk(
                        "isolation level",
                        "BEGIN",
                        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                        "SHOW transaction_isolation",
                        "COMMIT",
                        "SHOW transaction_isolation"),
                talk(
                        "error at commit",
                        "BEGIN",
                        "SET CONSTRAINTS once DEFERRED",
                        "INSERT INTO weir_scratch VALUES (1, 'a'), (1, 'b')",
                        "COMMIT",
                        "SELECT 1"),
                talk(
                        "set local",
                        "BEGIN",
                        "SET LOCAL TimeZone = 'Asia/Tokyo'",
                        "SHOW TimeZone",
                        "COMMIT",
                        "SHOW TimeZone"),
                talk(
                        "set undone by rollback",
                        "BEGIN",
                        "SET TimeZone = 'Asia/Tokyo'",
                        "SET DateStyle = 'German'",
                        "SELECT '2026-02-01'::date",
                        "ROLLBACK",
                        "SELECT '2026-02-01'::date"),
                talk(
                        "set undone by an error",
                        "BEGIN",
                        "SET application_name = 'changed'",
                        "SELECT 1 / 0",
                        "ROLLBACK",
                        "SHOW application_name"),
                talk(
                        "set local client encoding",
                        "BEGIN",
                        "SET LOCAL client_encoding = 'LATIN1'",
                        "SELECT U&'\\00e9'",
                        "SELECT U&'\\6c34'",
                        "ROLLBACK",
                        "SELECT U&'\\00e9'"),
                talk(
                        "settings by function",
                        "BEGIN",
                        "SELECT set_config('weir.test', 'x', true)",
                        "SELECT current_setting('weir.test')",
                        "COMMIT"),
                talk(
                        "cursor",
                        "BEGIN",
                        "DECLARE c SCROLL CURSOR FOR SELECT n FROM weir_numbers ORDER BY n",
                        "FETCH 3 FROM c",
                        "MOVE 2 IN c",
                        "FETCH BACKWARD 1 FROM c",
                        "FETCH ALL FROM c",
                        "CLOSE c",
                        "COMMIT"),
                talk("cursor gone after commit", "BEGIN", "DECLARE c CURSOR FOR SELECT 1", "COMMIT", "FETCH c"),
                talk(
                        "temporary table that ends with its transaction",
                        "BEGIN",
                        "CREATE TEMP TABLE weir_temporary (n int) ON COMMIT DROP",
                        "INSERT INTO weir_temporary VALUES (1)",
                        "SELECT * FROM weir_temporary",
                        "COMMIT",
                        "SELECT * FROM weir_temporary"),
                talk(
                        "PREPARE within a transaction",
                        "BEGIN",
                        "PREPARE inside (int) AS SELECT $1 + 1",
                        "EXECUTE inside (1)",
                        "DEALLOCATE inside",
                        "EXECUTE inside (2)",
                        "ROLLBACK"),
                talk(
                        "advisory lock of a transaction",
                        "BEGIN",
                        "SELECT pg_advisory_xact_lock(20260101)",
                        "SELECT pg_try_advisory_xact_lock(20260101)",
                        "COMMIT"),
                talk(
                        "notify that nobody hears",
                        "NOTIFY weir_nobody, 'payload'",
                        "SELECT pg_notify('weir_nobody', '')"),
                talk("two phases that are switched off", "BEGIN", "PREPARE TRANSACTION 'weir'", "ROLLBACK"),
                talk("vacuum in a transaction", "BEGIN", "VACUUM weir_scratch", "ROLLBACK", "VACUUM weir_scratch"),
                talk(
                        "lock",
                        "BEGIN",
                        "LOCK TABLE weir_scratch IN EXCLUSIVE MODE NOWAIT",
                        "ROLLBACK",
                        "LOCK weir_scratch"),
                session(
                        "set",
                        "SET TimeZone = 'Asia/Tokyo'",
                        "SHOW TimeZone",
                        "SELECT 1",
                        "RESET TimeZone",
                        "SHOW TimeZone"),
                session(
                        "set in a transaction that commits",
                        "BEGIN",
                        "SET DateStyle = 'German'",
                        "COMMIT",
                        "SELECT '2026-02-01'::date",
                        "RESET DateStyle"),
                session(
                        "set of all reported parameters",
                        "SET application_name = 'me'",
                        "SET client_encoding = 'LATIN1'",
                        "SELECT U&'\\00e9'",
                        "SET IntervalStyle = 'iso_8601'",
                        "SET standard_conforming_strings = off",
                        "SET search_path = 'pg_catalog'",
                        "RESET ALL"),
                session(
                        "set of several in one query", "SET TimeZone = 'UTC'; SET DateStyle = 'SQL'; SELECT 1",
                        "SHOW DateStyle", "RESET ALL"),
                session(
                        "set session characteristics", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
                        "DELETE FROM weir_scratch", "RESET default_transaction_read_only"),
                session("setting of one's own", "SET weir.mine = 'kept'", "SHOW weir.mine", "RESET weir.mine"),
                session(
                        "temporary table",
                        "CREATE TEMP TABLE weir_temporary (n int)",
                        "INSERT INTO weir_temporary VALUES (1)",
                        "SELECT * FROM weir_temporary",
                        "DROP TABLE weir_temporary"),
                session(
                        "cursor with hold",
                        "BEGIN",
                        "DECLARE h CURSOR WITH HOLD FOR SELECT n FROM weir_numbers",
                        "COMMIT",
                        "FETCH 2 FROM h",
                        "CLOSE h"),
                session(
                        "advisory lock of a session", "SELECT pg_advisory_lock(20260102)",
                        "SELECT pg_advisory_unlock(20260102)", "SELECT pg_advisory_unlock(20260102)"),
                session(
                        "listen and notify",
                        "LISTEN weir_self",
                        "NOTIFY weir_self, 'one'",
                        "SELECT 1",
                        "NOTIFY weir_self, 'two'; NOTIFY weir_self, 'three'",
                        "UNLISTEN weir_self",
                        "NOTIFY weir_self"),
                session(
                        "notify in a transaction",
                        "LISTEN weir_self",
                        "BEGIN",
                        "NOTIFY weir_self, 'at commit'",
                        "SELECT 1",
                        "COMMIT",
                        "BEGIN",
                        "NOTIFY weir_self, 'never'",
                        "ROLLBACK",
                        "UNLISTEN *"),
                session(
                        "currval",
                        "CREATE TEMP SEQUENCE weir_sequence",
                        "SELECT nextval('weir_sequence')",
                        "SELECT currval('weir_sequence'), lastval()",
                        "DROP SEQUENCE weir_sequence"));
    }

    private static final String COUNT = "SELECT count(*) FROM weir_scratch";

    private static Conversation talk(String name, String... queries) {
        return of(name, TRANSACTION, queries);
    }

    private static Conversation session(String name, String... queries) {
        return of(name, SESSION, queries);
    }

    private static Conversation of(String name, Reach reach, String... queries) {
        return Conversation.of(
                name, reach, Arrays.stream(queries).map(Step::ask).toArray(Step[]::new));
    }
}
