package dev.weir.app;

import static dev.weir.testkit.Messages.bind;
import static dev.weir.testkit.Messages.execute;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.query;
import static dev.weir.testkit.Messages.sync;

import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import java.util.List;
import java.util.stream.Stream;

/**
 * A kind of state that a session of Postgres has.
 *
 * @param leave requests by which a client comes to have it, each answered by one ReadyForQuery or, for COPY, none
 * @param look the request that shows it, to whoever has it and to whoever must not
 */
record SessionState(String name, InTransactionMode fate, List<byte[]> leave, byte[] look) {
    /** What becomes of it for a client in transaction mode. */
    sealed interface InTransactionMode {
        /** The client has it on whichever server connection it gets. */
        record Follows() implements InTransactionMode {}

        /** The client is pinned to the server connection that has it. */
        record Pins() implements InTransactionMode {}

        /** It ends with its transaction; here, with a client that leaves amid it. */
        record EndsWithTransaction() implements InTransactionMode {}

        /** The client has it, but it does not show where Postgres would show it: another test looks for it. */
        record HeldElsewhere() implements InTransactionMode {}

        /** It stays where it was made; the client may lose it and another may meet it. */
        record Stays(String reason) implements InTransactionMode {}

        /** The same, and DISCARD ALL does not end it either: not even sessions are free of it. */
        record OutlivesCleanup(String reason) implements InTransactionMode {}
    }

    private static final InTransactionMode FOLLOWS = new InTransactionMode.Follows();
    private static final InTransactionMode PINS = new InTransactionMode.Pins();
    private static final InTransactionMode ENDS = new InTransactionMode.EndsWithTransaction();

    static List<SessionState> all() {
        return Stream.of(
                        parameters(),
                        reportedParameters(),
                        identities(),
                        statements(),
                        objects(),
                        transactions(),
                        staying(),
                        outlivingCleanup())
                .flatMap(List::stream)
                .toList();
    }

    private static SessionState of(String name, InTransactionMode fate, String leave, String look) {
        return new SessionState(name, fate, List.of(query(leave)), query(look));
    }

    private static SessionState parameter(String name, String value) {
        return of(name, FOLLOWS, "set " + name + " = " + value, "show " + name);
    }

    private static List<SessionState> parameters() {
        return List.of(
                parameter("work_mem", "'1MB'"),
                parameter("statement_timeout", "'7min'"),
                parameter("lock_timeout", "'7min'"),
                parameter("transaction_timeout", "'7min'"),
                parameter("idle_in_transaction_session_timeout", "'7min'"),
                parameter("idle_session_timeout", "'7min'"),
                parameter("plan_cache_mode", "force_generic_plan"),
                parameter("synchronous_commit", "local"),
                parameter("row_security", "off"),
                parameter("check_function_bodies", "off"),
                parameter("client_min_messages", "error"),
                parameter("enable_seqscan", "off"),
                parameter("random_page_cost", "1.5"),
                parameter("extra_float_digits", "0"),
                parameter("bytea_output", "escape"),
                parameter("xmlbinary", "hex"),
                parameter("lc_monetary", "'POSIX'"),
                parameter("default_transaction_isolation", "'serializable'"),
                parameter("default_transaction_deferrable", "on"),
                parameter("default_table_access_method", "heap2").failing(),
                parameter("session_replication_role", "replica"),
                parameter("backslash_quote", "off"),
                parameter("transform_null_equals", "on"),
                parameter("default_text_search_config", "'pg_catalog.german'"),
                parameter("timezone_abbreviations", "'India'"),
                parameter("log_statement", "'all'"),
                of(
                        "a parameter of one's own",
                        FOLLOWS,
                        "set my.state = 'mine'",
                        "select nullif(current_setting('my.state', true), '')"),
                of(
                        "set_config",
                        FOLLOWS,
                        "select set_config('my.state', 'mine', false)",
                        "select nullif(current_setting('my.state', true), '')"),
                of(
                        "set_config in a query",
                        PINS,
                        "select set_config(n, 'mine', false) from (values ('my.state')) v (n)",
                        "select nullif(current_setting('my.state', true), '')"),
                of(
                        "set_config in a DO block",
                        PINS,
                        "do $$ begin perform set_config('my.state', 'mine', false); end $$",
                        "select nullif(current_setting('my.state', true), '')"),
                of(
                        "SET in a function",
                        new InTransactionMode.Stays("what a function of the user's does, its call does not show"),
                        "select setting_function()",
                        "show work_mem"),
                of(
                        "UPDATE of pg_settings",
                        PINS,
                        "update pg_settings set setting = '1234' where name = 'work_mem'",
                        "show work_mem"),
                of(
                        "SET SESSION CHARACTERISTICS",
                        FOLLOWS,
                        "set session characteristics as transaction isolation level repeatable read",
                        "show transaction_isolation"),
                of("SET in a transaction", FOLLOWS, "begin; set work_mem = '1MB'; commit", "show work_mem"));
    }

