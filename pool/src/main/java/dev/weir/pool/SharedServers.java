package dev.weir.pool;

import dev.weir.tenants.SharedPipelining;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The server connections of a pool on which short reading statements of several clients stand one behind another, and what
 * is known of how long statements take. Confined to a lane.
 */
public final class SharedServers {
    private final Lane lane;
    private final PoolCounters counters;
    private final Supplier<SharedPipelining> settings;
    private final IntSupplier size;
    private final IntSupplier opening;
    private final ArrayList<ServerConnection> servers = new ArrayList<>();
    private final StatementTimes times = new StatementTimes();
    private final SharingWidth width;
    private @Nullable ScheduledFuture<?> watch;

    /**
     * @param size of the pool
     * @param opening how many server connections log in
     */
    SharedServers(
            Lane lane,
            PoolCounters counters,
            Supplier<SharedPipelining> settings,
            IntSupplier size,
            IntSupplier opening) {
        this.lane = lane;
        this.counters = counters;
        this.settings = settings;
        this.size = size;
        this.opening = opening;
        this.width = new SharingWidth(lane.now());
    }

    /** Whether clients may share server connections. */
    public boolean isEnabled() {
        return settings.get().enabled();
    }

    /** What statements of a fingerprint are expected to take, in microseconds; negative if that is not known. */
    public int expectedMicros(long fingerprint) {
        return times.expectedMicros(fingerprint);
    }

    /** A statement took so long. */
    public void onTook(long fingerprint, long nanos) {
        times.observe(fingerprint, nanos);
    }

    /**
     * A statement has been answered in its turn.
     *
     * @param now by the lane's clock
     * @param behind whether others stand behind it
     */
    void onAnswered(long now, boolean behind) {
        if (width.onAnswered(now, behind, servers.size())) {
            int most = size.getAsInt();
            boolean lacking = opening.getAsInt() > 0 && servers.size() < Math.min(width.inForce(), most);
            width.onTurnOver(now, standing(), most, lacking);
        }
    }

    private int standing() {
        int standing = 0;
        for (int i = 0; i < servers.size(); i++) {
            standing += servers.get(i).sharing().size();
        }
        return standing;
    }

    /** Whether a statement rather gets behind others than on a server connection that is idle. */
    boolean isWideEnough() {
        return width.isReached(servers.size());
    }

    /** Whether a few have proved better than all, so that nobody needs to wait until more have been opened. */
    boolean isNarrowed() {
        return width.isNarrowed();
    }

    /**
     * How many more are wanted while there is a crowd, to try whether they are better.
     *
     * @param idle that could be shared; those that are lent to one alone can't
     */
    int wanted(int idle) {
        if (!isNarrowed() || !isCrowded()) {
            return 0;
        }
        return Math.min(width.inForce(), size.getAsInt()) - servers.size() - idle;
    }

    /** Over how many server connections statements are spread where there is a crowd. */
    int width() {
        return isEnabled() ? Math.min(width.kept(), size.getAsInt()) : size.getAsInt();
    }

    /** What was sent on a shared server connection is sent again on another. */
    public void onRepeated() {
        counters.repeats++;
    }

    /** Whether somebody is behind another. */
    boolean isCrowded() {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.get(i).sharing().size() > 1) {
                return true;
            }
        }
        return false;
    }

    void add(ServerConnection server) {
        servers.add(server);
    }

    void remove(ServerConnection server) {
        servers.remove(server);
    }

    /** Whether there is one with these parameters, be there room on it or not. */
    boolean hasFor(SessionParameters wanted) {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.get(i).session().parameters().equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    /** One gets on behind others. */
    void getOn(ServerConnection server, WaitingQueue.Place place) {
        counters.rides++;
        server.share(place);
        watch();
    }

    /**
     * The one with the least before a newcomer, of as many as statements are to be spread over: those that are shared
     * longest, so that the others come free. Null if there is none for it.
     */
    @Nullable
    ServerConnection chooseWithinWidth(SessionParameters wanted) {
        return choose(wanted, Math.min(servers.size(), width.inForce()));
    }

    /** The one with the least before a newcomer; null if there is none for it. */
    @Nullable
    ServerConnection choose(SessionParameters wanted) {
        return choose(wanted, servers.size());
    }

    private @Nullable ServerConnection choose(SessionParameters wanted, int among) {
        long now = lane.now();
        SharedPipelining limits = settings.get();
        ServerConnection best = null;
        for (int i = 0; i < among; i++) {
            ServerConnection server = servers.get(i);
            if (server.sharing().accepts(now, wanted, limits) && isBetter(server, best)) {
                best = server;
            }
        }
        return best;
    }

    /** One of them is to come free for one who has begun to wait for a server connection alone. */
    void reserveOne() {
        ServerConnection best = null;
        for (int i = 0; i < servers.size(); i++) {
            ServerConnection server = servers.get(i);
            if (!server.sharing().isReserved() && isBetter(server, best)) {
                best = server;
            }
        }
        if (best != null) {
            best.sharing().reserve();
        }
    }

    /** So many of them are to come free, if there are. */
    void reserve(int count) {
        int reserved = 0;
        for (int i = 0; i < servers.size(); i++) {
            reserved += servers.get(i).sharing().isReserved() ? 1 : 0;
        }
        for (int left = Math.min(count, servers.size()) - reserved; left > 0; left--) {
            reserveOne();
        }
    }

    private static boolean isBetter(ServerConnection server, @Nullable ServerConnection best) {
        return best == null || server.sharing().cost() < best.sharing().cost();
    }

    /** Looks now and then whether anybody stands behind what takes too long, or nobody awaits it, while that may be. */
    void watch() {
        if (watch == null) {
            watch = lane.schedule(Sharing.PATIENCE, this::onWatch);
        }
    }

    private void onWatch() {
        watch = null;
        long now = lane.now();
        boolean more = false;
        for (ServerConnection server : List.copyOf(servers)) {
            more |= server.sharing().isToBeWatched();
            if (server.sharing().isStuck(now)) {
                server.sharing().evacuate();
            }
            server.sharing().cancelIfAbandoned(now);
        }
        if (more) {
            watch();
        }
    }
}
