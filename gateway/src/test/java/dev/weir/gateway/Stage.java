package dev.weir.gateway;

import dev.weir.gateway.console.Console;
import dev.weir.pool.ConnectionIds;
import dev.weir.pool.IoKind;
import dev.weir.pool.Lane;
import dev.weir.pool.LaneCheck;
import dev.weir.pool.Lanes;
import dev.weir.pool.SqlReader;
import dev.weir.pool.TenantHome;
import dev.weir.pool.TlsProvider;
import dev.weir.pool.Transport;
import dev.weir.tenants.Allotment;
import dev.weir.tenants.Ceilings;
import dev.weir.tenants.ClientLimits;
import dev.weir.tenants.ConsoleUsers;
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
import dev.weir.wire.Frames;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.ProtocolVersion;
import dev.weir.wire.Severity;
import dev.weir.wire.auth.ChannelBinding;
import dev.weir.wire.auth.ScramClientExchange;
import dev.weir.wire.auth.ScramKeys;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelId;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** All of Weir on one loop without sockets: clients and servers are embedded channels, and a test speaks for both. */
final class Stage implements AutoCloseable {
    static final Duration QUEUE_TIMEOUT = Duration.ofSeconds(5);
    static final LogSettings LOG = LogSettings.of(true, Duration.ofSeconds(1), Duration.ZERO);
    static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(7);
    static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(60);
    static final String PASSWORD = "secret";

    /** One for all, since closing it takes its time; each stage has a tenant, and so a home, of its own there. */
    private static final Lanes LANES =
            new Lanes(IoKind.NIO, TlsProvider.JDK, 1, Tenants.of(List.of(), Optional.empty()));

    private static int made;

    final ManualLoop loop = new ManualLoop();

    /** Server connections in the order in which they were opened, cancels among them. */
    final List<EmbeddedChannel> servers = new ArrayList<>();

    final Deque<Runnable> hashing = new ArrayDeque<>();
    final List<Client> clients = new ArrayList<>();
    final Lanes lanes = LANES;
    final TenantId tenantId = new TenantId("tenant" + ++made);

    /** One of its own, since tenants with the same host tell each other when it seems to have gone. */
    final Endpoint host = new Endpoint.Tcp("127.0.0.1", made);

    final Lane lane;
    final Gateway gateway;
    private SharedPipelining sharing = SharedPipelining.DEFAULTS;
    private ServerLife life = new ServerLife(Duration.ZERO, Duration.ZERO, Duration.ofDays(30), "");

    Stage(int poolSize, int maxClients) {
        configure(poolSize, maxClients, PASSWORD);
        Transport nio = lanes.transport();
        Transport embedded = new Transport(
                nio.kind(), nio.ioHandlers(), nio.listeners(), this::newServer, this::newServer, nio.unixAddress());
        this.lane = new Lane(
                0,
                loop,
                embedded,
                TlsProvider.JDK,
                hashing::add,
                Runnable::run,
                new SqlReader(),
                new ConnectionIds(0, 1),
                lanes.logLimit());
        this.gateway = new Gateway(
                lanes,
                new GatewaySettings(1, LOGIN_TIMEOUT, Optional.empty(), Duration.ofMinutes(1)),
                LOG,
                new Console(lanes, new NoOperations(), ConsoleUsers.NONE));
    }

    /** Takes this configuration into force. */
    void configure(int poolSize, int maxClients, String password) {
        configure(poolSize, maxClients, password, ClientLimits.NONE);
    }

    void configure(int poolSize, int maxClients, String password, ClientLimits limits) {
        configure(tenant(poolSize, maxClients, password, limits), Allotment.NONE, Ceilings.NONE);
    }

    /** From now on pools share so. */
    void share(int poolSize, int maxClients, SharedPipelining changed) {
        sharing = changed;
        configure(poolSize, maxClients, PASSWORD);
    }

    /** From now on server connections live so. */
    void live(int poolSize, int maxClients, ServerLife changed) {
        life = changed;
        configure(poolSize, maxClients, PASSWORD);
    }