    /** The same, of a parameter that does not exist: nothing may come of it. */
    private SessionState failing() {
        return of(name + " that is refused", ENDS, "set " + name + " = heap2", "show " + name);
    }

    private static List<SessionState> reportedParameters() {
        return List.of(
                parameter("application_name", "'mine'"),
                parameter("client_encoding", "'latin1'"),
                parameter("datestyle", "'German'"),
                parameter("intervalstyle", "iso_8601"),
                parameter("timezone", "'Asia/Tokyo'"),
                parameter("standard_conforming_strings", "off"),
                parameter("default_transaction_read_only", "on"),
                parameter("scram_iterations", "8192"),
                parameter("search_path", "nowhere"),
                of(
                        "a search path of the temporary schema",
                        FOLLOWS,
                        "set search_path = pg_temp, public",
                        "show search_path"));
    }

    private static List<SessionState> identities() {
        return List.of(
                of("SET ROLE", FOLLOWS, "set role login_by_md5", "select current_user = 'login_by_md5'"),
                of(
                        "SET SESSION AUTHORIZATION",
                        FOLLOWS,
                        "set session authorization login_by_md5",
                        "select session_user = 'login_by_md5'"),
                of(
                        "SET ROLE by parameter",
                        FOLLOWS,
                        "select set_config('role', 'login_by_md5', false)",
                        "select current_user = 'login_by_md5'"));
    }

    private static List<SessionState> statements() {
        byte[] useParsed = together(bind("", "state"), execute("", 0), sync());
        return List.of(
                new SessionState(
                        "a statement of PREPARE",
                        FOLLOWS,
                        List.of(query("prepare state as select 'mine'")),
                        query("execute state")),
                new SessionState(
                        "a statement of Parse",
                        FOLLOWS,
                        List.of(together(parse("state", "select 'mine'"), sync())),
                        useParsed),
                new SessionState(
                        "the unnamed statement",
                        FOLLOWS,
                        List.of(together(parse("", "select 'mine'"), sync())),
                        together(bind("", ""), execute("", 0), sync())),
                of(
                        "a cursor WITH HOLD",
                        PINS,
                        "begin; declare state cursor with hold for select 'mine'; commit",
                        "select name from pg_cursors where name = 'state'"),
                new SessionState(
                        "LISTEN",
                        new InTransactionMode.HeldElsewhere(),
                        List.of(query("listen state")),
                        query("select pg_listening_channels()")));
    }

    private static List<SessionState> objects() {
        String locks = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()";
        return List.of(
                of("a temporary table", PINS, "create temp table state as select 'mine' as a", "select a from state"),
                of("a temporary view", PINS, "create temp view state as select 'mine' as a", "select a from state"),
                of("a temporary sequence", PINS, "create temp sequence state", "select to_regclass('state') is null"),
                of(
                        "a temporary function",
                        PINS,
                        "create function pg_temp.state() returns int language sql as 'select 1'",
                        "select to_regprocedure('pg_temp.state()') is null"),
                of(
                        "a temporary type",
                        PINS,
                        "create type pg_temp.state as (a int)",
                        "select to_regtype('pg_temp.state') is null"),
                of("an advisory lock", PINS, "select pg_advisory_lock(7001, pg_backend_pid())", locks),
                of("a shared advisory lock", PINS, "select pg_advisory_lock_shared(7002, pg_backend_pid())", locks),
                of("an advisory lock tried", PINS, "select pg_try_advisory_lock(7, pg_backend_pid())", locks),
                of(
                        "an advisory lock of a transaction that is undone",
                        PINS,
                        "begin; select pg_advisory_lock(7004, pg_backend_pid()); rollback",
                        locks),
                of(
                        "an advisory lock of a function",
                        new InTransactionMode.Stays("what a function of the user's does, its call does not show"),
                        "select locking_function()",
                        locks));
    }

