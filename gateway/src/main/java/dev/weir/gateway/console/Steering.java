package dev.weir.gateway.console;

import dev.weir.pool.HomeView;
import dev.weir.pool.LaneView;
import dev.weir.pool.Lanes;
import dev.weir.pool.Pool;
import dev.weir.pool.TenantHome;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Commands that are about databases: each is carried out at the homes of the tenants that are meant. Safe for all threads. */
final class Steering {
    private static final String NAMES = "SHOW DATABASES tells the names; any other of a tenant may be named, too.";

    private final Lanes lanes;
    private final LaneAnswers answers;

    Steering(Lanes lanes, LaneAnswers answers) {
        this.lanes = lanes;
        this.answers = answers;
    }

    /**
     * What a command is about.
     *
     * @param database empty for all of those tenants
     */
    private record Target(List<TenantId> tenants, Optional<String> database, String written) {}

    CompletableFuture<Answer> carryOut(Command.Steer steer, ConsoleAccess access) {
        Target target;
        try {
            target = target(steer, access);
        } catch (ConsoleException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Answer> answer =
                answers.view(false).thenCompose(views -> carryOut(steer, target, homes(views, target)));
        if (steer.verb() == Verb.PAUSE) {
            answer.whenComplete((done, failure) -> {
                if (failure instanceof ConsoleException known && known.isCancel()) {
                    atEach(target.tenants(), resumption(target));
                }
            });
        }
        return answer;
    }

    private CompletableFuture<Answer> carryOut(Command.Steer steer, Target target, List<HomeView> homes) {
        return switch (steer.verb()) {
            case PAUSE -> pause(steer, target, homes);
            case RESUME -> resume(steer, target, homes);
            case KILL -> // and pauses, those to come too
                answers.inTime(atEach(target.tenants(), at(target, TenantHome::kill, Steering::killAll)))
                        .thenApply(all -> answer(steer, target, homes));
            case RECONNECT ->
                done(
                        steer,
                        target,
                        homes,
                        at(
                                target,
                                (home, name, error) -> home.reconnect(name),
                                (home, error) -> databases(home).forEach(home::reconnect)));
            case DISABLE ->
                done(steer, target, homes, at(target, (home, name, error) -> home.disable(name), (home, error) -> {}));
            case ENABLE ->
                done(steer, target, homes, at(target, (home, name, error) -> home.enable(name), (home, error) -> {}));
            case WAIT_CLOSE -> // which may take as long as it takes
                atEach(tenants(target, homes), waitClose(target)).thenApply(all -> answer(steer, target, homes));
        };
    }

    // ---- what is meant

    private Target target(Command.Steer steer, ConsoleAccess access) throws ConsoleException {
        if (steer.database().isEmpty()) {
            List<TenantId> all = new ArrayList<>();
            for (Tenant tenant : lanes.tenants().all()) {
                if (access.sees(tenant.id())) {
                    all.add(tenant.id());
                }
            }
            return new Target(all, Optional.empty(), "");
        }
        String written = Administration.text(steer.database().get());
        if (Console.isConsole(written)) {
            throw new ConsoleException(
                    new Failure.ConsoleState("cannot " + steer.verb() + " the console: " + written, NAMES));
        }
        if (access.tenant().isPresent()) {
            return new Target(List.of(access.tenant().get()), Optional.of(written), written);
        }
        int dot = written.lastIndexOf('.');
        if (dot <= 0) {
            TenantId fallback = lanes.tenants()
                    .defaultTenant()
                    .map(Tenant::id)
                    .orElseThrow(() -> new ConsoleException(new Failure.ConsoleUnknownObject(
                            "no such database: " + written, "Databases are named database.tenant. " + NAMES)));
            return new Target(List.of(fallback), Optional.of(written), access.name(written, fallback));
        }
        TenantId tenant = Administration.tenant(lanes, written.substring(dot + 1));
        return new Target(List.of(tenant), Optional.of(written.substring(0, dot)), written);
    }

    /** What there is of the tenants that are meant. */
    private static List<HomeView> homes(List<LaneView> views, Target target) {
        return LaneView.homes(views).stream()
                .filter(home -> target.tenants().contains(home.tenant().id()))
                .toList();
    }

    private static Set<String> databases(TenantHome home) {
        return home.pools().stream().map(Pool::key).map(key -> key.database()).collect(Collectors.toSet());
    }

    // ---- pauses

    private CompletableFuture<Answer> pause(Command.Steer steer, Target target, List<HomeView> homes) {
        if (isPaused(target, homes)) {
            return failed(new Failure.ConsoleState(
                    target.database().isPresent()
                            ? "database " + target.written() + " is already paused"
                            : "already suspended/paused",
                    "RESUME ends a pause."));
        }
        Lanes.Deed pause = (home, whenDone) ->
                target.database().ifPresentOrElse(name -> home.pause(name, whenDone), () -> home.pauseAll(whenDone));
        return atEach(target.tenants(), pause).thenApply(all -> answer(steer, target, homes));
    }

    /** Whether all that is meant is paused already. */
    private static boolean isPaused(Target target, List<HomeView> homes) {
        Predicate<TenantId> paused = tenant -> homes.stream()
                .filter(home -> home.tenant().id().equals(tenant))
                .anyMatch(home -> target.database()
                        .map(home.paused()::contains)
                        .orElse(home.paused().allBut() && home.paused().named().isEmpty()));
        return !target.tenants().isEmpty() && target.tenants().stream().allMatch(paused);
    }

    private CompletableFuture<Answer> resume(Command.Steer steer, Target target, List<HomeView> homes) {
        boolean any = homes.stream()
                .anyMatch(home -> target.database()
                        .map(home.paused()::contains)
                        .orElse(!home.paused().isEmpty()));
        if (!any) {
            return failed(new Failure.ConsoleState(
                    target.database().isPresent()
                            ? "database " + target.written() + " is not paused"
                            : "pooler is not paused/suspended",
                    "SHOW DATABASES tells what is paused."));
        }
        return answers.inTime(atEach(ids(homes), resumption(target))).thenApply(all -> Answer.done(steer));
    }

    private static Lanes.Deed resumption(Target target) {
        return (home, whenDone) -> {
            target.database().ifPresentOrElse(home::resume, home::resumeAll);
            whenDone.run();
        };
    }

    private static List<TenantId> ids(List<HomeView> homes) {
        return homes.stream().map(home -> home.tenant().id()).toList();
    }

    // ---- deeds

    private interface OneDatabase {
        void at(TenantHome home, String database, PgError error);
    }

    private interface AllDatabases {
        void at(TenantHome home, PgError error);
    }

    /** A deed that is done at once, with the error that clients get which it ends. */
    private static Lanes.Deed at(Target target, OneDatabase one, AllDatabases all) {
        PgError error = new Failure.ShuttingDown().toPgError();
        return (home, whenDone) -> {
            target.database().ifPresentOrElse(name -> one.at(home, name, error), () -> all.at(home, error));
            whenDone.run();
        };
    }

    private static void killAll(TenantHome home, PgError error) {
        databases(home).forEach(database -> home.kill(database, error));
        home.pauseAll(() -> {});
    }

    private static Lanes.Deed waitClose(Target target) {
        return (home, whenDone) -> {
            Set<String> databases = target.database().map(Set::of).orElseGet(() -> databases(home));
            Countdown countdown = new Countdown(databases.size() + 1, whenDone);
            databases.forEach(database -> home.awaitNoneRetiring(database, countdown::count));
            countdown.count();
        };
    }

    /** Confined to a lane. */
    private static final class Countdown {
        private int left;
        private final Runnable then;

        Countdown(int left, Runnable then) {
            this.left = left;
            this.then = then;
        }

        void count() {
            if (--left == 0) {
                then.run();
            }
        }
    }

    /** For all databases, a deed is done where there is something; a single database may be one to come. */
    private CompletableFuture<Answer> done(Command.Steer steer, Target target, List<HomeView> homes, Lanes.Deed deed) {
        return answers.inTime(atEach(tenants(target, homes), deed)).thenApply(all -> answer(steer, target, homes));
    }

    private static List<TenantId> tenants(Target target, List<HomeView> homes) {
        return target.database().isPresent() ? target.tenants() : ids(homes);
    }

    private static Answer answer(Command.Steer steer, Target target, List<HomeView> homes) {
        boolean used = target.database().isEmpty()
                || homes.stream()
                        .flatMap(home -> home.pools().stream())
                        .anyMatch(pool ->
                                target.database().get().equals(pool.key().database()));
        return used
                ? Answer.done(steer)
                : Answer.done(steer, new Notice("no client uses database " + target.written() + " at the moment"));
    }

    /** At all homes of each tenant that is meant, on their lanes; one that is no longer configured has nothing to do. */
    private CompletableFuture<Void> atEach(List<TenantId> tenants, Lanes.Deed deed) {
        return CompletableFuture.allOf(
                tenants.stream().map(tenant -> lanes.atHomes(tenant, deed)).toArray(CompletableFuture[]::new));
    }

    private static CompletableFuture<Answer> failed(Failure failure) {
        return CompletableFuture.failedFuture(new ConsoleException(failure));
    }
}