    /** Limits what the tenant may have of what tenants share. */
    void limit(int poolSize, int maxClients, Allotment allotment, Ceilings ceilings) {
        configure(tenant(poolSize, maxClients, PASSWORD, ClientLimits.NONE), allotment, ceilings);
    }

    private void configure(Tenant tenant, Allotment allotment, Ceilings ceilings) {
        Tenant limited = new Tenant(
                tenant.id(),
                tenant.upstream(),
                tenant.database(),
                tenant.pool(),
                tenant.maxClients(),
                tenant.lanes(),
                allotment,
                tenant.users(),
                tenant.serverNames());
        lanes.replace(Tenants.of(List.of(limited), Optional.empty(), ceilings), LaneCheck.LIMIT)
                .join();
    }

    TenantHome home() {
        TenantHome home = lanes.home(lane, tenantId);
        if (home == null) {
            throw new AssertionError("no home of " + tenantId);
        }
        return home;
    }

    private Tenant tenant(int poolSize, int maxClients, String password, ClientLimits limits) {
        return new Tenant(
                tenantId,
                new Upstream(List.of(host), UpstreamTls.DISABLE, Optional.empty(), Duration.ofSeconds(10)),
                "db",
                new PoolSettings(
                        poolSize,
                        0,
                        0,
                        QUEUE_TIMEOUT,
                        QUEUE_TIMEOUT,
                        Duration.ofSeconds(3),
                        CANCEL_TIMEOUT,
                        life,
                        SessionSettings.DEFAULTS,
                        sharing),
                maxClients,
                List.of(new TenantUser(
                        "app", new Secret.Password(password), OptionalInt.empty(), true, Optional.empty(), limits)),
                Set.of());
    }

    private EmbeddedChannel newServer() {
        ChannelId id = DefaultChannelId.newInstance();
        EmbeddedChannel server = new EmbeddedChannel(id, false, false);
        servers.add(server);
        return server;
    }

    /** Runs everything that is due, hashing included. */
    void settle() {
        for (int i = 0; i < 6; i++) {
            loop.run();
            while (!hashing.isEmpty()) {
                hashing.remove().run();
            }
            for (EmbeddedChannel server : List.copyOf(servers)) {
                server.runPendingTasks();
            }
            clients.forEach(client -> client.channel.runPendingTasks());
        }
    }

    /** The server accepts the login of its connection that was opened last. */
    EmbeddedChannel serverWelcomes() {
        settle();
        EmbeddedChannel server = servers.getLast();
        ByteBuf out = Unpooled.buffer();
        Backend.writeAuthenticationOk(out);
        Backend.writeParameterStatus(out, "server_version", "18");
        Backend.writeBackendKeyData(out, 7, new byte[4]);
        Backend.writeReadyForQuery(out, Backend.IDLE);
        server.writeInbound(out);
        settle();
        sent(server);
        return server;
    }

    /** The smallest message of a type; {@code z} is a ReadyForQuery within a transaction, {@code e} a FATAL. */
    static ByteBuf message(char type) {
        ByteBuf out = Unpooled.buffer();
        switch (type) {
            case 'Z' -> Backend.writeReadyForQuery(out, Backend.IDLE);
            case 'z' -> Backend.writeReadyForQuery(out, Backend.IN_TRANSACTION);
            case 'e' -> new PgError(Severity.FATAL, "57P01", "bye", null, null).writeTo(out);
            default -> Frames.writeEmpty(out, (byte) type);
        }
        return out;
    }

