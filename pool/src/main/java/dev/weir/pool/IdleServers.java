package dev.weir.pool;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server connections of a pool that can be lent, in the order in which they came. The one that came last is lent
 * first, so that those that are too many stay idle long enough to be closed. Confined to a lane.
 */
final class IdleServers {
    /** How many are looked at for one that needs no change of parameters. */
    private static final int LOOKED_AT = 8;

    private final ArrayDeque<ServerConnection> servers = new ArrayDeque<>();

    void add(ServerConnection server) {
        servers.addLast(server);
    }

    void remove(ServerConnection server) {
        servers.remove(server);
    }

    int size() {
        return servers.size();
    }

    boolean isEmpty() {
        return servers.isEmpty();
    }

    /** The longest idle first. */
    List<ServerConnection> all() {
        return List.copyOf(servers);
    }

    /** The one that came first; only if there is one. */
    ServerConnection first() {
        return servers.getFirst();
    }

    /** Takes out the one that came last, or null. */
    @Nullable
    ServerConnection pollLast() {
        return servers.pollLast();
    }

    /**
     * Takes out the one that came last, or one of a few before it that has what the borrower has set.
     *
     * @param provenAfter only one whose server has answered later than this, by the lane's clock
     * @return null if there is none
     */
    @Nullable
    ServerConnection poll(SessionParameters wanted, long provenAfter) {
        ServerConnection last = servers.peekLast();
        if (last == null || last.provenAt() - provenAfter <= 0) {
            return null; // those that came before it need a check all the more
        }
        if (last.session().parameters().equals(wanted)) {
            return servers.pollLast();
        }
        int left = LOOKED_AT;
        for (Iterator<ServerConnection> others = servers.descendingIterator(); left > 0 && others.hasNext(); left--) {
            ServerConnection other = others.next();
            if (other.provenAt() - provenAfter > 0
                    && other.session().parameters().equals(wanted)) {
                others.remove();
                return other;
            }
        }
        return servers.pollLast();
    }
}
