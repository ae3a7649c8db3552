package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.NoOperations;
import dev.weir.pool.IoKind;
import dev.weir.pool.Lane;
import dev.weir.pool.Lanes;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.ConsoleUsers;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import dev.weir.wire.Failure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands for which all lanes are asked, when one of them is stuck. */
class LaneAnswersTest {
    private static final ConsoleAccess OPS = new ConsoleAccess("ops", ConsoleRole.ADMIN, Optional.empty());
    private static final Duration SHORT = Duration.ofMillis(50);

    private final Lanes lanes = new Lanes(IoKind.NIO, TlsProvider.JDK, 2, Tenants.of(List.of(), Optional.empty()));
    private final Lane sound = lanes.all().getFirst();
    private final CountDownLatch free = new CountDownLatch(1);

    /** Each change is the same once more, for all lanes. */
    private final class Changing extends NoOperations {
        private final Duration limit;

        Changing(Duration limit) {
            this.limit = limit;
        }

        private Optional<Failure.LaneLate> late() {
            return Optional.of(lanes.replace(lanes.tenants(), limit).join())
                    .filter(late -> !late.isEmpty())
                    .map(late -> new Failure.LaneLate(late, limit.toMillis()));
        }

        @Override
        public Change set(Optional<TenantId> tenant, String key, String value) {
            return late().<Change>map(Change.Late::new).orElseGet(Change.Made::new);
        }

        @Override
        public Optional<Failure> reload() {
            return late().map(late -> late);
        }
    }

    private void stick(Lane lane) {
        lane.loop().execute(() -> {
            try {
                free.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @AfterEach
    void close() {
        free.countDown();
        lanes.close();
    }

    private CompletableFuture<Answer> carryOut(String command, Duration limit) throws ConsoleException {
        Console console = new Console(lanes, new Changing(limit), ConsoleUsers.NONE, limit);
        return console.carryOut(CommandReader.read(command).getFirst(), OPS, sound);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SHOW POOLS",
                "SHOW WAITING",
                "SHOW LANES",
                "PAUSE",
                "RECONNECT",
                "KILL",
                "WAIT_CLOSE",
                "KILL_CLIENT 1",
                "SHUTDOWN WAIT_FOR_CLIENTS"
            })
    void aCommandFailsAndNamesTheLane(String command) throws ConsoleException {
        stick(lanes.all().getLast());
        assertThat(carryOut(command, SHORT)
                        .handle((_, failure) -> cause(failure))
                        .join())
                .isInstanceOfSatisfying(ConsoleException.class, failure -> {
                    assertThat(failure.error().code()).isEqualTo("XX000");
                    assertThat(failure.error().isFatal()).isFalse();
                    assertThat(failure.getMessage()).contains("no answer from").contains("lane 1 within 50 ms");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"SET pool_size = 3", "RELOAD"})
    void aChangeThatALaneHasNotTakenSaysWhereItIsInForce(String command) throws ConsoleException {
        stick(lanes.all().getLast());
        assertThat(carryOut(command, SHORT)
                        .handle((_, failure) -> cause(failure))
                        .join())
                .isInstanceOfSatisfying(ConsoleException.class, failure -> {
                    assertThat(failure.error().code()).isEqualTo("XX000");
                    assertThat(failure.error().isFatal()).isFalse();
                    assertThat(failure.getMessage()).isEqualTo("changed, but not taken by lane 1 within 50 ms");
                    assertThat(failure.error().detail()).contains("Everywhere else the change is in force");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"SET pool_size = 3", "RELOAD"})
    void aChangeWaitsForALaneThatTakesItLater(String command) throws ConsoleException {
        stick(lanes.all().getLast());
        CompletableFuture<Answer> answer = carryOut(command, Duration.ofDays(1));
        CompletableFuture.runAsync(() -> {}, sound.loop()).join();
        assertThat(answer.isDone()).isFalse();
        free.countDown();
        assertThat(command).startsWith(answer.join().command().tag());
    }

    private static @Nullable Throwable cause(Throwable failure) {
        return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    @Test
    void aCommandWaitsForALaneThatAnswersLater() throws ConsoleException {
        stick(lanes.all().getLast());
        CompletableFuture<Answer> answer = carryOut("SHOW LANES", Duration.ofDays(1));
        CompletableFuture.runAsync(() -> {}, sound.loop()).join();
        assertThat(answer.isDone()).isFalse();
        free.countDown();
        assertThat(answer.join().rows()).hasSize(2);
    }
}
