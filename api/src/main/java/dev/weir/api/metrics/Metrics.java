package dev.weir.api.metrics;

import dev.weir.pool.LaneCheck;
import dev.weir.pool.LaneView;
import dev.weir.pool.Lanes;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Asks the lanes, and turns what they say into metrics. Each scrape is one short task for each lane; scrapes that come while
 * one is under way get what that finds. Safe for all threads.
 */
public final class Metrics {
    /** A lane did not say what it holds in time, or has ended. */
    public static final class Silent extends Exception {
        private static final long serialVersionUID = 1;

        Silent(String lanes) {
            super(lanes);
        }
    }

    private final Lanes lanes;
    private final Duration limit;
    private final Collector collector;
    private final AtomicReference<CompletableFuture<MetricSnapshots>> underway = new AtomicReference<>();

    /**
     * @param maxPools how many pools have series of their own, 1 or more
     * @param limit how long lanes may take to answer
     */
    public Metrics(Lanes lanes, ProcessFacts facts, int maxPools, Duration limit) {
        this.lanes = lanes;
        this.limit = limit;
        this.collector = new Collector(facts, lanes.transport().kind().toString(), maxPools);
    }

    /**
     * What is so now. Blocks for as long as lanes may take to answer, at most.
     *
     * @throws Silent if a lane does not answer
     */
    public MetricSnapshots scrape() throws Silent, InterruptedException {
        CompletableFuture<MetricSnapshots> mine = new CompletableFuture<>();
        CompletableFuture<MetricSnapshots> running = underway.compareAndExchange(null, mine);
        if (running == null) {
            try {
                mine.complete(ask());
            } catch (Silent | InterruptedException | RuntimeException e) {
                mine.completeExceptionally(e);
            } finally {
                underway.set(null);
            }
        }
        try {
            return (running == null ? mine : running).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Silent silent) {
                throw silent;
            }
            throw new IllegalStateException("the scrape failed", e.getCause());
        }
    }

    private MetricSnapshots ask() throws Silent, InterruptedException {
        LaneCheck check = LaneCheck.begin(lanes.all());
        try {
            List<LaneView> views = lanes.view(false).get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return collector.collect(lanes.all(), check, views, lanes.hosts(), System.currentTimeMillis());
        } catch (TimeoutException | RejectedExecutionException e) {
            throw new Silent(check.silent());
        } catch (ExecutionException e) {
            throw new IllegalStateException("a lane could not say what it holds", e.getCause());
        }
    }
}
