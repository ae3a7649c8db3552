package dev.weir.gateway;

import dev.weir.gateway.console.ConsoleAccess;
import dev.weir.pool.Lane;
import dev.weir.pool.Pool;
import dev.weir.pool.SessionParameters;
import dev.weir.pool.Tally;
import dev.weir.pool.TenantHome;
import dev.weir.tenants.ConsoleUser;
import dev.weir.tenants.Secret;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantUser;
import dev.weir.wire.Backend;
import dev.weir.wire.Failure;
import dev.weir.wire.Frontend;
import dev.weir.wire.PgError;
import dev.weir.wire.Severity;
import dev.weir.wire.Verdict;
import dev.weir.wire.auth.ChannelBinding;
import dev.weir.wire.auth.ScramServerExchange;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The login of one client by SCRAM-SHA-256, up to its first ReadyForQuery. Unknown tenants and users go the same way as
 * known ones and fail at the same place. Confined to the client's lane. Source: PostgreSQL manual, "Start-up" and "SASL
 * Authentication".
 */
final class Login implements Pool.WelcomeTaker {
    /** Largest message of a login, in bytes of its body. */
    private static final int FRAME_LIMIT = 4096;

    private final Gateway gateway;
    private final Lane lane;
    private final LoginOwner owner;
    private final Channel channel;
    private final Arrival arrival;
    private final Optional<TenantUser> user;

    /** Who logs in to the console as a user of all tenants. */
    private final Optional<ConsoleUser> consoleUser;

    private final @Nullable ScheduledFuture<?> timer;

    private LoginPhase phase = new LoginPhase.Preparing();

    /** Why there is no welcome; null if the client left by itself. */
    private @Nullable String failure;

    Login(Gateway gateway, Lane lane, LoginOwner owner, Channel channel, Arrival arrival) {
        this.gateway = gateway;
        this.lane = lane;
        this.owner = owner;
        this.channel = channel;
        this.arrival = arrival;
        this.user = known().flatMap(tenant -> tenant.user(arrival.name().user()));
        this.consoleUser = arrival.consoleUser().flatMap(gateway.console()::globalUser);
        Duration left = Duration.ofNanos(Math.max(1, arrival.loginDeadline() - System.nanoTime()));
        this.timer = lane.schedule(left, this::onDeadline);
    }

    void begin() {
        String name = arrival.name().user() + "." + arrival.name().named();
        Optional<Secret> secret = consoleUser.map(ConsoleUser::secret).or(() -> user.map(TenantUser::secret));
        gateway.verifiers().find(lane, secret, name, found -> {
            if (!(phase instanceof LoginPhase.Preparing preparing)) {
                return; // the client has gone
            }
            if (found.isEmpty()) {
                fail(new Failure.TooManyLogins().toPgError());
                return;
            }
            Verifiers.Candidate candidate = found.get();
            ChannelBinding binding = arrival.tls()
                    .<ChannelBinding>map(ClientTls.Material::binding)
                    .orElseGet(ChannelBinding.None::new);
            ScramServerExchange exchange = new ScramServerExchange(
                    candidate.verifier(),
                    candidate.known(),
                    binding,
                    gateway.lanes().random());
            phase = preparing.offer(exchange);
            ByteBuf out = channel.alloc().buffer(128);
            if (arrival.negotiation() != null) {
                Backend.writeNegotiateProtocolVersion(out, arrival.version().code(), arrival.negotiation());
            }
            Backend.writeAuthenticationSasl(out, exchange.mechanisms());
            channel.writeAndFlush(out, channel.voidPromise());
            owner.readOn();
        });
    }

    Verdict onHeader(byte type, int bodyLength) {
        return switch (phase) {
            case LoginPhase.Offered offered -> onAnswerHeader(type, bodyLength);
            case LoginPhase.Challenged challenged -> onAnswerHeader(type, bodyLength);
            case LoginPhase.Preparing preparing -> Verdict.STOP;
            case LoginPhase.AwaitingWelcome awaiting -> Verdict.STOP;
            case LoginPhase.Over over -> Verdict.STOP;
        };
    }

    private Verdict onAnswerHeader(byte type, int bodyLength) {
        if (type != Frontend.PASSWORD) {
            return violation("expected SASL response, got message type " + (type & 0xff));
        }
        if (bodyLength > FRAME_LIMIT) {
            return violation("invalid message length");
        }
        return Verdict.INSPECT;
    }

