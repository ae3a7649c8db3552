package dev.weir.pool;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.ToLongFunction;

/**
 * How busy each lane is: the part of its time that its thread has worked of late, and its part of all clients. Safe for all
 * threads.
 */
final class LaneLoads {
    /** What was measured over less time says little. */
    private static final long SAMPLE_NANOS = Duration.ofSeconds(1).toNanos();

    private final List<Lane> lanes;
    private final ToLongFunction<Lane> cpuNanos;
    private final AtomicIntegerArray clients;

    /**
     * @param nanos by the lanes' clock
     * @param cpu processor time of each lane up to then
     * @param busy the part of the time before that it worked, 0 to 1
     */
    private record Sample(long nanos, long[] cpu, double[] busy) {}

    private volatile Sample sample;

    /** @param cpuNanos processor time of a lane since the start; negative if it is not known */
    LaneLoads(List<Lane> lanes, ToLongFunction<Lane> cpuNanos, long now) {
        this.lanes = List.copyOf(lanes);
        this.cpuNanos = cpuNanos;
        this.clients = new AtomicIntegerArray(lanes.size());
        this.sample = new Sample(now, cpu(), new double[lanes.size()]);
    }

    private long[] cpu() {
        return lanes.stream().mapToLong(cpuNanos).toArray();
    }

    void count(Lane lane, int change) {
        clients.addAndGet(lane.index(), change);
    }

    /**
     * All lanes, the least busy first, and as they come where none is.
     *
     * @param now by the lanes' clock
     */
    List<Lane> leastBusyFirst(long now) {
        double[] busy = busy(now);
        double all = 0;
        for (int i = 0; i < lanes.size(); i++) {
            all += clients.get(i);
        }
        double[] load = new double[lanes.size()];
        for (int i = 0; i < load.length; i++) {
            load[i] = busy[i] + (all == 0 ? 0 : clients.get(i) / all);
        }
        List<Lane> sorted = new ArrayList<>(lanes);
        sorted.sort(Comparator.comparingDouble(lane -> load[lane.index()]));
        return sorted;
    }

    private double[] busy(long now) {
        Sample last = sample;
        long nanos = now - last.nanos();
        if (nanos < SAMPLE_NANOS) {
            return last.busy();
        }
        long[] cpu = cpu();
        double[] busy = new double[cpu.length];
        for (int i = 0; i < busy.length; i++) {
            busy[i] = Math.clamp((cpu[i] - last.cpu()[i]) / (double) nanos, 0, 1);
        }
        sample = new Sample(now, cpu, busy);
        return busy;
    }
}
