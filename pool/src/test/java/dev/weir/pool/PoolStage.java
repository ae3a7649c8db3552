package dev.weir.pool;

import dev.weir.tenants.ClientLimits;
import dev.weir.tenants.Endpoint;
import dev.weir.tenants.PoolSettings;
import dev.weir.tenants.Secret;
import dev.weir.tenants.ServerLife;
import dev.weir.tenants.SessionSettings;
import dev.weir.tenants.SharedPipelining;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.TenantUser;
import dev.weir.tenants.Tenants;
import dev.weir.tenants.Upstream;
import dev.weir.tenants.UpstreamTls;
import dev.weir.testkit.ManualLoop;
import dev.weir.wire.Backend;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import dev.weir.wire.Sqlstate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The homes of one lane, on a loop that runs when a test says so, before a server without sockets that lets everyone in
 * and answers what is asked, until it is told to do otherwise.
 */
final class PoolStage implements AutoCloseable {
    static final Duration QUEUE_TIMEOUT = Duration.ofSeconds(60);
    static final Duration CLEANUP_TIMEOUT = Duration.ofSeconds(5);
    static final TenantId TENANT = new TenantId("acme");
    private static final TenantUser USER = TenantUser.of("app", new Secret.Password("secret"));

    /** How the server takes new connections. */
    enum Door {
        OPEN,
        /** It closes them without a word, as when nothing listens. */
        SHUT,
        /** It is starting. */
        STARTING,
        /** It stops. */
        STOPPING,
        /** It does not answer. */
        SILENT
    }

    final ManualLoop loop = new ManualLoop();
    final Lane lane;
    final LaneHomes homes;
    Tenants tenants;
    Door door = Door.OPEN;

    /** What was asked by simple queries, in the order in which it came. */
    final List<String> queries = new ArrayList<>();

    /** Whether what may block takes its time, until {@link #endBlocking}. */
    boolean blocks;

    private final List<Runnable> blocked = new ArrayList<>();

    final Budgets budgets = new Budgets();

    /** Those that have not been closed, in the order in which they were opened. */
    private final List<Backing> servers = new ArrayList<>();

    /** What the log has had in this minute is forgotten by these. */
    private final List<Runnable> ends = new ArrayList<>();

    private final LogLimit logLimit = new LogLimit((end, _) -> ends.add(end));

    private int opened;

    PoolStage(PoolSettings settings) {
        Transport nio = Transport.choose(IoKind.NIO);
        Transport embedded = new Transport(
                nio.kind(), nio.ioHandlers(), nio.listeners(), this::newServer, this::newServer, nio.unixAddress());
        this.lane = new Lane(
                0,
                loop,
                embedded,
                TlsProvider.JDK,
                Runnable::run,
                this::block,
                new SqlReader(),
                new ConnectionIds(0, 1),
                logLimit);
        this.tenants = tenants(settings);
        LaneLoads loads = new LaneLoads(List.of(lane), _ -> 0, lane.now());
        this.homes = new LaneHomes(new SecureRandom(), () -> tenants, new Placements(List.of(lane), budgets, loads));
        budgets.whenInDoubt((host, by) -> loop.execute(() -> homes.onDoubt(lane, host, by)));
    }

    /** Of that size, with nothing that happens by itself. */
    static PoolSettings settings(int size) {
        return settings(size, 0, 0, new ServerLife(Duration.ZERO, Duration.ZERO, Duration.ofDays(30), ""));
    }

    static PoolSettings settings(int size, ServerLife life) {
        return settings(size, 0, 0, life);
    }

    static PoolSettings settings(int size, int minSize, int reserveSize, ServerLife life) {
        return new PoolSettings(
                size,
                minSize,
                reserveSize,
                Duration.ofSeconds(5),
                QUEUE_TIMEOUT,
                CLEANUP_TIMEOUT,
                Duration.ofSeconds(5),
                life,
                SessionSettings.DEFAULTS,
                SharedPipelining.DEFAULTS);
    }

    private static Tenants tenants(PoolSettings settings) {
        return Tenants.of(List.of(tenant(TENANT, settings)), Optional.empty());
    }

    static Tenant tenant(TenantId id, PoolSettings settings) {
        return tenant(id, settings, 1);
    }

    /** @param port of its host, whose server is the same for all */
    static Tenant tenant(TenantId id, PoolSettings settings, int port) {
        return new Tenant(
                id,
                new Upstream(
                        List.of(new Endpoint.Tcp("127.0.0.1", port)),
                        UpstreamTls.DISABLE,
                        Optional.empty(),
                        Duration.ofSeconds(10)),
                "db",
                settings,
                1000,
                List.of(USER),
                Set.of());
    }

    /** Takes these into force. */
    void configure(PoolSettings settings) {
        tenants = tenants(settings);
        homes.replace(tenants, PgError.fatal(Sqlstate.ADMIN_SHUTDOWN, "gone"));
    }

