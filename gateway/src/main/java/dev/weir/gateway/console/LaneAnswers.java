package dev.weir.gateway.console;

import dev.weir.pool.LaneCheck;
import dev.weir.pool.LaneView;
import dev.weir.pool.Lanes;
import dev.weir.wire.Failure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What lanes are asked for, of which none is waited for that does not answer. Safe for all threads. */
final class LaneAnswers {
    private final Lanes lanes;
    private final Duration limit;

    LaneAnswers(Lanes lanes, Duration limit) {
        this.lanes = lanes;
        this.limit = limit;
    }

    /** What there is, as {@link Lanes#view}. */
    CompletableFuture<List<LaneView>> view(boolean connections) {
        return inTime(lanes.view(connections));
    }

    /** What lanes have just been asked for; fails if there is one that has come to nothing within the limit. */
    <T> CompletableFuture<T> inTime(CompletableFuture<T> asked) {
        LaneCheck check = LaneCheck.begin(lanes.all());
        return asked.copy().orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS).exceptionallyCompose(failure -> {
            String silent = failure instanceof TimeoutException ? check.silent() : "";
            return silent.isEmpty()
                    ? asked
                    : CompletableFuture.failedFuture(
                            new ConsoleException(new Failure.LaneSilent(silent, limit.toMillis())));
        });
    }
}