    Verdict onFrame(byte type, ByteBuf buffer, int bodyIndex, int bodyLength) {
        return switch (phase) {
            case LoginPhase.Offered offered -> onClientFirst(offered, buffer, bodyIndex, bodyLength);
            case LoginPhase.Challenged challenged -> onClientFinal(challenged, buffer, bodyIndex, bodyLength);
            case LoginPhase.Preparing preparing -> Verdict.STOP;
            case LoginPhase.AwaitingWelcome awaiting -> Verdict.STOP;
            case LoginPhase.Over over -> Verdict.STOP;
        };
    }

    /** SASLInitialResponse: a mechanism, a length, data. */
    private Verdict onClientFirst(LoginPhase.Offered offered, ByteBuf buffer, int bodyIndex, int bodyLength) {
        int nameLength = buffer.bytesBefore(bodyIndex, bodyLength, (byte) 0);
        int dataAt = bodyIndex + nameLength + 1 + 4;
        int dataLength = bodyIndex + bodyLength - dataAt;
        if (nameLength < 0 || dataLength < 0 || buffer.getInt(dataAt - 4) != dataLength) {
            return violation("malformed SASL initial response");
        }
        String mechanism = buffer.toString(bodyIndex, nameLength, StandardCharsets.US_ASCII);
        byte[] data = new byte[dataLength];
        buffer.getBytes(dataAt, data);
        return switch (offered.exchange().clientFirst(mechanism, data)) {
            case ScramServerExchange.Continue challenge -> {
                phase = offered.challenge();
                ByteBuf out = channel.alloc().buffer(128);
                Backend.writeAuthentication(out, Backend.AUTH_SASL_CONTINUE, challenge.serverFirst());
                channel.writeAndFlush(out, channel.voidPromise());
                yield Verdict.SWALLOW;
            }
            case ScramServerExchange.Violation violation -> refuse(violation);
        };
    }

    private Verdict onClientFinal(LoginPhase.Challenged challenged, ByteBuf buffer, int bodyIndex, int bodyLength) {
        byte[] data = new byte[bodyLength];
        buffer.getBytes(bodyIndex, data);
        return switch (challenged.exchange().clientFinal(data)) {
            case ScramServerExchange.Accepted accepted ->
                switch (owner) {
                    case ClientConnection client -> onAccepted(client, challenged, accepted);
                    case ConsoleConnection console -> onConsole(console, accepted);
                };
            case ScramServerExchange.Rejected rejected ->
                fail(new Failure.LoginRejected(arrival.name().user()).toPgError());
            case ScramServerExchange.Violation violation -> refuse(violation);
        };
    }

    /** The user's tenant; empty if the configuration has changed since the login began. */
    private Optional<Tenant> stillTenant() {
        return known().filter(this::hasUser);
    }

    private Verdict onAccepted(
            ClientConnection client, LoginPhase.Challenged challenged, ScramServerExchange.Accepted accepted) {
        TenantHome tenantHome = stillTenant()
                .map(tenant -> gateway.lanes().home(lane, tenant.id()))
                .orElse(null);
        if (tenantHome == null || user.isEmpty() || !hasUser(tenantHome.tenant())) {
            return fail(new Failure.LoginRejected(arrival.name().user()).toPgError());
        }
        if (gateway.console().isDraining()) {
            return fail(new Failure.NotAccepting().toPgError());
        }
        String database = arrival.name().database().orElse(tenantHome.tenant().database());
        if (tenantHome.isDisabled(database)) {
            return fail(new Failure.DatabaseDisabled(database).toPgError());
        }
        Failure refusal = tenantHome.admit(client);
        if (refusal != null) {
            return fail(refusal.toPgError());
        }
        if (tenantHome.bytes() != null) {
            channel.pipeline().addBefore("client", "bytes", new ByteRate(tenantHome, lane, client::updateReading));
        }
        Pool pool = tenantHome.pool(database, user.get());
        pool.join();
        pool.rememberKeys(accepted.keys());
        phase = challenged.accept(new Membership(tenantHome, pool));
        ByteBuf out = channel.alloc().buffer(128);
        Backend.writeAuthentication(out, Backend.AUTH_SASL_FINAL, accepted.serverFinal());
        channel.write(out, channel.voidPromise()); // AuthenticationOk and the rest follow at once, or an error does
        pool.welcome(arrival.startup(), this);
        channel.flush();
        return Verdict.SWALLOW;
    }

