package dev.weir.app;

import static dev.weir.testkit.Messages.bind;
import static dev.weir.testkit.Messages.closeStatement;
import static dev.weir.testkit.Messages.execute;
import static dev.weir.testkit.Messages.flush;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.query;
import static dev.weir.testkit.Messages.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.Mode;
import dev.weir.testkit.Frame;
import dev.weir.testkit.Messages;
import dev.weir.testkit.PgClient;
import dev.weir.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What clients of transaction mode must not notice of each other, nor of sharing, in the moments that are easily missed. */
class SessionWallIT {
    private static final AtomicInteger ROLES = new AtomicInteger();

    private final List<PooledRole> pools = new ArrayList<>();
    private final List<PgClient> clients = new ArrayList<>();
    private String role = "";

    @AfterEach
    void stop() {
        clients.forEach(PgClient::close);
        pools.forEach(PooledRole::close);
    }

    private PooledRole pool(int size) {
        role = "overlooked" + ROLES.incrementAndGet();
        PooledRole pool = PooledRole.create(role, "pool_size = " + size);
        pools.add(pool);
        return pool;
    }

    private PgClient client(PooledRole pool) {
        PgClient client = pool.login(Mode.TRANSACTION).readTimeout(Duration.ofSeconds(4));
        clients.add(client);
        return client;
    }

    private PgClient client(PooledRole pool, Map<String, String> startup) {
        var address = pool.destination(Mode.TRANSACTION);
        PgClient client = PgClient.connect(address.host(), address.port()).readTimeout(Duration.ofSeconds(4));
        clients.add(client);
        return client.login(role + ".acme", PooledRole.PASSWORD, "postgres", startup);
    }

    // ---- whose statement, whose state

    /** The unnamed statement that a server connection still has from an earlier time is not the client's of now. */
    @Test
    void theUnnamedStatementIsTheOneParsedLast() {
        PooledRole pool = pool(2);
        PgClient client = client(pool);
        PgClient other = client(pool);
        exchange(other, parse("b", "begin"), parse("c", "commit"), sync());
        exchange(client, parse("", "select 'first'"), sync());
        exchange(other, use("b"), sync()); // holds the server connection where the first was parsed
        exchange(client, parse("", "select 'second'"), sync());
        exchange(other, use("c"), sync()); // given back last, so lent next
        assertThat(row(client, use(""), sync())).containsExactly("second");
    }

    /** What a literal means was decided when it was parsed, with the parameters of the client that was first. */
    @Test
    void literalsInPreparedStatementsAreReadWithTheClientsOwnTimeZone() {
        PooledRole pool = pool(1);
        PgClient first = client(pool, Map.of("TimeZone", "UTC"));
        PgClient second = client(pool, Map.of("TimeZone", "Asia/Tokyo"));
        String sql = "select extract(epoch from timestamptz '2020-01-01 00:00')::bigint";
        exchange(first, parse("s", sql), sync());
        exchange(second, parse("s", sql), sync());
        assertThat(row(first, use("s"), sync())).containsExactly("1577836800");
        assertThat(row(second, use("s"), sync())).containsExactly("1577804400");
    }

    @Test
    void literalsInPreparedStatementsAreReadWithTheClientsOwnDateStyle() {
        PooledRole pool = pool(1);
        PgClient first = client(pool, Map.of("DateStyle", "ISO, MDY"));
        PgClient second = client(pool, Map.of("DateStyle", "ISO, DMY"));
        String sql = "select date '01/02/2020'";
        exchange(first, parse("s", sql), sync());
        exchange(second, parse("s", sql), sync());
        assertThat(row(second, use("s"), sync())).containsExactly("2020-02-01");
    }

    @Test
    void textsOfPreparedStatementsAreReadWithTheClientsOwnEscapes() {
        PooledRole pool = pool(1);
        PgClient first = client(pool);
        PgClient second = client(pool);
        second.rows("set standard_conforming_strings = off; set escape_string_warning = off");
        String sql = "select length('a\\nb')";
        exchange(first, parse("s", sql), sync());
        exchange(second, parse("s", sql), sync());
        assertThat(row(second, use("s"), sync())).containsExactly("3");
    }

