package dev.weir.gateway.console;

import dev.weir.pool.ClientView;
import dev.weir.pool.HomeView;
import dev.weir.pool.Lane;
import dev.weir.pool.LaneView;
import dev.weir.pool.Lanes;
import dev.weir.tenants.TenantId;
import dev.weir.wire.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Commands that are about the process, or about one client. Safe for all threads. */
final class Administration {
    private static final Duration CLIENTS_CHECK = Duration.ofMillis(100);

    private final Lanes lanes;
    private final LaneAnswers answers;
    private final ConsoleOperations operations;

    /** Shutdowns that wait for clients: nobody new is let in. */
    private final AtomicInteger draining = new AtomicInteger();

    Administration(Lanes lanes, LaneAnswers answers, ConsoleOperations operations) {
        this.lanes = lanes;
        this.answers = answers;
        this.operations = operations;
    }

    boolean isDraining() {
        return draining.get() > 0;
    }

    /** The shutdown that is under way. */
    Optional<ShutdownKind> shutdown() {
        return operations
                .shutdown()
                .or(() -> isDraining() ? Optional.of(ShutdownKind.WAIT_FOR_CLIENTS) : Optional.empty());
    }

    /** {@link ConsoleOperations} waits for lanes no longer than is right, and knows what has come about by then. */
    CompletableFuture<Answer> set(Command.SetValue set, Lane lane) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return change(set);
                    } catch (ConsoleException e) {
                        throw new CompletionException(e);
                    }
                },
                lane.blocking());
    }

    private Answer change(Command.SetValue set) throws ConsoleException {
        Optional<TenantId> tenant = Optional.empty();
        if (set.tenant().isPresent()) {
            tenant = Optional.of(tenant(lanes, set.tenant().get()));
        }
        return switch (operations.set(tenant, set.key(), text(set.value()))) {
            case ConsoleOperations.Change.Made made -> Answer.done(set);
            case ConsoleOperations.Change.Late(Failure.LaneLate lanes) -> throw new ConsoleException(lanes);
            case ConsoleOperations.Change.Fixed fixed ->
                throw new ConsoleException(new Failure.ConsoleState(
                        set.key() + " cannot be changed now", "Change it in the configuration, and restart."));
            case ConsoleOperations.Change.Unknown(String hint) ->
                throw new ConsoleException(
                        new Failure.ConsoleUnknownObject("there is no setting \"" + set.key() + "\"", hint));
            case ConsoleOperations.Change.Invalid(String reason) ->
                throw new ConsoleException(new Failure.ConsoleInvalidValue(reason));
        };
    }

    /** A tenant that is configured. */
    static TenantId tenant(Lanes lanes, String name) throws ConsoleException {
        return Optional.of(name)
                .filter(TenantId::isValid)
                .map(TenantId::new)
                .filter(id -> lanes.tenants().find(id).isPresent())
                .orElseThrow(() -> new ConsoleException(new Failure.ConsoleUnknownObject(
                        "there is no tenant \"" + name + "\"", "SHOW TENANTS tells which there are.")));
    }

    /** The text of a value; a parameter must have got one. */
    static String text(Argument argument) throws ConsoleException {
        return switch (argument) {
            case Argument.Literal literal -> literal.text();
            case Argument.Parameter(int number) ->
                throw new ConsoleException(new Failure.ConsoleInvalidValue("parameter $" + number + " has no value"));
        };
    }

    /** As {@link #set}. */
    CompletableFuture<Answer> reload(Command.Reload reload, Lane lane) {
        return CompletableFuture.supplyAsync(operations::reload, lane.blocking())
                .thenCompose(failure -> failure.isEmpty()
                        ? CompletableFuture.completedFuture(Answer.done(reload))
                        : CompletableFuture.failedFuture(new ConsoleException(failure.get())));
    }

    /** The answer of one that ends the process does not come: the connection ends with it. */
    CompletableFuture<Answer> shutDown(Command.ShutDown shutDown, Lane lane) {
        return switch (shutDown.kind()) {
            case IMMEDIATE -> {
                operations.shutDown(false);
                yield new CompletableFuture<>();
            }
            case WAIT_FOR_SERVERS -> {
                operations.shutDown(true);
                yield CompletableFuture.completedFuture(Answer.done(shutDown));
            }
            case WAIT_FOR_CLIENTS -> {
                draining.incrementAndGet();
                CompletableFuture<Answer> waiting = new CompletableFuture<>();
                waiting.whenComplete((answer, canceled) -> draining.decrementAndGet());
                awaitNoClients(waiting, lane);
                yield waiting;
            }
        };
    }

    private void awaitNoClients(CompletableFuture<Answer> waiting, Lane lane) {
        answers.view(false).whenComplete((views, failure) -> {
            if (waiting.isDone()) {
                return; // it was canceled
            }
            if (failure != null) {
                waiting.completeExceptionally(failure);
            } else if (clients(views) == 0) {
                operations.shutDown(true);
            } else {
                lane.schedule(CLIENTS_CHECK, () -> awaitNoClients(waiting, lane));
            }
        });
    }

    private static int clients(List<LaneView> views) {
        return views.stream()
                .flatMap(lane -> lane.homes().stream())
                .mapToInt(HomeView::clientCount)
                .sum();
    }

    /** Finds the client among all that are seen, and ends it at its home. */
    CompletableFuture<Answer> killClient(Command.KillClient kill, ConsoleAccess access) {
        long id;
        try {
            id = Long.parseLong(text(kill.client()));
        } catch (ConsoleException e) {
            return CompletableFuture.failedFuture(e);
        } catch (NumberFormatException e) {
            return CompletableFuture.failedFuture(new ConsoleException(
                    new Failure.ConsoleInvalidValue("KILL_CLIENT takes the id of a client, a number")));
        }
        return answers.view(true)
                .thenCompose(views -> LaneView.homes(views).stream()
                        .filter(home -> access.sees(home.tenant().id()))
                        .filter(home -> home.clients().stream()
                                .mapToLong(ClientView::id)
                                .anyMatch(known -> known == id))
                        .findFirst()
                        .map(home -> endClient(kill, home.tenant().id(), id))
                        .orElseGet(() -> CompletableFuture.failedFuture(notFound(id))));
    }

    private CompletableFuture<Answer> endClient(Command.KillClient kill, TenantId tenant, long id) {
        AtomicBoolean found = new AtomicBoolean();
        return answers.inTime(lanes.atHomes(tenant, (home, whenDone) -> {
                    if (home.endClient(id, new Failure.ShuttingDown().toPgError())) {
                        found.set(true);
                    }
                    whenDone.run();
                }))
                .thenCompose(_ -> found.get()
                        ? CompletableFuture.completedFuture(Answer.done(kill))
                        : CompletableFuture.failedFuture(notFound(id)));
    }

    private static ConsoleException notFound(long id) {
        return new ConsoleException(
                new Failure.ConsoleUnknownObject("there is no client " + id, "SHOW CLIENTS tells the ids."));
    }
}
