package dev.weir.pool;

import dev.weir.tenants.Endpoint;
import dev.weir.tenants.Tenant;
import dev.weir.tenants.TenantId;
import dev.weir.tenants.Tenants;
import dev.weir.wire.Failure;
import dev.weir.wire.PgError;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All lanes of this process, and the homes of the tenants on them. Which lanes a tenant has may be asked from any thread; its
 * home on one of them is found on that lane only.
 */
public final class Lanes implements AutoCloseable {
    /** Logins that may wait for their password to be hashed; beyond it they are refused rather than piled up. */
    private static final int HASHING_BACKLOG = 10_000;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
    private static final Duration CLOSE_CHECK = Duration.ofMillis(5);
    /** A lane ends when nothing has been asked of it for this long. */
    private static final Duration QUIET = Duration.ofMillis(50);

    /** How long a lane may be asked for something before it ends nevertheless. */
    private static final Duration LAST_TASKS = Duration.ofSeconds(5);

    /** How long what it began may take after that. */
    private static final Duration LAST_OPERATIONS = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(Lanes.class);

    private final Transport transport;
    private final EventLoopGroup group;
    private final ExecutorService blocking;
    private final ThreadPoolExecutor hashing;
    private final List<Lane> lanes = new ArrayList<>();

    /** Per lane, touched on that lane only. */
    private final List<LaneHomes> homes = new ArrayList<>();

    private final SecureRandom random = new SecureRandom();
    private final Budgets budgets = new Budgets();
    private final Placements placements;

    private final LogLimit logLimit;

    /** The snapshot that new clients are judged by. */
    private volatile Tenants tenants;

    /** @param count at least 1 */
    public Lanes(IoKind io, TlsProvider tls, int count, Tenants tenants) {
        this.transport = Transport.choose(io);
        this.tenants = tenants;
        budgets.replace(tenants);
        this.group = new MultiThreadIoEventLoopGroup(
                count, new DefaultThreadFactory("lane", true, Thread.MAX_PRIORITY), transport.ioHandlers());
        this.blocking = Executors.newVirtualThreadPerTaskExecutor();
        int hashers = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        this.hashing = new ThreadPoolExecutor(
                hashers,
                hashers,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(HASHING_BACKLOG),
                new DefaultThreadFactory("hashing", true));
        hashing.allowCoreThreadTimeOut(true);
        this.logLimit = new LogLimit((task, delay) -> lanes.getFirst().schedule(delay, task));
        for (int i = 0; i < count; i++) {
            lanes.add(new Lane(
                    i,
                    group.next(),
                    transport,
                    tls,
                    hashing,
                    blocking,
                    new SqlReader(),
                    new ConnectionIds(i, count),
                    logLimit));
        }
        long now = lanes.getFirst().now();
        this.placements = new Placements(lanes, budgets, new LaneLoads(lanes, Lane::cpuNanos, now));
        for (int i = 0; i < count; i++) {
            homes.add(new LaneHomes(random, this::tenants, placements));
        }
        budgets.whenInDoubt(this::tellDoubt);
    }

    private void tellDoubt(Endpoint host, TenantHome by) {
        for (Lane lane : lanes) {
            try {
                lane.loop().execute(() -> homes.get(lane.index()).onDoubt(lane, host, by));
            } catch (RejectedExecutionException ended) {
                // and its server connections with it
            }
        }
    }

    /** Warns from now on of each host that allows fewer server connections than are configured. */
    public void compareWithServers() {
        budgets.compareWithServers();
    }

    /** The hosts whose connections tenants share. On any thread. */
    public List<HostView> hosts() {
        return budgets.view();
    }

    public Transport transport() {
        return transport;
    }

    /** The loops of all lanes, for the listeners. */
    public EventLoopGroup group() {
        return group;
    }

    public Tenants tenants() {
        return tenants;
    }

    public SecureRandom random() {
        return random;
    }

    /** What keeps the log readable. */
    public LogLimit logLimit() {
        return logLimit;
    }

    public List<Lane> all() {
        return lanes;
    }

    /** The lane whose loop this is. */
    public Lane of(EventLoop loop) {
        for (Lane lane : lanes) {
            if (lane.loop().equals(loop)) {
                return lane;
            }
        }
        throw new IllegalArgumentException("not a lane's loop: " + loop);
    }

    /** The lane for a client that says it is this user of this tenant. */
    public Assignment assign(TenantId tenant, String user) {
        return placements.assign(tenants.find(tenant).orElse(null), tenant, user);
    }

    /** Something that is done at a home, on its lane. */
    public interface Deed {
        /** @param whenDone to be called when it has come about */
        void at(TenantHome home, Runnable whenDone);
    }

    /**
     * At each home of a tenant, one on each of its lanes, that is made if there is none; nowhere if the tenant is not
     * configured.
     */
    public CompletableFuture<Void> atHomes(TenantId id, Deed deed) {
        Tenant tenant = tenants.find(id).orElse(null);
        if (tenant == null) {
            return CompletableFuture.completedFuture(null);
        }
        Placement placement = placements.hold(tenant);
        List<CompletableFuture<Void>> begun = new ArrayList<>();
        List<CompletableFuture<Void>> done = new ArrayList<>();
        for (Lane lane : placement.lanes()) {
            CompletableFuture<Void> here = new CompletableFuture<>();
            done.add(here);
            begun.add(CompletableFuture.runAsync(() -> begin(deed, lane, id, here), lane.loop()));
        }
        CompletableFuture.allOf(begun.toArray(CompletableFuture[]::new))
                .whenComplete((_, _) -> placements.release(placement));
        return CompletableFuture.allOf(done.toArray(CompletableFuture[]::new));
    }

