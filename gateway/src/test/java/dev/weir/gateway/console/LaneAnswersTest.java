package dev.weir.gateway.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.gateway.NoOperations;
import dev.weir.pool.IoKind;
import dev.weir.pool.Lane;
import dev.weir.pool.Lanes;
import dev.weir.pool.TlsProvider;
import dev.weir.tenants.ConsoleRole;
import dev.weir.tenants.ConsoleUsers;
import dev.weir.tenants.Tenants;
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
        Console console = new Console(lanes, new NoOperations(), ConsoleUsers.NONE, limit);
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
