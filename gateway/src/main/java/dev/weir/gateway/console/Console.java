package dev.weir.gateway.console;

import dev.weir.pool.Lane;
import dev.weir.pool.LaneCheck;
import dev.weir.pool.LaneView;
import dev.weir.pool.Lanes;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.ConsoleUser;
import dev.weir.tenants.ConsoleUsers;
import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The console of one Weir: who may use it, who does, and what their commands do. Safe for all threads. */
public final class Console {
    private static final Logger log = LoggerFactory.getLogger(Console.class);

    private static final Set<String> DATABASES = Set.of("pgbouncer", "weir");

    private final Lanes lanes;
    private final ConsoleOperations operations;
    private final LaneAnswers answers;
    private final Administration administration;
    private final Steering steering;
    private final Statistics statistics = new Statistics(System.nanoTime());
    private final Set<ConsoleSession> sessions = ConcurrentHashMap.newKeySet();
    private final TenantSessions tenantSessions = new TenantSessions();
    private volatile ConsoleUsers users;

    public Console(Lanes lanes, ConsoleOperations operations, ConsoleUsers users) {
        this(lanes, operations, users, LaneCheck.LIMIT);
    }

    /** @param laneLimit how long a lane may take to answer */
    Console(Lanes lanes, ConsoleOperations operations, ConsoleUsers users, Duration laneLimit) {
        this.lanes = lanes;
        this.operations = operations;
        this.answers = new LaneAnswers(lanes, laneLimit);
        this.administration = new Administration(lanes, answers, operations);
        this.steering = new Steering(lanes, answers);
        this.users = users;
    }

    /** Whether who asks for this database asks for the console. */
    public static boolean isConsole(String database) {
        return DATABASES.contains(database);
    }

    // ---- who

    /** The user of all tenants that has this whole name. */
    public Optional<ConsoleUser> globalUser(String name) {
        return users.find(name);
    }

    /** What a tenant's user may do here; empty if nothing. */
    public Optional<ConsoleAccess> access(TenantId tenant, String user) {
        return users.roleOf(tenant, user).map(role -> new ConsoleAccess(user, role, Optional.of(tenant)));
    }

    /** Whether a user of all tenants is still configured as it was when its login began. */
    public boolean isConfigured(ConsoleUser user) {
        return users.find(user.name()).equals(Optional.of(user));
    }

    /** Others may use it from now on; who may no longer is disconnected. */
    public void setUsers(ConsoleUsers changed) {
        users = changed;
        PgError gone = new Failure.ShuttingDown().toPgError();
        for (ConsoleSession session : sessions) {
            if (!mayStay(session.client().access(), changed)) {
                session.endNow(gone);
            }
        }
    }

    private static boolean mayStay(ConsoleAccess access, ConsoleUsers users) {
        Optional<ConsoleRole> role = access.tenant()
                .map(tenant -> users.roleOf(tenant, access.user()))
                .orElseGet(() -> users.find(access.user()).map(ConsoleUser::role));
        return role.equals(Optional.of(access.role()));
    }

    /** @return why who has proven who it is is not let in; null if it is, and {@link #join} has to follow */
    public @Nullable Failure admit(ConsoleAccess access) {
        return access.tenant()
                .map(tenant -> tenantSessions.add(tenant, users.limits()))
                .orElse(null);
    }

    /** A client that was {@link #admit admitted} has logged in. */
    public ConsoleSession join(ConsoleClient client, Lane lane, ConsoleSession.Connection connection) {
        ConsoleSession session = new ConsoleSession(this, client, lane, connection);
        sessions.add(session);
        return session;
    }

    void leave(ConsoleSession session) {
        if (sessions.remove(session)) {
            session.client().access().tenant().ifPresent(tenantSessions::remove);
        }
    }

    /** Disconnects everybody. */
    public void endNow(PgError error) {
        sessions.forEach(session -> session.endNow(error));
    }

    /** A period of the averages is over; called once each. */
    public void onPeriod() {
        lanes.view(false).thenAccept(views -> statistics.sample(views, System.nanoTime()));
    }

    // ---- what

    /** What the command PAUSE, or RESUME, does to all databases; how it went is logged. */
    public void steerAll(boolean pause) {
        Command.Steer steer = new Command.Steer(pause ? Verb.PAUSE : Verb.RESUME, Optional.empty());
        log.atInfo().setMessage("signal").addKeyValue("command", steer.verb()).log();
        ConsoleAccess access = new ConsoleAccess("signal", ConsoleRole.ADMIN, Optional.empty());
        steering.carryOut(steer, access).whenComplete((answer, failure) -> {
            if (failure == null) {
                log.atInfo()
                        .setMessage("done")
                        .addKeyValue("command", steer.verb())
                        .log();
            } else {
                log.atWarn()
                        .setMessage("not done")
                        .addKeyValue("command", steer.verb())
                        .addKeyValue("reason", failure.getMessage())
                        .log();
            }
        });
    }