    private void begin(Deed deed, Lane lane, TenantId id, CompletableFuture<Void> done) {
        try {
            TenantHome home = home(lane, id);
            if (home == null) {
                done.complete(null);
            } else {
                deed.at(home, () -> done.complete(null));
                home.tellIfEmpty(); // it may have been made for this
            }
        } catch (RuntimeException bug) {
            done.completeExceptionally(bug);
        }
    }

    /**
     * The home of a tenant that is configured, or null if it no longer is; on its lane only.
     */
    public @Nullable TenantHome home(Lane lane, TenantId id) {
        lane.assertInLane();
        return homes.get(lane.index()).find(lane, id);
    }

    /**
     * Clients that could not log in, by reason; on that lane only.
     *
     * @param named the tenant that they named; null if none
     */
    public Tally loginFailures(Lane lane, @Nullable TenantId named) {
        return homes.get(lane.index()).loginFailures(named);
    }

    /**
     * Takes a new configuration into force: each lane changes its homes by itself. A lane that is stuck does so when it goes
     * on, and is not waited for beyond the limit. Called by one thread at a time; does not block.
     *
     * @return done when all lanes have it, or the limit has passed: those that have not got it, in words; empty if all have
     */
    public CompletableFuture<String> replace(Tenants changed, Duration limit) {
        budgets.replace(changed);
        tenants = changed;
        placements.prepare(changed);
        PgError gone = new Failure.ShuttingDown().toPgError();
        CompletableFuture<String> taken = onEachLane(here -> here.replace(changed, gone))
                .thenApply(_ -> {
                    widen(changed);
                    return "";
                });
        LaneCheck check = LaneCheck.begin(lanes);
        return taken.copy().orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS).exceptionallyCompose(failure -> {
            String silent = failure instanceof TimeoutException ? check.silent() : "";
            return silent.isEmpty() ? taken : CompletableFuture.completedFuture(silent);
        });
    }

    /** All homes have taken it. If a later one was given out meanwhile, that one is followed, when all have taken it. */
    private void widen(Tenants changed) {
        if (tenants.equals(changed)) {
            placements.widen(changed);
        }
    }

    /**
     * What there is at this moment, each lane for itself.
     *
     * @param connections whether clients are to be told one by one
     */
    public CompletableFuture<List<LaneView>> view(boolean connections) {
        List<CompletableFuture<LaneView>> views = new ArrayList<>();
        for (Lane lane : lanes) {
            LaneHomes here = homes.get(lane.index());
            views.add(CompletableFuture.supplyAsync(() -> here.view(lane, connections), lane.loop()));
        }
        return CompletableFuture.allOf(views.toArray(CompletableFuture[]::new))
                .thenApply(all -> views.stream().map(CompletableFuture::join).toList());
    }

    /** Logged-in clients on all lanes. */
    public int residents() {
        int[] perLane = new int[lanes.size()];
        CompletableFuture<?>[] done = new CompletableFuture<?>[lanes.size()];
        for (Lane lane : lanes) {
            LaneHomes here = homes.get(lane.index());
            done[lane.index()] = CompletableFuture.runAsync(
                    () -> perLane[lane.index()] =
                            here.all().stream().mapToInt(TenantHome::residents).sum(),
                    lane.loop());
        }
        CompletableFuture.allOf(done).join();
        int sum = 0;
        for (int count : perLane) {
            sum += count;
        }
        return sum;
    }

    /** Clients without a transaction end now, the others when theirs does. */
    public void endSoon() {
        PgError error = new Failure.ShuttingDown().toPgError();
        onEachLane(here -> here.all().forEach(home -> home.endSoon(error))).join();
    }

    /** Ends clients, server connections and threads. */
    @Override
    public void close() {
        PgError error = new Failure.ShuttingDown().toPgError();
        Queue<Pool> pools = new ConcurrentLinkedQueue<>();
        onEachLane(here -> pools.addAll(here.endNow(error, CloseReason.SHUTDOWN)))
                .join();
        awaitClosed(pools);
        logLimit.endAll();
        boolean ended = group.shutdownGracefully(QUIET.toMillis(), LAST_TASKS.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(LAST_TASKS.plus(LAST_OPERATIONS).toMillis());
        if (!ended) {
            // Netty's io_uring waits without a limit for operations that the kernel may never complete.
            log.warn("a lane did not end in time, and is left behind");
        }
        hashing.shutdownNow();
        blocking.shutdownNow();
    }

    /** What clients left running is being cancelled: threads that end too soon would leave it running for good. */
    private void awaitClosed(Queue<Pool> pools) {
        long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
        while (!pools.isEmpty() && System.nanoTime() < deadline) {
            for (Lane lane : lanes) {
                CompletableFuture.runAsync(
                                () -> pools.removeIf(pool -> pool.lane().equals(lane) && pool.size() == 0), lane.loop())
                        .join();
            }
            if (!pools.isEmpty()) {
                lanes.getFirst().schedule(CLOSE_CHECK, () -> {}).awaitUninterruptibly();
            }
        }
    }

    private CompletableFuture<Void> onEachLane(Consumer<LaneHomes> task) {
        CompletableFuture<?>[] done = new CompletableFuture<?>[lanes.size()];
        for (Lane lane : lanes) {
            LaneHomes here = homes.get(lane.index());
            done[lane.index()] = CompletableFuture.runAsync(() -> task.accept(here), lane.loop());
        }
        return CompletableFuture.allOf(done);
    }
}
