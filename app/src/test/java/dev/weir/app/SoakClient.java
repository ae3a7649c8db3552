package dev.weir.app;

import static dev.weir.testkit.Messages.bind;
import static dev.weir.testkit.Messages.closeStatement;
import static dev.weir.testkit.Messages.describeStatement;
import static dev.weir.testkit.Messages.execute;
import static dev.weir.testkit.Messages.parse;
import static dev.weir.testkit.Messages.query;
import static dev.weir.testkit.Messages.sync;

import dev.weir.testkit.Destination;
import dev.weir.testkit.Frame;
import dev.weir.testkit.PgClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A client that does this and that at random, and knows what it must see: its parameters, its prepared statements, its
 * temporary table and lock, its notifications, and nothing of anybody else's. For one thread.
 */
final class SoakClient implements AutoCloseable {
    private static final int REMEMBERED = 40;

    private final int number;
    private final Random random;
    private final Destination destination;
    /** How many clients may have state that pins them at a time, so that the others always find a server connection. */
    private final Semaphore pins;

    private final Deque<String> done = new ArrayDeque<>();
    private final Map<String, String> prepared = new TreeMap<>();
    private final Map<String, String> told = new HashMap<>();
    private final Deque<String> awaited = new ArrayDeque<>();
    private SettingsModel settings = new SettingsModel();
    private PgClient client;
    private boolean pinned;
    private boolean hasTable;
    private int rowsInTable;
    private boolean locked;
    private boolean listening;
    private int counter;

    SoakClient(int number, long seed, Destination destination, Semaphore pins) {
        this.number = number;
        this.random = new Random(seed * 31 + number);
        this.destination = destination;
        this.pins = pins;
        this.client = login();
    }

    private PgClient login() {
        PgClient next = destination.login().readTimeout(Duration.ofSeconds(60));
        told.clear();
        next.loggedIn().parameters().forEach((name, value) -> told.put(name.toLowerCase(Locale.ROOT), value));
        return next;
    }

