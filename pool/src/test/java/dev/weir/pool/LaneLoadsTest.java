package dev.weir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.testkit.ManualLoop;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LaneLoadsTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final long[] cpu = new long[3];
    private final List<Lane> lanes = lanes(3);
    private final LaneLoads loads = new LaneLoads(lanes, lane -> cpu[lane.index()], 0);

    /** Lanes that do nothing. */
    static List<Lane> lanes(int count) {
        Transport transport = Transport.choose(IoKind.NIO);
        ManualLoop loop = new ManualLoop();
        LogLimit logLimit = new LogLimit((_, _) -> {});
        return IntStream.range(0, count)
                .mapToObj(i -> new Lane(
                        i,
                        loop,
                        transport,
                        TlsProvider.JDK,
                        Runnable::run,
                        Runnable::run,
                        new SqlReader(),
                        new ConnectionIds(i, count),
                        logLimit))
                .toList();
    }

    private List<Integer> order(long now) {
        return loads.leastBusyFirst(now).stream().map(Lane::index).toList();
    }

    @Test
    void lanesWithFewerClientsComeFirst() {
        assertThat(order(0)).containsExactly(0, 1, 2);
        loads.count(lanes.get(0), 3);
        loads.count(lanes.get(1), 1);
        assertThat(order(0)).containsExactly(2, 1, 0);
        loads.count(lanes.get(0), -3);
        assertThat(order(0)).containsExactly(0, 2, 1);
    }

    @Test
    void aBusyLaneComesBehindOneWithMoreClients() {
        loads.count(lanes.get(0), 1);
        loads.count(lanes.get(1), 2);
        loads.count(lanes.get(2), 1);
        cpu[0] = SECOND * 9 / 10;
        assertThat(order(SECOND / 2)).as("too short to say").containsExactly(0, 2, 1);
        assertThat(order(SECOND)).containsExactly(2, 1, 0);
        assertThat(order(3 * SECOND)).as("it has had nothing to do since").containsExactly(0, 2, 1);
    }
}