    /** The question is under way when the client leaves. */
    @Test
    void aClientThatLeavesWhileTheServerIsAskedLeavesNothingBehind() {
        PooledRole pool = pool(1);
        for (int i = 0; i < 40; i++) {
            PgClient client = pool.login(Mode.TRANSACTION);
            client.rows("create temp table left_behind as select " + i + " as a; select pg_advisory_lock(77)");
            client.terminate();
            PgClient next = pool.login(Mode.TRANSACTION);
            assertThat(next.rows("select count(*) from pg_locks where locktype = 'advisory' and objid = 77"
                            + " and pid = pg_backend_pid()"))
                    .as("round %s", i)
                    .containsExactly(List.of("0"));
            assertThat(next.rows("select to_regclass('pg_temp.left_behind') is null"))
                    .as("round %s", i)
                    .containsExactly(List.of("t"));
            next.terminate();
        }
    }

    @Test
    void whatIsDoneBehindDiscardAllInAPipelineIsNotForgotten() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.send(query("discard all"), query("set work_mem = '12345kB'"), query("create temp table t as select 1"));
        for (int i = 0; i < 3; i++) {
            client.readUntilReady();
        }
        client.close();
        assertThat(other.rows("show work_mem")).containsExactly(List.of("4MB"));
        assertThat(other.rows("select to_regclass('pg_temp.t') is null")).containsExactly(List.of("t"));
    }

    /** Longer than what is judged. */
    @Test
    void aLongTextLeavesNothingToOthers() {
        PooledRole pool = pool(2);
        PgClient client = client(pool);
        PgClient other = client(pool);
        String padding = "--" + "x".repeat(1 << 20) + "\n";
        client.rows("set work_mem = '12345kB'; create temp table t as select 1;" + padding + "select 1");
        assertThat(other.rows("show work_mem")).containsExactly(List.of("4MB"));
        assertThat(other.rows("select to_regclass('pg_temp.t') is null")).containsExactly(List.of("t"));
    }

    /** With these, a quote behind a backslash does not end a string. */
    @Test
    void aTextWithBackslashesIsJudgedAsTheServerReadsIt() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.rows("set standard_conforming_strings = off");
        client.rows("set escape_string_warning = off");
        client.query("select '\\''; set work_mem = '12345kB'; --'");
        assertThat(other.rows("show work_mem")).containsExactly(List.of("4MB"));
    }

    /** PREPARE that was itself prepared before, as drivers do that prepare everything. */
    @Test
    void aPreparedPrepareBelongsToItsClient() {
        PooledRole pool = pool(2);
        PgClient client = client(pool);
        PgClient other = client(pool);
        exchange(client, parse("s", "prepare mine as select 'of the client'"), sync());
        exchange(client, use("s"), sync());
        assertThat(PooledRole.error(other.query("execute mine")).sqlstate()).isEqualTo("26000");
    }

    @Test
    void namesThatWeirGivesMeanNothingToClients() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        PgClient other = client(pool);
        exchange(client, parse("s", "select 'of the client'"), sync());
        assertThat(PooledRole.error(other.query("execute weir_1")).sqlstate()).isEqualTo("26000");
        other.query("deallocate weir_1");
        client.rows("begin");
        assertThat(row(client, use("s"), sync())).containsExactly("of the client");
    }

    /** A table made while pg_temp stands first on the search path is temporary. */
    @Test
    void tablesMadeOnATemporarySearchPathAreNotSeenByOthers() {
        PooledRole pool = pool(2);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.rows("set search_path = pg_temp");
        client.rows("create table t as select 1");
        assertThat(other.rows("select to_regclass('pg_temp.t') is null")).containsExactly(List.of("t"));
    }

    // ---- parameters that can't be brought along

    /** What could not be restored must not be taken for restored. */
    @Test
    void aRoleThatIsGoneIsNotTakenForAssumed() {
        PooledRole pool = pool(1);
        String lower = role + "_lower";
        TestPostgres postgres = TestPostgres.shared();
        postgres.execute("create role " + lower);
        postgres.execute("grant " + lower + " to " + role);
        PgClient first = client(pool);
        PgClient second = client(pool);
        first.rows("set role " + lower);
        second.rows("set role " + lower);
        PgClient between = client(pool);
        between.rows("select 1");
        postgres.execute("drop role " + lower);
        first.send(query("select 1")); // can't be brought along, whatever Weir does about it
        first.readFrame();
        second.send(query("select current_user"));
        assertThat(second.readFrame().type())
                .as("the answer on a server connection where its role is not set")
                .isEqualTo('E');
    }

    /** What the one before has set can't be reset: that is not the fault of the one who comes next. */
    @Test
    void nobodyIsHarmedByWhatAnotherHasSet() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.rows("set transaction_isolation = 'serializable'");
        assertThat(other.rows("select 1")).containsExactly(List.of("1"));
    }

    @Test
    void nobodyIsHarmedByWhatAnotherHasSetAsAGreaterRole() {
        PooledRole pool = pool(1);
        TestPostgres postgres = TestPostgres.shared();
        postgres.execute("create role " + role + "_greater superuser");
        postgres.execute("grant " + role + "_greater to " + role);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.rows("set role " + role + "_greater");
        client.rows("set log_min_duration_statement = 77777");
        client.rows("reset role");
        assertThat(other.rows("select 1")).containsExactly(List.of("1"));
    }

    /** Neither where a client's own parameters can't be set is its request carried out with others. */
    @Test
    void nothingIsCarriedOutWithOtherParametersThanTheClients() {
        PooledRole pool = pool(1);
        TestPostgres postgres = TestPostgres.shared();
        PgClient client = client(pool);
        PgClient other = client(pool);
        postgres.execute("create schema " + role + "_a authorization " + role);
        other.rows("create table " + role + ".t (a int); create table " + role + "_a.t (a int)");
        other.rows("create text search configuration " + role + ".gone (copy = simple)");
        client.rows("set search_path = " + role + "_a");
        client.rows("set default_text_search_config = '" + role + ".gone'");
        other.rows("drop text search configuration " + role + ".gone");
        client.send(query("insert into t values (1)"));
        client.readFrame();
        assertThat(postgres.query("select count(*) from " + role + ".t")).containsExactly(List.of("0"));
    }

    // ---- pipelines

    /** What was done before in the same implicit transaction would be lost without a word. */
    @Test
    void nothingIsRepeatedBehindWhatWasNotSynchronized() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        PgClient other = client(pool);
        other.rows("create table widened (a int); create table kept (a int)");
        exchange(client, parse("s", "select * from widened"), parse("i", "insert into kept values (1)"), sync());
        exchange(client, use("s"), use("i"), sync());
        other.rows("alter table widened add b int");
        client.send(bind("", "i"), execute("", 0), flush());
        client.readUntil('C');
        List<Frame> reply = exchange(client, use("s"), sync());
        boolean failed = reply.stream().anyMatch(frame -> frame.type() == 'E');
        assertThat(other.rows("select count(*) from kept")).containsExactly(List.of(failed ? "1" : "2"));
    }

    /** What is repeated must be the whole request, not what came of it with the first read. */
    @Test
    void aRequestThatComesInPiecesIsRepeatedWhollyOrNotAtAll() {
        PooledRole pool = pool(2);
        PgClient client = client(pool);
        PgClient other = client(pool);
        other.rows("create table widened (a int)");
        exchange(client, parse("s", "select *, $1::text as t from widened"), sync());
        exchange(client, bind("", "s", "x"), execute("", 0), sync());
        other.rows("alter table widened add b int");
        byte[] request =
                Messages.together(bind("", "s", "x".repeat(9000)), Messages.describePortal(""), execute("", 0), sync());
        client.send(Arrays.copyOf(request, 1000));
        other.rows("select 1");
        client.send(Arrays.copyOfRange(request, 1000, request.length));
        StringBuilder types = new StringBuilder();
        client.readUntilReady().forEach(frame -> types.append(frame.type()));
        assertThat(types.toString()).isIn("EZ", "2TCZ");
    }

    @Test
    void aResetCanBeBoundAndFlushedBeforeItIsExecuted() {
        PooledRole pool = pool(1);
        PgClient client = client(pool, Map.of("TimeZone", "Asia/Tokyo"));
        exchange(client, parse("s", "reset all"), sync());
        client.send(bind("", "s"), flush());
        client.readUntil('2');
        List<Frame> reply = exchange(client, execute("", 0), sync());
        assertThat(reply.getLast().type()).isEqualTo('Z');
    }

    /** What is bound and never executed has no effect. */
    @Test
    void aDeallocateThatIsNotExecutedTakesNothingAway() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        exchange(client, parse("s", "select 'still here'"), parse("d", "deallocate all"), sync());
        exchange(client, bind("", "d"), sync());
        assertThat(row(client, use("s"), sync())).containsExactly("still here");
    }

    // ---- listening

    @Test
    void anUnlistenThatIsRolledBackHasNotHappened() {
        PooledRole pool = pool(2);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.rows("listen news");
        pool.awaitCount(1, "query = 'UNLISTEN *' and state = 'idle'");
        client.rows("begin");
        client.rows("unlisten news");
        client.rows("rollback");
        other.rows("notify news");
        assertThat(client.readFrame().type()).isEqualTo('A');
    }

    @Test
    void anUnlistenThatFailsHasNotHappened() {
        PooledRole pool = pool(2);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.rows("listen news");
        pool.awaitCount(1, "query = 'UNLISTEN *' and state = 'idle'");
        client.query("unlisten news; select 1/0");
        other.rows("notify news");
        assertThat(client.readFrame().type()).isEqualTo('A');
    }

    @Test
    void nothingIsMissedWhileWhatListensMoves() {
        PooledRole pool = pool(2);
        PgClient other = client(pool);
        for (int i = 0; i < 20; i++) { // each finds another moment of the move
            PgClient client = client(pool);
            client.rows("listen one");
            client.rows("listen two");
            other.rows("notify two, '" + i + "'");
            Frame told = client.readFrame();
            assertThat(new String(told.body(), StandardCharsets.UTF_8)).endsWith("two\0" + i + "\0");
            client.terminate();
        }
    }

    @Test
    void aNotificationComesInTheClientsEncoding() {
        PooledRole pool = pool(2);
        PgClient client = client(pool, Map.of("client_encoding", "LATIN1"));
        PgClient other = client(pool);
        client.rows("listen news");
        other.rows("notify news, 'é'");
        Frame told = client.readFrame();
        assertThat(new String(told.body(), StandardCharsets.ISO_8859_1)).endsWith("news\0é\0");
    }

    @Test
    void aChannelIsTheSameInEveryEncoding() {
        PooledRole pool = pool(2);
        PgClient client = client(pool, Map.of("client_encoding", "LATIN1"));
        PgClient other = client(pool);
        client.send(latin1('Q', "listen \"é\"\0"));
        client.readUntilReady();
        other.rows("notify \"é\"");
        assertThat(client.readFrame().type()).isEqualTo('A');
    }

    // ---- encodings

    @Test
    void namesOfStatementsAreBytesInAnyEncoding() {
        PooledRole pool = pool(1);
        PgClient client = client(pool, Map.of("client_encoding", "LATIN1"));
        client.send(latin1('P', "é\0select 1\0\0\0"), sync());
        assertThat(client.readUntilReady()).noneMatch(frame -> frame.type() == 'E');
        client.send(latin1('B', "\0é\0\0\0\0\0\0\0"), execute("", 0), sync());
        assertThat(client.readUntilReady()).noneMatch(frame -> frame.type() == 'E');
        client.send(latin1('P', "è\0select 1\0\0\0"), sync());
        assertThat(client.readUntilReady()).noneMatch(frame -> frame.type() == 'E');
    }

    @Test
    void valuesOfParametersOutliveTheServerConnectionInAnyEncoding() {
        PooledRole pool = pool(1);
        PgClient client = client(pool, Map.of("client_encoding", "LATIN1"));
        PgClient other = client(pool);
        other.rows("select 1");
        client.send(latin1('Q', "set search_path = 'schéma'\0"));
        client.readUntilReady();
        other.rows("select 1");
        assertThat(new String(client.query("show search_path").get(1).body(), StandardCharsets.ISO_8859_1))
                .endsWith("\"schéma\"");
    }

    // ---- time limits that a client sets

    @Test
    void nobodyIsHarmedByATimeLimitOfAnother() {
        PooledRole pool = pool(1);
        PgClient other = client(pool);
        for (int i = 0; i < 50; i++) {
            PgClient client = client(pool);
            client.rows("set idle_session_timeout = 1"); // which may end itself, as with Postgres
            assertThat(other.rows("select 1")).containsExactly(List.of("1"));
            client.close();
        }
    }

    // ---- what else is easily missed

    /** As Postgres refuses it; in any case the others go on. */
    @Test
    void aCloseAmidACopyHarmsNobodyElse() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        client.rows("create table copied (a int)");
        exchange(client, parse("s", "select 1"), sync());
        client.send(query("copy copied from stdin"));
        client.readUntil('G');
        client.send(closeStatement("s"), sync(), Messages.copyDone());
        client.readUntil('E'); // Postgres ends such a connection
        client.close();
        PgClient other = client(pool);
        assertThat(other.rows("select 1")).containsExactly(List.of("1"));
    }

    @Test
    void aSearchPathOfOneTransactionChangesNoOthersPlan() {
        PooledRole pool = pool(1);
        TestPostgres.shared().execute("create schema " + role + "_a authorization " + role);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.rows("create table " + role + ".t (a int); create table " + role + "_a.t (a int, b int)");
        for (int i = 0; i < 2; i++) {
            for (PgClient one : List.of(client, other)) {
                one.rows("begin");
                one.rows("set local search_path = " + role + (one == client ? "" : "_a"));
                List<Frame> reply = i == 0
                        ? exchange(one, parse("s", "select * from t"), use("s"), sync())
                        : exchange(one, use("s"), sync());
                assertThat(reply).noneMatch(frame -> frame.type() == 'E');
                one.rows("commit");
            }
        }
    }

    @Test
    void characteristicsOfTransactionsAreTheClientsOwn() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.rows("set session characteristics as transaction read only, isolation level serializable");
        assertThat(other.rows("show default_transaction_read_only")).containsExactly(List.of("off"));
        assertThat(other.rows("show default_transaction_isolation")).containsExactly(List.of("read committed"));
        assertThat(client.rows("show default_transaction_read_only")).containsExactly(List.of("on"));
        client.rows("set transaction read only");
        client.rows("set transaction_read_only = on");
        client.rows("set transaction_deferrable = on");
        assertThat(other.rows("show transaction_read_only")).containsExactly(List.of("off"));
    }

    @Test
    void aSeedThatOneSetsHarmsNoOther() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        PgClient other = client(pool);
        client.rows("set seed = 0.5");
        assertThat(other.rows("select 1")).containsExactly(List.of("1"));
    }

    /** Cut where a letter ends. */
    @Test
    void longNamesOfStatementsAreCutAsPostgresCutsThem() {
        PooledRole pool = pool(1);
        PgClient client = client(pool);
        String name = "x" + "\u00e9".repeat(40);
        client.rows("prepare \"" + name + "\" as select 1");
        assertThat(client.rows("execute \"" + "x" + "\u00e9".repeat(31) + "\"")).containsExactly(List.of("1"));
        client.rows("prepare \"" + "\u00e9".repeat(40) + "\" as select 2");
        assertThat(client.rows("execute \"" + "\u00e9".repeat(31) + "\"")).containsExactly(List.of("2"));
    }

    @Test
    void errorsKeepTheClientsEncoding() {
        PooledRole pool = pool(1);
        PgClient client = client(pool, Map.of("client_encoding", "LATIN1"));
        client.rows("prepare s(int) as select $1");
        client.send(latin1('Q', "execute s('\u00e9')\0"));
        Frame error = PooledRole.error(client.readUntilReady());
        assertThat(new String(error.body(), StandardCharsets.ISO_8859_1)).contains("\"\u00e9\"");
    }

    private static byte[] latin1(char type, String body) {
        return new Frame(type, body.getBytes(StandardCharsets.ISO_8859_1)).bytes();
    }

    private static byte[] use(String statement) {
        return Messages.together(bind("", statement), execute("", 0));
    }

    private static List<Frame> exchange(PgClient client, byte[]... messages) {
        client.send(messages);
        return client.readUntilReady();
    }

    private static List<@Nullable String> row(PgClient client, byte[]... messages) {
        List<Frame> reply = exchange(client, messages);
        return reply.stream()
                .filter(frame -> frame.type() == 'D')
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row in " + reply))
                .columns();
    }
}