    /** Carries out a command; the answer may come on any thread. */
    CompletableFuture<Answer> carryOut(Command command, ConsoleAccess access, Lane lane) {
        if (command instanceof Command.Show show) {
            return show(show, access, lane.blocking());
        }
        if (!access.steers()) {
            return forbidden(command, "the role admin");
        }
        boolean ofOneTenant = command instanceof Command.Steer || command instanceof Command.KillClient;
        if (!ofOneTenant && !access.seesAll()) {
            return forbidden(command, "a [[console.user]] with the role admin");
        }
        log.atInfo()
                .setMessage("console command")
                .addKeyValue("command", command.text())
                .addKeyValue("user", access.user())
                .addKeyValue("tenant", access.tenant().map(TenantId::value).orElse("all"))
                .log();
        return switch (command) {
            case Command.Steer steer -> steering.carryOut(steer, access);
            case Command.SetValue set -> administration.set(set, lane);
            case Command.KillClient kill ->
                endSession(kill, access)
                        ? CompletableFuture.completedFuture(Answer.done(kill))
                        : administration.killClient(kill, access);
            case Command.Reload reload -> administration.reload(reload, lane);
            case Command.ShutDown shutDown -> administration.shutDown(shutDown, lane);
            case Command.Suspend suspend ->
                CompletableFuture.failedFuture(new ConsoleException(new Failure.ConsoleUnsupported(
                        "SUSPEND", "Weir does not hand its sockets to another process; PAUSE stops the work.")));
            default -> throw new IllegalStateException("the session sees to " + command);
        };
    }

    /** Who uses the console is among the clients that are shown, and ended by its id, too. */
    private boolean endSession(Command.KillClient kill, ConsoleAccess access) {
        for (ConsoleSession session : sessions) {
            String id = String.valueOf(session.client().id());
            if (access.seesAll() && kill.client().equals(new Argument.Literal(id))) {
                session.endNow(new Failure.ShuttingDown().toPgError());
                return true;
            }
        }
        return false;
    }

    private static CompletableFuture<Answer> forbidden(Command command, String needed) {
        return CompletableFuture.failedFuture(
                new ConsoleException(new Failure.ConsoleForbidden(command.tag(), needed)));
    }

    /** Whether nobody new is let in, since a shutdown waits for the clients that are there. */
    public boolean isDraining() {
        return administration.isDraining();
    }

    private CompletableFuture<Answer> show(Command.Show show, ConsoleAccess access, Executor blocking) {
        return switch (show.topic()) {
            case HELP ->
                CompletableFuture.completedFuture(Answer.done(show, new Notice("Console usage", Usage.text())));
            case FDS ->
                CompletableFuture.failedFuture(new ConsoleException(new Failure.ConsoleUnsupported(
                        "SHOW FDS", "It would hand out sockets and secrets; SHOW SOCKETS tells of the former.")));
            case LANES, MEM ->
                access.seesAll()
                        ? rows(show, access, blocking)
                        : CompletableFuture.failedFuture(new ConsoleException(
                                new Failure.ConsoleForbidden("SHOW " + show.topic(), "a [[console.user]]")));
            default -> rows(show, access, blocking);
        };
    }

    private CompletableFuture<Answer> rows(Command.Show show, ConsoleAccess access, Executor blocking) {
        LaneCheck check = LaneCheck.begin(lanes.all());
        return answers.view(show.topic().needsConnections())
                .thenApplyAsync(
                        views -> Answer.of(show, Tables.rows(show.topic(), snapshot(access, views, check))), blocking);
    }

    private Snapshot snapshot(ConsoleAccess access, List<LaneView> views, LaneCheck check) {
        List<ConsoleClient> here = access.seesAll()
                ? sessions.stream()
                        .map(ConsoleSession::client)
                        .sorted(Comparator.comparingLong(ConsoleClient::id))
                        .toList()
                : List.of();
        return new Snapshot(
                access,
                lanes.tenants(),
                views,
                Snapshot.homes(access, views),
                check,
                statistics.period(),
                here,
                operations,
                administration.shutdown(),
                System.currentTimeMillis());
    }
}