    TenantHome home() {
        return home(TENANT);
    }

    TenantHome home(TenantId tenant) {
        TenantHome home = homes.find(lane, tenant);
        if (home == null) {
            throw new AssertionError("no home of " + tenant);
        }
        return home;
    }

    Pool pool() {
        return pool("db");
    }

    private Pool pool(String database) {
        return home().pool(database, USER);
    }

    PoolView view() {
        return pool().view();
    }

    SupplyCounters supply() {
        return pool().totals().supply();
    }

    long closed(CloseReason why) {
        return supply().closed(why);
    }

    // ---- the server

    private EmbeddedChannel newServer() {
        EmbeddedChannel channel = new EmbeddedChannel(DefaultChannelId.newInstance(), false, false);
        servers.add(new Backing(channel));
        return channel;
    }

    /** What stands behind one server connection. */
    final class Backing {
        final EmbeddedChannel channel;
        private final ByteBuf in = Unpooled.buffer();
        private boolean greeted;
        private @Nullable Integer pid;

        /** It swallows what is asked, as a network that has been cut. */
        boolean silent;

        /** It answers whatever is asked with an error. */
        boolean failing;

        /** It said goodbye by Terminate. */
        boolean terminated;

        Backing(EmbeddedChannel channel) {
            this.channel = channel;
        }

        int pid() {
            if (pid == null) {
                throw new AssertionError("not logged in");
            }
            return pid;
        }

        boolean isLoggedIn() {
            return pid != null;
        }

        private void serve() {
            channel.runPendingTasks();
            for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
                in.writeBytes(out);
                out.release();
            }
            if (!greeted && in.isReadable() && channel.isActive() && door != Door.SILENT) {
                greeted = true;
                in.skipBytes(in.getInt(in.readerIndex()));
                greet();
            }
            while (greeted && !silent && in.readableBytes() >= 5) {
                answer();
            }
        }

        private void greet() {
            ByteBuf out = Unpooled.buffer();
            switch (door) {
                case OPEN -> {
                    pid = ++opened;
                    Backend.writeAuthenticationOk(out);
                    Backend.writeParameterStatus(out, "server_version", "18");
                    Backend.writeBackendKeyData(out, pid, new byte[4]);
                    Backend.writeReadyForQuery(out, Backend.IDLE);
                    channel.writeInbound(out);
                }
                case STARTING, STOPPING -> {
                    String code = door == Door.STARTING ? "57P03" : "57P01";
                    new PgError(Severity.FATAL, code, "not now", null, null).writeTo(out);
                    channel.writeInbound(out);
                    channel.close();
                }
                case SHUT, SILENT -> {
                    out.release();
                    channel.close();
                }
            }
        }

        private void answer() {
            byte type = in.readByte();
            ByteBuf body = in.readSlice(in.readInt() - 4);
            ByteBuf out = Unpooled.buffer();
            switch (type) {
                case Frontend.QUERY -> {
                    String sql = body.toString(0, body.readableBytes() - 1, StandardCharsets.UTF_8);
                    queries.add(sql);
                    if (failing) {
                        new PgError(Severity.ERROR, "42601", "no", null, null).writeTo(out);
                    } else if (sql.isEmpty()) {
                        out.writeByte(Backend.EMPTY_QUERY_RESPONSE).writeInt(4);
                    } else {
                        out.writeByte(Backend.COMMAND_COMPLETE).writeInt(5).writeByte(0);
                    }
                    Backend.writeReadyForQuery(out, Backend.IDLE);
                }
                case Frontend.PARSE -> out.writeByte(Backend.PARSE_COMPLETE).writeInt(4);
                case Frontend.CLOSE -> {
                    queries.add("close " + body.toString(1, body.readableBytes() - 2, StandardCharsets.UTF_8));
                    out.writeByte(Backend.CLOSE_COMPLETE).writeInt(4);
                }
                case Frontend.SYNC -> Backend.writeReadyForQuery(out, Backend.IDLE);
                case Frontend.TERMINATE -> terminated = true;
                default -> throw new AssertionError("message " + (char) type);
            }
            if (out.isReadable() && channel.isActive()) {
                channel.writeInbound(out);
            } else {
                out.release();
            }
        }

