package dev.weir.api;

import dev.weir.pool.Lane;
import dev.weir.pool.LaneCheck;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Whether the process lives, and whether it is ready for clients. */
public final class HealthEndpoints {
    private final List<Lane> lanes;
    private final BooleanSupplier ready;
    private final Duration limit;

    /** @param ready whether new clients are welcome */
    public HealthEndpoints(List<Lane> lanes, BooleanSupplier ready) {
        this(lanes, ready, LaneCheck.LIMIT);
    }

    /** @param limit how long a lane may take to answer */
    HealthEndpoints(List<Lane> lanes, BooleanSupplier ready, Duration limit) {
        this.lanes = List.copyOf(lanes);
        this.ready = ready;
        this.limit = limit;
    }

    /** 200 if every lane answers, else 503 with the names of those that do not. */
    public CompletableFuture<Answer> live(HttpHeaders request) {
        LaneCheck check = LaneCheck.begin(lanes);
        return check.all()
                .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .handle((answered, silence) -> silence == null
                        ? Answer.text(HttpResponseStatus.OK, "ok")
                        : Answer.text(HttpResponseStatus.SERVICE_UNAVAILABLE, "no answer from " + check.silent()));
    }

    /** 200 while new clients are welcome, else 503. */
    public CompletableFuture<Answer> ready(HttpHeaders request) {
        return CompletableFuture.completedFuture(
                ready.getAsBoolean()
                        ? Answer.text(HttpResponseStatus.OK, "ok")
                        : Answer.text(HttpResponseStatus.SERVICE_UNAVAILABLE, "shutting down"));
    }
}