    /** The types of the messages written to that channel since the last call; an incomplete one is a {@code ~}. */
    static String sent(EmbeddedChannel channel) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.writeBytes(out);
            out.release();
        }
        StringBuilder types = new StringBuilder();
        while (all.readableBytes() >= 5) {
            types.append((char) all.readByte());
            int body = all.readInt() - 4;
            if (all.readableBytes() < body) {
                return types.append('~').toString();
            }
            all.skipBytes(body);
        }
        return types.toString();
    }

    Client client(Mode mode) {
        return new Client(mode, "app");
    }

    /** A client and its connection. */
    final class Client {
        final EmbeddedChannel channel = new EmbeddedChannel();
        final ClientConnection connection;
        private final ScramClientExchange exchange = new ScramClientExchange(new SecureRandom());

        Client(Mode mode, String user) {
            Arrival arrival = new Arrival(
                    new LoginName(user, Optional.of(tenantId), tenantId.value(), Optional.empty()),
                    ProtocolVersion.V3_0,
                    null,
                    Optional.empty(),
                    mode,
                    Map.of(),
                    System.nanoTime() + LOGIN_TIMEOUT.toNanos(),
                    Optional.empty());
            channel.config().setAutoRead(false);
            connection = new ClientConnection(gateway, lane, channel, arrival);
            channel.pipeline().addLast(connection);
            clients.add(this);
        }

        Client arrives() {
            connection.begin(null);
            return this;
        }

        Client offered() {
            arrives();
            settle();
            sent(channel);
            return this;
        }

        Client challenged() {
            offered();
            if (!(exchange.start(List.of("SCRAM-SHA-256"), new ChannelBinding.None())
                    instanceof ScramClientExchange.Begin begin)) {
                throw new AssertionError("no SCRAM");
            }
            ByteBuf out = Unpooled.buffer();
            Frontend.writeSaslInitialResponse(out, begin.mechanism(), begin.clientFirst());
            gets(out);
            return this;
        }

        /** Proves its password and awaits the welcome, unless there is one already. */
        Client proven(String password) {
            challenged();
            ByteBuf challenge = channel.readOutbound();
            byte[] serverFirst = new byte[challenge.readableBytes() - 9];
            challenge.getBytes(9, serverFirst);
            challenge.release();
            if (!(exchange.serverFirst(serverFirst) instanceof ScramClientExchange.DeriveKeys wanted)
                    || !(exchange.finish(ScramKeys.derive(password, wanted.salt(), wanted.iterations()))
                            instanceof ScramClientExchange.Answer answer)) {
                throw new AssertionError("no answer to " + new String(serverFirst, StandardCharsets.US_ASCII));
            }
            ByteBuf out = Unpooled.buffer();
            Frontend.writeSaslResponse(out, answer.clientFinal());
            gets(out);
            return this;
        }

        /** Logs in, over a server connection that is opened for it if it is the first. */
        Client loggedIn() {
            boolean first = servers.isEmpty();
            proven(PASSWORD);
            if (first) {
                serverWelcomes();
            }
            settle();
            if (!sent(channel).endsWith("KZ")) {
                throw new AssertionError("not logged in");
            }
            return this;
        }

        Client sends(String types) {
            types.chars().forEach(type -> gets(message((char) type)));
            return this;
        }

        boolean isListening() {
            return channel.pipeline().context(connection) != null;
        }

        /** Its bytes reach Weir. */
        void gets(ByteBuf in) {
            if (!isListening()) {
                in.release();
                return;
            }
            channel.pipeline().fireChannelRead(in);
            channel.pipeline().fireChannelReadComplete();
            settle();
        }

        String got() {
            settle();
            return sent(channel);
        }
    }

    void serverSends(EmbeddedChannel server, String types) {
        types.chars().forEach(type -> serverSends(server, message((char) type)));
    }

    void serverSends(EmbeddedChannel server, ByteBuf in) {
        if (server.isActive()) {
            server.writeInbound(in);
        } else {
            in.release();
        }
        settle();
    }

    /** Closes all, and checks that no exception has escaped. */
    @Override
    public void close() {
        for (Client client : clients) {
            client.channel.close();
            client.channel.checkException();
            client.channel.finishAndReleaseAll();
        }
        settle();
        for (EmbeddedChannel server : List.copyOf(servers)) {
            server.checkException();
            server.finishAndReleaseAll();
        }
        settle();
        gateway.close();
    }
}