    private static List<SessionState> transactions() {
        String assigned = "select pg_current_xact_id_if_assigned() is null, current_setting('transaction_isolation'),"
                + " current_setting('transaction_read_only'), current_setting('work_mem')";
        return List.of(
                of("an open transaction", ENDS, "begin; select pg_current_xact_id()", assigned),
                of("a failed transaction", ENDS, "begin; select 1 / 0", assigned),
                of("characteristics of a transaction", ENDS, "begin isolation level serializable read only", assigned),
                of("SET LOCAL", ENDS, "begin; set local work_mem = '1MB'", assigned),
                of("SET in an open transaction", ENDS, "begin; set work_mem = '1MB'", assigned),
                of("a savepoint", ENDS, "begin; savepoint state", "rollback to state"),
                of("a cursor", ENDS, "begin; declare state cursor for select 'mine'", "fetch 1 from state"),
                new SessionState(
                        "a portal",
                        ENDS,
                        List.of(query("begin"), together(parse("", "select 'mine'"), bind("state", ""), sync())),
                        together(execute("state", 0), sync())),
                of(
                        "a large object that is open",
                        ENDS,
                        "begin; select lo_open(lo_create(0), 131072)",
                        "select lo_tell(0)"),
                of(
                        "an advisory lock of a transaction",
                        ENDS,
                        "begin; select pg_advisory_xact_lock(7005, pg_backend_pid())",
                        "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"),
                of(
                        "a table lock",
                        ENDS,
                        "begin; lock table locked in access exclusive mode",
                        "select count(*) from pg_locks"
                                + " where pid = pg_backend_pid() and relation = 'locked'::regclass"),
                of(
                        "an exported snapshot",
                        ENDS,
                        "begin isolation level repeatable read; select length(pg_export_snapshot()) > 0",
                        assigned),
                of(
                        "deferred constraints",
                        ENDS,
                        "begin; set constraints all deferred; select pg_current_xact_id()",
                        assigned));
    }

    /** What no pooler that lends for a transaction can move, and for which pinning would be too dear. */
    private static List<SessionState> staying() {
        return List.of(
                of(
                        "the last value of a sequence",
                        new InTransactionMode.Stays("most clients that insert would be pinned"),
                        "select nextval('counted')",
                        "select currval('counted') > 0"),
                of(
                        "the last value of any sequence",
                        new InTransactionMode.Stays("most clients that insert would be pinned"),
                        "select nextval('counted')",
                        "select lastval() > 0"));
    }

    /** What only the end of a server process ends. */
    private static List<SessionState> outlivingCleanup() {
        return List.of(
                outlives(
                        "the origin of replication",
                        "only superusers replay changes, on connections of their own",
                        "select pg_replication_origin_session_setup('weir_origin')",
                        "select pg_replication_origin_session_is_setup()"),
                outlives(
                        "the seed of random()",
                        "a seed can't be asked for, so it can't be put back",
                        "select setseed(0.5)",
                        "select random() = 0.9851677175347999"),
                outlives(
                        "that a parameter of one's own was ever set",
                        "it is reset to an empty string where a new session has null",
                        "set my.trace = 'mine'",
                        "select current_setting('my.trace', true) is null"),
                outlives(
                        "that there ever was a temporary object",
                        "its schema stays, empty",
                        "create temp table trace (a int)",
                        "select pg_my_temp_schema() = 0"),
                outlives(
                        "that temp_buffers can't be set any more",
                        "Postgres takes them when the first temporary table is used",
                        "create temp table buffered as select 1",
                        "set temp_buffers = '1MB'"),
                outlives(
                        "a library that was loaded",
                        "no process of Postgres can unload one",
                        "load 'auto_explain'",
                        "select current_setting('auto_explain.log_nested_statements', true) is null"));
    }

    private static SessionState outlives(String name, String reason, String leave, String look) {
        return of(name, new InTransactionMode.OutlivesCleanup(reason), leave, look);
    }

    private static byte[] together(byte[]... messages) {
        return Messages.together(messages);
    }

    /** Brings a client into this state. */
    void leaveIn(PgClient client) {
        for (byte[] request : leave) {
            client.send(request);
            client.readUntilReady();
        }
    }

    /** Rows, and errors by their SQLSTATE. */
    String lookAs(PgClient client) {
        client.send(look);
        StringBuilder seen = new StringBuilder();
        for (Frame frame : client.readUntilReady()) {
            if (frame.type() == 'D') {
                seen.append(frame.columns());
            } else if (frame.type() == 'E') {
                seen.append(frame.sqlstate());
            }
        }
        return seen.toString();
    }

    @Override
    public String toString() {
        return name;
    }
}