        /** The server ends it: with these last words, or without any if that is null. */
        void dies(@Nullable String sqlstate) {
            if (sqlstate != null && channel.isActive()) {
                ByteBuf out = Unpooled.buffer();
                new PgError(Severity.FATAL, sqlstate, "bye", null, null).writeTo(out);
                channel.writeInbound(out);
            }
            channel.close();
            settle();
        }
    }

    private void block(Runnable task) {
        if (blocks) {
            blocked.add(task);
        } else {
            task.run();
        }
    }

    /** What has blocked is done. */
    void endBlocking() {
        blocks = false;
        blocked.forEach(Runnable::run);
        blocked.clear();
    }

    /** Runs everything that is due. */
    void settle() {
        for (int i = 0; i < 6; i++) {
            loop.run();
            for (Backing server : List.copyOf(servers)) {
                server.serve();
            }
            forgetClosed();
        }
        loop.run();
    }

    private void forgetClosed() {
        for (Backing server : List.copyOf(servers)) {
            if (!server.channel.isOpen()) {
                server.serve();
                servers.remove(server);
            }
        }
    }

    /** Lets this time pass in steps of a twentieth, and runs what becomes due in each. */
    void pass(Duration duration) {
        for (int i = 0; i < 20; i++) {
            loop.advance(duration.dividedBy(20));
            settle();
        }
    }

    /** A minute of the log is over. */
    void endMinute() {
        List<Runnable> due = List.copyOf(ends);
        ends.clear();
        due.forEach(Runnable::run);
    }

    /** Server connections that are open, in the order in which they were opened. */
    List<Backing> servers() {
        return List.copyOf(servers);
    }

    /** How many have ever logged in. */
    int opened() {
        return opened;
    }

    // ---- clients

    /** A client that has logged in. */
    Guest guest() {
        return guest("db");
    }

    Guest guest(String database) {
        return guest(home(), database);
    }

    Guest guest(TenantHome home, String database) {
        Guest guest = new Guest(home, database);
        guest.arrive();
        settle();
        return guest;
    }

    /** Clients that hold a server connection each. */
    List<Guest> holders(int count) {
        List<Guest> holders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Guest guest = guest();
            guest.ask();
            holders.add(guest);
        }
        settle();
        return holders;
    }

    /** Leaves so many server connections idle, and nobody who could use them but the clients given back. */
    List<Guest> idle(int count) {
        List<Guest> holders = holders(count);
        holders.forEach(Guest::giveBack);
        settle();
        return holders;
    }

    /** One who borrows a server connection and gives it back. */
    static final class Guest extends OwnBorrower implements Pool.WelcomeTaker, Resident {
        private final TenantHome home;
        private final String database;
        private @Nullable Pool pool;

        @Nullable
        ServerConnection server;

        boolean welcomed;
        boolean lost;
        final List<PgError> errors = new ArrayList<>();

        Guest(TenantHome home, String database) {
            this.home = home;
            this.database = database;
        }

        void arrive() {
            home.admit(this);
            Pool joined = home.pool(database, USER);
            pool = joined;
            joined.join();
            joined.welcome(Map.of(), this);
        }

        void ask() {
            if (pool != null) {
                pool.lend(this);
            }
        }

        @Override
        public boolean isLate(ClientLimits limits, long now) {
            return false;
        }

        @Override
        public void onLate(ClientLimits limits, long now) {
            throw new IllegalStateException("is never late");
        }

        boolean isServed() {
            return server != null;
        }

        int pid() {
            if (server == null) {
                throw new AssertionError("not served");
            }
            return server.processId();
        }

        void giveBack() {
            ServerConnection lent = server;
            if (lent == null) {
                throw new AssertionError("not served");
            }
            server = null;
            lent.giveBack();
        }

        void leave() {
            Pool joined = pool;
            if (joined == null) {
                return;
            }
            pool = null;
            ServerConnection lent = server;
            if (lent != null) {
                server = null;
                lent.leave(true, false, false);
            }
            joined.forget((Pool.WelcomeTaker) this);
            joined.forget((Borrower) this);
            home.depart(this);
            joined.leave();
        }

        @Override
        public void onWelcome(Map<String, String> reported, SessionParameters own) {
            welcomed = true;
        }

        @Override
        public void onNoWelcome(PgError error) {
            errors.add(error);
        }

        @Override
        public void onLent(ServerConnection lent) {
            server = lent;
        }

        @Override
        public void onRefused(PgError error) {
            errors.add(error);
        }

        @Override
        public void onReady(boolean atRest) {
            // what the test has had done for it is done
        }

        @Override
        public void onServerLost(@Nullable PgError lastWords) {
            server = null;
            lost = true;
        }

        @Override
        public String user() {
            return "app";
        }

        @Override
        public ClientView view() {
            return new ClientView(
                    1,
                    new PoolKey(TENANT, database, "app"),
                    false,
                    ClientView.State.IDLE,
                    new InetSocketAddress(0),
                    new InetSocketAddress(0),
                    false,
                    0,
                    0,
                    0,
                    "",
                    0,
                    List.of());
        }

        @Override
        public void endSoon(PgError error) {
            endNow(error);
        }

        @Override
        public void endNow(PgError error) {
            errors.add(error);
            leave();
        }
    }

    @Override
    public void close() {
        homes.endNow(PgError.fatal(Sqlstate.ADMIN_SHUTDOWN, "over"), CloseReason.SHUTDOWN);
        door = Door.SHUT;
        settle();
        for (Backing server : servers()) {
            server.channel.close();
        }
        settle();
        forgetClosed();
    }
}