    /** Does so much, then leaves. */
    void live(int operations) {
        try {
            for (int i = 0; i < operations; i++) {
                step();
            }
            if (settings.inTransaction()) {
                rollback();
            }
            hearAwaited();
            client.terminate();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "client " + number + ": " + e.getMessage() + "\nits last steps:\n  " + String.join("\n  ", done),
                    e);
        } finally {
            unpin();
        }
    }

    private void step() {
        switch (random.nextInt(24)) {
            case 0, 1, 2 -> set();
            case 3 -> setByFunction();
            case 4 -> reset();
            case 5 -> severalInOne();
            case 6, 7, 8 -> look();
            case 9, 10 -> transaction();
            case 11 -> savepoint();
            case 12, 13 -> prepare();
            case 14, 15 -> usePrepared();
            case 16 -> prepareBySql();
            case 17 -> deallocate();
            case 18 -> pipelineThatFails();
            case 19 -> bigPipeline();
            case 20 -> temporaryTable();
            case 21 -> advisoryLock();
            case 22 -> notifyItself();
            default -> leaveOrDiscard();
        }
    }

    // ---- parameters

    private <T> T one(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private String name() {
        return one(List.copyOf(new TreeMap<>(SettingsModel.DEFAULTS).keySet()));
    }

    private String value(String name) {
        return one(List.of(SettingsModel.VALUES.getOrDefault(name, new String[] {""})));
    }

    private void set() {
        String name = name();
        String value = value(name);
        boolean local = random.nextInt(4) == 0;
        String sql = "set " + (local ? "local " : "") + name + " = '" + value + "'";
        if (random.nextBoolean()) {
            succeed(query(sql));
        } else {
            succeed(parse("", sql), bind("", ""), execute("", 0), sync());
        }
        note(name, value, local);
    }

    private void note(String name, String written, boolean local) {
        String value = written.replace("''", "'");
        if (local) {
            settings.setLocal(name, value);
        } else {
            settings.set(name, value);
        }
    }

    private void setByFunction() {
        String name = one(List.of("my.own", "my.other", "work_mem", "application_name"));
        String value = value(name);
        boolean local = random.nextInt(3) == 0;
        succeed(query("select set_config('" + name + "', '" + value + "', " + local + ")"));
        note(name, value, local);
    }

    private void reset() {
        if (random.nextInt(4) == 0) {
            succeed(query("reset all"));
            settings.resetAll();
            return;
        }
        String name = name();
        succeed(query(random.nextBoolean() ? "reset " + name : "set " + name + " to default"));
        settings.set(name, SettingsModel.DEFAULTS.getOrDefault(name, ""));
    }

    /** Without a transaction they are one, which fails as a whole. */
    private void severalInOne() {
        String name = name();
        String value = value(name);
        boolean fails = random.nextBoolean();
        byte[] sent = query("set " + name + " = '" + value + "'; select 1" + (fails ? " / 0" : "") + "; select 2");
        if (fails) {
            fail("22012", sent);
        } else {
            succeed(sent);
            settings.set(name, value.replace("''", "'"));
        }
    }

    private void look() {
        List<String> names = List.copyOf(settings.inForce().keySet());
        StringBuilder sql = new StringBuilder("select ");
        names.forEach(name -> sql.append("coalesce(current_setting('" + name + "', true), ''), "));
        List<Frame> reply = succeed(query(sql + "'end'"));
        Map<String, String> seen = new TreeMap<>();
        List<?> columns = row(reply);
        for (int i = 0; i < names.size(); i++) {
            seen.put(names.get(i), String.valueOf(columns.get(i)));
        }
        expect("parameters", new TreeMap<>(settings.inForce()), seen);
        for (String name : List.of("timezone", "intervalstyle", "application_name")) {
            expect("what was reported of " + name, settings.inForce().get(name), told.get(name));
        }
    }

    // ---- transactions

    private void transaction() {
        if (!settings.inTransaction()) {
            succeed(query(one(List.of("begin", "start transaction", "begin isolation level repeatable read"))));
            settings.begin();
        } else if (random.nextBoolean()) {
            succeed(query("commit"));
            settings.commit();
        } else {
            rollback();
        }
    }

    private void rollback() {
        succeed(query("rollback"));
        settings.rollback();
    }

    private void savepoint() {
        if (!settings.inTransaction()) {
            transaction();
        }
        String name = one(List.of("s", "t"));
        if (!settings.hasSavepoint(name) || random.nextInt(3) == 0) {
            succeed(query("savepoint " + name));
            settings.savepoint(name);
        } else if (random.nextBoolean()) {
            succeed(query("rollback to " + name));
            settings.rollbackTo(name);
        } else {
            succeed(query("release " + name));
            settings.release(name);
        }
    }

    /** An error in a transaction leaves nothing else to do. */
    private void recover() {
        if (settings.inTransaction()) {
            if (settings.hasSavepoint("s") && random.nextBoolean()) {
                fail25P02();
                succeed(query("rollback to s"));
                settings.rollbackTo("s");
            } else {
                rollback();
            }
        }
    }

    private void fail25P02() {
        List<Frame> reply = exchange(query("select 1"));
        expect("an error", "25P02", PooledRole.error(reply).sqlstate());
    }

    // ---- prepared statements

    private String statement() {
        return one(List.of("p", "q", "S_1", "s0"));
    }

    /** Texts that others have as well, and texts of its own. */
    private String answer() {
        return random.nextBoolean() ? "shared " + random.nextInt(5) : "of client " + number + ", " + counter++;
    }

    private void prepare() {
        String name = statement();
        String answer = answer();
        byte[] parse = parse(name, "select '" + answer + "'");
        if (prepared.containsKey(name)) {
            fail("42P05", parse, describeStatement(name), sync());
            return;
        }
        if (random.nextInt(5) == 0) {
            fail("42703", parse(name, "select missing"), parse("never", "select 1"), sync());
            return;
        }
        if (random.nextBoolean()) {
            succeed(parse, sync());
        } else {
            expect(
                    "a row",
                    List.of(answer),
                    row(succeed(parse, describeStatement(name), bind("", name), execute("", 0), sync())));
        }
        prepared.put(name, answer);
    }

    private void usePrepared() {
        String name = statement();
        boolean bySql = random.nextInt(3) == 0;
        byte[][] use = bySql
                ? new byte[][] {query("execute \"" + name + "\"")}
                : new byte[][] {bind("", name), execute("", 0), sync()};
        String answer = prepared.get(name);
        if (answer == null) {
            fail("26000", use);
        } else {
            expect("a row of " + name, List.of(answer), row(succeed(use)));
        }
    }

    private void prepareBySql() {
        String name = statement();
        String answer = answer();
        byte[] sent = query("prepare \"" + name + "\" as select '" + answer + "'");
        if (prepared.containsKey(name)) {
            fail("42P05", sent);
        } else {
            succeed(sent);
            prepared.put(name, answer);
        }
    }

    private void deallocate() {
        String name = statement();
        switch (random.nextInt(4)) {
            case 0, 1 -> {
                succeed(closeStatement(name), sync());
                prepared.remove(name);
            }
            case 2 -> {
                byte[] sent = query("deallocate \"" + name + "\"");
                if (prepared.remove(name) == null) {
                    fail("26000", sent);
                } else {
                    succeed(sent);
                }
            }
            default -> {
                succeed(query("deallocate all"));
                prepared.clear();
            }
        }
    }

    // ---- pipelines

    /** What was prepared before the error stays, what was set before it does not, what is behind it never was. */
    private void pipelineThatFails() {
        List<byte[]> messages = new ArrayList<>();
        String before = "before" + counter++;
        messages.add(parse(before, "select 'before'"));
        messages.add(parse("", "set my.own = 'undone'"));
        messages.add(bind("", ""));
        messages.add(execute("", 0));
        messages.add(parse("", "select 1 / 0"));
        messages.add(bind("", ""));
        messages.add(execute("", 0));
        messages.add(parse("behind", "select 'behind'"));
        messages.add(sync());
        fail("22012", messages.toArray(byte[][]::new));
        fail("26000", bind("", "behind"), sync());
        expect("a row", List.of("before"), row(succeed(bind("", before), execute("", 0), sync())));
        succeed(closeStatement(before), sync());
    }

    private void bigPipeline() {
        List<byte[]> messages = new ArrayList<>();
        List<List<String>> expected = new ArrayList<>();
        List<String> names = List.copyOf(prepared.keySet());
        for (int i = 0; i < 100; i++) {
            if (names.isEmpty() || random.nextInt(5) == 0) {
                messages.add(parse("", "select '" + i + "'"));
                messages.add(bind("", ""));
                expected.add(List.of(Integer.toString(i)));
            } else {
                String name = one(names);
                messages.add(bind("", name));
                expected.add(List.of(prepared.getOrDefault(name, "")));
            }
            messages.add(execute("", 0));
        }
        messages.add(sync());
        List<List<?>> seen = new ArrayList<>();
        for (Frame frame : succeed(messages.toArray(byte[][]::new))) {
            if (frame.type() == 'D') {
                seen.add(frame.columns());
            }
        }
        expect("the rows of a pipeline", expected, seen);
    }

    // ---- state that pins

    private boolean pin() {
        if (!pinned) {
            pinned = !settings.inTransaction() && pins.tryAcquire();
        }
        return pinned;
    }

    private void unpin() {
        if (pinned) {
            pinned = false;
            pins.release();
        }
    }

    private void temporaryTable() {
        if (settings.inTransaction()) {
            return;
        }
        if (!hasTable) {
            fail("42P01", query("select count(*) from pg_temp.soak"));
            if (pin()) {
                succeed(query("create temp table soak (a int)"));
                hasTable = true;
                rowsInTable = 0;
            }
        } else if (random.nextInt(3) == 0) {
            succeed(query("drop table pg_temp.soak"));
            hasTable = false;
        } else {
            succeed(query("insert into pg_temp.soak values (1)"));
            rowsInTable++;
            expect(
                    "rows of its temporary table",
                    List.of(Integer.toString(rowsInTable)),
                    row(succeed(query("select count(*) from pg_temp.soak"))));
        }
    }

    private void advisoryLock() {
        if (settings.inTransaction()) {
            return;
        }
        int key = 100_000 + number;
        String holds = "select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()";
        if (locked && random.nextBoolean()) {
            expect("its lock", List.of("t"), row(succeed(query("select pg_advisory_unlock(" + key + ")"))));
            locked = false;
        } else if (!locked && pin()) {
            succeed(query("select pg_advisory_lock(" + key + ")"));
            locked = true;
        }
        expect("its locks", List.of(locked ? "1" : "0"), row(succeed(query(holds))));
    }

    // ---- notifications

    private void notifyItself() {
        if (settings.inTransaction()) {
            return;
        }
        if (!listening) {
            succeed(query("listen soak_" + number));
            listening = true;
        }
        String payload = "to " + number + ", " + counter++;
        awaited.add(payload);
        succeed(query("notify soak_" + number + ", '" + payload + "'"));
        if (random.nextInt(4) == 0) {
            hearAwaited();
            succeed(query("unlisten " + (random.nextBoolean() ? "*" : "soak_" + number)));
            listening = false;
        }
    }

    private void hearAwaited() {
        while (!awaited.isEmpty()) {
            observe(client.readFrame());
        }
    }

    private void leaveOrDiscard() {
        if (settings.inTransaction()) {
            return;
        }
        hearAwaited();
        if (random.nextInt(3) == 0) {
            client.terminate();
            client = login();
        } else {
            succeed(query("discard all"));
        }
        settings = new SettingsModel();
        prepared.clear();
        listening = false;
        hasTable = false;
        locked = false;
        unpin();
    }

    // ---- exchanges

    private List<Frame> succeed(byte[]... messages) {
        List<Frame> reply = exchange(messages);
        if (reply.stream().anyMatch(frame -> frame.type() == 'E')) {
            throw new AssertionError("refused: " + PooledRole.error(reply));
        }
        return reply;
    }

    private void fail(String sqlstate, byte[]... messages) {
        List<Frame> reply = exchange(messages);
        Frame error = PooledRole.error(reply);
        expect("the error in " + error, sqlstate, error.sqlstate());
        expect("its severity", "ERROR", error.fields().get('V'));
        recover();
    }

    private List<Frame> exchange(byte[]... messages) {
        StringBuilder what = new StringBuilder();
        for (int i = 0; i < Math.min(messages.length, 8); i++) {
            what.append(new String(messages[i], StandardCharsets.ISO_8859_1).replaceAll("[\\x00-\\x1f]+", " "))
                    .append(" | ");
        }
        done.add(what.toString());
        if (done.size() > REMEMBERED) {
            done.removeFirst();
        }
        client.send(messages);
        List<Frame> reply = new ArrayList<>();
        for (Frame frame : client.readUntilReady()) {
            if (!observe(frame)) {
                reply.add(frame);
            }
        }
        return reply;
    }

    /** Takes what may come at any time. */
    private boolean observe(Frame frame) {
        switch (frame.type()) {
            case 'S' ->
                told.put(
                        frame.parameter().getKey().toLowerCase(Locale.ROOT),
                        frame.parameter().getValue());
            case 'A' -> {
                String news = new String(frame.body(), 4, frame.body().length - 4, StandardCharsets.UTF_8);
                expect("a notification", "soak_" + number + "\0" + awaited.poll() + "\0", news);
            }
            case 'N' -> {
                return true;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static List<?> row(List<Frame> reply) {
        return reply.stream()
                .filter(frame -> frame.type() == 'D')
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row in " + reply))
                .columns();
    }

    private static void expect(String what, @Nullable Object expected, @Nullable Object seen) {
        if (!Objects.equals(expected, seen)) {
            throw new AssertionError(what + ": expected " + expected + ", seen " + seen);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