    /** Of the console's users, too, the configuration may have changed meanwhile. */
    private Verdict onConsole(ConsoleConnection console, ScramServerExchange.Accepted accepted) {
        Optional<ConsoleAccess> access;
        if (consoleUser.isPresent()) {
            if (!gateway.console().isConfigured(consoleUser.get())) {
                return fail(new Failure.LoginRejected(arrival.name().user()).toPgError());
            }
            access = consoleUser.map(known -> new ConsoleAccess(known.name(), known.role(), Optional.empty()));
        } else {
            Optional<Tenant> tenant = stillTenant();
            if (tenant.isEmpty() || user.isEmpty()) {
                return fail(new Failure.LoginRejected(arrival.name().user()).toPgError());
            }
            access = gateway.console().access(tenant.get().id(), user.get().name());
        }
        if (access.isEmpty()) {
            return fail(new Failure.ConsoleNotAllowed().toPgError());
        }
        Failure refusal = gateway.console().admit(access.get());
        if (refusal != null) {
            return fail(refusal.toPgError());
        }
        over();
        ByteBuf out = channel.alloc().buffer(128);
        Backend.writeAuthentication(out, Backend.AUTH_SASL_FINAL, accepted.serverFinal());
        channel.write(out, channel.voidPromise());
        console.onLoggedIn(access.get());
        return Verdict.SWALLOW;
    }

    /** The configuration may have changed since the login began, and did not find this client among the residents. */
    private boolean hasUser(Tenant tenant) {
        return user.isPresent() && tenant.user(user.get().name()).equals(user);
    }

    @Override
    public void onWelcome(Map<String, String> reported, SessionParameters own) {
        if (!(phase instanceof LoginPhase.AwaitingWelcome awaiting && owner instanceof ClientConnection client)) {
            return;
        }
        over();
        ByteBuf out = channel.alloc().buffer(512);
        Backend.writeAuthenticationOk(out);
        reported.forEach((name, value) -> Backend.writeParameterStatus(out, name, value));
        CancelKeys.CancelKey key = client.key();
        Backend.writeBackendKeyData(out, key.processId(), key.secret());
        Backend.writeReadyForQuery(out, Backend.IDLE);
        channel.writeAndFlush(out, channel.voidPromise());
        client.onLoggedIn(awaiting.membership(), own);
        awaiting.membership().home().checkCapacity(awaiting.pool());
    }

    @Override
    public void onNoWelcome(PgError error) {
        failure = LoginFailures.ofServer(error);
        fail(error.withSeverity(Severity.FATAL));
    }

    private void onDeadline() {
        fail(new Failure.LoginTimeout(gateway.settings().loginTimeout().toMillis()).toPgError());
    }

    private Verdict refuse(ScramServerExchange.Violation violation) {
        return fail(PgError.fatal(violation.sqlstate(), violation.message()));
    }

    private Verdict violation(String message) {
        return fail(new Failure.ProtocolViolation(message).toPgError());
    }

    private Verdict fail(PgError error) {
        owner.close(error, error.message());
        return Verdict.STOP;
    }

    /** Where it belongs; null before it was accepted there, and when the login is over. */
    @Nullable
    Membership membership() {
        return phase instanceof LoginPhase.AwaitingWelcome awaiting ? awaiting.membership() : null;
    }

    /** The client is about to be told this, and the login is over. */
    void onRefused(PgError error) {
        if (failure == null) {
            failure = LoginFailures.reason(error);
        }
    }

    /** How long it has taken, in nanoseconds from accept on. */
    long elapsedNanos() {
        long left = arrival.loginDeadline() - System.nanoTime();
        return gateway.settings().loginTimeout().toNanos() - left;
    }

    /** The client has gone, or was refused. */
    void abandon() {
        Tally failures =
                gateway.lanes().loginFailures(lane, arrival.name().tenant().orElse(null));
        failures.count(failure == null ? LoginFailures.CLIENT_LEFT : failure);
        if (phase instanceof LoginPhase.AwaitingWelcome awaiting && owner instanceof ClientConnection client) {
            awaiting.pool().forget(this);
            awaiting.membership().home().depart(client);
            awaiting.pool().leave();
        }
        over();
    }

    /** As the log names it; unknown tenants are one, since anybody can think of names. */
    String tenant() {
        return known().map(tenant -> tenant.id().value()).orElse("unknown");
    }

    private Optional<Tenant> known() {
        return arrival.name().tenant().flatMap(id -> gateway.lanes().tenants().find(id));
    }

    LoggingEventBuilder event(LoggingEventBuilder builder) {
        return builder.addKeyValue(
                        "tenant", arrival.name().tenant().map(Object::toString).orElse("unknown"))
                .addKeyValue("user", arrival.name().user())
                .addKeyValue("phase", phase.getClass().getSimpleName())
                .addKeyValue("known", known().isEmpty() ? "no tenant" : user.isEmpty() ? "no user" : "yes");
    }

    private void over() {
        phase = new LoginPhase.Over();
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
