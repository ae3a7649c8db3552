package dev.weir.pool;

import dev.weir.tenants.Allotment;
import dev.weir.tenants.Rates;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;

/** Tenants with one pool each in front of one host's budget, on a clock that is advanced. All on one thread. */
final class SimulatedHost {
    /** From a place to a server connection that can be used. */
    private static final long OPENING = Duration.ofMillis(5).toNanos();

    /** From one lane to another. */
    private static final long CROSSING = Duration.ofNanos(50_000).toNanos();

    private record Event(long at, long order, Runnable what) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    final HostBudget budget;
    private final int most;
    private long now;
    private long order;
    private int open;

    SimulatedHost(int most) {
        this.most = most;
        this.budget = new HostBudget(most);
    }

    static Allotment allotment(int weight, int guaranteed) {
        return new Allotment(weight, guaranteed, OptionalInt.empty(), Rates.NONE);
    }

    long now() {
        return now;
    }

    void later(long nanos, Runnable what) {
        events.add(new Event(now + nanos, order++, what));
    }

    /** Lets time pass. */
    void run(Duration time) {
        long end = now + time.toNanos();
        while (!events.isEmpty() && events.peek().at() <= end) {
            Event next = events.remove();
            now = next.at();
            next.what().run();
        }
        now = end;
    }

    /** A tenant that needs server connections for a while each, and keeps them when they are idle. */
    final class TenantOf implements HostShare.Holdings {
        final HostShare share;
        final List<Long> waits = new ArrayList<>();
        private final ArrayDeque<Request> queue = new ArrayDeque<>();
        private final ArrayDeque<Connection> idle = new ArrayDeque<>();
        private final ArrayDeque<HostShare.Place> asks = new ArrayDeque<>();
        private int connections;
        private int opening;
        boolean laneEnded;
        int closedForOthers;

        TenantOf(Allotment allotment) {
            share = new HostShare(budget, allotment, this);
        }

        private record Request(long since, long lasts) {}

        private final class Connection {
            private final HostShare.Place place;
            private long idleSince;

            Connection(HostShare.Place place) {
                this.place = place;
            }

            void serve(Request request) {
                waits.add(now - request.since());
                later(request.lasts(), () -> free(this));
            }
        }

        void request(Duration lasts) {
            Request request = new Request(now, lasts.toNanos());
            Connection free = idle.pollLast();
            if (free != null) {
                free.serve(request);
                return;
            }
            queue.addLast(request);
            askAsWanted();
        }

        /** As a pool whose size is the host's. */
        private void askAsWanted() {
            while (asks.size() < Math.min(queue.size() - opening, most - connections)) {
                asks.addLast(share.ask(true, connections == 0, this::onPlace));
            }
        }

        private void onPlace(HostShare.Place place) {
            asks.remove(place);
            if (queue.size() <= opening) {
                place.giveBack();
                return;
            }
            connections++;
            open++;
            if (open > most) {
                throw new AssertionError(open + " connections, of at most " + most);
            }
            opening++;
            later(OPENING, () -> {
                opening--;
                free(new Connection(place));
            });
            askAsWanted();
        }

        private void free(Connection connection) {
            if (share.mustGiveUp()) {
                closedForOthers++;
                close(connection);
                return;
            }
            Request next = queue.pollFirst();
            if (next != null) {
                while (asks.size() > queue.size()) {
                    asks.removeLast().giveBack();
                }
                connection.serve(next);
            } else {
                connection.idleSince = now;
                idle.addLast(connection);
            }
        }

        private void close(Connection connection) {
            connections--;
            open--;
            connection.place.giveBack();
            askAsWanted();
        }

        int connections() {
            return connections;
        }

        int waiting() {
            return queue.size();
        }

        int idle() {
            return idle.size();
        }

        @Override
        public void execute(Runnable task) {
            if (laneEnded) {
                throw new RejectedExecutionException();
            }
            SimulatedHost.this.later(CROSSING, task);
        }

        @Override
        public void after(Duration delay, Runnable task) {
            if (laneEnded) {
                throw new RejectedExecutionException();
            }
            SimulatedHost.this.later(delay.toNanos(), task);
        }

        @Override
        public long longestIdle() {
            return idle.isEmpty() ? -1 : now - idle.getFirst().idleSince;
        }

        @Override
        public boolean closeLongestIdle() {
            Connection first = idle.pollFirst();
            if (first == null) {
                return false;
            }
            closedForOthers++;
            close(first);
            return true;
        }
    }
}
